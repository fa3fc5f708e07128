//! Runs a program that may do harm so that it can do none: it writes to the folders that it is given
//! and nowhere else, reads no file but those that it is given, has no network, and is stopped with
//! all its children when its time is up.
//!
//! Landlock fences the file system, TCP, abstract sockets and signals; seccomp takes away the calls
//! that Landlock does not know (sockets of any kind, ptrace, mounts, keys, …); limits bound CPU time,
//! file size and captured output. What it does not bound: memory, the size of the writable folders in
//! all, and the time stamps and owner-only modes of other files of the same user.

mod fence;
mod run;
mod syscalls;

pub(crate) use fence::SYSTEM_READABLE;
pub use run::{SandboxCommand, SandboxOutput};

/// Why a program was not run in the sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The kernel cannot fence programs well enough.
    #[error(
        "checks are not run: the sandbox needs {missing}. Use Linux 6.2 or newer with Landlock switched on (`lsm=landlock,…`) and, in a container, a seccomp profile that allows it."
    )]
    Unavailable {
        /// What the kernel lacks.
        missing: String,
    },
    /// The program could not be started.
    #[error("cannot start {program} in the sandbox: {source}")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The running program could not be watched.
    #[error("cannot watch {program} in the sandbox: {source}")]
    Watch {
        /// The program.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
}
