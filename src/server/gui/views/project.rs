//! `/gui/projects/{id}`: how a project sends, what is kept of it, what was refused.

use askama::Template;
use jiff::Timestamp;

use super::parts::amount;
use super::parts::chrome::Chrome;
use super::parts::when::When;
use super::projects::ProjectRow;
use crate::domain::settings::Retention;

/// One of the project's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// What it is for.
    pub name: String,
    /// The DSN with it.
    pub dsn: String,
    /// Events that were sent with it this month.
    pub events: u64,
    /// When it was created.
    pub created: When,
    /// Since when it does not work.
    pub disabled: Option<When>,
}

/// What may be sent of one category in one window, and what was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaRow {
    /// `error`, `attachment bytes`, …
    pub category: String,
    /// `minute`, `hour`, `month`
    pub window: &'static str,
    /// What was sent with all keys.
    pub used: String,
    /// What all keys together may.
    pub project_limit: Option<String>,
    /// What each key may.
    pub key_limit: Option<String>,
}

/// What came or was refused on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayRow {
    /// `2026-11-21`
    pub day: String,
    /// `transaction`, …
    pub what: String,
    /// Why it was refused; empty for what was not.
    pub why: String,
    /// How much.
    pub amount: String,
}

/// What the page is made from.
#[derive(Clone, Debug)]
pub struct ProjectInput {
    /// The project.
    pub project: ProjectRow,
    /// When it was created.
    pub created_at: Timestamp,
    /// What its applications are configured with.
    pub dsn: String,
    /// Its keys, oldest first.
    pub keys: Vec<KeyRow>,
    /// Events that are stored.
    pub stored_events: u64,
    /// Their bytes.
    pub stored_bytes: u64,
    /// What is kept.
    pub retention: Retention,
    /// Whether the project has limits of its own.
    pub own_retention: bool,
    /// Whether the project has quotas of its own.
    pub own_quotas: bool,
    /// The quotas that hold for it, and what was used of them.
    pub quotas: Vec<QuotaRow>,
    /// Items that are only counted, the newest day first.
    pub items: Vec<DayRow>,
    /// What was refused, the newest day first.
    pub refused: Vec<DayRow>,
    /// The rules by which its events are grouped, as they were set.
    pub fingerprint_rules: String,
}

/// One project.
#[derive(Clone, Debug, Template)]
#[template(path = "project.html")]
pub struct ProjectPage {
    /// Header.
    pub chrome: Chrome,
    /// What is shown as it is.
    pub input: ProjectInput,
    /// When it was created.
    pub created: When,
    /// `12 events`
    pub stored_events: String,
    /// `3.4 MB`
    pub stored_bytes: String,
    /// What goes when, a sentence a limit.
    pub kept: Vec<String>,
}

impl ProjectPage {
    /// Builds the page.
    pub fn new(chrome: Chrome, input: ProjectInput, now: Timestamp) -> Self {
        Self {
            chrome,
            created: When::new(input.created_at, now),
            stored_events: amount::events(input.stored_events),
            stored_bytes: amount::bytes(input.stored_bytes),
            kept: kept(input.retention),
            input,
        }
    }

    /// Whether anything limits what may be sent.
    pub fn has_quotas(&self) -> bool {
        self.input.quotas.iter().any(|row| row.project_limit.is_some() || row.key_limit.is_some())
    }
}

/// A retention in sentences; none if everything stays.
fn kept(retention: Retention) -> Vec<String> {
    let Retention { days, events_per_project, events_per_issue, bytes_per_project } = retention;
    let mut said = Vec::new();
    if days > 0 {
        let days = if days == 1 { "a day".to_owned() } else { format!("{days} days") };
        said.push(format!("Events are deleted after {days}."));
    }
    if events_per_project > 0 {
        let most = amount::events(events_per_project);
        said.push(format!("At most {most} of the project are kept."));
    }
    if events_per_issue > 0 {
        let most = amount::events(events_per_issue);
        said.push(format!("At most {most} of an issue are kept, its first ones among them."));
    }
    if bytes_per_project > 0 {
        let most = amount::bytes(bytes_per_project);
        said.push(format!("At most {most} are kept, attachments included."));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_is_said_limit_by_limit() {
        let none =
            Retention { days: 0, events_per_project: 0, events_per_issue: 0, bytes_per_project: 0 };
        assert!(kept(none).is_empty());
        assert_eq!(kept(Retention::default()), ["Events are deleted after 90 days."]);
        let all = Retention {
            days: 1,
            events_per_project: 1000,
            events_per_issue: 50,
            bytes_per_project: 2_500_000,
        };
        let said = kept(all).join(" ");
        for part in ["after a day", "1000 events of the project", "50 events of an issue", "2.5 MB"]
        {
            assert!(said.contains(part), "{said}");
        }
    }
}
