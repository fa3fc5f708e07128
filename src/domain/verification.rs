//! What ran over a fix before anybody saw it, and how it ended.

use serde::{Deserialize, Serialize};

use super::facts::RunOutcome;

/// One command of a verification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerificationRun {
    /// `check`, `check --all-targets`, `rustfmt`, …
    pub name: String,
    /// How it ended.
    pub outcome: RunOutcome,
    /// One line: why it failed or did not run, or what it showed.
    pub summary: String,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// The result of trying a fix on a private copy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// Whether the patch could be applied to the private copy.
    pub applied: bool,
    /// `cargo check` of the packages that own the changed files.
    pub check: RunOutcome,
    /// The project's tests. `not_run` unless they really ran.
    pub tests: RunOutcome,
    /// Wall-clock seconds in all.
    pub seconds: f64,
    /// Each command that ran, or did not and why.
    pub runs: Vec<VerificationRun>,
}
