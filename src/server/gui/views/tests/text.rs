//! What comes from outside is text, and what hides shows itself.

use std::path::Path;

use askama::Template;

use super::{ATTACK, assert_no_markup_from_outside, suggestion_html};
use crate::domain::event::{Event, Frame};
use crate::domain::suggestion::Suggestion;
use crate::server::gui::views::issues::Pager;
use crate::server::gui::views::parts::chrome::Section;
use crate::server::gui::views::review::ReviewPage;
use crate::server::gui::views::samples::{cause, chrome, event, issue_page, logic_fix, now};

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

fn frame(event: &mut Event) -> &mut Frame {
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
