//! The healer through its public door: what goes in, what comes back, and what a crash leaves.
#![allow(clippy::unwrap_used, reason = "tests; clippy knows only functions marked as such")]

mod bench;
mod command;
mod crash;
mod keep_and_take_back;
mod policy;
mod refusals;
