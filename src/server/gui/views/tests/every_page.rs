//! What holds for every page.

use std::path::Path;

use askama::Template;

use super::data::bare_page;
use super::issue::running_page;
use super::{ATTACK, suggestion_html};
use crate::domain::fix::SuggestionStatus;
use crate::domain::suggestion::Suggestion;
use crate::server::gui::assets;
use crate::server::gui::views::error::ErrorPage;
use crate::server::gui::views::healings::{HealingFacts, HealingsPage};
use crate::server::gui::views::issues::{FirstSteps, IssuesPage, Pager};
use crate::server::gui::views::login::LoginPage;
use crate::server::gui::views::parts::cause::Analysis;
use crate::server::gui::views::parts::chrome::{Chrome, Flash, Section};
use crate::server::gui::views::projects::ProjectsPage;
use crate::server::gui::views::review::ReviewPage;
use crate::server::gui::views::samples::{
    agents_page, cause, chrome, event, execution_page, executions_page, fix_in, healed_import,
    issue_page, issues_page, logic_fix, lying_fix, now, pattern_page, patterns_page, project_page,
    project_row, running_execution, spend_page,
};
use crate::server::gui::views::suggestion::SuggestionPage;

#[test]
fn empty_pages_say_what_to_do() {
    let steps =
        FirstSteps::SendTo { project: "orders".into(), dsn: "http://key@127.0.0.1:5001/1".into() };
    let page = IssuesPage::new(chrome(Section::Issues), Vec::new(), Pager::default(), steps, now());
    let html = page.render().unwrap();
    assert!(html.contains("http://key@127.0.0.1:5001/1"));
    let html = ReviewPage::new(chrome(Section::Review), [], Pager::default(), now());
    assert!(html.render().unwrap().contains("Nothing waits for you"));
}

#[test]
fn signed_out_pages_have_no_navigation_and_no_token() {
    let html = LoginPage::new(Chrome::signed_out(), Some("//evil"), None).render().unwrap();
    assert!(!html.contains("/gui/review") && !html.contains("csrf") && !html.contains("evil"));
}

#[test]
fn no_page_needs_more_than_the_content_security_policy_allows() {
    let handler = regex::Regex::new(r"<[a-z][^>]*\son[a-z]+=").unwrap();
    for (name, html) in all_pages() {
        assert!(!html.contains(" style="), "{name}: a style attribute");
        assert!(!html.contains("<style"), "{name}: a style element");
        for (at, _) in html.match_indices("<script") {
            assert!(html[at..].starts_with("<script src=\"/gui/static/app.js?v="), "{name}");
        }
        assert!(!handler.is_match(&html), "{name}: an inline handler");
        // A project's page shows its DSNs.
        let html = if name == "project" { html.replace("http://k@127.0.0.1", "") } else { html };
        assert!(!html.contains("http://") || name.contains("empty"), "{name}: an address outside");
    }
}

#[test]
fn headings_are_in_order_and_ids_are_used_once() {
    let heading = regex::Regex::new(r"<h([1-6])").unwrap();
    let id = regex::Regex::new(r#"\sid="([^"]*)""#).unwrap();
    for (name, html) in all_pages() {
        let levels: Vec<u8> = heading.captures_iter(&html).map(|c| c[1].parse().unwrap()).collect();
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{name}: one h1");
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{name}: h{} after h{}", pair[1], pair[0]);
        }
        let mut ids: Vec<String> = id.captures_iter(&html).map(|c| c[1].to_owned()).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}: an id is used twice");
    }
}

pub(super) fn healings_html() -> String {
    let (kept, mut back) = (healed_import(), fix_in(SuggestionStatus::RolledBack));
    back.decided_by = Some("maria".into());
    back.status_reason = Some("The customer saw a blank page instead of an empty cart.".into());
    let failed = Suggestion {
        status: SuggestionStatus::Failed,
        status_reason: Some("src/page.rs has changed where the fix applies (near line 1).".into()),
        ..healed_import()
    };
    let applied = |minutes: i64| now().checked_sub(jiff::SignedDuration::from_mins(minutes)).ok();
    let rows = [
        (&kept, HealingFacts { applied_at: applied(2), ..HealingFacts::default() }),
        (
            &back,
            HealingFacts {
                applied_at: applied(300),
                rolled_back_at: applied(100),
                rolled_back_by: Some("maria".into()),
                ..HealingFacts::default()
            },
        ),
        (&failed, HealingFacts::default()),
    ];
    HealingsPage::new(chrome(Section::Healings), rows, Pager::default(), now()).render().unwrap()
}

