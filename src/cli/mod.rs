//! One file a subcommand.

pub mod heal;
mod heal_report;
pub mod rollback;
