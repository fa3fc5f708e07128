//! The resilience module against real failures.

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
