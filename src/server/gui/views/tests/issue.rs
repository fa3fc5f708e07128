//! An issue's page.

use askama::Template;

use crate::server::gui::views::issue::{IssueInput, IssuePage};
use crate::server::gui::views::parts::cause::Analysis;
use crate::server::gui::views::parts::chart::Grain;
use crate::server::gui::views::parts::chrome::Section;
use crate::server::gui::views::parts::merging::Merging;
use crate::server::gui::views::samples::{
    cause, chrome, event, facts, issue_page, now, series, source,
};

#[test]
fn the_suspect_line_is_marked_and_system_frames_are_folded() {
    let html = issue_page(&event(), &cause(), &[]).render().unwrap();
    let suspect = html.split("<tr class=\"suspect\">").nth(1).unwrap();
    assert!(suspect.split("</tr>").next().unwrap().contains("self.items.len() - 1"));
    assert!(html.contains("<summary>3 system frames</summary>"));
    let order: Vec<usize> = ["Cart::last_price</code>", "page::render</code>", "start</code>"]
        .iter()
        .map(|function| html.rfind(function).unwrap())
        .collect();
    assert!(order.is_sorted(), "the innermost frame is not first");
    assert!(html.contains("<dd>not measured yet</dd>"));
}

#[test]
fn a_page_is_looked_at_again_only_while_something_is_under_way() {
    assert!(running_page().render().unwrap().contains("http-equiv=\"refresh\""));
    let done = issue_page(&event(), &cause(), &[]).render().unwrap();
    assert!(!done.contains("http-equiv=\"refresh\"") && !done.contains("<body data-live"));
}

pub(super) fn running_page() -> IssuePage {
    let event = event();
    let input = IssueInput {
        facts: facts(),
        event: Some(&event),
        series: [series(Grain::Hour, 48, 0), series(Grain::Day, 30, 0)],
        merging: Merging::default(),
        revision: None,
        analysis: Analysis::Running,
        run: None,
        suggestions: &[],
        source: &source,
    };
    IssuePage::new(chrome(Section::Issues), input, now())
}
