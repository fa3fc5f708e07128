//! `unwrap` and `expect`: pass the failure on, in the function's own style.

use std::ops::Range;

use syn::{Expr, Type};

use super::index::{lazily, no_error};
use super::returns::{Returns, missing, pass_on, returns};
use super::{Edit, Place};
use crate::domain::panic::PanicKind as K;
use crate::source::rust::failing::Node;
use crate::source::rust::file::{bytes, range_of};
use crate::source::rust::types::{element, has_plain_default, is_number};

pub(super) fn edit(place: &Place<'_>) -> Result<Edit, String> {
    let Expr::MethodCall(call) = &place.failing.expr else {
        return Err(
            "the program stops here on purpose; what has to change lies before it.".to_owned()
        );
    };
    if call.method != "unwrap" && call.method != "expect" {
        return Err("the failing call is neither unwrap nor expect.".to_owned());
    }
    // From the receiver's end, so that a dot on a line of its own goes too.
    let tail = range_of(&call.receiver).end..place.failing.range.end;
    let title = format!(
        "Handle the {} in {} instead of panicking",
        if is_missing(place, call) { "missing value" } else { "error" },
        place.function.name
    );
    if is_missing(place, call) {
        missing_value(place, call, tail, title)
    } else {
        error_value(place, call, tail, title)
    }
}

/// Whether the call met a `None` (not an `Err`).
fn is_missing(place: &Place<'_>, call: &syn::ExprMethodCall) -> bool {
    match place.findings.class.kind {
        K::UnwrapNone => true,
        // On an `Err`, expect prints its own words, a colon and the error; on a `None` only its words.
        K::Custom | K::ExpectFailed => {
            let message = place.findings.class.value("message").unwrap_or_default();
            match call.args.first() {
                Some(Expr::Lit(literal)) => {
                    matches!(&literal.lit, syn::Lit::Str(said) if said.value().trim() == message)
                }
                _ => false,
            }
        }
        _ => false,
    }
}

fn missing_value(
    place: &Place<'_>,
    call: &syn::ExprMethodCall,
    tail: Range<usize>,
    title: String,
) -> Result<Edit, String> {
    let look = "A reviewer should look at why the value was missing.";
    match returns(place) {
        Returns::Option => Ok(place.edit(
            vec![(tail, "?".to_owned())],
            title,
            format!(
                "{} already returns an Option: `?` returns None where it panicked. {look}",
                place.function.name
            ),
        )),
        Returns::Result(style) => {
            let error = missing(place, &style, "a value is missing").ok_or_else(no_error)?;
            let text = format!("{}?", lazily(&style, &error.text));
            Ok(place.edit(
                vec![(tail, text)],
                title,
                format!("{} already returns a Result: the missing value becomes an error for its caller.{} {look}", place.function.name, error.note),
            ))
        }
        Returns::Unit if let_name(place).is_some() => {
            let name = let_name(place).ok_or_else(no_error)?;
            let receiver = range_of(&call.receiver);
            let statement = place.failing.statement().ok_or_else(no_error)?.range.clone();
            let text = format!("let Some({name}) = {} else {{ return }};", place.slice(receiver));
            Ok(place.edit(
                vec![(statement, text)],
                title,
                format!("{} returns nothing, so no error can be passed on: with this change it silently does nothing more when the value is missing. A reviewer has to decide whether that is right, or whether the function should return an error.", place.function.name),
            ))
        }
        Returns::Unit | Returns::Value(_) | Returns::Closure => {
            // `*map.get(key).unwrap()`: the value is copied, and its empty value stands for a missing one.
            let parent = place.failing.ancestors.first().filter(|a| a.node == Node::Deref);
            let (Some(parent), Some(held)) = (parent, lookup_type(place, &call.receiver)) else {
                return Err(no_error());
            };
            if !is_number(&held) && !has_plain_default(&held) {
                return Err(no_error());
            }
            let text =
                format!("{}.copied().unwrap_or_default()", place.slice(range_of(&call.receiver)));
            Ok(place.edit(
                vec![(parent.range.clone(), text)],
                title,
                format!("{} cannot return an error here, so a missing value now counts as the empty one (0 or false). This can hide the fault: a reviewer has to decide whether that value is right, or whether the function should return an Option or a Result.", place.function.name),
            ))
        }
    }
}

