//! Agents, what they did, what they cost, what was learnt.

use askama::Template;

use super::{ATTACK, assert_no_markup_from_outside};
use crate::server::gui::views::samples::{
    CSRF, agents_page, execution_page, executions_page, pattern_page, patterns_page,
    running_execution, spend_page,
};

/// The same page for somebody who may only look.
fn without_forms(chrome: &mut crate::server::gui::views::parts::chrome::Chrome) {
    let person = chrome.signed_in.as_mut().unwrap();
    (person.may_decide, person.may_cancel, person.may_administer) = (false, false, false);
}

#[test]
fn what_agents_and_models_say_is_text() {
    let html = execution_page(ATTACK).render().unwrap();
    assert_no_markup_from_outside(&html, "execution");
    // In who asked, a proposal, an error, a claim, an answer, what was sent twice, and two notes.
    assert!(html.matches("&#60;script&#62;").count() >= 9, "{html}");
    assert_no_markup_from_outside(&pattern_page(ATTACK).render().unwrap(), "pattern");
    let hidden = execution_page("a\u{202e}b").render().unwrap();
    assert!(hidden.contains("a⟦U+202E⟧b") && !hidden.contains('\u{202e}'));
}

#[test]
fn what_was_sent_stands_whole_under_its_step() {
    let html = execution_page("Seen.").render().unwrap();
    let step = html.split("<details id=\"step-1\">").nth(1).unwrap();
    let step = step.split("<details id=\"step-2\">").next().unwrap();
    assert!(step.contains("2 secret or personal values are placeholders"), "{step}");
    assert!(step.contains("user ⟨EMAIL-5f0c-1⟩ from ⟨IP-5f0c-1⟩"), "{step}");
    assert_eq!(step.matches("A line of context").count(), 60, "nothing is cut");
    assert!(step.contains("<code>search</code>") && step.contains("2,480 tokens sent"), "{step}");
    assert!(html.contains("Refused: there is no file ../../etc/passwd"));
    assert!(html.contains("href=\"/gui/executions/15\">More steps"), "the rest has a page");
}

#[test]
fn only_a_run_at_work_is_followed_and_can_be_cancelled() {
    let done = execution_page("Seen.").render().unwrap();
    for absent in ["data-follow", "/cancel\"", "http-equiv=\"refresh\""] {
        assert!(!done.contains(absent), "{absent}");
    }
    let mut page = running_execution();
    let html = page.render().unwrap();
    assert!(html.contains(
        "data-follow=\"/gui/executions/12/live?after=0\" data-seen=\"running-0_13-done-0\""
    ));
    assert!(html.contains("action=\"/gui/executions/12/cancel\"") && html.contains(CSRF));
    assert!(html.contains("http-equiv=\"refresh\""), "without the script the page renews itself");
    page.run.was_cancelled = true;
    assert!(!page.render().unwrap().contains("/cancel\""), "once is enough");
    page.run.was_cancelled = false;
    without_forms(&mut page.chrome);
    assert!(!page.render().unwrap().contains("/cancel\""));
}

#[test]
fn an_agent_says_whether_it_runs_and_why_not() {
    let html = agents_page(false).render().unwrap();
    let card = |name: &str| {
        let rest = html.split(&format!("id=\"agent-{name}\"")).nth(1).unwrap();
        rest.split("</article>").next().unwrap().to_owned()
    };
    assert!(card("panic-analyst").contains("tone-good\">ready"));
    assert!(card("root-cause").contains("tone-warn\">cannot run now"));
    assert!(card("root-cause").contains("No model is configured."));
    assert!(card("root-cause").contains("$0.2500 <span class=\"muted\">(its file: 0.5)"));
    assert!(card("root-cause").contains("/etc/andon/agents/root-cause.toml"));
    assert!(card("style").contains(">switched off<") && card("style").contains("value=\"on\""));
    assert!(!card("style").contains("name=\"tokens\""), "rules use no tokens");
    let html = agents_page(true).render().unwrap();
    assert!(html.contains("5 failures in a row; asked again in 42 s"));
    assert!(html.contains("the server answered 503: overloaded"));
    assert!(html.contains("$0.15 in, $0.60 out"));
    let mut page = agents_page(true);
    without_forms(&mut page.chrome);
    assert!(!page.render().unwrap().contains("action=\"/gui/agents"));
}

#[test]
fn what_was_spent_is_also_words_and_tables() {
    let html = spend_page(true).render().unwrap();
    for said in ["$1.20</strong> of $10.00", "(12 %)", "nearly used up", "set aside $0.1200 more"] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(html.contains("<th scope=\"col\" class=\"num\">Spent</th>"));
    assert!(html.contains(">used up<"), "an issue that may cost no more");
    let own = spend_page(false).render().unwrap();
    assert!(!own.contains("$10.00") && !own.contains("root-cause") && own.contains("#7 panic"));
}

#[test]
fn patterns_can_be_changed_by_who_may_decide_only() {
    let mut page = patterns_page("");
    let html = page.render().unwrap();
    for form in ["/gui/patterns/5/pin", "/gui/patterns/5/edit", "/gui/patterns/5/delete"] {
        assert!(html.contains(&format!("action=\"{form}\"")), "{form}");
    }
    assert!(html.contains("?page=2&#38;q=a+b"), "the search is kept");
    assert!(html.contains("found again 3 times") && html.contains(">came back<"));
    without_forms(&mut page.chrome);
    assert!(!page.render().unwrap().contains("action=\"/gui/patterns/"));
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    let pages = [
        agents_page(true).render().unwrap(),
        running_execution().render().unwrap(),
        patterns_page("").render().unwrap(),
        executions_page(false).render().unwrap(),
    ];
    let token = format!("name=\"csrf\" value=\"{CSRF}\"");
    for html in pages {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains("method=\"get\"") || form.contains(&token), "{form}");
        }
    }
}

#[test]
fn a_list_keeps_what_it_is_narrowed_by_on_the_next_page() {
    let html = executions_page(false).render().unwrap();
    assert!(html.contains("href=\"?before=17\""), "{html}");
    assert!(html.contains("root-cause in error analysis"));
    let none = executions_page(true).render().unwrap();
    assert!(none.contains("<option value=\"failed\" selected>failed</option>"));
    assert!(none.contains("href=\"/gui/executions?&#38;status=failed\">Newest"), "{none}");
}
