//! Pages about events over time, merged issues and projects.

use askama::Template;

use super::{ATTACK, assert_no_markup_from_outside};
use crate::server::gui::views::issue::{IssueInput, IssuePage};
use crate::server::gui::views::issues::IssueFacts;
use crate::server::gui::views::parts::cause::Analysis;
use crate::server::gui::views::parts::chart::Grain;
use crate::server::gui::views::parts::chrome::Section;
use crate::server::gui::views::parts::merging::Merging;
use crate::server::gui::views::samples::{
    cause, chrome, event, facts, issue_page, issues_page, listed, logic_fix, now, project_page,
    series, source,
};

/// A page of an issue whose events were all deleted, which was merged into another.
pub(super) fn bare_page(may_decide: bool, analysis: Analysis<'_>) -> String {
    let whole = listed(4, ATTACK);
    let input = IssueInput {
        facts: IssueFacts { stored: 0, ..facts() },
        event: None,
        series: [series(Grain::Hour, 48, 0), series(Grain::Day, 30, 2)],
        merging: Merging::new(Some(&whole), &[], now()),
        revision: None,
        analysis,
        run: None,
        suggestions: &[logic_fix()],
        source: &source,
    };
    let mut chrome = chrome(Section::Issues);
    chrome.signed_in.as_mut().unwrap().may_decide = may_decide;
    IssuePage::new(chrome, input, now()).render().unwrap()
}

#[test]
fn an_issue_without_stored_events_has_a_page_with_its_analysis_and_fixes() {
    let cause = cause();
    let analysis = Analysis::Done { cause: &cause, finished_at: now(), agents: &[], opinions: &[] };
    let html = bare_page(true, analysis);
    assert!(html.contains("events is stored any more"));
    assert!(html.contains("128 events, none stored"));
    assert!(html.contains(&cause.evidence[0].quote), "the analysis is not shown");
    assert!(html.contains("action=\"/gui/suggestions/"), "the fix is not shown");
    assert!(!html.contains("/analyse\""), "there is nothing to analyse again");
    assert!(html.contains("<span>now</span>") && html.contains("No events."));
}

#[test]
fn a_merged_issue_says_where_it_went_and_can_be_parted() {
    let html = bare_page(true, Analysis::None);
    assert!(html.contains("<a href=\"/gui/issues/4\">#4 &#60;script&#62;"));
    assert!(html.contains("action=\"/gui/issues/7/unmerge\""));
    assert!(!html.contains("action=\"/gui/issues/7/merge\""), "it cannot be merged twice");
    assert_no_markup_from_outside(&html, "the other issue's title");
    let html = bare_page(false, Analysis::None);
    assert!(html.contains("This issue was merged into") && !html.contains("unmerge"));
}

#[test]
fn what_was_merged_into_an_issue_is_listed_and_each_can_be_parted() {
    let html = issue_page(&event(), &cause(), &[]).render().unwrap();
    for (id, events) in [(1, "1 event, last"), (12, "12 events, last")] {
        assert!(html.contains(&format!("action=\"/gui/issues/{id}/unmerge\"")));
        assert!(html.contains(&format!("href=\"/gui/issues/{id}\"")) && html.contains(events));
    }
    assert!(html.contains("action=\"/gui/issues/7/merge\""));
    let parts: Vec<_> = (1..=60).map(|id| listed(id, "t")).collect();
    let many = Merging::new(None, &parts, now());
    assert_eq!((many.parts.len(), many.left_out), (50, 10));
}

#[test]
fn charts_say_the_same_in_words_and_in_a_table() {
    let html = issue_page(&event(), &cause(), &[]).render().unwrap();
    assert!(html.contains("128 events, 40 stored"));
    for (id, title) in [("hours", "Last 48 hours"), ("days", "Last 30 days")] {
        assert!(html.contains(&format!("aria-labelledby=\"{id}-title {id}-desc\"")));
        assert!(html.contains(&format!("<title id=\"{id}-title\">{title}</title>")));
        assert!(html.contains(&format!("<desc id=\"{id}-desc\">")));
    }
    let bars = html.matches("class=\"hit\"").count();
    assert_eq!(html.matches("<tr><th scope=\"row\">2026-1").count(), bars);
    assert!(bars > 40, "{bars}");
    let list = issues_page().render().unwrap();
    assert_eq!(list.matches("<svg class=\"spark\"").count(), 5);
    assert!(list.contains("aria-label=\"no events in the last 24 hours\""));
}

#[test]
fn a_projects_page_shows_names_and_rules_as_text() {
    let html = project_page(ATTACK).render().unwrap();
    assert_no_markup_from_outside(&html, "project");
    for said in [
        "12345 events",
        "457 MB",
        "Events are deleted after 30 days.",
        "2026-11-21</th><td>transaction</td>",
        "quota hour",
        "990 bytes",
    ] {
        assert!(html.contains(said), "{said}");
    }
    assert_eq!(html.matches("http://k@").count(), 2, "a disabled key has no DSN");
    assert!(!html.contains("<form method=\"post\" action=\"/gui/projects"), "read only");
}
