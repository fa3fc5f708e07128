//! How the enclosing function reports failure, and errors in its own style.

use quote::ToTokens;
use syn::{ReturnType, Type};

use super::Place;
use super::errors::{error_used_before, hint_score, variant};
use crate::source::rust::functions::type_name;
use crate::source::rust::types::argument;

/// What leaves the function at the failing place.
pub(super) enum Returns {
    /// `Option<_>`: `?` on a `None` leaves with `None`.
    Option,
    /// `Result<_, E>`
    Result(ErrorStyle),
    /// Nothing.
    Unit,
    /// A plain value of this type.
    Value(Box<Type>),
    /// The place is in a closure or async block, whose own type is not stated.
    Closure,
}

/// What errors the function returns.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ErrorStyle {
    /// `String`
    Text,
    /// `&'static str`
    StaticText,
    /// `Box<dyn Error>`
    Boxed,
    /// `anyhow::Error`
    Anyhow,
    /// `std::io::Error`
    Io,
    /// A type with this name.
    Named(String),
}

/// Reads the function's return type.
pub(super) fn returns(place: &Place<'_>) -> Returns {
    if place.failing.in_closure() || place.function.signature.asyncness.is_some() && in_async(place)
    {
        return Returns::Closure;
    }
    let ReturnType::Type(_, ty) = &place.function.signature.output else { return Returns::Unit };
    let Type::Path(path) = &**ty else {
        return match &**ty {
            Type::Tuple(tuple) if tuple.elems.is_empty() => Returns::Unit,
            _ => Returns::Value(ty.clone()),
        };
    };
    let Some(last) = path.path.segments.last() else { return Returns::Value(ty.clone()) };
    match last.ident.to_string().as_str() {
        "Option" => Returns::Option,
        "Result" => match argument(last, 1) {
            Some(error) => Returns::Result(style_of(error)),
            None => match alias_style(place, path) {
                Some(style) => Returns::Result(style),
                None => Returns::Value(ty.clone()),
            },
        },
        _ => Returns::Value(ty.clone()),
    }
}

/// An async function's own body takes `?` like any other.
fn in_async(place: &Place<'_>) -> bool {
    place.failing.in_closure()
}

fn style_of(error: &Type) -> ErrorStyle {
    match error {
        Type::Reference(reference) if type_name(&reference.elem).as_deref() == Some("str") => {
            ErrorStyle::StaticText
        }
        Type::Path(path) => {
            let text = path.to_token_stream().to_string().replace(' ', "");
            let name = type_name(error).unwrap_or_default();
            match name.as_str() {
                "String" => ErrorStyle::Text,
                "Box" => ErrorStyle::Boxed,
                "Error" if text.contains("anyhow::") => ErrorStyle::Anyhow,
                "Error" if text.contains("io::") => ErrorStyle::Io,
                _ => ErrorStyle::Named(text.split('<').next().unwrap_or_default().to_owned()),
            }
        }
        other => ErrorStyle::Named(other.to_token_stream().to_string()),
    }
}

/// `Result<T>` with one argument: an alias of the file, or of a well-known crate.
fn alias_style(place: &Place<'_>, path: &syn::TypePath) -> Option<ErrorStyle> {
    let text = path.to_token_stream().to_string().replace(' ', "");
    if text.starts_with("io::Result") || text.starts_with("std::io::Result") {
        return Some(ErrorStyle::Io);
    }
    if text.starts_with("anyhow::Result") {
        return Some(ErrorStyle::Anyhow);
    }
    for item in &place.code.file.tree().items {
        match item {
            syn::Item::Type(alias) if alias.ident == "Result" => {
                if let Type::Path(path) = &*alias.ty {
                    return path
                        .path
                        .segments
                        .last()
                        .and_then(|last| argument(last, 1))
                        .map(style_of);
                }
            }
            syn::Item::Use(item) => {
                let import = item.to_token_stream().to_string().replace(' ', "");
                if import.contains("anyhow::") && import.contains("Result") {
                    return Some(ErrorStyle::Anyhow);
                }
                if import.contains("io::Result") {
                    return Some(ErrorStyle::Io);
                }
            }
            _ => {}
        }
    }
    None
}

