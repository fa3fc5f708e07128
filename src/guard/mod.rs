//! The guard: proves what kind of change a change is. Pure: `(before, after, compiler facts) → verdict`.
//!
//! Two classes can be proved, style and import; everything else waits for a person, and so does every
//! kind of file that has no proof here. What counts as proof stands at the head of each language's module.

mod anchors;
mod deep;
mod hazards;
mod path;
mod python;
mod rust;
mod script;
mod text;

use self::path::Language;
use crate::domain::facts::CompilerFacts;
use crate::domain::fix::{ClaimedClass, ProvedClass};
use crate::domain::verdict::{Verdict, VerdictPart};

/// A change to one file, as the guard is asked about it.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Path below the repository root, with `/`.
    pub path: &'a str,
    /// The file's bytes before.
    pub before: &'a [u8],
    /// The file's bytes after.
    pub after: &'a [u8],
    /// What the author says that it is. Can only make the answer stricter.
    pub claimed: Option<ClaimedClass>,
    /// What the compiler said before and after; without it, what needs it is not proved.
    pub facts: Option<&'a CompilerFacts>,
}

/// Proves the class of one file's change. Never panics, whatever it is given; time and memory are
/// bounded by the size of the file, which is capped.
pub fn judge(change: &Change<'_>) -> Verdict {
    match prove(change) {
        Err(reason) => Verdict::not_proved(reason),
        Ok(parts) => verdict(parts, change.claimed),
    }
}

/// What a change was proved to be: at least one part. The error is why it was not.
fn prove(change: &Change<'_>) -> Result<Vec<VerdictPart>, String> {
    let language = hazards::refuse_file(change)?;
    match language {
        Language::Rust => rust::prove(change),
        Language::Python => python::prove(change),
        Language::Script(kind) => script::prove(change, kind),
    }
}

fn verdict(parts: Vec<VerdictPart>, claimed: Option<ClaimedClass>) -> Verdict {
    let proved_class = match parts.iter().any(|part| part.class == ProvedClass::Import) {
        true => ProvedClass::Import,
        false => ProvedClass::Style,
    };
    let proofs: Vec<&str> = parts.iter().rev().map(|part| part.proof.as_str()).collect();
    let proof = proofs.join("; otherwise ");
    let waits = claimed == Some(ClaimedClass::Logic);
    let reason = if waits {
        format!("proved {proved_class} ({proof}), but it is claimed as logic, so a person decides")
    } else {
        format!("proved {proved_class}: {proof}")
    };
    Verdict { proved_class, auto: !waits, reason, parts }
}
