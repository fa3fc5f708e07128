//! Rust's rules. They look at syn's tree, which one walk brings to all of them.

mod asynchronous;
mod execution;
mod locks;
mod memory;
mod numbers;
mod panics;
mod performance;
mod read;
mod results;
mod secret;
mod walk;

use syn::{Expr, Local};

use super::{Found, Hit, Rule};
use crate::source::rust::RustFile;
use walk::Around;

/// How many pieces of code all rules together may look at again, beside the one walk.
const MAX_STEPS: u64 = 1_000_000;

/// What a rule wants to see.
enum Look {
    /// Every expression, outer ones first.
    Expr(fn(&Cx<'_>, &Expr, &mut Found)),
    /// Every `{ … }`.
    Block(fn(&Cx<'_>, &syn::Block, &mut Found)),
    /// Every `let`.
    Local(fn(&Cx<'_>, &Local, &mut Found)),
    /// Every value that is given to a name: `let`, `const`, `static`, fields, assignments.
    Named(fn(&Cx<'_>, &str, &Expr, &mut Found)),
}

/// A rule over syn's tree.
struct RustRule {
    rule: Rule,
    look: Look,
}

/// All of them.
const RULES: &[&[RustRule]] = &[
    panics::RULES,
    numbers::RULES,
    locks::RULES,
    asynchronous::RULES,
    execution::RULES,
    memory::RULES,
    performance::RULES,
    results::RULES,
    secret::RULES,
];

/// Where a rule looks from.
struct Cx<'a> {
    file: &'a RustFile,
    around: &'a Around,
}

impl Cx<'_> {
    /// A piece of the text without its white space.
    fn squeezed(&self, range: std::ops::Range<usize>) -> String {
        read::squeeze(self.file.slice(range))
    }

    /// The innermost function's text without white space, if the budget still has room for looking at it.
    fn function_text(&self) -> Option<&str> {
        let function = self.around.functions.last()?;
        let text = function
            .squeezed
            .get_or_init(|| read::squeeze(self.file.slice(function.range.clone())));
        self.around.pay(text.len() as u64 / 64 + 1).then_some(text.as_str())
    }
}

/// Every rule, for lists of them.
#[cfg(test)]
pub(in super::super) fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().flatten().map(|one| &one.rule)
}

/// What the rules found in a file.
pub(in super::super) struct RustFinds {
    pub(in super::super) hits: Vec<Hit>,
    /// Finds beyond the limit of their rule.
    pub(in super::super) left_out: usize,
    /// Whether not all could be looked at.
    pub(in super::super) is_spent: bool,
}

/// Runs the rules that `wanted` lets through. Must run inside `on_parser_stack`.
pub(in super::super) fn run(
    file: &RustFile,
    is_test: bool,
    wanted: impl Fn(&Rule) -> bool,
) -> RustFinds {
    let rules: Vec<&RustRule> =
        RULES.iter().copied().flatten().filter(|one| wanted(&one.rule)).collect();
    let around = Around::new(file, is_test, MAX_STEPS);
    let (founds, is_spent) = walk::walk(file, around, &rules);
    let left_out = founds.iter().map(|found| found.left_out).sum();
    RustFinds { hits: founds.into_iter().flat_map(Found::into_hits).collect(), left_out, is_spent }
}
