//! What compilers said about a file before and after a change: the evidence that some proofs need.

use serde::{Deserialize, Serialize};

use super::diagnostic::Diagnostic;
use super::fix::word_enum;

word_enum! {
    /// With which options a check ran.
    CheckWay {
        /// `cargo check`
        Plain = "plain",
        /// `cargo check --all-targets`: tests, examples and benches too.
        AllTargets = "all_targets",
        /// `cargo check --all-targets --all-features`
        AllFeatures = "all_features",
    }
}

word_enum! {
    /// How a run ended. "Not run" is never "passed".
    RunOutcome {
        /// Ran and succeeded.
        Passed = "passed",
        /// Ran and did not succeed.
        Failed = "failed",
        /// Did not run.
        NotRun = "not_run",
    }
}

/// One run of the compiler over one state of the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRun {
    /// With which options.
    pub way: CheckWay,
    /// How it ended.
    pub outcome: RunOutcome,
    /// What it said. Complete only if `outcome` is not `NotRun`.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the compiler said before and after a change. Spans in `before` fit the text before, spans in
/// `after` the text after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompilerFacts {
    /// Runs over the code without the change.
    pub before: Vec<CheckRun>,
    /// Runs over the code with the change.
    pub after: Vec<CheckRun>,
}
