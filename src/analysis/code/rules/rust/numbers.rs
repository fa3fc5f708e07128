//! Numbers that lose something.

use syn::{BinOp, Expr, Lit};

use super::super::{Found, Rule};
use super::read::{bare, path_of, place_of};
use super::{Cx, Look, RustRule};
use crate::domain::fix::{IssueType, Severity};
use crate::source::rust::file::{bytes, range_of};

pub(super) const RULES: &[RustRule] = &[
    RustRule {
        rule: Rule {
            id: "rust/truncated-length",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "`as` drops the upper bits without a word: a length of 65 536 becomes 0. `try_from` says so.",
            same_as: &["clippy::cast_possible_truncation"],
        },
        look: Look::Expr(truncated_length),
    },
    RustRule {
        rule: Rule {
            id: "rust/float-equality",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "This number has no exact binary form; a sum that ought to give it gives a neighbour. Compare the distance with a tolerance.",
            same_as: &["clippy::float_cmp"],
        },
        look: Look::Expr(float_equality),
    },
    RustRule {
        rule: Rule {
            id: "rust/divided-before-multiplied",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "The division drops its remainder first, so that the result is too small by up to the factor, and 0 for small numbers. Multiply first.",
            same_as: &[],
        },
        look: Look::Expr(divided_first),
    },
];

fn truncated_length(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::Cast(cast) = expr else { return };
    let Expr::MethodCall(length) = bare(&cast.expr) else { return };
    let small = match &*cast.ty {
        syn::Type::Path(path) => {
            ["u8", "u16", "i8", "i16"].into_iter().find(|name| path.path.is_ident(name))
        }
        _ => None,
    };
    let (Some(small), Some(place), true) =
        (small, place_of(&length.receiver), length.method == "len" && !cx.around.is_test())
    else {
        return;
    };
    // What callers give, that is: elsewhere a format or an earlier step may bound it.
    let of_caller = cx.around.functions.last().is_some_and(|function| {
        function.is_public && function.of_trait.is_none() && function.type_of(&place).is_some()
    });
    let Some(text) = cx.function_text().filter(|_| of_caller) else { return };
    let lengths = text.matches(&format!("{place}.len()")).count();
    let cast_only = text.matches(&format!("{place}.len()as")).count();
    let looked_at = lengths != cast_only
        || ["MAX", "assert", "try_from", "truncate", "min(", "LIMIT"]
            .iter()
            .any(|sign| text.contains(sign));
    if !looked_at && !is_constant(&place) {
        found.add(
            range_of(expr).start,
            format!("The length of `{place}` is cut to `{small}` and nothing checks that it fits."),
        );
    }
}

fn is_constant(place: &str) -> bool {
    place.chars().all(|c| !c.is_lowercase())
}

fn float_equality(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::Binary(binary) = expr else { return };
    if !matches!(binary.op, BinOp::Eq(_) | BinOp::Ne(_)) || cx.around.is_test() {
        return;
    }
    let inexact = [&binary.left, &binary.right].into_iter().find_map(|side| match bare(side) {
        Expr::Lit(syn::ExprLit { lit: Lit::Float(number), .. }) => {
            let value: f64 = number.base10_parse().ok()?;
            // A multiple of 2⁻²⁰ is exact in both widths.
            ((value * 1_048_576.0).fract() != 0.0).then(|| number.to_string())
        }
        _ => None,
    });
    if let Some(number) = inexact {
        found
            .add(range_of(expr).start, format!("A number is compared with {number} for equality."));
    }
}

/// Only with a whole number as the divisor: then both sides are whole, or it would not compile.
fn divided_first(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::Binary(times) = expr else { return };
    let Expr::Binary(divided) = &*times.left else { return };
    if !matches!(times.op, BinOp::Mul(_))
        || !matches!(divided.op, BinOp::Div(_))
        || cx.around.is_test()
    {
        return;
    }
    let Expr::Lit(syn::ExprLit { lit: Lit::Int(number), .. }) = &*divided.right else { return };
    // Of per cent and the like; `n / 4 * 3` is often meant as it stands.
    let of_hundred =
        number.base10_parse::<u64>().is_ok_and(|value| matches!(value, 100 | 1_000 | 10_000));
    let same = matches!(&*times.right, Expr::Lit(_))
        || path_of(&times.right).is_some_and(|name| is_constant(&name));
    if of_hundred && number.suffix().is_empty() && !same {
        found.add(
            bytes(number.span()).start,
            format!("It is divided by {number} before it is multiplied."),
        );
    }
}
