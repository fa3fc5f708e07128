//! What was merged into an issue by hand, and where it was merged itself.

use jiff::Timestamp;

use super::amount;
use super::when::When;
use crate::domain::issue::Issue;

/// Merged issues that are shown.
const MAX_SHOWN: usize = 50;

/// An issue that another one shows as its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// `12 events`
    pub events: String,
    /// Its latest event.
    pub last_seen: When,
}

/// The issue that shows this one's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Its number.
    pub id: i64,
    /// Its title.
    pub title: String,
}

/// How an issue belongs together with others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merging {
    /// Where this issue went, if it was merged.
    pub into: Option<Whole>,
    /// What was merged into this one, oldest first.
    pub parts: Vec<Part>,
    /// Parts that are not shown.
    pub left_out: usize,
}

impl Merging {
    /// Ready to print: the issue that this one was merged into, and those that were merged into it.
    pub fn new(into: Option<&Issue>, parts: &[Issue], now: Timestamp) -> Self {
        Self {
            into: into.map(|whole| Whole { id: whole.id, title: whole.title.clone() }),
            parts: parts
                .iter()
                .take(MAX_SHOWN)
                .map(|part| Part {
                    id: part.id,
                    title: part.title.clone(),
                    events: amount::events(u64::try_from(part.event_count).unwrap_or(0)),
                    last_seen: When::new(part.last_seen, now),
                })
                .collect(),
            left_out: parts.len().saturating_sub(MAX_SHOWN),
        }
    }
}
