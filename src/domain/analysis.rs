//! What an analysis says: the cause, and the code that it points at.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
        /// All agents have answered.
        Done = "done",
        /// It could not be carried out; the reason stands beside it.
        Failed = "failed",
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
    /// Why it failed.
    pub error: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

word_enum! {
    /// How an agent's run ended.
    ExecutionStatus {
        /// It answered.
        Done = "done",
        /// It had nothing to look at; the reason is in its output.
        Skipped = "skipped",
        /// It could not answer.
        Failed = "failed",
    }
}

/// One agent's run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// Of which analysis.
    pub analysis_id: i64,
    /// The agent's name.
    pub agent: String,
    /// How it ended.
    pub status: ExecutionStatus,
    /// What it found, in short: notes, and the titles of what it proposed.
    pub output: ExecutionOutput,
    /// Why it failed.
    pub error: Option<String>,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// When it began.
    pub started_at: Timestamp,
}

/// What an agent's run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionOutput {
    /// Whether it gave a root cause.
    pub root_cause: bool,
    /// The titles of its proposals.
    pub proposals: Vec<String>,
    /// What it has to say beside them.
    pub notes: Vec<String>,
}