fn error_value(
    place: &Place<'_>,
    call: &syn::ExprMethodCall,
    tail: Range<usize>,
    title: String,
) -> Result<Edit, String> {
    let error = match place.findings.class.kind {
        K::IoError => Some("Os"),
        _ => place.findings.class.value("error").filter(|error| is_name(error)),
    };
    let look = "A reviewer should look at whether the caller handles the error well.";
    match returns(place) {
        Returns::Result(style) => {
            let made = pass_on(place, &style, error).ok_or_else(no_error)?;
            Ok(place.edit(
                vec![(tail, made.text)],
                title,
                format!("{} already returns a Result: the error goes to its caller instead of ending the program.{} {look}", place.function.name, made.note),
            ))
        }
        Returns::Option => Ok(place.edit(
            vec![(tail, ".ok()?".to_owned())],
            title,
            format!("{} already returns an Option: an error now becomes None. The error's own words are lost on the way; a reviewer has to decide whether the function should return a Result.", place.function.name),
        )),
        returned @ (Returns::Unit | Returns::Value(_) | Returns::Closure) => {
            let ty = parsed_type(place, call, &returned).ok_or_else(no_error)?;
            if !has_plain_default(&ty) {
                return Err(no_error());
            }
            Ok(place.edit(
                vec![(tail, ".unwrap_or_default()".to_owned())],
                title,
                format!("{} cannot return an error here, so a text that cannot be read now counts as the empty value (0 or false). This can hide wrong input: a reviewer has to decide whether that value is right, or whether the function should return a Result.", place.function.name),
            ))
        }
    }
}

fn is_name(error: &str) -> bool {
    error.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The type that comes out of `….parse().unwrap()`, where the source states it.
fn parsed_type(place: &Place<'_>, call: &syn::ExprMethodCall, returns: &Returns) -> Option<Type> {
    if let Expr::MethodCall(parse) = &*call.receiver {
        if parse.method == "parse" && parse.turbofish.is_some() {
            return place.type_of(&call.receiver);
        }
        if parse.method != "parse" {
            return None;
        }
    }
    // `let n: u32 = ….parse().unwrap();`
    let statement = place.failing.ancestors.first().filter(|a| a.node == Node::Statement)?;
    let parsed: syn::Stmt = syn::parse_str(place.slice(statement.range.clone())).ok()?;
    match (parsed, returns) {
        (syn::Stmt::Local(local), _) => match local.pat {
            syn::Pat::Type(typed) => Some(*typed.ty),
            _ => None,
        },
        // The function's last expression.
        (syn::Stmt::Expr(_, None), Returns::Value(ty))
            if place.failing.ancestors.iter().filter(|a| a.node == Node::Block).count() == 1 =>
        {
            Some((**ty).clone())
        }
        _ => None,
    }
}

/// The type of what `….get(…)` and its kind look up.
fn lookup_type(place: &Place<'_>, receiver: &Expr) -> Option<Type> {
    let Expr::MethodCall(lookup) = receiver else { return None };
    matches!(lookup.method.to_string().as_str(), "get" | "first" | "last")
        .then(|| element(&place.type_of(&lookup.receiver)?))?
}

/// `let name = ….unwrap();`
fn let_name(place: &Place<'_>) -> Option<String> {
    let statement = place.failing.ancestors.first().filter(|a| a.node == Node::Statement)?;
    let parsed: syn::Stmt = syn::parse_str(place.slice(statement.range.clone())).ok()?;
    let syn::Stmt::Local(local) = parsed else { return None };
    let init = local.init?;
    if init.diverge.is_some() {
        return None;
    }
    let syn::Pat::Ident(ident) = local.pat else { return None };
    let mutable = if ident.mutability.is_some() { "mut " } else { "" };
    let _ = bytes(ident.ident.span());
    Some(format!("{mutable}{}", ident.ident))
}
