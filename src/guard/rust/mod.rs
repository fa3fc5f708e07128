//! Rust.
//!
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
mod region;
mod removal;
mod side;
mod standard;
mod syntax;
mod text;
mod visitor;

#[cfg(test)]
mod tests;

use super::Change;
use crate::domain::fix::ProvedClass;
use crate::domain::verdict::VerdictPart;

/// What a change was proved to be: at least one part. The error is why it was not.
pub(super) fn prove(change: &Change<'_>) -> Result<Vec<VerdictPart>, String> {
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
