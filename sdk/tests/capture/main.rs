//! The SDK against a strict local server that speaks the envelope protocol.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod child;
mod hostile;
mod layers;
mod outage;
mod panics;
mod sdk;
mod server;
mod what_arrives;
