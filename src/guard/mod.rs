//! The guard: proves what kind of change a change is. Pure: `(before, after, compiler facts) → verdict`.
//!
//! Two classes can be proved; everything else waits for a person.
//! - style: after both texts are normalised (line ends, byte order mark), their tokens are the same,
//!   but for commas, braces and semicolons that the syntax tree shows to be layout; and no gap changed
//!   where a macro could see it ([`region`]).
//! - import: the same holds without the private, plain `use` items, and these bind the same names to
//!   the same paths; or the difference is one that the compiler's own words justify ([`removal`],
//!   [`addition`]).
//!
//! Two things move with every change of layout and are accepted as harmless: the line that a panic or a
//! `#[track_caller]` function reports, and the spans that a procedural macro could ask for. Names of
//! standard macros are taken for the standard ones unless the file itself says otherwise.

mod addition;
mod common;
mod compare;
mod evidence;
mod hazards;
mod imports;
mod known;
mod lex;
mod moves;
mod path;
mod region;
mod removal;
mod side;
mod standard;
mod syntax;
mod text;
mod visitor;

#[cfg(test)]
mod tests;

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
    hazards::refuse_file(change)?;
    let before_text = side::text("before", change.before)?;
    let after_text = side::text("after", change.after)?;
    hazards::refuse_text(change, &before_text, &after_text)?;
    let (before, after) = side::read_both(&before_text, &after_text)?;
    hazards::refuse_tokens(change.path, &before)?;
    hazards::refuse_tokens(change.path, &after)?;

    let whole = (compare::stream(&before, true), compare::stream(&after, true));
    let whole_refusal = match compare::compare((&before, &whole.0), (&after, &whole.1)) {
        Ok(found) => return Ok(vec![style_part(&found)]),
        Err(refusal) => refusal,
    };
    let has_imports =
        [&before, &after].iter().any(|side| side.syntax.uses.iter().any(|u| u.movable));
    if !has_imports {
        return Err(whole_refusal);
    }
    let rest = (compare::stream(&before, false), compare::stream(&after, false));
    let found = compare::compare((&before, &rest.0), (&after, &rest.1))?;
    let moved = moves::compare((&before, &rest.0), (&after, &rest.1))?;
    let mut parts = vec![style_part(&found)];
    let sides = (&before, &after);
    match (moved.removed.is_empty(), moved.added.is_empty()) {
        (true, true) => parts.push(moves::part(&moved)),
        (false, true) => parts.push(removal::prove(change, sides, &moved, before_text.code_start)?),
        (true, false) => {
            parts.push(addition::prove(change, sides, &moved, before_text.code_start)?)
        }
        (false, false) => {
            return Err(format!(
                "line {}: the import `{}` was replaced by `{}`, which may mean something else",
                moved.added[0].line,
                moved.removed[0].leaf.shown(),
                moved.added[0].leaf.shown()
            ));
        }
    }
    Ok(parts)
}

fn style_part(found: &compare::Findings) -> VerdictPart {
    let (rule, extra) = match (found.layout_tokens, found.trees) {
        (_, true) => ("style.trees_equal", ", and the syntax trees are equal"),
        (true, false) => (
            "style.layout_tokens",
            ", apart from commas, braces or semicolons that the syntax tree shows to mean nothing",
        ),
        (false, false) => ("style.tokens_equal", ""),
    };
    VerdictPart {
        class: ProvedClass::Style,
        rule: rule.to_owned(),
        proof: format!(
            "{} tokens are equal{extra}; no macro can see a changed gap",
            found.compared
        ),
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
