//! What was proved about a fix, and what ran over it.

use super::prose::Prose;
use super::when::duration;
use super::words::{Badge, OutcomeView};
use crate::domain::facts::RunOutcome;
use crate::domain::fix::{ClaimedClass, ProvedClass};
use crate::domain::verdict::Verdict;
use crate::domain::verification::Verification;

/// The guard's answer beside the claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictView {
    /// What the author said.
    pub claimed: Badge,
    /// What was proved; `None` until the guard has looked.
    pub proved: Option<Badge>,
    /// One sentence: whether the claim holds.
    pub claim: &'static str,
    /// The guard's sentence.
    pub reason: Prose,
    /// Whether a person has to decide.
    pub needs_person: bool,
    /// Each part with its rule.
    pub parts: Vec<PartView>,
}

/// One part of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartView {
    /// Its class.
    pub class: Badge,
    /// The rule's name.
    pub rule: String,
    /// What was compared.
    pub proof: Prose,
}

impl VerdictView {
    /// `verdict` is `None` until the guard has looked.
    pub fn new(claimed: ClaimedClass, verdict: Option<&Verdict>) -> Self {
        let Some(verdict) = verdict else {
            return Self {
                claimed: claimed.into(),
                proved: None,
                claim: "Not proved yet: the guard has not looked at this fix.",
                reason: Prose::default(),
                needs_person: true,
                parts: Vec::new(),
            };
        };
        Self {
            claimed: claimed.into(),
            proved: Some(verdict.proved_class.into()),
            claim: claim_sentence(claimed, verdict.proved_class),
            reason: Prose::new(&verdict.reason),
            needs_person: !verdict.auto,
            parts: verdict
                .parts
                .iter()
                .map(|part| PartView {
                    class: part.class.into(),
                    rule: part.rule.clone(),
                    proof: Prose::new(&part.proof),
                })
                .collect(),
        }
    }
}

fn claim_sentence(claimed: ClaimedClass, proved: ProvedClass) -> &'static str {
    match (claimed, proved) {
        (ClaimedClass::Style, ProvedClass::Style) | (ClaimedClass::Import, ProvedClass::Import) => {
            "The claim was proved."
        }
        (ClaimedClass::Logic, ProvedClass::Other) => {
            "It may change what the program does, as its author says."
        }
        (_, ProvedClass::Other) => "The claim was not proved. Read it as a change of behaviour.",
        _ => "Proved to be of another class than claimed.",
    }
}

/// What ran over a fix, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationView {
    /// Whether the patch fits a private copy.
    pub applied: OutcomeView,
    /// `cargo check` and the like.
    pub check: OutcomeView,
    /// The project's tests.
    pub tests: OutcomeView,
    /// In all; empty if nothing ran.
    pub seconds: String,
    /// Each command.
    pub runs: Vec<RunView>,
    /// What a reader must know before deciding, if something speaks against the fix.
    pub warning: Option<&'static str>,
}

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunView {
    /// `check`, `rustfmt`, …
    pub name: String,
    /// How it ended.
    pub outcome: OutcomeView,
    /// One line.
    pub summary: Prose,
    /// How long it took; empty if it did not run.
    pub seconds: String,
}

impl VerificationView {
    /// `verification` is `None` until something ran: then everything is "not run".
    pub fn new(verification: Option<&Verification>) -> Self {
        let Some(v) = verification else {
            let not_run: OutcomeView = RunOutcome::NotRun.into();
            return Self {
                applied: not_run,
                check: not_run,
                tests: not_run,
                seconds: String::new(),
                runs: Vec::new(),
                warning: None,
            };
        };
        let applied = if v.applied { RunOutcome::Passed } else { RunOutcome::Failed };
        Self {
            applied: applied.into(),
            check: v.check.into(),
            tests: v.tests.into(),
            seconds: duration(v.seconds),
            runs: v
                .runs
                .iter()
                .map(|run| RunView {
                    name: run.name.clone(),
                    outcome: run.outcome.into(),
                    summary: Prose::new(&run.summary),
                    seconds: match run.outcome {
                        RunOutcome::NotRun => String::new(),
                        _ => duration(run.seconds),
                    },
                })
                .collect(),
            warning: warning(v),
        }
    }
}

fn warning(v: &Verification) -> Option<&'static str> {
    if !v.applied {
        Some("The patch could not be applied to a private copy.")
    } else if v.check == RunOutcome::Failed {
        Some("With this fix the code does not pass its check.")
    } else if v.tests == RunOutcome::Failed {
        Some("With this fix the project's tests fail.")
    } else if v.runs.iter().any(|run| run.outcome == RunOutcome::Failed) {
        Some("One of the runs over this fix failed.")
    } else if v.check == RunOutcome::NotRun {
        Some("Nothing has compiled this fix yet.")
    } else {
        None
    }
}
