//! Small tools for names and paths, byte by byte.

/// At most `max` bytes of `text`, cut between characters.
pub(super) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// The folders and the file of a path, whatever separates them.
pub(super) fn components(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split(['/', '\\']).filter(|part| !part.is_empty())
}

/// The last component.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// Whether `name` is `prefix` or goes on with `joint`: `java` in `java.util`, not in `javac`.
pub(super) fn is_within(name: &str, prefix: &str, joint: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(joint))
}

/// Whether all of a non-empty text are decimal digits.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether it is a hexadecimal number of at least `min` digits, one of them decimal.
pub(super) fn is_hex(text: &str, min: usize) -> bool {
    text.len() >= min
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// Whether a text reads like letters and digits by lot: it changes between digits, small and capital
/// letters at least every third place (a capital before small letters is how words begin).
pub(super) fn is_random(text: &str) -> bool {
    let kind = |b: u8| match b {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    if text.len() < 8 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
        return false;
    }
    let bytes = text.as_bytes();
    let changes = bytes
        .windows(2)
        .filter(|pair| kind(pair[0]) != kind(pair[1]) && (kind(pair[0]), kind(pair[1])) != (2, 1))
        .count();
    changes * 3 >= text.len() && !is_words(text)
}

/// Whether it is words joined by `-` or `_`: they change often, too, but have no capitals among them.
fn is_words(text: &str) -> bool {
    text.contains(['-', '_']) && !text.bytes().any(|b| b.is_ascii_uppercase())
}

/// Whether it is what a bundler writes into file names so that they change with their content.
pub(super) fn is_build_hash(text: &str) -> bool {
    let has = |what: fn(&u8) -> bool| text.bytes().any(|b| what(&b));
    if text.len() < 6 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return false;
    }
    if !has(u8::is_ascii_digit) {
        return is_random(text);
    }
    let letters = has(u8::is_ascii_alphabetic);
    is_hex(text, if letters { 6 } else { 8 })
        || letters && !has(u8::is_ascii_lowercase)
        || is_random(text)
}

/// Whether it is a version: `1.2`, `v3.0.1`, `2.0.0-rc.1`.
pub(super) fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts = text.split(['.', '-', '+']);
    parts.next().is_some_and(is_number) && parts.next().is_some_and(is_number)
}

/// `text` without the digits at its end.
pub(super) fn without_digits(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// `text` without a suffix of `mark` and digits: `load$1` with `$` is `load`.
pub(super) fn without_count<'a>(text: &'a str, mark: &str) -> &'a str {
    let short = without_digits(text);
    if short.len() == text.len() {
        return text;
    }
    short.strip_suffix(mark).unwrap_or(text)
}

/// `text` without everything between `open` and its `close`, nested. What is not closed goes to the
/// end; what closes nothing stays.
pub(super) fn without_brackets(text: &str, open: char, close: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0usize;
    for c in text.chars() {
        if c == open {
            depth += 1;
        } else if c == close && depth > 0 {
            depth -= 1;
        } else if depth == 0 {
            out.push(c);
        }
    }
    out
}
