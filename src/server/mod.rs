//! HTTP: wiring, worker loop, authentication, API, GUI.

pub mod admin;
mod agents;
mod api;
pub mod app;
mod auth;
mod connection;
mod decisions;
mod executions;
pub mod export_lines;
mod extract;
pub mod guards;
pub mod gui;
mod health;
mod housekeeping;
mod ingest;
mod jobs;
mod learning;
mod lessons;
mod packing;
mod problem;
mod retention;
mod run;
pub mod secrets;
mod serve;
pub mod shapes;
mod worker;

pub use run::{Running, ServeError, start};
