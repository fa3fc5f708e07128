//! Why a check did not happen.

use std::path::{Path, PathBuf};

use super::sandbox::SandboxError;
use crate::repo::RepoError;

/// Why a check did not happen. None of these says anything about the code that was to be checked:
/// read each as "not run".
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The sandbox refused or failed.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// There is no Rust toolchain.
    #[error(
        "no Rust toolchain was found: {reason}. Install one (https://rustup.rs) and put `rustc` on Andon's PATH."
    )]
    NoToolchain {
        /// What was tried, and how it failed.
        reason: String,
    },
    /// The repository asks for another toolchain.
    #[error(
        "the repository asks for the Rust toolchain `{wanted}` and Andon runs with {have}; start Andon with that toolchain (`RUSTUP_TOOLCHAIN`) to have it checked"
    )]
    OtherToolchain {
        /// What its `rust-toolchain.toml` names.
        wanted: String,
        /// The version that is here.
        have: String,
    },
    /// The toolchain lacks a program.
    #[error("the Rust toolchain in {} has no `{program}`; install it there (`rustup component add {component}`).", sysroot.display())]
    NoProgram {
        /// The toolchain's folder.
        sysroot: PathBuf,
        /// The missing program.
        program: &'static str,
        /// The component that has it.
        component: &'static str,
    },
    /// Sandboxed programs could read the data folder.
    #[error("the data folder {} lies in {}, which checked code may read. Choose another with --data.", data_dir.display(), readable.display())]
    DataFolderExposed {
        /// The data folder.
        data_dir: PathBuf,
        /// The folder that is readable in the sandbox.
        readable: PathBuf,
    },
    /// Somebody else holds the private copy.
    #[error(
        "another check of this repository has been running for {waited_seconds} s; try again when it has ended"
    )]
    Busy {
        /// How long was waited.
        waited_seconds: u64,
    },
    /// The repository cannot be read.
    #[error(transparent)]
    Repo(#[from] RepoError),
    /// A path that is no file of the private copy, or leads out of it.
    #[error("`{path}` is not a file of the repository")]
    NotAFile {
        /// What was given.
        path: String,
    },
    /// No package owns a path.
    #[error("`{path}` belongs to no Cargo package of the repository, so no compiler can check it")]
    NoPackage {
        /// What was given.
        path: String,
    },
    /// The repository has no Cargo package at all.
    #[error("the repository has no Cargo.toml, so there is nothing that cargo could check")]
    NoManifest,
    /// Cargo could not tell which packages there are.
    #[error("cargo cannot read the packages of the repository: {reason}")]
    Packages {
        /// What cargo said.
        reason: String,
    },
    /// A check changed the code that it checked, so its result is worth nothing.
    #[error("`{path}` was changed while it was being checked, so the result was thrown away")]
    SourcesChanged {
        /// The changed file.
        path: String,
    },
    /// rustfmt could not format a file.
    #[error("rustfmt cannot format `{path}`: {reason}")]
    Format {
        /// The file.
        path: String,
        /// What rustfmt said.
        reason: String,
    },
    /// The change does not fit what the private copy holds.
    #[error("`{path}` is not what the change was made for; make the change anew")]
    NotBefore {
        /// The file.
        path: String,
    },
    /// The file system failed.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// A verb.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl CheckError {
    /// For `map_err`: names the verb and the file.
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }
}