pub(super) fn all_pages() -> Vec<(&'static str, String)> {
    let hostile = {
        let mut event = event();
        event.exceptions[0].value = Some(format!("{ATTACK} \u{202e}gpj.exe {}", "A".repeat(300)));
        event.tags.insert("long".into(), "0123456789abcdef".repeat(12));
        let mut fix = lying_fix();
        fix.proposal.title = format!("{ATTACK} {}", "T".repeat(200));
        fix.proposal.patch.files[0].after.push_str("// \u{2066}if admin\u{2069}\n");
        issue_page(&event, &cause(), &[fix]).render().unwrap()
    };
    let no_issues = |steps| {
        IssuesPage::new(chrome(Section::Issues), Vec::new(), Pager::default(), steps, now())
            .render()
            .unwrap()
    };
    let steps = FirstSteps::SendTo {
        project: "orders".into(),
        dsn: "http://8f14e45fceea167a5a36dedd4bea2543@127.0.0.1:5001/1".into(),
    };
    let (logic, lying, healed) = (logic_fix(), lying_fix(), healed_import());
    let approved = Suggestion { id: 44, ..fix_in(SuggestionStatus::Approved) };
    let title = Some(event().title());
    let queue = [(&lying, title.clone()), (&logic, title.clone()), (&approved, None)];
    let flash = Flash::from_word("rejected");
    let projects =
        |projects| ProjectsPage { chrome: chrome(Section::Projects), projects }.render().unwrap();
    let review =
        ReviewPage::new(chrome(Section::Review).with_flash(flash), queue, Pager::default(), now());
    let empty_review = ReviewPage::new(chrome(Section::Review), [], Pager::default(), now());
    let wrong = Some("This token is not known. Paste it whole, without spaces.".to_owned());
    vec![
        ("login", LoginPage::new(Chrome::signed_out(), None, None).render().unwrap()),
        ("login-error", LoginPage::new(Chrome::signed_out(), None, wrong).render().unwrap()),
        ("issues", issues_page().render().unwrap()),
        ("issues-empty", no_issues(steps)),
        ("issues-empty-no-project", no_issues(FirstSteps::CreateProject)),
        (
            "issue",
            issue_page(&event(), &cause(), &[logic.clone(), healed.clone()]).render().unwrap(),
        ),
        ("issue-running", running_page().render().unwrap()),
        ("issue-hostile", hostile),
        ("issue-bare", bare_page(true, Analysis::None)),
        ("project", project_page(ATTACK).render().unwrap()),
        ("projects", projects(vec![project_row("orders"), project_row(&"P".repeat(100))])),
        ("projects-empty", projects(Vec::new())),
        ("review", review.render().unwrap()),
        ("review-empty", empty_review.render().unwrap()),
        (
            "suggestion",
            SuggestionPage::new(chrome(Section::Review), &logic, title, now()).render().unwrap(),
        ),
        ("suggestion-lying", suggestion_html(&lying)),
        ("suggestion-applied", suggestion_html(&healed)),
        ("healings", healings_html()),
        ("agents", agents_page(true).render().unwrap()),
        ("agents-no-model", agents_page(false).render().unwrap()),
        ("executions", executions_page(false).render().unwrap()),
        ("executions-none", executions_page(true).render().unwrap()),
        ("execution", execution_page("Seen.").render().unwrap()),
        ("execution-hostile", execution_page(ATTACK).render().unwrap()),
        ("execution-running", running_execution().render().unwrap()),
        ("spend", spend_page(true).render().unwrap()),
        ("spend-own", spend_page(false).render().unwrap()),
        ("patterns", patterns_page("").render().unwrap()),
        ("patterns-none", patterns_page("zebra").render().unwrap()),
        ("pattern", pattern_page(ATTACK).render().unwrap()),
        ("error", ErrorPage::for_status(chrome(Section::Elsewhere), 404).render().unwrap()),
    ]
}

/// Writes every page and the static files below the folder that `ANDON_GUI_PAGES` names, to be looked
/// at in a browser through any file server; without it, checks only that every page renders.
#[test]
fn every_page_renders() {
    let pages = all_pages();
    for (name, html) in &pages {
        assert!(
            html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"),
            "{name}"
        );
    }
    let Some(folder) = std::env::var_os("ANDON_GUI_PAGES") else { return };
    let folder = Path::new(&folder);
    let statics = folder.join("gui/static");
    std::fs::create_dir_all(&statics).unwrap();
    for name in ["style.css", "app.js", "icon.svg"] {
        let asset = assets::asset(name).unwrap();
        std::fs::write(statics.join(name), asset.bytes).unwrap();
    }
    for (name, html) in pages {
        std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
    }
}
