//! A condition that lets one index too many through: `<=` against a length, `..=` up to one.

use std::ops::Range;

use syn::visit::{self, Visit};
use syn::{BinOp, Expr, RangeLimits};

use super::{Edit, Place};
use crate::domain::panic::PanicKind as K;
use crate::source::rust::facts::BindingKind;
use crate::source::rust::file::{bytes, range_of};

/// The comparison that should exclude the length. `Err`: there is none that clearly does not.
pub(super) fn edit(place: &Place<'_>) -> Result<Edit, String> {
    let none = || "no condition lets exactly one index too many through.".to_owned();
    let Expr::Index(index) = &place.failing.expr else { return Err(none()) };
    let class = &place.findings.class;
    if class.kind != K::IndexOutOfBounds || class.value("index") != class.value("len") {
        return Err(none());
    }
    let Expr::Path(key) = &*index.index else { return Err(none()) };
    let key = key.path.get_ident().ok_or_else(none)?.to_string();
    let base = place.text_of(&index.expr);
    let at = place.failing.range.start;
    // `for i in 0..=v.len()`
    let bound = place.code.facts.binding(&key, at).filter(|one| one.kind == BindingKind::For);
    if let Some(Expr::Range(range)) = bound.and_then(|one| one.value.as_ref())
        && let (RangeLimits::Closed(dots), Some(end)) = (&range.limits, &range.end)
        && is_length_of(end, base, place)
    {
        let [first, _, last] = dots.spans;
        let dots = bytes(first).start..bytes(last).end;
        return Ok(changed(place, dots, "..", base));
    }
    let guards = place.code.facts.guards.iter().filter(|guard| guard.encloses);
    for guard in guards.filter(|guard| guard.names.contains(&key)).rev() {
        if let Some((operator, instead)) = loose(place, guard.range.clone(), &key, base) {
            return Ok(changed(place, operator, instead, base));
        }
    }
    Err(none())
}

/// The comparison in a condition that lets the length through, and what it should be.
fn loose(
    place: &Place<'_>,
    condition: Range<usize>,
    key: &str,
    base: &str,
) -> Option<(Range<usize>, &'static str)> {
    struct Comparisons(Vec<syn::ExprBinary>);
    impl<'ast> Visit<'ast> for Comparisons {
        fn visit_expr_binary(&mut self, one: &'ast syn::ExprBinary) {
            self.0.push(one.clone());
            visit::visit_expr_binary(self, one);
        }
    }
    let mut all = Comparisons(Vec::new());
    all.visit_block(place.function.block);
    let is_key = |expr: &Expr| matches!(expr, Expr::Path(path) if path.path.is_ident(key));
    all.0.into_iter().find_map(|one| {
        let operator = range_of(&one.op);
        if !condition.contains(&operator.start) {
            return None;
        }
        match one.op {
            BinOp::Le(_) if is_key(&one.left) && is_length_of(&one.right, base, place) => {
                Some((operator, "<"))
            }
            BinOp::Ge(_) if is_key(&one.right) && is_length_of(&one.left, base, place) => {
                Some((operator, ">"))
            }
            _ => None,
        }
    })
}

/// Whether an expression is `base.len()`, or a name for it.
fn is_length_of(expr: &Expr, base: &str, place: &Place<'_>) -> bool {
    match expr {
        Expr::MethodCall(call) => call.method == "len" && place.text_of(&call.receiver) == base,
        Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
            let bound = place.code.facts.binding(&name.to_string(), place.failing.range.start);
            matches!(bound.and_then(|one| one.value.as_ref()), Some(value @ Expr::MethodCall(_)) if is_length_of(value, base, place))
        }),
        _ => false,
    }
}

fn changed(place: &Place<'_>, range: Range<usize>, instead: &str, base: &str) -> Edit {
    let was = place.slice(range.clone()).to_owned();
    place.edit(
        vec![(range, instead.to_owned())],
        format!("Exclude the length of `{base}` in {}", place.function.name),
        format!(
            "The last index of `{base}` is one below its length, but `{was}` lets the length itself through, which is the index that failed. A reviewer should look at whether the bound is meant for something else too."
        ),
    )
}
