//! `a[b]` that finds nothing: `get` and an answer for nothing.

use syn::Expr;

use super::returns::{ErrorStyle, Returns, missing, returns};
use super::{Edit, Place};
use crate::domain::panic::PanicKind as K;
use crate::source::rust::failing::Node;
use crate::source::rust::file::range_of;
use crate::source::rust::types::{element, has_plain_default, is_number, plain};

/// Methods that change what they are called on.
const MUTATING: &[&str] = &[
    "push",
    "push_str",
    "push_back",
    "push_front",
    "pop",
    "insert",
    "remove",
    "clear",
    "extend",
    "truncate",
    "sort",
    "sort_by",
    "sort_unstable",
    "retain",
    "append",
    "drain",
    "entry",
    "get_mut",
    "iter_mut",
    "fill",
    "swap",
    "reverse",
    "copy_from_slice",
    "clone_from_slice",
];

pub(super) fn edit(place: &Place<'_>) -> Result<Edit, String> {
    let Expr::Index(index) = &place.failing.expr else {
        return Err(
            "the failing call has no pattern; its argument has to be checked before it.".to_owned()
        );
    };
    let is_range = matches!(&*index.index, Expr::Range(_));
    let mutable = is_changed(place);
    let base = place.text_of(&index.expr);
    let key = place.slice(
        index.bracket_token.span.open().byte_range().end
            ..index.bracket_token.span.close().byte_range().start,
    );
    let get = if mutable { "get_mut" } else { "get" };
    let access = format!("{base}.{get}({})", key.trim());
    let what = match place.findings.class.kind {
        K::MissingKey => "there is no entry for this key",
        _ if is_range => "the range lies outside the data",
        _ => "there is no element at this index",
    };
    let title = format!("Handle a missing element in {} instead of panicking", place.function.name);
    match returns(place) {
        Returns::Option => {
            let explanation = format!(
                "`{access}` gives None where `{}` panicked, and `?` returns it: {} already returns an Option. A reviewer should look at whether None means the right thing to its callers here, and at why the index is wrong.",
                place.slice(place.failing.range.clone()),
                place.function.name
            );
            Ok(place.edit(replaced(place, &format!("{access}?"), is_range), title, explanation))
        }
        Returns::Result(style) => {
            let error = missing(place, &style, what).ok_or_else(no_error)?;
            let or = lazily(&style, &error.text);
            let explanation = format!(
                "`{access}` gives None where `{}` panicked; {} then returns an error to its caller.{} A reviewer should look at why the index is wrong.",
                place.slice(place.failing.range.clone()),
                place.function.name,
                error.note
            );
            Ok(place.edit(replaced(place, &format!("{access}{or}?"), is_range), title, explanation))
        }
        Returns::Unit if let_of_reference(place).is_some() => {
            let (name, statement) =
                let_of_reference(place).ok_or("the statement is not simple.")?;
            let text = format!("let Some({name}) = {access} else {{ return }};");
            let explanation = format!(
                "{} returns nothing, so no error can be passed on: with this change it silently does nothing more when the element is missing. A reviewer has to decide whether that is right, or whether the function should return an error.",
                place.function.name
            );
            Ok(place.edit(vec![(statement, text)], title, explanation))
        }
        Returns::Unit | Returns::Value(_) | Returns::Closure => {
            let (range, text) =
                with_default(place, index, &access, is_range, mutable).ok_or_else(no_error)?;
            let explanation = format!(
                "{} cannot return an error here, so a missing element now counts as the empty value (0, false or nothing). This can hide the wrong index: a reviewer has to decide whether that value is right, or whether the function should return an Option or a Result.",
                place.function.name
            );
            Ok(place.edit(vec![(range, text)], title, explanation))
        }
    }
}

/// `.ok_or(…)` where the error costs nothing to make, `.ok_or_else(|| …)` where it does.
pub(super) fn lazily(style: &ErrorStyle, error: &str) -> String {
    match style {
        ErrorStyle::StaticText | ErrorStyle::Boxed => format!(".ok_or({error})"),
        ErrorStyle::Named(_) if !error.contains('(') && !error.contains('{') => {
            format!(".ok_or({error})")
        }
        _ => format!(".ok_or_else(|| {error})"),
    }
}

