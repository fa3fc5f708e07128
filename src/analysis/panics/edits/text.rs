//! A text cut in the middle of a character: cut before it.

use syn::{Expr, RangeLimits};

use super::{Edit, Place, is_repeatable, is_simple_receiver};
use crate::source::rust::file::range_of;

pub(super) fn edit(place: &Place<'_>) -> Result<Edit, String> {
    let title = format!("Cut the text between characters in {}", place.function.name);
    let bounds: Vec<&Expr>;
    let text = match &place.failing.expr {
        Expr::Index(index) => {
            let Expr::Range(range) = &*index.index else {
                return Err("the position is not a range that stands in the code.".to_owned());
            };
            if matches!(range.limits, RangeLimits::Closed(_)) {
                return Err("the range includes its end.".to_owned());
            }
            bounds = range
                .start
                .iter()
                .chain(range.end.iter())
                .map(|bound| &**bound)
                .filter(|bound| !is_boundary_already(bound))
                .collect();
            &*index.expr
        }
        Expr::MethodCall(call)
            if matches!(
                call.method.to_string().as_str(),
                "split_at" | "split_off" | "truncate" | "insert_str" | "insert"
            ) =>
        {
            bounds = call.args.first().into_iter().collect();
            &*call.receiver
        }
        _ => return Err("the failing call has no pattern.".to_owned()),
    };
    if bounds.is_empty() {
        return Err("the range has no positions of its own.".to_owned());
    }
    if !is_repeatable(text) || !is_simple_receiver(text) {
        return Err("the text that is cut is computed in place; give it a name first.".to_owned());
    }
    let name = place.text_of(text);
    let replacements = bounds
        .iter()
        .map(|bound| {
            let range = range_of(*bound);
            let position = place.slice(range.clone()).to_owned();
            (range, format!("{name}.floor_char_boundary({position})"))
        })
        .collect();
    let explanation = format!(
        "floor_char_boundary (stable since Rust 1.91) gives the nearest position at or before the one asked for that does not cut a character of `{name}`, and the text's end if the position lies after it. For ASCII texts nothing changes; others can come out up to three bytes shorter than before. A reviewer has to decide whether the limit is meant in bytes, as it is now, or in characters."
    );
    Ok(place.edit(replacements, title, explanation))
}

/// Positions that cannot cut a character: 0 and what `find`, `len` and their kind return.
fn is_boundary_already(bound: &Expr) -> bool {
    match bound {
        Expr::Lit(literal) => {
            matches!(&literal.lit, syn::Lit::Int(number) if number.base10_digits() == "0")
        }
        Expr::MethodCall(call) => call.method == "floor_char_boundary" || call.method == "len",
        _ => false,
    }
}
