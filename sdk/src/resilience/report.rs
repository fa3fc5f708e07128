//! How the parts of this module speak to the SDK's core.

use serde_json::Value;

use crate::{Breadcrumb, Level, add_breadcrumb, capture_message, with_scope};

/// Keeps something for the next event. `category` is the part's own name, such as `retry`.
pub(super) fn breadcrumb(category: &str, level: Level, message: String, data: &[(&str, Value)]) {
    let start = Breadcrumb::new(message).category(category).level(level);
    let whole = data.iter().fold(start, |crumb, (key, value)| crumb.data(*key, value.clone()));
    add_breadcrumb(whole);
}

/// Reports a message. Events with the same `fingerprint` are one issue, whatever numbers are in the
/// message.
pub(super) fn message(level: Level, message: &str, fingerprint: &[&str], context: Value) {
    let configure = |scope: &mut crate::Scope| {
        scope.set_fingerprint(fingerprint.iter().map(|part| (*part).to_owned()).collect());
        scope.set_context("resilience", context);
    };
    with_scope(configure, || capture_message(message, level));
}

/// The name under which errors of a type are counted: the last part of its path, or more of it if that
/// is only `Error`. `std::io::error::Error` is `io::error::Error`; it is a piece of the type's own name,
/// so that nothing is allocated.
pub(super) fn error_type<E: ?Sized>() -> &'static str {
    short_name(std::any::type_name::<E>())
}

fn short_name(full: &'static str) -> &'static str {
    let plain = full.trim_start_matches('&').trim_start_matches("dyn ");
    let end = plain.find(['<', ' ']).unwrap_or(plain.len());
    let path = plain[..end].trim_end_matches(':');
    let mut begin = path.len();
    for part in path.rsplit("::") {
        begin -= part.len();
        if !part.eq_ignore_ascii_case("error") {
            break;
        }
        begin = begin.saturating_sub("::".len());
    }
    let name = path[begin..].trim_start_matches(':');
    if name.is_empty() { full } else { name }
}

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn a_type_has_a_short_name_that_still_tells_it_apart() {
        for (full, short) in [
            ("std::io::error::Error", "io::error::Error"),
            ("core::num::error::ParseIntError", "ParseIntError"),
            ("sqlx_core::error::Error", "sqlx_core::error::Error"),
            ("dyn core::error::Error + core::marker::Send", "core::error::Error"),
            ("alloc::boxed::Box<dyn core::error::Error>", "Box"),
            ("&app::db::QueryError<alloc::string::String>", "QueryError"),
            ("app::job::{{closure}}::JobError", "JobError"),
            ("Error", "Error"),
            ("()", "()"),
        ] {
            assert_eq!(short_name(full), short);
        }
    }
}
