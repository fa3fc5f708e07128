//! What capabilities hand to each other through the job queue.

use serde::{Deserialize, Serialize};

/// Work for the queue. One way: ingest → analyse → verify → apply.
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
    /// Apply a suggestion that a person approved.
    Apply {
        /// The suggestion.
        suggestion_id: i64,
        /// Who said so: a token's name.
        by: String,
    },
    /// Learn what the events of an issue, or of a project, have in common, to store them smaller.
    TrainDictionary {
        /// The project.
        project_id: i64,
        /// The issue, if it is one's.
        issue_id: Option<i64>,
    },
    /// See whether an issue that was mended came back.
    CheckRecurrence {
        /// The issue, or a part of one.
        issue_id: i64,
    },
    /// A release is new: look for the commits by which a project's issues were mended, and whether any of them
    /// came back.
    LookAtRelease {
        /// The project.
        project_id: i64,
    },
    /// Delete the rows of a project that was deleted.
    DeleteProject {
        /// The project.
        project_id: i64,
    },
}

impl Job {
    /// The kind's name, as stored.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Analyse { .. } => "analyse",
            Self::Verify { .. } => "verify",
            Self::Apply { .. } => "apply",
            Self::TrainDictionary { .. } => "train_dictionary",
            Self::CheckRecurrence { .. } => "check_recurrence",
            Self::LookAtRelease { .. } => "look_at_release",
            Self::DeleteProject { .. } => "delete_project",
        }
    }

    /// Jobs with the same key that still wait are one job.
    pub fn dedup_key(&self) -> String {
        match self {
            Self::Analyse { issue_id, .. } => format!("analyse:{issue_id}"),
            Self::Verify { analysis_id } => format!("verify:{analysis_id}"),
            Self::Apply { suggestion_id, .. } => format!("apply:{suggestion_id}"),
            Self::TrainDictionary { project_id, issue_id } => {
                format!("train_dictionary:{project_id}:{}", issue_id.unwrap_or(0))
            }
            Self::CheckRecurrence { issue_id } => format!("check_recurrence:{issue_id}"),
            Self::LookAtRelease { project_id } => format!("look_at_release:{project_id}"),
            Self::DeleteProject { project_id } => format!("delete_project:{project_id}"),
        }
    }
}
