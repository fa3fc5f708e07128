//! The Rust toolchain: found once, and run directly, so that no file of a repository picks another
//! one and none is downloaded.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::CheckError;

/// How long `rustc` may take to say where and what it is, in seconds.
const SYSROOT_TIMEOUT_SECONDS: u64 = 20;

/// What of the environment decides which toolchain `rustc` is.
const KEPT_VARIABLES: &[&str] = &["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];

/// A Rust toolchain on this machine.
#[derive(Clone, Debug)]
pub(super) struct Toolchain {
    /// Its folder.
    pub(super) sysroot: PathBuf,
    /// Its `cargo`.
    pub(super) cargo: PathBuf,
    /// `1.95.0`, `1.97.0-nightly`
    pub(super) version: String,
}

impl Toolchain {
    /// Asks the `rustc` on Andon's own PATH, from a folder that no repository controls.
    pub(super) async fn find() -> Result<Self, CheckError> {
        let failed = |reason: String| CheckError::NoToolchain { reason };
        let sysroot = ask("rustc".as_ref(), &["--print", "sysroot"]).await?;
        let sysroot = PathBuf::from(sysroot.trim());
        let sysroot = sysroot
            .canonicalize()
            .map_err(|error| failed(format!("its folder {} ({error})", sysroot.display())))?;
        let cargo = program_in(&sysroot, "cargo", "cargo")?;
        let said = ask(&program_in(&sysroot, "rustc", "rustc")?, &["-vV"]).await?;
        let version = said.lines().find_map(|line| line.strip_prefix("release: "));
        let version = version.ok_or_else(|| failed("`rustc -vV` names no release".into()))?;
        Ok(Self { version: version.trim().to_owned(), sysroot, cargo })
    }

    /// The toolchain's `rustfmt`.
    pub(super) fn rustfmt(&self) -> Result<PathBuf, CheckError> {
        program_in(&self.sysroot, "rustfmt", "rustfmt")
    }
}

/// What a `rustc` prints.
async fn ask(rustc: &Path, arguments: &[&str]) -> Result<String, CheckError> {
    let failed = |reason: String| CheckError::NoToolchain { reason };
    let mut command = tokio::process::Command::new(rustc);
    command.args(arguments).current_dir("/").env_clear();
    for name in KEPT_VARIABLES {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .env("RUSTUP_AUTO_INSTALL", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let timeout = Duration::from_secs(SYSROOT_TIMEOUT_SECONDS);
    let output = tokio::time::timeout(timeout, command.output())
        .await
        .map_err(|_| failed(format!("`rustc` did not answer in {SYSROOT_TIMEOUT_SECONDS} s")))?
        .map_err(|error| failed(format!("`rustc` cannot be started ({error})")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("it said nothing");
        return Err(failed(format!("`rustc` failed ({said})")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn program_in(
    sysroot: &Path,
    program: &'static str,
    component: &'static str,
) -> Result<PathBuf, CheckError> {
    let path = sysroot.join("bin").join(program);
    if path.is_file() {
        return Ok(path);
    }
    Err(CheckError::NoProgram { sysroot: sysroot.to_owned(), program, component })
}
