//! Version 1 of grouping, kept as it was: databases hold its digests, and a changed bit would split
//! every issue of theirs. Nothing here may change; what is to be better goes into a later version.
//!
//! In this order: the sender's own fingerprint; else the exception's type and its in-app frames; else
//! the message with all that varies taken out.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256};

use crate::domain::backtrace::PANIC_TYPE;
use crate::domain::event::{Event, Exception, Frame};
use crate::domain::panic;

/// The grouping's version: part of every fingerprint, so that a changed rule never mixes with an old one.
pub(super) const VERSION: &str = "1";

/// What a sender writes in its fingerprint for "and the usual grouping".
const DEFAULT_MARKER: &str = "{{ default }}";

/// Bytes of the hash that are kept; 128 bits cannot collide by accident.
const FINGERPRINT_BYTES: usize = 16;

/// Frames that are looked at, innermost first; deep recursion must not make every depth an issue.
const MAX_GROUPING_FRAMES: usize = 64;

/// The event's fingerprint: 32 hexadecimal digits.
pub(super) fn fingerprint(event: &Event) -> String {
    let mut parts = String::with_capacity(256);
    match event.fingerprint.as_deref() {
        Some(own) if !own.is_empty() => {
            // However often the marker comes, what it stands for is found once.
            let mut usual = None;
            for part in own {
                if is_default_marker(part) {
                    parts.push_str(usual.get_or_insert_with(|| {
                        let mut usual = String::new();
                        default_parts(event, &mut usual);
                        usual
                    }));
                } else {
                    push(&mut parts, "own", part);
                }
            }
        }
        _ => default_parts(event, &mut parts),
    }
    let mut hash = Sha256::new();
    hash.update(VERSION);
    hash.update(&parts);
    hex::encode(&hash.finalize()[..FINGERPRINT_BYTES])
}

fn is_default_marker(part: &str) -> bool {
    part.chars()
        .filter(|c| !c.is_whitespace())
        .eq(DEFAULT_MARKER.chars().filter(|c| !c.is_whitespace()))
}

/// Appends `kind` and `value` so that no two different lists of parts read the same.
fn push(parts: &mut String, kind: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = write!(parts, "\u{1}{kind}\u{2}{}\u{2}{value}", value.len());
}

/// The parts of the usual grouping.
pub(super) fn default_parts(event: &Event, parts: &mut String) {
    match event.exception() {
        Some(exception) => exception_parts(exception, parts),
        None => {
            let message = event.message.as_deref().unwrap_or_default();
            push(parts, "message", &parameterise(message));
        }
    }
}

fn exception_parts(exception: &Exception, parts: &mut String) {
    let ty = exception.ty.as_deref().unwrap_or_default();
    push(parts, "type", ty);
    // All Rust panics have one type; their kinds are what other languages' types are.
    if ty == PANIC_TYPE {
        let kind = panic::classify(exception.value.as_deref().unwrap_or_default()).kind;
        push(parts, "kind", kind.as_str());
    }
    let frames = exception.stacktrace.as_ref().map_or(&[][..], |s| &s.frames[..]);
    let in_app = frames.iter().any(|f| f.in_app == Some(true));
    let mut last = String::new();
    let mut used = 0;
    for frame in frames.iter().rev().filter(|f| !in_app || f.in_app == Some(true)) {
        let key = frame_key(frame);
        // A function that calls itself counts once.
        if key.is_empty() || key == last {
            continue;
        }
        push(parts, "frame", &key);
        last = key;
        used += 1;
        if used == MAX_GROUPING_FRAMES {
            break;
        }
    }
    if used == 0 {
        push(parts, "value", &parameterise(exception.value.as_deref().unwrap_or_default()));
    }
}

/// What names a frame: the function where it has a name, else file and line.
fn frame_key(frame: &Frame) -> String {
    match frame.function.as_deref() {
        Some(function) if !function.is_empty() && function != "<unknown>" => {
            let function = normalise_function(function);
            match frame.module.as_deref() {
                Some(module) if !function.starts_with(module) => format!("{module}::{function}"),
                _ => function,
            }
        }
        _ => match (frame.filename.as_deref().or(frame.abs_path.as_deref()), frame.lineno) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (Some(file), None) => file.to_owned(),
            _ => String::new(),
        },
    }
}

/// A function's name without what the compiler added: hashes, closure markers and their numbers.
fn normalise_function(function: &str) -> String {
    static GENERATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(::h[0-9a-f]{16}$)|(::\{\{?(closure|async_block|async_fn)[^}]*\}\}?)").ok()
    });
    match GENERATED.as_ref() {
        Some(generated) => generated.replace_all(function, "").into_owned(),
        None => function.to_owned(),
    }
}

/// The message with numbers, ids, addresses, dates and the like replaced by their kind.
fn parameterise(message: &str) -> String {
    static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)",
            r"|(?P<email>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)",
            r"|(?P<date>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)",
            r"|(?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b)",
            r"|(?P<address>\b0[xX][0-9a-fA-F]+\b)",
            r"|(?P<hex>\b[0-9a-fA-F]{6,}\b)",
            r"|(?P<number>[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)",
        ))
        .ok()
    });
    let Some(variable) = VARIABLE.as_ref() else { return message.to_owned() };
    variable
        .replace_all(message, |found: &regex::Captures<'_>| {
            let kind = ["uuid", "email", "date", "ip", "address", "hex", "number"]
                .into_iter()
                .find(|kind| found.name(kind).is_some());
            match (kind, &found[0]) {
                // A word of hexadecimal letters only may be just a word: "defaced".
                (Some("hex"), word) if !word.bytes().any(|b| b.is_ascii_digit()) => word.to_owned(),
                (Some("hex"), word) if word.bytes().all(|b| b.is_ascii_digit()) => {
                    "<number>".to_owned()
                }
                (kind, _) => format!("<{}>", kind.unwrap_or("value")),
            }
        })
        .into_owned()
}

#[cfg(test)]
#[path = "v1_tests.rs"]
mod tests;
