//! Python, from 3.8 to today's grammar.
//!
//! - style: the syntax trees are equal (as ruff's parser reads them and compares them), the shebang and the
//!   encoding are, and every comment that gives an order stands where it stood ([`orders`]). Nothing may
//!   need a newer Python than before.
//! - import: apart from the module's own import statements, the trees are equal; between the same two
//!   other statements stand the same imports in another order, or some are gone that nothing names
//!   ([`imports`]). Only the standard library may move or go: what other modules do when they are imported
//!   cannot be known from here.
//!
//! Accepted as harmless: that lines move (tracebacks, `inspect.getsource`). A name that another module
//! takes from this one (`from this import os`) cannot be seen here; whoever heals looks for it.

mod imports;
mod library;
mod names;
mod orders;
mod side;

#[cfg(test)]
mod tests;

use ruff_python_ast::comparable::ComparableStmt;

use self::side::Side;
use super::anchors::equal_trees;
use super::deep::on_a_deep_stack;
use super::{Change, hazards};
use crate::domain::verdict::VerdictPart;

/// What a change was proved to be. The error is why it was not.
pub(super) fn prove(change: &Change<'_>) -> Result<Vec<VerdictPart>, String> {
    let before = side::text("before", change.before)?;
    let after = side::text("after", change.after)?;
    hazards::refuse_invisible(change, &before.code, &after.code)?;
    if before.shebang != after.shebang {
        return Err(
            "line 1: the shebang line changed, which decides how the file is run".to_owned()
        );
    }
    if before.encoding != after.encoding {
        return Err("the comment that names the encoding changed".to_owned());
    }
    on_a_deep_stack(|| {
        let before = Side::read("before", &before.code)?;
        let after = Side::read("after", &after.code)?;
        compare(change.path, &before, &after)
    })
}

fn compare(path: &str, before: &Side<'_>, after: &Side<'_>) -> Result<Vec<VerdictPart>, String> {
    side::refuse_newer(before, after)?;
    orders::refuse_data(before, after)?;
    let (old, new) = (before.body(), after.body());
    let equal = old.len() == new.len()
        && old.iter().zip(new).all(|(a, b)| ComparableStmt::from(a) == ComparableStmt::from(b));
    if !equal {
        return imports::prove(path, before, after);
    }
    equal_trees((before.code, &before.tokens), (after.code, &after.tokens), orders::order)
}
