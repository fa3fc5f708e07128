//! One test binary, a module a capability; everything goes through the public door.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod checks;
mod cli;
mod compiler_agent;
mod data;
mod databases;
mod demo;
mod doors;
mod eval;
mod exceptions;
mod execute;
mod fuzz_corpus;
mod gui;
mod healing;
mod ingest;
mod learning;
mod limits;
mod main_job;
mod models;
mod protocol;
mod repo;
mod scrub;
mod sdks;
mod soak;
mod support;
mod support_repo;
