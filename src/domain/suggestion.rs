//! A proposed fix.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fix::{ClaimedClass, IssueType, Severity, SuggestionStatus};
use super::patch::Patch;
use super::verdict::Verdict;
use super::verification::Verification;

/// A fix as an agent proposes it, before it is stored, proved or verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// The agent's name.
    pub agent: String,
    /// One line, imperative: "Import std::collections::HashMap in src/cart.rs".
    pub title: String,
    /// Why, and what a reviewer should look at. Plain text.
    pub explanation: String,
    /// What it is about.
    pub issue_type: IssueType,
    /// How much it matters.
    pub severity: Severity,
    /// What the agent says that it is.
    pub claimed_class: ClaimedClass,
    /// The change. Empty for advice without a patch, which is never applied by itself.
    pub patch: Patch,
    /// The diagnostic code that must be gone once the fix is in, e.g. `unused_imports`, and its message.
    pub mends: Option<Mends>,
}

/// The diagnostic that a fix is to remove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mends {
    /// `unused_imports`, `E0433`, …
    pub code: String,
    /// The diagnostic's first line.
    pub message: String,
    /// Path below the repository root.
    pub file: String,
}

/// A stored proposal and all that became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// Its number.
    pub id: i64,
    /// The project, if it came from one (a fix by `andon heal` has none).
    pub project_id: Option<i64>,
    /// The issue, if it came from one.
    pub issue_id: Option<i64>,
    /// The analysis, if it came from one.
    pub analysis_id: Option<i64>,
    /// The repository's root folder on this machine, if there is one.
    pub repo: Option<String>,
    /// What was proposed.
    #[serde(flatten)]
    pub proposal: Proposal,
    /// Where it stands.
    pub status: SuggestionStatus,
    /// What the guard proved; `None` until it has looked.
    pub verdict: Option<Verdict>,
    /// What ran; `None` until something did.
    pub verification: Option<Verification>,
    /// Why it was rejected, failed or superseded, or what it waits for.
    pub status_reason: Option<String>,
    /// Who decided: a token's name, or `andon` for the healer itself.
    pub decided_by: Option<String>,
    /// When it was proposed.
    pub created_at: Timestamp,
    /// When the status last changed.
    pub updated_at: Timestamp,
}
