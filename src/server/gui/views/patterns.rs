//! `/gui/patterns` and `/gui/patterns/{id}`: what was learnt.

use askama::Template;
use jiff::Timestamp;

use super::issues::Pager;
use super::parts::amount;
use super::parts::choice::Choice;
use super::parts::chrome::Chrome;
use super::parts::when::When;
use super::parts::words::Badge;
use crate::domain::pattern::Pattern;

/// Characters of a fix that stand before its fold.
const MAX_LINE_CHARS: usize = 200;

/// A pattern, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternCard {
    /// Its number.
    pub id: i64,
    /// The error, in one line.
    pub title: String,
    /// The kind of failure.
    pub class: String,
    /// What people decided.
    pub verdict: Badge,
    /// What the fix is called, by that.
    pub fix_label: &'static str,
    /// Why it happened.
    pub cause: String,
    /// What was done about it.
    pub fix: String,
    /// Its first line.
    pub fix_line: String,
    /// Whether it is more than that.
    pub is_long: bool,
    /// The functions in which it happened, innermost first.
    pub frames: Vec<String>,
    /// The commit that mended it.
    pub commit: Option<String>,
    /// Whether the error came back after it was mended.
    pub recurred: bool,
    /// `found 3 times`
    pub hits: String,
    /// Whether it is found before others.
    pub pinned: bool,
    /// Its project's name.
    pub project: Option<String>,
    /// The issue that it was learnt from.
    pub issue_id: Option<i64>,
    /// The suggestion that it was learnt from.
    pub suggestion_id: Option<i64>,
    /// When it was learnt.
    pub created: When,
    /// When it last changed, if it did.
    pub updated: Option<When>,
}

impl PatternCard {
    /// A card; `project` is its project's name.
    pub fn new(pattern: &Pattern, project: Option<String>, now: Timestamp) -> Self {
        use crate::domain::pattern::PatternVerdict::{Accepted, Corrected, Rejected};
        let fix = pattern.fix.trim();
        Self {
            id: pattern.id,
            title: pattern.title.clone(),
            class: pattern.class.replace('_', " "),
            verdict: pattern.verdict.into(),
            fix_label: match pattern.verdict {
                Accepted => "Mended by",
                Rejected => "Rejected then",
                Corrected => "What a person did",
            },
            cause: pattern.cause.clone(),
            is_long: fix.contains('\n') || fix.chars().nth(MAX_LINE_CHARS).is_some(),
            fix_line: amount::shortened(fix.lines().next().unwrap_or(fix), MAX_LINE_CHARS),
            fix: pattern.fix.clone(),
            frames: pattern.frames.clone(),
            commit: pattern.fix_commit.clone(),
            recurred: pattern.recurred,
            hits: match pattern.hits {
                0 => "not found again yet".to_owned(),
                1 => "found again once".to_owned(),
                n => format!("found again {n} times"),
            },
            pinned: pattern.pinned,
            project,
            issue_id: pattern.issue_id,
            suggestion_id: pattern.suggestion_id,
            created: When::new(pattern.created_at, now),
            updated: (pattern.updated_at != pattern.created_at)
                .then(|| When::new(pattern.updated_at, now)),
        }
    }
}

/// What the list is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// A text.
    pub text: String,
    /// For which project; empty for who sees only one.
    pub project: Vec<Choice>,
}

impl Search {
    /// Whether anything is left out.
    pub fn any(&self) -> bool {
        !self.text.is_empty() || self.project().is_some()
    }

    /// The project that is chosen.
    pub fn project(&self) -> Option<&str> {
        let chosen = self.project.iter().find(|choice| choice.chosen && !choice.value.is_empty());
        chosen.map(|choice| choice.value.as_str())
    }
}

/// The patterns.
#[derive(Clone, Debug, Template)]
#[template(path = "patterns.html")]
pub struct PatternsPage {
    /// Header.
    pub chrome: Chrome,
    /// The pinned first, then the newest.
    pub patterns: Vec<PatternCard>,
    /// What the list is searched for.
    pub search: Search,
    /// Other pages of the list.
    pub pager: Pager,
}

/// One pattern.
#[derive(Clone, Debug, Template)]
#[template(path = "pattern.html")]
pub struct PatternPage {
    /// Header.
    pub chrome: Chrome,
    /// The pattern.
    pub pattern: PatternCard,
}
