//! A table of proofs and lies, and mutations of real files.

mod additions;
mod disguises;
mod files;
mod imports;
mod imports_with_facts;
mod limits;
mod macros;
mod mutations;
mod removals;
mod style;

use crate::domain::facts::CompilerFacts;
use crate::domain::fix::{ClaimedClass, ProvedClass};
use crate::guard::{Change, judge};

/// What a case must come out as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Style,
    Import,
    Other,
}

/// Name, before, after, expected.
type Case = (&'static str, &'static str, &'static str, Expected);

const PATH: &str = "src/x.rs";

fn judge_text(
    before: &str,
    after: &str,
    facts: Option<&CompilerFacts>,
) -> (Expected, bool, String) {
    let verdict = judge(&Change {
        path: PATH,
        before: before.as_bytes(),
        after: after.as_bytes(),
        claimed: Some(ClaimedClass::Style),
        facts,
    });
    let class = match verdict.proved_class {
        ProvedClass::Style => Expected::Style,
        ProvedClass::Import => Expected::Import,
        ProvedClass::Other => Expected::Other,
    };
    assert_eq!(verdict.parts.is_empty(), class == Expected::Other, "{}", verdict.reason);
    (class, verdict.auto, verdict.reason)
}

/// Runs a table and reports every case that comes out otherwise.
fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (name, before, after, expected) in cases {
        let (class, auto, reason) = judge_text(before, after, None);
        if class != *expected || auto != (*expected != Expected::Other) {
            wrong.push(format!(
                "{name}: expected {expected:?}, got {class:?} (auto {auto}): {reason}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
