//! Errors of the function's own style for the failing place: one that it returns elsewhere, or a variant whose
//! name fits.

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Expr, Type};

use super::Place;
use super::returns::ErrorText;
use crate::source::rust::file::range_of;
use crate::source::rust::functions::type_name;

/// Any error that the function itself already returns, whatever its type is called.
pub(super) fn error_elsewhere(place: &Place<'_>) -> Option<ErrorText> {
    error_used_before(place, "")
}

/// An error that the function itself already returns, made of names that are known at the place too.
pub(super) fn error_used_before(place: &Place<'_>, name: &str) -> Option<ErrorText> {
    struct Errors<'n> {
        name: &'n str,
        found: Vec<Expr>,
    }
    impl<'ast> Visit<'ast> for Errors<'_> {
        fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
            if let Expr::Path(path) = &*call.func
                && path.path.is_ident("Err")
                && let Some(argument) = call.args.first()
            {
                let text = argument.to_token_stream().to_string().replace(' ', "");
                if text.starts_with(self.name) || text.starts_with("Self::") {
                    self.found.push(argument.clone());
                }
            }
            visit::visit_expr_call(self, call);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    }
    let mut errors = Errors { name, found: Vec::new() };
    errors.visit_block(place.function.block);
    let at = place.failing.range.start;
    let usable = errors.found.into_iter().filter(|error| {
        crate::source::rust::facts::names_in(error).iter().all(|name| {
            // Of several bindings of one name only the same one will do.
            let here = place.code.facts.binding(name, at).map(|b| b.at);
            let there = place.code.facts.binding(name, range_of(error).start).map(|b| b.at);
            name.starts_with("self.") || here.is_some() && here == there
        })
    });
    let best = usable.max_by_key(|error| {
        let text = error.to_token_stream().to_string();
        hint_score(&text)
    })?;
    Some(ErrorText {
        text: place.text_of(&best).to_owned(),
        note: " The error is the one that this function returns elsewhere.".to_owned(),
    })
}

/// How well a variant's name fits a missing value.
pub(super) fn hint_score(name: &str) -> usize {
    let name = name.to_lowercase();
    [
        "notfound",
        "missing",
        "unknown",
        "outofrange",
        "outofbounds",
        "index",
        "nosuch",
        "invalid",
        "malformed",
        "bad",
    ]
    .iter()
    .rev()
    .position(|hint| name.contains(hint))
    .map_or(0, |at| at + 1)
}

/// A variant of the repository's own error enum: one that holds the error itself, a text, or nothing.
/// `from`: the error's type name and the text that shows it; then the result is a whole `.map_err(…)?`.
pub(super) fn variant(
    place: &Place<'_>,
    name: &str,
    what: &str,
    from: Option<(&str, &str)>,
) -> Option<ErrorText> {
    let last = name.rsplit("::").next()?;
    let variants = place.library.find_type(last, place.path, |_, _, item| {
        let syn::Item::Enum(item) = item else { return None };
        Some(
            item.variants
                .iter()
                .map(|variant| {
                    let holds: Vec<String> = variant
                        .fields
                        .iter()
                        .map(|field| type_name(&field.ty).unwrap_or_default())
                        .collect();
                    let named = matches!(variant.fields, syn::Fields::Named(_));
                    (variant.ident.to_string(), holds, named)
                })
                .collect::<Vec<_>>(),
        )
    })?;
    let note = |variant: &str| {
        format!(" {name}::{variant} is a guess among the variants of {name}; say whether it fits.")
    };
    let unnamed = || variants.iter().filter(|(_, _, named)| !named);
    if let Some((error, shown)) = from {
        if !error.is_empty()
            && let Some((variant, ..)) =
                unnamed().find(|(_, holds, _)| holds.len() == 1 && holds[0] == error)
        {
            return Some(ErrorText {
                text: format!(".map_err({name}::{variant})?"),
                note: String::new(),
            });
        }
        let texts = unnamed().filter(|(_, holds, _)| holds.len() == 1 && holds[0] == "String");
        if let Some((variant, ..)) = texts.max_by_key(|(variant, ..)| hint_score(variant)) {
            return Some(ErrorText {
                text: format!(".map_err(|error| {name}::{variant}({shown}))?"),
                note: note(variant),
            });
        }
        let units =
            unnamed().filter(|(variant, holds, _)| holds.is_empty() && hint_score(variant) > 0);
        let (variant, ..) = units.max_by_key(|(variant, ..)| hint_score(variant))?;
        return Some(ErrorText {
            text: format!(".map_err(|_| {name}::{variant})?"),
            note: note(variant),
        });
    }
    let fitting = unnamed().filter(|(variant, holds, _)| {
        holds.is_empty() && hint_score(variant) > 0 || holds.len() == 1 && holds[0] == "String"
    });
    let (variant, holds, _) =
        fitting.max_by_key(|(variant, holds, _)| (hint_score(variant), holds.len()))?;
    let text = if holds.is_empty() {
        format!("{name}::{variant}")
    } else {
        match looked_up_text(place) {
            Some(key) => format!("{name}::{variant}({key}.to_owned())"),
            None => format!("{name}::{variant}(\"{what}\".to_owned())"),
        }
    };
    Some(ErrorText { text, note: note(variant) })
}

/// The key of a failing lookup, if it is a plain name of type `&str`.
fn looked_up_text(place: &Place<'_>) -> Option<String> {
    let key = match &place.failing.expr {
        Expr::Index(index) => &*index.index,
        Expr::MethodCall(call) => match &*call.receiver {
            Expr::MethodCall(lookup) => lookup.args.first()?,
            _ => return None,
        },
        _ => return None,
    };
    let Expr::Path(path) = key else { return None };
    match place.type_of(key)? {
        Type::Reference(ty) if type_name(&ty.elem).as_deref() == Some("str") => {
            path.path.get_ident().map(ToString::to_string)
        }
        _ => None,
    }
}
