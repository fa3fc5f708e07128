//! Andon: a self-hosted error-analysis orchestrator. An application's error arrives, is stored and
//! grouped, its cause is found, fixes are proposed, each fix's class is proved, what is proved
//! harmless is healed, and the rest is put before a person.
//!
//! The map of the house is ARCHITECTURE.md. Imports only go down this list:
//!
//! - [`cli`], [`server`]: the doors, and the only places that know every room.
//! - [`ingest`], [`analysis`], [`healing`]: the capabilities. They do not call each other.
//! - [`orchestrator`]: agents, and the record of what they did.
//! - [`source`], [`guard`], [`repo`], [`checks`], [`store`]: tools.
//! - [`domain`]: plain types and pure rules.
//! - [`config`], [`clock`], [`telemetry`]: used by all.

pub mod analysis;
pub mod checks;
pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod eval;
pub mod guard;
pub mod healing;
pub mod ingest;
pub mod orchestrator;
pub mod repo;
pub mod server;
pub mod source;
pub mod store;
pub mod telemetry;

#[cfg(doctest)]
#[doc = include_str!("../docs/connect/rust.md")]
mod the_rust_page_compiles {}