pub(super) fn no_error() -> String {
    "the function cannot return an error here, and no value is certain to be right instead."
        .to_owned()
}

/// The unwrapped reference in the failing expression's place. `&a[b]` loses its `&`, a value gains `*`.
fn replaced(
    place: &Place<'_>,
    reference: &str,
    is_range: bool,
) -> Vec<(std::ops::Range<usize>, String)> {
    match place.failing.ancestors.first() {
        Some(parent) if matches!(parent.node, Node::Reference(_)) => {
            // `&v[i] as *const T` and the like keep their meaning: the reference is the same.
            vec![(parent.range.clone(), reference.to_owned())]
        }
        _ if place.is_receiver() => vec![(place.failing.range.clone(), reference.to_owned())],
        _ if is_range => vec![(place.failing.range.clone(), format!("*{reference}"))],
        _ => vec![(place.failing.range.clone(), format!("*{reference}"))],
    }
}

/// Whether the element is written to.
fn is_changed(place: &Place<'_>) -> bool {
    let mut inner = place.failing.range.clone();
    for ancestor in &place.failing.ancestors {
        match &ancestor.node {
            Node::Assign(at) | Node::AssignOperation(at) => return inner.end <= *at,
            Node::Reference(mutable) => return *mutable,
            Node::Method(name, dot) => {
                return inner.end <= *dot && MUTATING.contains(&name.as_str());
            }
            Node::Field(_) | Node::Paren | Node::Other => {}
            _ => return false,
        }
        inner = ancestor.range.clone();
    }
    false
}

/// `let name = &a[b];`: the name and the statement's bytes.
fn let_of_reference(place: &Place<'_>) -> Option<(String, std::ops::Range<usize>)> {
    let reference = place.failing.ancestors.first()?;
    if reference.node != Node::Reference(false) {
        return None;
    }
    let statement = place.failing.ancestors.get(1).filter(|a| a.node == Node::Statement)?;
    let parsed: syn::Stmt = syn::parse_str(place.slice(statement.range.clone())).ok()?;
    let syn::Stmt::Local(local) = parsed else { return None };
    let syn::Pat::Ident(ident) = local.pat else { return None };
    (ident.mutability.is_none() && ident.by_ref.is_none())
        .then(|| (ident.ident.to_string(), statement.range.clone()))
}

/// The element or, where the source states a type that has one, its empty value.
fn with_default(
    place: &Place<'_>,
    index: &syn::ExprIndex,
    access: &str,
    is_range: bool,
    mutable: bool,
) -> Option<(std::ops::Range<usize>, String)> {
    if mutable {
        return None;
    }
    let parent = place.failing.ancestors.first()?;
    if is_range {
        // `&[T]` and `&str` both have an empty value.
        return (parent.node == Node::Reference(false))
            .then(|| (parent.range.clone(), format!("{access}.unwrap_or_default()")));
    }
    let held = element(&place.type_of(&index.expr)?)?;
    match &parent.node {
        Node::Field(name) => {
            let owner = crate::source::rust::functions::type_name(plain(&held))?;
            let member: syn::Member = syn::parse_str(name).ok()?;
            let ty = place.types().field_type(&owner, &member)?;
            // Further access would be on the copy.
            let outer = place.failing.ancestors.get(1).map(|a| &a.node);
            let ends =
                !matches!(outer, Some(Node::Field(_) | Node::Method(..) | Node::Reference(_)));
            (is_number(&ty) && ends).then(|| {
                (
                    parent.range.clone(),
                    format!("{access}.map(|item| item.{name}).unwrap_or_default()"),
                )
            })
        }
        Node::Reference(_) => None,
        _ if place.is_receiver() => None,
        _ => (has_plain_default(&held)
            && crate::source::rust::functions::type_name(&held)? != "String")
            .then(|| {
                (range_of(&place.failing.expr), format!("{access}.copied().unwrap_or_default()"))
            }),
    }
}
