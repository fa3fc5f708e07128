//! `/gui/issues`: what broke.

use askama::Template;
use jiff::Timestamp;

use super::parts::chart::{Series, Spark};
use super::parts::chrome::Chrome;
use super::parts::when::When;
use super::parts::words::{Badge, Tone};
use crate::domain::event::Level;

/// What the list needs of one issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueFacts {
    /// Its number.
    pub id: i64,
    /// [`crate::domain::event::Event::title`] of its latest event.
    pub title: String,
    /// The latest event's level.
    pub level: Level,
    /// `src/cart.rs:42`, as far as known.
    pub culprit: Option<String>,
    /// The function there.
    pub function: Option<String>,
    /// Events so far.
    pub events: u64,
    /// How many of them are stored still.
    pub stored: u64,
    /// First event.
    pub first_seen: Timestamp,
    /// Latest event.
    pub last_seen: Timestamp,
    /// Where it stands, e.g. `open`, `healed`, `regressed`.
    pub status: String,
    /// Its project.
    pub project: String,
    /// The project's number.
    pub project_id: i64,
    /// Suggestions that wait for a person.
    pub fixes_waiting: u64,
    /// Suggestions that were applied and kept.
    pub fixes_kept: u64,
    /// Whether an analysis is queued or runs.
    pub analysing: bool,
}

/// An issue, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueRow {
    /// What is shown as it is.
    pub facts: IssueFacts,
    /// How bad.
    pub level: Badge,
    /// Where it stands.
    pub status: Badge,
    /// First event.
    pub first_seen: When,
    /// Latest event.
    pub last_seen: When,
}

impl IssueRow {
    /// A row, seen from `now`.
    pub fn new(facts: IssueFacts, now: Timestamp) -> Self {
        Self {
            level: facts.level.into(),
            status: status_badge(&facts.status),
            first_seen: When::new(facts.first_seen, now),
            last_seen: When::new(facts.last_seen, now),
            facts,
        }
    }
}

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedIssue {
    /// The issue.
    pub issue: IssueRow,
    /// Its last hours.
    pub spark: Spark,
}

/// An issue's status as a badge.
pub fn status_badge(status: &str) -> Badge {
    let tone = match status {
        "healed" | "resolved" => Tone::Good,
        "regressed" | "escalating" => Tone::Bad,
        "open" | "new" => Tone::Info,
        _ => Tone::Neutral,
    };
    Badge { text: status.replace('_', " "), tone }
}

/// Links to the pages before and after this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pager {
    /// Number of the page with newer entries.
    pub newer: Option<u32>,
    /// Number of the page with older entries.
    pub older: Option<u32>,
    /// The rest of the address, which keeps what the list is narrowed by: `&q=text`.
    pub query: String,
}

impl Pager {
    /// For page `page` (from 1), which has a next one if `more`. Links are `?page=N`.
    pub fn new(page: u32, more: bool) -> Self {
        Self {
            newer: page.checked_sub(1).filter(|page| *page > 0),
            older: more.then_some(page.saturating_add(1)),
            query: String::new(),
        }
    }

    /// With the rest of the address.
    #[must_use]
    pub fn with_query(self, query: String) -> Self {
        Self { query, ..self }
    }

    /// Whether there is anything to link to.
    pub fn any(&self) -> bool {
        self.newer.is_some() || self.older.is_some()
    }
}

/// How to send a first event, for a list with nothing in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstSteps {
    /// A project is there: its name and DSN.
    SendTo {
        /// The project.
        project: String,
        /// What an SDK needs.
        dsn: String,
    },
    /// No project yet: how to create one.
    CreateProject,
}

/// The list of issues.
#[derive(Clone, Debug, Template)]
#[template(path = "issues.html")]
pub struct IssuesPage {
    /// Header.
    pub chrome: Chrome,
    /// Latest first.
    pub issues: Vec<ListedIssue>,
    /// Other pages of the list.
    pub pager: Pager,
    /// Shown when there is no issue.
    pub first_steps: FirstSteps,
}

impl IssuesPage {
    /// `issues` in the order to show, each with its last hours; `first_steps` is used if there are none.
    pub fn new(
        mut chrome: Chrome,
        issues: Vec<(IssueFacts, Series)>,
        pager: Pager,
        first_steps: FirstSteps,
        now: Timestamp,
    ) -> Self {
        chrome.live |= issues.iter().any(|(issue, _)| issue.analysing);
        let issues = issues
            .into_iter()
            .map(|(facts, hours)| ListedIssue {
                issue: IssueRow::new(facts, now),
                spark: Spark::new(&hours),
            })
            .collect();
        Self { chrome, issues, pager, first_steps }
    }
}
