//! HTTP: wiring, worker loop, authentication, API, GUI.

pub mod admin;
mod api;
pub mod app;
mod auth;
mod decisions;
mod extract;
pub mod gui;
mod ingest;
mod jobs;
mod problem;
mod run;
pub mod secrets;
pub mod shapes;
mod worker;

pub use run::{Running, ServeError, start};
