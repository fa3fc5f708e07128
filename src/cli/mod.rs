//! One file a subcommand.
pub mod guard;
