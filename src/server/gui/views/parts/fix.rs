//! A suggestion as a card: what it is, what was proved, what ran, its diff, and what may be done.

use jiff::Timestamp;

use super::diff::DiffView;
use super::proof::{VerdictView, VerificationView};
use super::prose::Prose;
use super::when::When;
use super::words::Badge;
use crate::domain::fix::SuggestionStatus;
use crate::domain::suggestion::Suggestion;

/// Rows of a diff on a page that shows many suggestions.
pub const LIST_DIFF_ROWS: usize = 300;

/// Changed lines of a diff that the review queue shows unfolded.
const SHORT_DIFF_LINES: usize = 30;

/// The page that a form was sent from, so that the answer leads back there. Forms carry it as `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameFrom {
    /// The issue's page.
    Issue,
    /// The review queue.
    Review,
    /// The suggestion's own page.
    Suggestion,
    /// The healing history.
    Healings,
}

impl CameFrom {
    /// The word in the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Review => "review",
            Self::Suggestion => "suggestion",
            Self::Healings => "healings",
        }
    }

    /// Reads the form's word; anything unknown leads to the suggestion's own page.
    pub fn parse(word: &str) -> Self {
        match word {
            "issue" => Self::Issue,
            "review" => Self::Review,
            "healings" => Self::Healings,
            _ => Self::Suggestion,
        }
    }

    /// Where the answer leads to.
    pub fn path(self, suggestion_id: i64, issue_id: Option<i64>) -> String {
        match (self, issue_id) {
            (Self::Issue, Some(issue)) => format!("/gui/issues/{issue}#fix-{suggestion_id}"),
            (Self::Review, _) => "/gui/review".to_owned(),
            (Self::Healings, _) => "/gui/healings".to_owned(),
            _ => format!("/gui/suggestions/{suggestion_id}"),
        }
    }
}

/// Which forms stand under a suggestion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// A person may say yes.
    pub approve: bool,
    /// A person may say no, with a reason.
    pub reject: bool,
    /// An approved fix may be put in.
    pub apply: bool,
    /// An applied fix may be taken back.
    pub roll_back: bool,
    /// Why it cannot be approved or applied, if it cannot and a reader would expect to.
    pub held_back: Option<&'static str>,
}

impl Actions {
    /// What may be done with `suggestion` as it stands.
    pub fn of(suggestion: &Suggestion) -> Self {
        use SuggestionStatus::{Approved, Failed, Pending, Rejected, RolledBack};
        let status = suggestion.status;
        let held_back = held_back(suggestion);
        let fit = held_back.is_none();
        Self {
            approve: fit && matches!(status, Pending | Failed),
            reject: status.may_become(Rejected),
            apply: fit && matches!(status, Approved | RolledBack),
            roll_back: status.may_become(RolledBack),
            held_back: held_back
                .filter(|_| matches!(status, Pending | Failed | Approved | RolledBack)),
        }
    }

    /// Whether there is any form.
    pub fn any(&self) -> bool {
        self.approve || self.reject || self.apply || self.roll_back
    }
}

/// A fix is decided on only once it has been proved and tried on a private copy.
fn held_back(suggestion: &Suggestion) -> Option<&'static str> {
    if suggestion.proposal.patch.files.is_empty() {
        return Some("This is advice without a patch: there is nothing to apply.");
    }
    if suggestion.verdict.is_none() {
        return Some("It can be approved once the guard has looked at it.");
    }
    match &suggestion.verification {
        None => Some("It can be approved once it has been tried on a private copy."),
        Some(verification) if !verification.applied => {
            Some("It cannot be approved: the patch does not fit the code as it is now.")
        }
        Some(_) => None,
    }
}

/// A suggestion, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestionView {
    /// Its number.
    pub id: i64,
    /// One line.
    pub title: String,
    /// Why, in plain text.
    pub explanation: Prose,
    /// The agent's name.
    pub agent: String,
    /// How much it matters.
    pub severity: Badge,
    /// What it is about.
    pub issue_type: Badge,
    /// Where it stands.
    pub status: Badge,
    /// The status's own spelling, for the script.
    pub status_word: &'static str,
    /// Why it stands there.
    pub status_reason: Option<Prose>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When it was proposed.
    pub created: When,
    /// When the status last changed.
    pub updated: When,
    /// That moment to the microsecond, sent back by every form as `seen`: a decision about something
    /// that changed since it was shown can be refused.
    pub seen: String,
    /// The issue that it belongs to.
    pub issue_id: Option<i64>,
    /// The diagnostic that it removes: `unused_imports: unused import: …`.
    pub mends: Option<Prose>,
    /// Claim and proof.
    pub verdict: VerdictView,
    /// What ran.
    pub verification: VerificationView,
    /// The change.
    pub diff: DiffView,
    /// What may be done.
    pub actions: Actions,
    /// Which page this is on.
    pub from: &'static str,
    /// Whether the diff of a card is unfolded from the start: where something is to be decided, and in
    /// the queue only if it is short.
    pub opens_diff: bool,
}

impl SuggestionView {
    /// For a page with this suggestion alone: the whole diff.
    pub fn alone(suggestion: &Suggestion, now: Timestamp) -> Self {
        let diff = DiffView::whole(&suggestion.proposal.patch);
        Self::new(suggestion, diff, CameFrom::Suggestion, now)
    }

    /// For a page with several: at most [`LIST_DIFF_ROWS`] rows of the diff.
    pub fn among_others(suggestion: &Suggestion, from: CameFrom, now: Timestamp) -> Self {
        let diff = DiffView::with_limit(&suggestion.proposal.patch, LIST_DIFF_ROWS);
        Self::new(suggestion, diff, from, now)
    }

    fn new(suggestion: &Suggestion, diff: DiffView, from: CameFrom, now: Timestamp) -> Self {
        let proposal = &suggestion.proposal;
        let mends = proposal.mends.as_ref().map(|mends| match mends.message.as_str() {
            "" => Prose::new(&format!("`{}`", mends.code)),
            message => Prose::new(&format!("`{}`: {message}", mends.code)),
        });
        Self {
            id: suggestion.id,
            title: proposal.title.clone(),
            explanation: Prose::new(proposal.explanation.trim()),
            agent: proposal.agent.clone(),
            severity: proposal.severity.into(),
            issue_type: proposal.issue_type.into(),
            status: suggestion.status.into(),
            status_word: suggestion.status.as_str(),
            status_reason: suggestion.status_reason.as_deref().map(Prose::new),
            decided_by: suggestion.decided_by.clone(),
            created: When::new(suggestion.created_at, now),
            updated: When::new(suggestion.updated_at, now),
            seen: suggestion.updated_at.as_microsecond().to_string(),
            issue_id: suggestion.issue_id,
            opens_diff: match from {
                CameFrom::Issue => Actions::of(suggestion).any(),
                CameFrom::Review => diff.added + diff.removed <= SHORT_DIFF_LINES,
                CameFrom::Suggestion | CameFrom::Healings => true,
            },
            mends,
            verdict: VerdictView::new(proposal.claimed_class, suggestion.verdict.as_ref()),
            verification: VerificationView::new(suggestion.verification.as_ref()),
            diff,
            actions: Actions::of(suggestion),
            from: from.as_str(),
        }
    }
}
