//! An issue: the events that share a fingerprint.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event::Level;

/// The events of a project that share a fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub project_id: i64,
    /// What its events share.
    pub fingerprint: String,
    /// The first event's title.
    pub title: String,
    /// Where it fails: `file:line in function`, as far as known.
    pub culprit: Option<String>,
    /// The last event's level.
    pub level: Level,
    /// The first event's platform.
    pub platform: String,
    /// When the first event happened.
    pub first_seen: Timestamp,
    /// When the last event happened.
    pub last_seen: Timestamp,
    /// How many events there were.
    pub event_count: i64,
    /// How many of them are stored still.
    pub stored_events: i64,
    /// The issue that shows this one's events as its own, if this one was merged into another.
    pub merged_into: Option<i64>,
}