/// Source text that makes an error, and what a reviewer should know about the choice.
pub(super) struct ErrorText {
    /// An expression of the function's error type.
    pub(super) text: String,
    /// A sentence, or nothing.
    pub(super) note: String,
}

/// An error for "there is no value". `what` is a short message without quotes or braces.
pub(super) fn missing(place: &Place<'_>, style: &ErrorStyle, what: &str) -> Option<ErrorText> {
    let plain = |text: String| Some(ErrorText { text, note: String::new() });
    let literal = format!("\"{what}\"");
    match style {
        ErrorStyle::Text => plain(format!("{literal}.to_owned()")),
        ErrorStyle::StaticText => plain(literal),
        ErrorStyle::Boxed => plain(literal),
        ErrorStyle::Anyhow => plain(format!("anyhow::anyhow!({literal})")),
        ErrorStyle::Io => plain(format!("std::io::Error::other({literal})")),
        ErrorStyle::Named(name) => {
            // The function's own error if its name speaks of something missing; else a variant of which
            // that is true; else the function's own after all.
            let used = error_used_before(place, name);
            match used {
                Some(used) if hint_score(&used.text) > 0 => Some(used),
                used => variant(place, name, what, None).or(used),
            }
        }
    }
}

/// How an error value is passed on: the text that takes the place of `.unwrap()`, `?` included.
pub(super) fn pass_on(
    place: &Place<'_>,
    style: &ErrorStyle,
    error: Option<&str>,
) -> Option<ErrorText> {
    let plain = |text: &str| Some(ErrorText { text: text.to_owned(), note: String::new() });
    // Debug is what unwrap needed, so it is there for every error; Display need not be.
    let display = error.is_some_and(is_standard_error);
    let shown = if display { "error.to_string()" } else { "format!(\"{error:?}\")" };
    match style {
        ErrorStyle::Text => plain(&format!(".map_err(|error| {shown})?")),
        ErrorStyle::StaticText => plain(".map_err(|_| \"the value could not be read\")?"),
        ErrorStyle::Boxed | ErrorStyle::Anyhow if display => plain("?"),
        ErrorStyle::Boxed => plain(&format!(".map_err(|error| {shown})?")),
        ErrorStyle::Anyhow => plain(".map_err(|error| anyhow::anyhow!(\"{error:?}\"))?"),
        ErrorStyle::Io if error == Some("Os") => plain("?"),
        ErrorStyle::Io => plain(&format!(".map_err(|error| std::io::Error::other({shown}))?")),
        ErrorStyle::Named(name) => {
            let last = name.rsplit("::").next().unwrap_or(name);
            if error.is_some_and(|error| error == last || converts(place, last, error)) {
                return plain("?");
            }
            let made = variant(place, name, "", Some((error.unwrap_or_default(), shown)))?;
            Some(made)
        }
    }
}

/// Errors of the standard library that implement `Error` (and so `Display`).
fn is_standard_error(error: &str) -> bool {
    matches!(
        error,
        "ParseIntError"
            | "ParseFloatError"
            | "ParseBoolError"
            | "ParseCharError"
            | "AddrParseError"
            | "CharTryFromError"
            | "TryFromIntError"
            | "TryFromSliceError"
            | "Os"
            | "NotPresent"
            | "FromUtf8Error"
            | "Utf8Error"
            | "RecvError"
    )
}

/// Whether the repository has `impl From<error> for name` or a variant marked `#[from] error`.
fn converts(place: &Place<'_>, name: &str, error: &str) -> bool {
    if error.is_empty() {
        return false;
    }
    let error = if error == "Os" { "Error" } else { error };
    let from = format!("{error}> for {name}");
    if !place.library.files_with(&from, place.path).is_empty() {
        return true;
    }
    place
        .library
        .find_type(name, place.path, |_, _, item| {
            let syn::Item::Enum(item) = item else { return None };
            item.variants
                .iter()
                .flat_map(|variant| variant.fields.iter())
                .any(|field| {
                    type_name(&field.ty).as_deref() == Some(error)
                        && field.attrs.iter().any(|attribute| attribute.path().is_ident("from"))
                })
                .then_some(())
        })
        .is_some()
}
