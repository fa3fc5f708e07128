//! What is answered.

use serde::{Deserialize, Serialize};

use super::language::Language;
use crate::domain::facts::RunOutcome;
use crate::domain::fix::{ClaimedClass, IssueType, Severity, word_enum};

/// What was found in a piece of code, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CodeReport {
    /// The code's language; `None` if it could not be told.
    pub language: Option<Language>,
    /// Every analyser for that language: whether it ran, and why not.
    pub ran: Vec<Ran>,
    /// What was found: the gravest first, then by place.
    pub findings: Vec<Finding>,
    /// What a reader must know about the answer as a whole: what could not be told, or was cut.
    pub notes: Vec<String>,
}

word_enum! {
    /// How an analyser fared.
    RanStatus {
        /// Looked at all the code.
        Done = "done",
        /// Did not look, for a reason that is not the analyser's fault: not installed, not for this code.
        Skipped = "skipped",
        /// Was to look and could not, or not to the end.
        Failed = "failed",
    }
}

/// One analyser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ran {
    /// `syntax`, `rules`, `ruff`, `eslint`, `python3`, `node`.
    pub analyser: String,
    /// How it fared.
    pub status: RanStatus,
    /// Why, if it is not `done`; which version it is, for a program.
    pub reason: Option<String>,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `python/mutable-default`, `rust/syntax`, `ruff/F401`, …
    pub rule: String,
    /// What it is about.
    pub issue_type: IssueType,
    /// How much it matters.
    pub severity: Severity,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// One sentence: what is wrong.
    pub message: String,
    /// What it leads to.
    pub why: String,
    /// The line, byte for byte; of a line of more than 400 bytes a stretch around the place.
    pub quote: String,
    /// What would mend it, where that is certain enough.
    pub suggestion: Option<SuggestedChange>,
    /// Which analyser found it, as in [`Ran::analyser`].
    pub analyser: String,
}

/// A change to the code that was sent. There is no repository, so nothing was run over it, and nobody
/// can have it applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestedChange {
    /// One line, imperative.
    pub title: String,
    /// Where `before` begins: the line, from 1.
    pub line: u32,
    /// Whole lines as they are.
    pub before: String,
    /// What would stand there instead.
    pub after: String,
    /// What the rule says that it is.
    pub claimed_class: ClaimedClass,
    /// What ran over it: always `not_run`.
    pub verification: RunOutcome,
    /// Whether it can be applied: never.
    pub can_apply: bool,
}
