//! The healer through its public door: what goes in, what comes back, and what a crash leaves.

mod bench;
mod command;
mod crash;
mod keep_and_take_back;
mod policy;
mod refusals;
