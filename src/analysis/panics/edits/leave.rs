//! How a function can be left, or a loop ended, at a place where it cannot go on.

use syn::{Expr, Type};

use super::Place;
use super::errors::error_elsewhere;
use super::returns::{Returns, missing, returns};
use crate::source::rust::failing::Node;
use crate::source::rust::functions::type_name;

/// Types that have a value of their own to fall back to.
const WITH_DEFAULT: &[&str] = &[
    "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "String", "Vec", "VecDeque", "HashMap", "BTreeMap", "HashSet",
    "BTreeSet", "PathBuf",
];

/// A statement that leaves, without its semicolon, and what that means.
pub(super) struct Leave {
    pub(super) text: String,
    /// Ends a sentence that begins with "the function" or "the loop".
    pub(super) says: String,
}

/// The best way to leave, if there is one. `what` is a short message without quotes or braces.
pub(super) fn leave(place: &Place<'_>, what: &str) -> Option<Leave> {
    let given =
        |text: &str, says: &str| Some(Leave { text: text.to_owned(), says: says.to_owned() });
    let in_loop = ends_loop(place);
    match returns(place) {
        Returns::Option => given("return None", "returns None to its caller, as it does elsewhere"),
        Returns::Result(style) => {
            let error = missing(place, &style, what).or_else(|| error_elsewhere(place));
            match error {
                Some(error) => Some(Leave {
                    text: format!("return Err({})", error.text),
                    says: format!("returns an error to its caller.{}", error.note),
                }),
                None if in_loop => given("break", "goes no further in its loop"),
                None => None,
            }
        }
        _ if in_loop => given("break", "goes no further in its loop"),
        Returns::Unit => given("return", "silently does nothing more"),
        Returns::Value(ty) if type_name(&ty).as_deref() == Some("bool") => {
            given("return false", "says false")
        }
        Returns::Value(ty) if has_default(&ty) => {
            given("return Default::default()", "gives the empty value (0, false or nothing)")
        }
        Returns::Value(_) | Returns::Closure => None,
    }
}

/// Only ways that say that something went wrong: for checks that the program makes on purpose.
pub(super) fn refuse(place: &Place<'_>, what: &str) -> Option<Leave> {
    leave(place, what)
        .filter(|one| one.text.starts_with("return None") || one.text.starts_with("return Err"))
}

fn has_default(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            path.qself.is_none()
                && type_name(ty).is_some_and(|name| WITH_DEFAULT.contains(&name.as_str()))
        }
        Type::Reference(reference) if reference.mutability.is_none() => match &*reference.elem {
            Type::Slice(_) => true,
            Type::Path(path) => path.path.is_ident("str"),
            _ => false,
        },
        Type::Tuple(tuple) => tuple.elems.iter().all(has_default) && tuple.elems.len() <= 12,
        _ => false,
    }
}

/// Whether `break` where the statement stands ends a `for` or `while` of the same function.
fn ends_loop(place: &Place<'_>) -> bool {
    let around = place.failing.ancestors.iter();
    for one in around.skip_while(|one| one.node != Node::Statement) {
        match one.node {
            Node::Closure | Node::Async => return false,
            Node::Loop => {
                let head = place.slice(one.range.clone()).trim_start();
                let expr = syn::parse_str::<Expr>(place.slice(one.range.clone()));
                let is_plain = matches!(expr, Ok(Expr::ForLoop(_) | Expr::While(_)));
                return is_plain && !head.starts_with('\'');
            }
            _ => {}
        }
    }
    false
}
