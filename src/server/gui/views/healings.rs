//! `/gui/healings`: what was put in, by whom, and what was taken back.

use askama::Template;
use jiff::Timestamp;

use super::issues::Pager;
use super::parts::chrome::Chrome;
use super::parts::prose::Prose;
use super::parts::when::When;
use super::parts::words::{Badge, Tone};
use crate::domain::fix::{ProvedClass, SuggestionStatus};
use crate::domain::suggestion::Suggestion;

/// Files of a healing that are named.
const MAX_FILES: usize = 6;
/// The name under which the healer itself decides.
const HEALER: &str = "andon";

/// One healing, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealingRow {
    /// The suggestion that was applied.
    pub suggestion_id: i64,
    /// Its title.
    pub title: String,
    /// Its issue.
    pub issue_id: Option<i64>,
    /// Kept, rolled back or failed.
    pub outcome: Badge,
    /// Why, if it was not kept.
    pub reason: Option<Prose>,
    /// What it was proved to be.
    pub proved: Option<Badge>,
    /// The files, at most a few.
    pub files: Vec<String>,
    /// Files that are not named.
    pub files_left_out: usize,
    /// When it was put in.
    pub applied: Option<When>,
    /// Who decided.
    pub by: String,
    /// Whether nobody was asked.
    pub by_itself: bool,
    /// When it was taken back, and by whom.
    pub taken_back: Option<(When, String)>,
    /// Sent back with the form; see [`super::parts::fix::SuggestionView::seen`].
    pub seen: String,
    /// Whether it can be taken back.
    pub can_roll_back: bool,
}

/// What the journal knows beyond the suggestion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealingFacts {
    /// When it was put in.
    pub applied_at: Option<Timestamp>,
    /// Who had it put in: a token's name, or `andon`.
    pub applied_by: Option<String>,
    /// When it was taken back.
    pub rolled_back_at: Option<Timestamp>,
    /// Who had it taken back.
    pub rolled_back_by: Option<String>,
}

impl HealingRow {
    /// A row for a suggestion that is applied, rolled back or failed.
    pub fn new(suggestion: &Suggestion, facts: &HealingFacts, now: Timestamp) -> Self {
        let status = suggestion.status;
        let mut files = suggestion.proposal.patch.paths();
        let files_left_out = files.len().saturating_sub(MAX_FILES);
        files.truncate(MAX_FILES);
        let by = facts.applied_by.clone().or_else(|| suggestion.decided_by.clone());
        let proved = suggestion.verdict.as_ref().map(|verdict| verdict.proved_class);
        Self {
            suggestion_id: suggestion.id,
            title: suggestion.proposal.title.clone(),
            issue_id: suggestion.issue_id,
            outcome: outcome_badge(status),
            reason: suggestion.status_reason.as_deref().map(Prose::new),
            proved: proved.map(ProvedClass::into),
            files,
            files_left_out,
            applied: facts.applied_at.map(|at| When::new(at, now)),
            by_itself: by.as_deref() == Some(HEALER),
            by: by.unwrap_or_else(|| "not recorded".to_owned()),
            taken_back: facts.rolled_back_at.map(|at| {
                let by = facts.rolled_back_by.clone().unwrap_or_else(|| "not recorded".to_owned());
                (When::new(at, now), by)
            }),
            seen: suggestion.updated_at.as_microsecond().to_string(),
            can_roll_back: status.may_become(SuggestionStatus::RolledBack),
        }
    }
}

fn outcome_badge(status: SuggestionStatus) -> Badge {
    match status {
        SuggestionStatus::Applied => Badge { text: "kept".to_owned(), tone: Tone::Good },
        other => other.into(),
    }
}

/// The healing history.
#[derive(Clone, Debug, Template)]
#[template(path = "healings.html")]
pub struct HealingsPage {
    /// Header.
    pub chrome: Chrome,
    /// Latest first.
    pub healings: Vec<HealingRow>,
    /// Other pages of the history.
    pub pager: Pager,
}

impl HealingsPage {
    /// `healings` latest first.
    pub fn new<'a>(
        chrome: Chrome,
        healings: impl IntoIterator<Item = (&'a Suggestion, HealingFacts)>,
        pager: Pager,
        now: Timestamp,
    ) -> Self {
        let healings = healings
            .into_iter()
            .map(|(suggestion, facts)| HealingRow::new(suggestion, &facts, now))
            .collect();
        Self { chrome, healings, pager }
    }
}
