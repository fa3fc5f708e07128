use std::path::Path;

use askama::Template;

use super::data_samples::{project_page, project_row, series};
use super::data_tests::bare_page;
use super::error::ErrorPage;
use super::healings::{HealingFacts, HealingsPage};
use super::issue::{Analysis, IssueInput, IssuePage};
use super::issues::{FirstSteps, IssuesPage, Pager};
use super::login::LoginPage;
use super::parts::chart::Grain;
use super::parts::chrome::{Chrome, Flash, Section};
use super::parts::merging::Merging;
use super::projects::ProjectsPage;
use super::review::ReviewPage;
use super::samples::{
    CSRF, cause, chrome, event, facts, fix_in, healed_import, issue_page, issues_page, logic_fix,
    lying_fix, now, source,
};
use super::suggestion::SuggestionPage;
use crate::domain::event::Event;
use crate::domain::facts::RunOutcome;
use crate::domain::fix::SuggestionStatus;
use crate::domain::patch::Patch;
use crate::domain::suggestion::Suggestion;

pub(super) const ATTACK: &str = "<script>alert(\"1\")</script><img src=x onerror='y'>";

fn suggestion_html(suggestion: &Suggestion) -> String {
    SuggestionPage::new(chrome(Section::Review), suggestion, None, now()).render().unwrap()
}

