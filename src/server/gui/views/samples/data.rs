//! Sample data about events over time, merged issues and projects.

use super::{at, chrome, now};
use crate::domain::event::Level;
use crate::domain::issue::Issue;
use crate::domain::settings::Retention;
use crate::server::gui::views::parts::chart::{Grain, Series};
use crate::server::gui::views::parts::chrome::Section;
use crate::server::gui::views::parts::merging::Merging;
use crate::server::gui::views::parts::when::When;
use crate::server::gui::views::project::{DayRow, KeyRow, ProjectInput, ProjectPage, QuotaRow};
use crate::server::gui::views::projects::ProjectRow;

/// Some events, more of them lately; `step` makes them different ones. None at 0.
pub(crate) fn series(grain: Grain, length: usize, step: i64) -> Series {
    let last = now().as_second().div_euclid(grain.seconds());
    let buckets = (0..length as i64 * step.min(1)).map(|back| {
        let events = (length as i64 - back) * (1 + back * step % 5) - 20;
        ((last - back) * grain.seconds(), events.max(0))
    });
    Series::new(grain, length, buckets, now())
}

pub(crate) fn listed(id: i64, title: &str) -> Issue {
    Issue {
        id,
        project_id: 3,
        fingerprint: "f".into(),
        title: title.into(),
        culprit: None,
        level: Level::Error,
        platform: "rust".into(),
        first_seen: at("2026-11-19T08:00:00Z"),
        last_seen: at("2026-11-21T11:00:00Z"),
        event_count: id,
        stored_events: id,
        merged_into: None,
    }
}

pub(crate) fn merging() -> Merging {
    let parts = [listed(1, "panic: index out of bounds"), listed(12, &"T".repeat(200))];
    Merging::new(None, &parts, now())
}

pub(crate) fn project_row(name: &str) -> ProjectRow {
    ProjectRow {
        id: 3,
        name: name.into(),
        repo: Some("/srv/git/orders".into()),
        healing: "in place".into(),
    }
}

pub(crate) fn project_page(name: &str) -> ProjectPage {
    let key = |name: &str, disabled: Option<&str>| KeyRow {
        name: name.into(),
        dsn: "http://k@127.0.0.1:5001/3".into(),
        events: 17,
        created: When::new(at("2026-10-01T08:00:00Z"), now()),
        disabled: disabled.map(|text| When::new(at(text), now())),
    };
    let day = |what: &str, why: &str, amount: &str| DayRow {
        day: "2026-11-21".into(),
        what: what.into(),
        why: why.into(),
        amount: amount.into(),
    };
    let input = ProjectInput {
        project: project_row(name),
        created_at: at("2026-10-01T08:00:00Z"),
        dsn: "http://k@127.0.0.1:5001/3".into(),
        keys: vec![key(name, None), key("old", Some("2026-11-01T08:00:00Z"))],
        stored_events: 12_345,
        stored_bytes: 456_700_000,
        retention: Retention { days: 30, ..Retention::default() },
        own_retention: true,
        own_quotas: true,
        quotas: vec![QuotaRow {
            category: "events".into(),
            window: "hour",
            used: "12".into(),
            project_limit: Some("1000".into()),
            key_limit: None,
        }],
        items: vec![day("transaction", "", "12"), day("session", "", "90412")],
        refused: vec![
            day("error", "quota hour", "3"),
            day("attachment", "quota month", "990 bytes"),
        ],
        fingerprint_rules: format!("# {name}\n"),
    };
    ProjectPage::new(chrome(Section::Projects), input, now())
}
