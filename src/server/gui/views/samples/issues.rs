//! Issues, in a list and with a page of their own.

use super::{CART, at, chrome, event, merging, now, opinion, series};
use crate::domain::analysis::RootCause;
use crate::domain::event::{Event, Frame, Level};
use crate::domain::suggestion::Suggestion;
use crate::server::gui::views::issue::{IssueInput, IssuePage};
use crate::server::gui::views::issues::{FirstSteps, IssueFacts, IssuesPage, Pager};
use crate::server::gui::views::parts::cause::{AgentFacts, Analysis};
use crate::server::gui::views::parts::chart::Grain;
use crate::server::gui::views::parts::chrome::Section;
use crate::server::gui::views::parts::excerpt::Excerpt;
use crate::source::Revision;

pub(crate) fn facts() -> IssueFacts {
    IssueFacts {
        id: 7,
        title: event().title(),
        level: Level::Fatal,
        culprit: Some("src/cart.rs:13".into()),
        function: Some("Cart::last_price".into()),
        events: 128,
        stored: 40,
        first_seen: at("2026-11-19T08:00:00Z"),
        last_seen: at("2026-11-21T11:54:12Z"),
        status: "open".into(),
        project: "orders".into(),
        project_id: 3,
        fixes_waiting: 2,
        fixes_kept: 1,
        analysing: false,
    }
}

pub(crate) fn issues_page() -> IssuesPage {
    let row = |id, title: &str, level, culprit: &str, function: &str, status: &str| IssueFacts {
        id,
        title: title.into(),
        level,
        culprit: (!culprit.is_empty()).then(|| culprit.into()),
        function: (!function.is_empty()).then(|| function.into()),
        status: status.into(),
        fixes_waiting: 0,
        fixes_kept: 0,
        ..facts()
    };
    let mut issues = vec![
        facts(),
        row(
            8,
            "panic: called `Option::unwrap()` on a `None` value",
            Level::Error,
            "src/session.rs:88",
            "Session::user",
            "regressed",
        ),
        row(
            6,
            "panic: byte index 3 is not a char boundary; it is inside 'ü' (bytes 2..4) of `Müller`",
            Level::Fatal,
            "src/names.rs:24",
            "initials",
            "healed",
        ),
        row(
            5,
            "warning: slow query (4210 ms): SELECT_item_price_FROM_cart_items_WHERE_cart_id_eq_81_ORDER_BY_position_LIMIT_1000",
            Level::Warning,
            "",
            "",
            "open",
        ),
        row(4, "info: retried", Level::Info, "src/net.rs:5", "connect", "ignored"),
    ];
    issues[1].analysing = true;
    issues[2].fixes_kept = 2;
    issues[3].events = 90_412;
    let issues = issues
        .into_iter()
        .enumerate()
        .map(|(index, facts)| (facts, series(Grain::Hour, 24, index as i64 * 7)))
        .collect();
    IssuesPage::new(
        chrome(Section::Issues),
        issues,
        Pager::new(2, true),
        FirstSteps::CreateProject,
        now(),
    )
}

pub(crate) fn source(frame: &Frame) -> Option<Excerpt> {
    match frame.filename.as_deref()? {
        "src/cart.rs" => Excerpt::around("src/cart.rs", CART, frame.lineno?),
        _ => None,
    }
}

/// The issue's page over `event`, `cause` and `suggestions`.
pub(crate) fn issue_page(
    event: &Event,
    cause: &RootCause,
    suggestions: &[Suggestion],
) -> IssuePage {
    let revision = Revision {
        commit: Some("8537bdc09a1f2e3d4c5b6a79881726354453627a".into()),
        note: Some("The release names no commit that the repository has; HEAD was read.".into()),
    };
    let agents = [
        AgentFacts { name: "panics".into(), outcome: "root cause, 1 fix".into(), seconds: 0.04 },
        AgentFacts { name: "compiler".into(), outcome: "1 fix".into(), seconds: 4.2 },
    ];
    let opinions = [opinion(cause)];
    let finished_at = at("2026-11-21T11:55:00Z");
    let analysis = Analysis::Done { cause, finished_at, agents: &agents, opinions: &opinions };
    let input = IssueInput {
        facts: IssueFacts { title: event.title(), ..facts() },
        event: Some(event),
        series: [series(Grain::Hour, 48, 1), series(Grain::Day, 30, 1)],
        merging: merging(),
        revision: Some(&revision),
        analysis,
        run: Some(12),
        suggestions,
        source: &source,
    };
    IssuePage::new(chrome(Section::Issues), input, now())
}
