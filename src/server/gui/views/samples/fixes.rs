//! Suggestions of every kind.

use super::{CART, at};
use crate::domain::facts::RunOutcome;
use crate::domain::fix::{ClaimedClass, IssueType, ProvedClass, Severity, SuggestionStatus};
use crate::domain::patch::{FileChange, Patch};
use crate::domain::suggestion::{Mends, Proposal, Suggestion};
use crate::domain::verdict::{Verdict, VerdictPart};
use crate::domain::verification::{Verification, VerificationRun};

/// A change of behaviour that was tried and waits for a person.
pub(crate) fn logic_fix() -> Suggestion {
    Suggestion {
        id: 41,
        project_id: Some(1),
        issue_id: Some(7),
        analysis_id: Some(5),
        repo: None,
        proposal: Proposal {
            agent: "panics".into(),
            title: "Return an error for an empty cart in Cart::last_price".into(),
            explanation: "An empty cart has no last item. The function already returns a Result, so the caller is prepared for an error.\n\nLook at whether `CartError::Empty` is shown to the customer in a way that makes sense.".into(),
            issue_type: IssueType::Bug,
            severity: Severity::High,
            claimed_class: ClaimedClass::Logic,
            patch: Patch {
                files: vec![replace(
                    "src/cart.rs",
                    CART,
                    "        let last = self.items.len() - 1;\n        let price = self.items[last].price;\n",
                    "        let last = self.items.last().ok_or(CartError::Empty)?;\n        let price = last.price;\n",
                )],
            },
            mends: None,
        },
        status: SuggestionStatus::Pending,
        verdict: Some(Verdict::not_proved(
            "The change replaces an expression inside a function's body (src/cart.rs, line 13).",
        )),
        verification: Some(Verification {
            applied: true,
            check: RunOutcome::Passed,
            tests: RunOutcome::NotRun,
            seconds: 6.4,
            runs: vec![
                run("check", RunOutcome::Passed, "orders compiles, no new warnings", 4.1),
                run("check --all-targets", RunOutcome::Passed, "no new warnings", 2.3),
                run("test", RunOutcome::NotRun, "the policy does not ask for tests here", 0.0),
            ],
        }),
        status_reason: None,
        decided_by: None,
        created_at: at("2026-11-21T11:55:00Z"),
        updated_at: at("2026-11-21T11:56:00Z"),
    }
}

/// An import that the healer removed by itself.
pub(crate) fn healed_import() -> Suggestion {
    let text = "use std::collections::HashMap;\nuse std::fmt;\n\nuse crate::cart::Cart;\n\nimpl fmt::Display for Cart {}\n";
    Suggestion {
        id: 39,
        proposal: Proposal {
            agent: "compiler".into(),
            title: "Remove the unused import std::collections::HashMap".into(),
            explanation: "rustc says that nothing in this file uses the name.".into(),
            issue_type: IssueType::ImportOptimization,
            severity: Severity::Low,
            claimed_class: ClaimedClass::Import,
            patch: Patch {
                files: vec![replace("src/page.rs", text, "use std::collections::HashMap;\n", "")],
            },
            mends: Some(Mends {
                code: "unused_imports".into(),
                message: "unused import: `std::collections::HashMap`".into(),
                file: "src/page.rs".into(),
            }),
        },
        status: SuggestionStatus::Applied,
        verdict: Some(Verdict {
            proved_class: ProvedClass::Import,
            auto: true,
            reason: "Only a use item was removed, and rustc reports it as unused in every way it was compiled.".into(),
            parts: vec![VerdictPart {
                class: ProvedClass::Import,
                rule: "import.remove_unused".into(),
                proof: "unused_imports before in plain and all targets, gone after".into(),
            }],
        }),
        verification: Some(Verification {
            applied: true,
            check: RunOutcome::Passed,
            tests: RunOutcome::Passed,
            seconds: 12.0,
            runs: vec![
                run("check", RunOutcome::Passed, "one warning fewer", 4.0),
                run("test", RunOutcome::Passed, "18 tests", 8.0),
            ],
        }),
        decided_by: Some("andon".into()),
        updated_at: at("2026-11-21T11:58:00Z"),
        ..logic_fix()
    }
}

/// A fix that lies about its class and does not compile.
pub(crate) fn lying_fix() -> Suggestion {
    let mut fix = logic_fix();
    fix.id = 42;
    fix.proposal.title = "Tidy the loop in Cart::last_price".into();
    fix.proposal.explanation = "Formatting only.".into();
    fix.proposal.claimed_class = ClaimedClass::Style;
    fix.proposal.issue_type = IssueType::Formatting;
    fix.proposal.severity = Severity::Critical;
    fix.created_at = at("2026-11-20T10:00:00Z");
    fix.verdict = Some(Verdict::not_proved(
        "The token `saturating_sub` became `wrapping_sub`: that is not style.",
    ));
    fix.proposal.patch.files =
        vec![replace("src/cart.rs", CART, "saturating_sub(", "wrapping_sub(")];
    fix.verification = Some(Verification {
        applied: true,
        check: RunOutcome::Failed,
        tests: RunOutcome::NotRun,
        seconds: 3.0,
        runs: vec![
            run(
                "check",
                RunOutcome::Failed,
                "E0599: no method named `wrapping_sub` found for struct `Price`",
                3.0,
            ),
            run("test", RunOutcome::NotRun, "the check failed first", 0.0),
        ],
    });
    fix
}

/// A suggestion in `status`, proved and verified.
pub(crate) fn fix_in(status: SuggestionStatus) -> Suggestion {
    Suggestion { status, ..logic_fix() }
}

fn replace(path: &str, text: &str, from: &str, to: &str) -> FileChange {
    assert!(text.contains(from), "{from}");
    FileChange { path: path.into(), before: text.into(), after: text.replace(from, to) }
}

fn run(name: &str, outcome: RunOutcome, summary: &str, seconds: f64) -> VerificationRun {
    VerificationRun { name: name.into(), outcome, summary: summary.into(), seconds }
}
