//! One event, ready to print.

use jiff::Timestamp;

use super::excerpt::clip;
use super::when::When;
use crate::domain::event::Event;
use crate::source::Revision;

/// Breadcrumbs that are shown, the latest ones.
const MAX_BREADCRUMBS: usize = 50;
/// Tags that are shown.
const MAX_TAGS: usize = 60;
/// Characters of a breadcrumb or tag that are shown.
const MAX_VALUE_CHARS: usize = 1_000;
/// Hexadecimal digits of a commit, for people.
const COMMIT_DIGITS: usize = 12;

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// Something that happened before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreadcrumbView {
    /// When, if known.
    pub when: Option<When>,
    /// `http`, `query`, …
    pub category: String,
    /// How bad.
    pub level: String,
    /// What happened.
    pub message: String,
}

/// One event, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventView {
    /// 32 hexadecimal digits.
    pub id: String,
    /// When it happened.
    pub when: When,
    /// The whole message, if it says more than the title does.
    pub message: Option<String>,
    /// Release, environment, transaction and the like; only what is known.
    pub facts: Vec<Fact>,
    /// The commit that was read.
    pub commit: Option<String>,
    /// Why it is not the release's own, if it is not.
    pub commit_note: Option<String>,
    /// The sender's tags.
    pub tags: Vec<Fact>,
    /// Tags left out.
    pub tags_left_out: usize,
    /// Latest last.
    pub breadcrumbs: Vec<BreadcrumbView>,
    /// Breadcrumbs left out, the oldest ones.
    pub breadcrumbs_left_out: usize,
    /// What could not be read of it.
    pub dropped: Vec<Fact>,
}

impl EventView {
    /// `revision` is the state of the code that was read for it, if any.
    pub fn new(event: &Event, revision: Option<&Revision>, now: Timestamp) -> Self {
        let fact = |name: &str, value: &Option<String>| {
            let value = value.as_deref().filter(|value| !value.is_empty())?;
            Some(Fact { name: name.to_owned(), value: clip(value, MAX_VALUE_CHARS) })
        };
        let platform = Some(event.platform.clone());
        let facts = [
            fact("release", &event.release),
            fact("environment", &event.environment),
            fact("transaction", &event.transaction),
            fact("server", &event.server_name),
            fact("logger", &event.logger),
            fact("platform", &platform),
        ];
        let skipped = event.breadcrumbs.len().saturating_sub(MAX_BREADCRUMBS);
        let title = event.title();
        let message = event.message.as_deref().or_else(|| event.exception()?.value.as_deref());
        Self {
            id: event.event_id.clone(),
            when: When::new(event.timestamp, now),
            message: message
                .map(str::trim)
                .filter(|message| !title.ends_with(message))
                .map(|message| clip(message, 10 * MAX_VALUE_CHARS)),
            facts: facts.into_iter().flatten().collect(),
            commit: revision
                .and_then(|revision| revision.commit.as_deref())
                .map(|commit| {
                    commit
                        .char_indices()
                        .nth(COMMIT_DIGITS)
                        .map_or(commit, |(end, _)| &commit[..end])
                })
                .map(str::to_owned),
            commit_note: revision.and_then(|revision| revision.note.clone()),
            tags: event
                .tags
                .iter()
                .take(MAX_TAGS)
                .map(|(name, value)| Fact {
                    name: clip(name, MAX_VALUE_CHARS),
                    value: clip(value, MAX_VALUE_CHARS),
                })
                .collect(),
            tags_left_out: event.tags.len().saturating_sub(MAX_TAGS),
            breadcrumbs: event.breadcrumbs[skipped..]
                .iter()
                .map(|crumb| BreadcrumbView {
                    when: crumb.timestamp.map(|at| When::new(at, now)),
                    category: crumb.category.clone().unwrap_or_default(),
                    level: crumb.level.clone().unwrap_or_default(),
                    message: clip(crumb.message.as_deref().unwrap_or_default(), MAX_VALUE_CHARS),
                })
                .collect(),
            breadcrumbs_left_out: skipped,
            dropped: event
                .dropped
                .iter()
                .map(|part| Fact { name: part.field.clone(), value: part.reason.clone() })
                .collect(),
        }
    }
}
