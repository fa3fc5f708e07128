//! What an analysis says: the cause, and the code that it points at.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::execution::StruckOut;
use super::fix::word_enum;

/// A line of code that supports a claim. `quote` is the line byte for byte, without its line end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Path below the repository root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// The line, byte for byte, without its line end.
    pub quote: String,
    /// What it shows.
    pub why: String,
}

/// A place that may have to change, best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Path below the repository root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// The enclosing function, qualified as far as known (`Cart::total`).
    pub function: Option<String>,
    /// Why here.
    pub why: String,
}

/// Why it failed, as far as it can be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootCause {
    /// One or two sentences. "No root cause, because …" is an answer.
    pub summary: String,
    /// Path below the repository root.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// The enclosing function.
    pub function: Option<String>,
    /// The kind of failure, e.g. `index_out_of_bounds`; `unknown` if it has no name.
    pub class: String,
    /// Between 0 and 1, measured on real cases; `None` until it has been measured for this class.
    pub confidence: Option<f64>,
    /// On how many cases it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_cases: Option<u32>,
    /// What supports it.
    pub evidence: Vec<Evidence>,
    /// At most five, best first.
    pub candidates: Vec<Candidate>,
    /// Commits that may have brought the fault, the most recent first. Suspects only: about every sixth
    /// fix goes to lines that no blame leads to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspects: Vec<SuspectCommit>,
    /// Caveats: which revision was read and why, what could not be read.
    pub notes: Vec<String>,
    /// What a model adds, where one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<Opinion>,
}

/// What only a model says of a cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// The agent's name.
    pub by: String,
    /// Why, and why that, …
    pub five_whys: Vec<String>,
    /// How to see it happen.
    pub reproduction: Vec<String>,
    /// What should be done about it.
    pub classification: Classification,
    /// Why that.
    pub classification_reason: String,
    /// Claims that were left out, because what they point at does not exist.
    pub struck_out: Vec<StruckOut>,
}

word_enum! {
    /// What should be done about an error.
    Classification {
        /// The code should change.
        CodeFix = "code_fix",
        /// Somebody should do something else: a setting, a certificate, a disk.
        Action = "action",
        /// Nothing; it is only to be understood.
        ExplainOnly = "explain_only",
    }
}

/// A commit that last changed a line which points at the fault, or brought the failing text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspectCommit {
    /// Its full SHA.
    pub commit: String,
    /// When it was made.
    pub at: Timestamp,
    /// The first line of its message.
    pub subject: String,
    /// Why it is suspected.
    pub why: String,
}

word_enum! {
    /// Where an analysis stands.
    AnalysisStatus {
        /// Agents are at work.
        Running = "running",
        /// The deterministic agents have answered; models are at work.
        Explaining = "explaining",
        /// All agents have answered.
        Done = "done",
        /// It could not be carried out; the reason stands beside it.
        Failed = "failed",
    }
}

impl AnalysisStatus {
    /// Whether there is more to come.
    pub fn is_at_work(self) -> bool {
        matches!(self, Self::Running | Self::Explaining)
    }
}

/// One run over an issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Its number.
    pub id: i64,
    /// Over which issue.
    pub issue_id: i64,
    /// From which event's row.
    pub event_row: Option<i64>,
    /// Where it stands.
    pub status: AnalysisStatus,
    /// The commit whose code was read.
    pub revision: Option<String>,
    /// The cause, if an agent gave one.
    pub root_cause: Option<RootCause>,
    /// Caveats that are not the cause's own.
    pub notes: Vec<String>,
    /// What models make of it.
    pub opinions: Vec<RootCause>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}
