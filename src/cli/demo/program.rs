//! The demo's program: built by cargo at the release's commit, run, and seen to panic.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::{Context as _, bail};
use tokio::process::Command;

/// Lines of a failed build that are shown.
const SHOWN_LINES: usize = 30;

/// Variables by which a program might send its report somewhere else than to the demo's server.
const PROXIES: &[&str] = &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Builds the program and returns its path. Needs the registry only if its crates are not here yet.
pub(super) async fn build(project: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command
            .args(arguments)
            .current_dir(project)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_TERM_COLOR", "never")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    };
    let build = ["build", "--package", "desk", "--locked", "--offline"];
    let mut output = run(cargo(&build)).await?;
    if !output.status.success() && misses_crates(&output) {
        let fetched = run(cargo(&["fetch", "--locked"])).await?;
        if !fetched.status.success() {
            bail!(
                "the crates of the demo's program are not on this machine and cannot be downloaded:\n{}",
                last_lines(&fetched)
            );
        }
        output = run(cargo(&build)).await?;
    }
    if !output.status.success() {
        bail!("the demo's program was not built:\n{}", last_lines(&output));
    }
    Ok(target.join("debug/desk"))
}

/// What the program did.
pub(super) struct Ran {
    /// Its exit code; `None` if a signal ended it.
    pub(super) code: Option<i32>,
    /// What it wrote to standard error.
    pub(super) stderr: String,
}

/// Runs the program. It is expected to panic.
pub(super) async fn panic(
    program: &Path,
    case: &str,
    dsn: &str,
    release: &str,
) -> anyhow::Result<Ran> {
    let mut command = Command::new(program);
    command
        .args(["--case", case])
        .env("SENTRY_DSN", dsn)
        .env("DEMO_RELEASE", release)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for name in PROXIES {
        command.env_remove(name);
    }
    let output = run(command).await?;
    Ok(Ran {
        code: output.status.code(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

async fn run(mut command: Command) -> anyhow::Result<Output> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    command.output().await.with_context(|| format!("`{name}` cannot be run"))
}

/// Whether cargo failed for want of crates, not of correct code.
fn misses_crates(output: &Output) -> bool {
    let text = String::from_utf8_lossy(&output.stderr);
    text.contains("--offline")
        || text.contains("offline mode")
        || text.contains("failed to download")
}

fn last_lines(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
