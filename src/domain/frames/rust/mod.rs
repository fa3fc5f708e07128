//! Rust. [`is_in_app`] and what belongs to it serve everybody who looks for the application's frames.

mod in_app;

use std::borrow::Cow;

pub use in_app::{crate_of, is_foreign_path, is_in_app, is_machinery};

use super::text::is_hex;
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct Rust;

impl Dialect for Rust {
    fn by_path(&self, path: &str) -> Option<Origin> {
        is_foreign_path(path).then_some(Origin::Library)
    }

    fn by_place(&self, frame: &Frame) -> Option<Origin> {
        // A file's name without a folder is nobody's.
        let within = |path: &str| path.contains(['/', '\\']) && is_foreign_path(path);
        let short = frame.filename.as_deref().filter(|_| frame.abs_path.is_some());
        let foreign = frame.path().is_some_and(within) || short.is_some_and(within);
        let machinery = || frame.function.as_deref().is_some_and(is_machinery);
        foreign.then(|| if machinery() { Origin::Machinery } else { Origin::Library })
    }

    fn by_name(&self, frame: &Frame) -> Option<Origin> {
        frame.function.as_deref().is_some_and(is_machinery).then_some(Origin::Machinery)
    }

    fn by_default(&self, frame: &Frame) -> Origin {
        if is_in_app(frame) { Origin::App } else { Origin::Library }
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name == "<unknown>" {
            return Cow::Borrowed("");
        }
        let hashed = name.len() > HASH_BYTES
            && name.as_bytes()[name.len() - HASH_BYTES..].starts_with(b"::h");
        if hashed || name.bytes().any(|b| matches!(b, b'[' | b'{' | b'<' | b'.')) {
            return clean(name);
        }
        Cow::Borrowed(name)
    }

    fn is_qualified(&self, function: &str) -> bool {
        function.contains("::")
    }

    fn joint(&self) -> &'static str {
        "::"
    }
}

/// Bytes of `::h0123456789abcdef` at the end of a name.
const HASH_BYTES: usize = 19;

/// A path without closures, hashes, generic arguments and what LLVM appends.
fn clean(name: &str) -> Cow<'_, str> {
    let mut rest = match name.find(".llvm.") {
        Some(at) => &name[..at],
        None => name,
    };
    let mut out = String::new();
    while let Some(at) = rest.find([':', '[']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let after = match from.strip_prefix('[') {
            // `std[e28293b1aa0f68bd]::io`
            Some(hash) => hash.split_once(']').filter(|(hash, _)| is_hex(hash, 16)).map(|(_, r)| r),
            None => from.strip_prefix("::").and_then(made_up),
        };
        match after {
            Some(after) => rest = after,
            None => {
                // A whole `::`, so that its second half is not looked at again.
                let length = if from.starts_with("::") { 2 } else { 1 };
                out.push_str(&from[..length]);
                rest = &from[length..];
            }
        }
    }
    out.push_str(rest);
    if out.len() == name.len() { Cow::Borrowed(name) } else { Cow::Owned(out) }
}

/// What follows a made-up component at the beginning of `part`, if it begins with one.
fn made_up(part: &str) -> Option<&str> {
    // `{{closure}}`, `{closure#0}`, `{impl#3}`, `{async_block_env#0}`, `{shim:vtable#0}`
    if let Some(inner) = part.strip_prefix('{') {
        let after = &inner[inner.find('}')? + 1..];
        return Some(after.strip_prefix('}').unwrap_or(after));
    }
    // `h0123456789abcdef` at the end
    if let Some(hash) = part.strip_prefix('h')
        && hash.len() == 16
        && hash.bytes().all(|b| b.is_ascii_hexdigit())
    {
        return Some("");
    }
    // `<u32>` of `parse::<u32>`, but not `<impl Trait for T>`
    let inner = part.strip_prefix('<').filter(|inner| !inner.starts_with("impl "))?;
    let mut depth = 1usize;
    let mut arrow = false;
    for (at, c) in inner.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if !arrow => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&inner[at + 1..]);
        }
        arrow = c == '-';
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frames::tests::functions;

    #[test]
    fn names_lose_what_the_compiler_made_up() {
        functions(
            &Rust,
            &[
                ("orders::cart::total", "orders::cart::total"),
                ("orders::cart::total::h0123456789abcdef", "orders::cart::total"),
                ("orders::cart::total::{{closure}}", "orders::cart::total"),
                (
                    "orders::cart::total::{{closure}}::{{closure}}::h00aabbccddeeff00",
                    "orders::cart::total",
                ),
                ("orders::cart::total::{closure#0}", "orders::cart::total"),
                ("orders::cart::total::{async_fn_env#0}::{closure#1}", "orders::cart::total"),
                ("orders[8f2a1b3c4d5e6f70]::cart::total", "orders::cart::total"),
                ("orders::parse::<u32>", "orders::parse"),
                ("orders::parse::<alloc::vec::Vec<fn(u8) -> u8>>::{closure#2}", "orders::parse"),
                ("orders::total.llvm.1234567890", "orders::total"),
                (
                    "orders::inner::<impl core::str::traits::FromStr for orders::Cart>::from_str",
                    "orders::inner::<impl core::str::traits::FromStr for orders::Cart>::from_str",
                ),
                (
                    "<orders::Cart as core::fmt::Display>::fmt",
                    "<orders::Cart as core::fmt::Display>::fmt",
                ),
                ("<unknown>", ""),
                ("main", "main"),
            ],
        );
    }
}
