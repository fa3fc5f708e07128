//! The resilience module against real failures.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod breaker;
mod call;
mod commit_postgres;
mod commit_sqlite;
mod execute;
mod heal;
mod health;
mod retry;
mod send;
mod sessions;
mod settings;
mod support;
