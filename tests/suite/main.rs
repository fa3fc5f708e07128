//! One test binary, a module a capability; everything goes through the public door.

mod checks;
mod cli;
mod compiler_agent;
mod demo;
mod doors;
mod gui;
mod healing;
mod ingest;
mod main_job;
mod repo;
mod support;
mod support_repo;
