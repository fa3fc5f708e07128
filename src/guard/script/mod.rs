//! JavaScript, TypeScript and JSX.
//!
//! - style: the syntax trees are equal (as oxc reads and compares them; white space in JSX that JSX itself
//!   drops does not count), and so are directives, the `#!` line and every comment that gives an order
//!   ([`orders`]). A `.js` file may be a module or a script: it is read as each that it can be.
//! - import: apart from the file's own imports, the trees are equal; between the same two other statements
//!   stand the same imports in another order, or some are gone that nothing names ([`imports`]). Only
//!   modules of Node itself may move or go: what others do when they are loaded cannot be known from here.
//!
//! Accepted as harmless: that lines move, and that `Function.prototype.toString` gives another text.

mod imports;
mod jsx;
mod names;
mod node;
mod orders;
mod side;

#[cfg(test)]
mod tests;

use oxc_allocator::Allocator;
use oxc_span::ContentEq as _;

use self::side::{Side, Way};
use super::anchors::equal_trees;
use super::deep::on_a_deep_stack;
use super::path::Script;
use super::{Change, hazards};
use crate::domain::verdict::VerdictPart;

/// What a change was proved to be. The error is why it was not.
pub(super) fn prove(change: &Change<'_>, kind: Script) -> Result<Vec<VerdictPart>, String> {
    let before = side::text("before", change.before)?;
    let after = side::text("after", change.after)?;
    hazards::refuse_invisible(change, &before, &after)?;
    if side::shebang(&before) != side::shebang(&after) {
        return Err(
            "line 1: the shebang line changed, which decides how the file is run".to_owned()
        );
    }
    on_a_deep_stack(|| {
        side::refuse_depth("before", kind, &before)?;
        side::refuse_depth("after", kind, &after)?;
        let mut proved = None;
        let mut refusal = None;
        for way in Way::of(kind) {
            let memory = Allocator::default();
            let old = match Side::read("before", &memory, *way, &before) {
                Ok(old) => old,
                Err(why) => {
                    refusal.get_or_insert(why);
                    continue;
                }
            };
            // In every way in which the old text could be read, the new one must be the same.
            let new = Side::read("after", &memory, *way, &after)?;
            proved = Some(compare(change.path, &old, &new)?);
        }
        proved.ok_or_else(|| refusal.unwrap_or_else(|| "the file cannot be read".to_owned()))
    })
}

fn compare(path: &str, before: &Side<'_>, after: &Side<'_>) -> Result<Vec<VerdictPart>, String> {
    if before.bracketed != after.bracketed {
        return Err(
            "brackets around what is assigned to changed, by which a function is named".to_owned()
        );
    }
    if !before.program.content_eq(&after.program) {
        return imports::prove(path, before, after);
    }
    equal_trees((before.code, &before.tokens), (after.code, &after.tokens), orders::order)
}