/// The `action` of every form about a suggestion.
fn offered(html: &str) -> Vec<&str> {
    html.split("action=\"/gui/suggestions/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().split_once('/').unwrap().1)
        .collect()
}

pub(super) fn assert_no_markup_from_outside(html: &str, what: &str) {
    assert!(html.contains("&#60;script&#62;"), "{what}: the text is not on the page at all");
    assert!(!html.contains("<script>"), "{what}: a script element from outside");
    assert!(!html.contains("<img src=x"), "{what}: an element from outside");
}

#[test]
fn markup_in_an_event_is_text() {
    type Attack = (&'static str, fn(&mut Event));
    let attacks: Vec<Attack> = vec![
        ("title", |e| e.exceptions[0].ty = Some(ATTACK.into())),
        ("value", |e| e.exceptions[0].value = Some(format!("{ATTACK}\nmore"))),
        ("function", |e| frame(e).function = Some(ATTACK.into())),
        ("file", |e| {
            frame(e).filename = Some(ATTACK.into());
            frame(e).context_line = Some("x".into());
        }),
        ("context line", |e| {
            frame(e).filename = Some("other.rs".into());
            frame(e).context_line = Some(ATTACK.into());
        }),
        ("package", |e| {
            e.exceptions[0].stacktrace.as_mut().unwrap().frames[0].package = Some(ATTACK.into());
        }),
        ("breadcrumb", |e| e.breadcrumbs[0].message = Some(ATTACK.into())),
        ("category", |e| e.breadcrumbs[0].category = Some(ATTACK.into())),
        ("tag", |e| drop(e.tags.insert("k".into(), ATTACK.into()))),
        ("tag name", |e| drop(e.tags.insert(ATTACK.into(), "v".into()))),
        ("release", |e| e.release = Some(ATTACK.into())),
        ("stack text", |e| e.stack_text = Some(ATTACK.into())),
        ("dropped", |e| e.dropped[0].field = ATTACK.into()),
    ];
    for (what, attack) in attacks {
        let mut event = event();
        attack(&mut event);
        let html = issue_page(&event, &cause(), &[]).render().unwrap();
        assert_no_markup_from_outside(&html, what);
    }
}

fn frame(event: &mut Event) -> &mut crate::domain::event::Frame {
    &mut event.exceptions[0].stacktrace.as_mut().unwrap().frames[5]
}

#[test]
fn markup_in_a_cause_or_a_suggestion_is_text() {
    let mut cause = cause();
    cause.evidence[0].quote = ATTACK.into();
    cause.candidates[0].why = ATTACK.into();
    cause.notes[0] = ATTACK.into();
    assert_no_markup_from_outside(&issue_page(&event(), &cause, &[]).render().unwrap(), "cause");

    type Attack = (&'static str, fn(&mut Suggestion));
    let attacks: Vec<Attack> = vec![
        ("title", |s| s.proposal.title = ATTACK.into()),
        ("explanation", |s| s.proposal.explanation = ATTACK.into()),
        ("agent", |s| s.proposal.agent = ATTACK.into()),
        ("verdict", |s| s.verdict.as_mut().unwrap().reason = ATTACK.into()),
        ("run", |s| s.verification.as_mut().unwrap().runs[0].summary = ATTACK.into()),
        ("reason", |s| s.status_reason = Some(ATTACK.into())),
        ("path", |s| s.proposal.patch.files[0].path = ATTACK.into()),
        ("diff", |s| s.proposal.patch.files[0].after.insert_str(0, ATTACK)),
    ];
    for (what, attack) in attacks {
        let mut suggestion = logic_fix();
        attack(&mut suggestion);
        assert_no_markup_from_outside(&suggestion_html(&suggestion), what);
        let list = ReviewPage::new(
            chrome(Section::Review),
            [(&suggestion, Some(ATTACK.to_owned()))],
            Pager::default(),
            now(),
        );
        assert_no_markup_from_outside(&list.render().unwrap(), what);
    }
}

#[test]
fn hidden_characters_are_shown_in_titles_and_in_diffs() {
    let mut event = event();
    event.exceptions[0].value = Some("safe\u{202e}txt.exe".into());
    let html = issue_page(&event, &cause(), &[]).render().unwrap();
    assert!(html.contains("safe⟦U+202E⟧txt.exe"));

    let mut suggestion = logic_fix();
    suggestion.proposal.patch.files[0].after.push_str("// \u{2066}admin\u{2069}\r done\n");
    let html = suggestion_html(&suggestion);
    assert!(html.contains("⟦U+2066⟧admin⟦U+2069⟧⟦U+000D⟧ done"));
    assert!(!html.contains(['\u{202e}', '\u{2066}', '\u{2069}']));
}

#[test]
fn only_what_the_status_allows_is_offered() {
    use SuggestionStatus::{Applied, Approved, Failed, Pending, Rejected, RolledBack, Superseded};
    for (status, expected) in [
        (Pending, vec!["approve", "reject"]),
        (Approved, vec!["apply", "reject"]),
        (Rejected, vec![]),
        (Applied, vec!["rollback"]),
        (Failed, vec!["approve", "reject"]),
        (RolledBack, vec!["apply"]),
        (Superseded, vec![]),
    ] {
        let html = suggestion_html(&fix_in(status));
        assert_eq!(offered(&html), expected, "{status}");
        for action in expected {
            let next = match action {
                "approve" => Approved,
                "reject" => Rejected,
                "apply" => Applied,
                _ => RolledBack,
            };
            assert!(status.may_become(next), "{status} → {next}");
        }
    }
}

#[test]
fn nothing_unproved_untried_or_empty_can_be_approved() {
    let mut unproved = logic_fix();
    unproved.verdict = None;
    let mut untried = logic_fix();
    untried.verification = None;
    let mut unfit = logic_fix();
    unfit.verification.as_mut().unwrap().applied = false;
    let mut advice = logic_fix();
    advice.proposal.patch = Patch::default();
    for suggestion in [unproved, untried, unfit, advice] {
        let html = suggestion_html(&suggestion);
        assert_eq!(offered(&html), ["reject"]);
        assert!(html.contains("class=\"notice\""), "it does not say why");
    }
}

#[test]
fn every_form_carries_the_csrf_token_and_a_rejection_needs_a_reason() {
    let pages = [
        suggestion_html(&logic_fix()),
        suggestion_html(&fix_in(SuggestionStatus::Applied)),
        healings_html(),
        issue_page(&event(), &cause(), &[logic_fix(), healed_import()]).render().unwrap(),
    ];
    for html in pages {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            let token = format!("name=\"csrf\" value=\"{CSRF}\"");
            assert!(form.contains("method=\"post\"") && form.contains(&token), "{form}");
            if form.contains("/reject\"") {
                assert!(form.contains("name=\"reason\" rows=\"2\" required"), "{form}");
            }
        }
    }
}

#[test]
fn not_run_never_looks_like_passed() {
    let mut suggestion = logic_fix();
    let verification = suggestion.verification.as_mut().unwrap();
    verification.check = RunOutcome::NotRun;
    verification.tests = RunOutcome::NotRun;
    verification.applied = false;
    for run in &mut verification.runs {
        run.outcome = RunOutcome::NotRun;
        run.summary.clear();
    }
    let mut untried = logic_fix();
    untried.verification = None;
    for suggestion in [suggestion, untried] {
        let html = suggestion_html(&suggestion);
        assert!(html.contains("class=\"outcome not-run\""));
        assert!(html.contains("</svg>not run</span>"));
        assert!(!html.contains("passed"), "something reads as passed");
    }
    let html = suggestion_html(&lying_fix());
    assert!(html.contains("class=\"outcome failed\""));
    assert!(html.contains("With this fix the code does not pass its check."));
}

#[test]
fn a_claim_that_was_not_proved_is_said_to_be() {
    let html = suggestion_html(&lying_fix());
    assert!(html.contains("The claim was not proved. Read it as a change of behaviour."));
    assert!(suggestion_html(&healed_import()).contains("The claim was proved."));
}

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
fn a_page_is_looked_at_again_only_while_something_is_under_way() {
    assert!(running_page().render().unwrap().contains("http-equiv=\"refresh\""));
    let done = issue_page(&event(), &cause(), &[]).render().unwrap();
    assert!(!done.contains("http-equiv=\"refresh\"") && !done.contains("<body data-live"));
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

#[test]
fn no_template_goes_around_the_escaper() {
    fn check(folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                check(&path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                for way in ["|safe", "| safe", "|escape", "|e(", "autoescape"] {
                    assert!(!text.contains(way), "{}: {way}", path.display());
                }
            }
        }
    }
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("web/templates"));
}

fn running_page() -> IssuePage {
    let event = event();
    let input = IssueInput {
        facts: facts(),
        event: Some(&event),
        series: [series(Grain::Hour, 48, 0), series(Grain::Day, 30, 0)],
        merging: Merging::default(),
        revision: None,
        analysis: Analysis::Running,
        suggestions: &[],
        source: &source,
    };
    IssuePage::new(chrome(Section::Issues), input, now())
}

fn healings_html() -> String {
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

fn all_pages() -> Vec<(&'static str, String)> {
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
        let asset = crate::server::gui::assets::asset(name).unwrap();
        std::fs::write(statics.join(name), asset.bytes).unwrap();
    }
    for (name, html) in pages {
        std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
    }
}
