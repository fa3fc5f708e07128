//! Numbers: plain ones, with units, versions, and those within words.

use super::{Found, NUMBER, digits, ends_word, run};

/// Units of time, as they follow a number directly or after a space.
const TIME_UNITS: &[&str] = &[
    "ns",
    "us",
    "µs",
    "μs",
    "ms",
    "s",
    "sec",
    "secs",
    "second",
    "seconds",
    "min",
    "mins",
    "minute",
    "minutes",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "d",
    "day",
    "days",
    "m",
    "millis",
    "milliseconds",
    "microseconds",
    "nanoseconds",
    "week",
    "weeks",
];

/// Units of size, in the same way.
const SIZE_UNITS: &[&str] = &[
    "b", "B", "kb", "KB", "kB", "MB", "mb", "GB", "gb", "TB", "KiB", "MiB", "GiB", "TiB", "byte",
    "bytes", "K", "M", "G",
];

/// Bytes of the longest unit, so that no more are looked at.
const MAX_UNIT_BYTES: usize = 12;

/// `17`, `-1.5e3`, `1,234,567`, `1.5s`, `1h2m3s`, `10 MiB`, `1.2.3-rc1`
pub(super) fn number(text: &str, sign_counts: bool) -> Option<Found<'_>> {
    let sign = usize::from(sign_counts && text.starts_with(['-', '+']));
    let plain = &text[sign..];
    if digits(plain) == 0 {
        return None;
    }
    if let Some(length) = version(plain) {
        return Some(Found::new(sign + length, "<version>"));
    }
    let mut length = float(plain);
    let mut kind = NUMBER;
    // Several with units are one: `1h2m3s`.
    while let Some((unit, of)) = unit(&plain[length..], kind == NUMBER) {
        kind = of;
        length += unit;
        match digits(&plain[length..]) {
            0 => break,
            _ => length += float(&plain[length..]),
        }
    }
    Some(Found::new(sign + length, kind))
}

/// Whether a word is a number with an exponent, as `1e6` is.
pub(super) fn is_float(word: &str) -> bool {
    float(word) == word.len()
}

/// The bytes of `1,234.5e-6` at the beginning.
fn float(text: &str) -> usize {
    let mut length = digits(text);
    if length <= 3 {
        while text[length..].starts_with(',') && digits(&text[length + 1..]) == 3 {
            length += 4;
        }
    }
    if text[length..].starts_with('.') {
        let fraction = digits(&text[length + 1..]);
        if fraction > 0 {
            length += 1 + fraction;
        }
    }
    if text[length..].starts_with(['e', 'E']) {
        let rest = &text[length + 1..];
        let sign = usize::from(rest.starts_with(['-', '+']));
        let exponent = digits(&rest[sign..]);
        if exponent > 0 && ends_word(&rest[sign + exponent..]) {
            length += 1 + sign + exponent;
        }
    }
    length
}

/// The bytes of a unit at the beginning, and what it makes of a number.
fn unit(text: &str, may_be_apart: bool) -> Option<(usize, &'static str)> {
    let space = usize::from(may_be_apart && text.starts_with(' '));
    let rest = &text[space..];
    let rest = &rest[..rest.floor_char_boundary(MAX_UNIT_BYTES + 1)];
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let word = &rest[..end];
    // A letter by itself after a space may be anything; `3m20s` goes on with a digit.
    if word.is_empty() || space == 1 && word.len() < 2 || rest[end..].starts_with('_') {
        return None;
    }
    if space == 1 && rest[end..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let kind = if TIME_UNITS.contains(&word) {
        "<duration>"
    } else if SIZE_UNITS.contains(&word) {
        "<size>"
    } else {
        return None;
    };
    Some((space + end, kind))
}

/// The bytes of `1.2.3`, `1.2.3-rc1` at the beginning: three numbers or more.
fn version(text: &str) -> Option<usize> {
    let (mut length, mut parts) = (0, 0);
    loop {
        let part = digits(&text[length..]);
        if part == 0 {
            return None;
        }
        length += part;
        parts += 1;
        let goes_on = text[length..].strip_prefix('.').is_some_and(|rest| digits(rest) > 0);
        if !goes_on {
            break;
        }
        length += 1;
    }
    if parts < 3 {
        return None;
    }
    let rest = &text[length..];
    if let Some(tail) = rest.strip_prefix(['-', '+'])
        && run(tail) > 0
    {
        length += 1 + run(tail);
    }
    ends_word(&text[length..]).then_some(length)
}

/// Copies a word with the numbers in it replaced, and says how long it was.
pub(super) fn copy_word(text: &str, out: &mut String) -> usize {
    let word = &text[..run(text)];
    let mut rest = word;
    while !rest.is_empty() {
        let letters = rest.bytes().position(|b| b.is_ascii_digit()).unwrap_or(rest.len());
        out.push_str(&rest[..letters]);
        rest = &rest[letters..];
        if !rest.is_empty() {
            out.push_str(NUMBER);
            rest = &rest[digits(rest)..];
        }
    }
    word.len()
}
