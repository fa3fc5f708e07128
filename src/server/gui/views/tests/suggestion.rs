//! A suggestion says what it is, what was proved, and offers what may be done.

use askama::Template;

use super::every_page::healings_html;
use super::suggestion_html;
use crate::domain::facts::RunOutcome;
use crate::domain::fix::SuggestionStatus;
use crate::domain::patch::Patch;
use crate::server::gui::views::samples::{
    CSRF, cause, event, fix_in, healed_import, issue_page, logic_fix, lying_fix,
};

/// The `action` of every form about a suggestion.
fn offered(html: &str) -> Vec<&str> {
    html.split("action=\"/gui/suggestions/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().split_once('/').unwrap().1)
        .collect()
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
