//! What capabilities hand to each other through the job queue.

use serde::{Deserialize, Serialize};

/// Work for the queue. One way: ingest → analyse → verify.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Find the cause of an issue, from one of its events.
    Analyse {
        /// The issue.
        issue_id: i64,
        /// The row of the event to read.
        event_row: i64,
    },
    /// Prove and verify the suggestions of an analysis, in their order, and heal what may be healed.
    Verify {
        /// The analysis whose suggestions are meant.
        analysis_id: i64,
    },
}

impl Job {
    /// The kind's name, as stored.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Analyse { .. } => "analyse",
            Self::Verify { .. } => "verify",
        }
    }

    /// Jobs with the same key that still wait are one job.
    pub fn dedup_key(&self) -> String {
        match self {
            Self::Analyse { issue_id, .. } => format!("analyse:{issue_id}"),
            Self::Verify { analysis_id } => format!("verify:{analysis_id}"),
        }
    }
}
