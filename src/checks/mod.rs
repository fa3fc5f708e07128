//! The sandbox and what runs in it.
//!
//! [`Checker`] makes a [`PrivateCopy`] of a repository; everything that runs code of the repository
//! (build scripts and procedural macros run inside `cargo check`) runs over that copy, in the
//! [`sandbox`]. What did not run is an error or `not_run`, never `passed`.

mod cargo;
mod cargo_home;
mod checker;
mod copy;
mod error;
mod facts;
mod format;
mod messages;
mod packages;
mod pinned;
mod programs;
pub mod sandbox;
mod sync;
mod toolchain;
mod tree_state;

pub use cargo::Checked;
pub use checker::{Checker, CheckerSettings};
pub use copy::PrivateCopy;
pub use error::CheckError;
pub use facts::facts;
pub use programs::{NoProgram, Program, Programs};
