//! Where code came from: commits that touched a file, who wrote a line, what a commit changed.

use jiff::Timestamp;
use serde::Serialize;

/// A commit, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The full SHA.
    pub commit: String,
    /// When it was made.
    pub at: Timestamp,
    /// The author's name; never the address.
    pub author: String,
    /// The first line of its message.
    pub title: String,
}

/// Who last wrote a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlameLine {
    /// From 1.
    pub line: u32,
    /// By which commit.
    pub change: Change,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// There is no such file, line or commit.
    #[error("{0}")]
    NotFound(String),
    /// Git could not say.
    #[error("git: {0}")]
    Git(String),
}

/// The history of a repository up to one revision.
pub trait History: Send + Sync {
    /// The commits that touched `path` (all, if none is given), the newest first.
    fn log(&self, path: Option<&str>, limit: usize) -> Result<Vec<Change>, HistoryError>;

    /// Who last wrote each of the lines `from` to `to`, both from 1 and included.
    fn blame(&self, path: &str, from: u32, to: u32) -> Result<Vec<BlameLine>, HistoryError>;

    /// A commit and the unified diff against its first parent, cut after `max_bytes`.
    fn show(&self, commit: &str, max_bytes: usize) -> Result<(Change, String), HistoryError>;
}
