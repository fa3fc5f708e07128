//! What the rules of several languages look for inside texts: SQL, and regular expressions that take
//! very long.

/// How a statement begins that reads or changes data.
const STATEMENTS: &[(&str, &[&str])] = &[
    ("select ", &[" from "]),
    ("insert into ", &[]),
    ("insert or ", &[" into "]),
    ("replace into ", &[]),
    ("update ", &[" set "]),
    ("delete from ", &[]),
    ("drop table ", &[]),
    ("alter table ", &[]),
];

/// Longer texts are not looked at beyond this, in bytes.
const MAX_LOOK_BYTES: usize = 2_048;

/// Whether a text, with its holes left out or filled with anything, is an SQL statement.
pub(super) fn is_sql(text: &str) -> bool {
    let small: String = text
        .trim_start()
        .chars()
        .take(MAX_LOOK_BYTES)
        .map(|c| if c.is_whitespace() { ' ' } else { c.to_ascii_lowercase() })
        .collect();
    let padded = format!("{small} ");
    STATEMENTS.iter().any(|(start, then)| {
        small.starts_with(start) && then.iter().all(|word| padded.contains(word))
    })
}

/// Stands for what is put into a text while the code runs.
pub(super) const HOLE: char = '\u{0}';

/// Of each hole of a statement, whether a value stands there; elsewhere stand names of tables and columns,
/// for which drivers have no placeholders.
pub(super) fn value_holes(text: &str) -> impl Iterator<Item = bool> {
    text.match_indices(HOLE).map(|(at, _)| {
        let mut from = at.saturating_sub(40);
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        let before = text[from..at].trim_end().to_ascii_lowercase();
        let word = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        before.ends_with(['=', '<', '>', '\'', '"', '%'])
            || matches!(word, "like" | "between" | "limit" | "offset" | "values")
            || before.ends_with("in (")
            || before.ends_with("values (")
    })
}

/// The text with `%s`, `%(name)s` and the like as holes; `%%` is no hole.
pub(super) fn percent_holes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let named = after
            .strip_prefix('(')
            .and_then(|inside| inside.split_once(')'))
            .map(|(_, after)| after);
        let after = named.unwrap_or(after);
        out.push(HOLE);
        rest = after.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(after);
    }
    out.push_str(rest);
    out
}

/// The text with `{}`, `{name}` and the like as holes; `{{` is no hole.
pub(super) fn brace_holes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('{') {
            out.push('{');
            rest = after;
            continue;
        }
        out.push(HOLE);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Whether a regular expression has one piece that repeats without bound and is itself repeated without
/// bound, with something after it that can fail: `(a+)+$`. Backtracking engines take exponential time on
/// texts that almost match.
pub(super) fn backtracks(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    if bytes.len() > MAX_LOOK_BYTES {
        return false;
    }
    let mut opened: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => at = class_end(bytes, at),
            b'(' => opened.push(at),
            b')' => {
                let Some(from) = opened.pop() else { return false };
                let repeated = matches!(bytes.get(at + 1), Some(b'+' | b'*'));
                let possessive = matches!(bytes.get(at + 2), Some(b'+'));
                let rest = bytes.get(at + 2..).unwrap_or_default();
                let rest = rest.strip_prefix(b"?").unwrap_or(rest);
                if repeated
                    && !possessive
                    && !rest.is_empty()
                    && is_one_repeated(&bytes[from + 1..at])
                {
                    return true;
                }
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// The index of the `]` that closes a class.
fn class_end(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    if bytes.get(at) == Some(&b'^') {
        at += 1;
    }
    if bytes.get(at) == Some(&b']') {
        at += 1;
    }
    while at < bytes.len() && bytes[at] != b']' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}

/// Whether what is in a group is one character or class with `+` or `*`, and nothing else.
fn is_one_repeated(inside: &[u8]) -> bool {
    let inside = inside.strip_prefix(b"?:").unwrap_or(inside);
    let atom = match inside.first() {
        Some(b'\\') => 2,
        Some(b'[') => class_end(inside, 0) + 1,
        Some(b'(' | b')' | b'^' | b'$' | b'|' | b'?' | b'*' | b'+') | None => return false,
        Some(_) => 1,
    };
    matches!(inside.get(atom..), Some(b"+" | b"*" | b"+?" | b"*?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_is_told_from_prose() {
        for text in
            ["SELECT a FROM b WHERE c = ", "\n  update t\n set x = ", "DELETE FROM t WHERE id = "]
        {
            assert!(is_sql(text), "{text}");
        }
        for text in [
            "Select a file",
            "update the cache",
            "delete this",
            "selected from the list",
            "Insert coin",
        ] {
            assert!(!is_sql(text), "{text}");
        }
    }

    #[test]
    fn holes_for_values_are_told_from_holes_for_names() {
        let kinds = |text: &str| value_holes(text).collect::<Vec<_>>();
        assert_eq!(
            kinds(&percent_holes("SELECT %s FROM %s WHERE %s = %%s AND a='%s'")),
            [false, false, false, true]
        );
        assert_eq!(kinds(&brace_holes("UPDATE {} SET {{}} = {x} LIMIT {}")), [false, true, true]);
        assert_eq!(kinds(&percent_holes("100%")), [false]);
        assert_eq!(kinds(&brace_holes("a = {")), [true]);
    }

    #[test]
    fn only_a_repeated_repetition_backtracks() {
        for pattern in [r"^(a+)+$", r"(\w*)*x", r"^(?:[a-z]+)*$", r"([^)]+)+;"] {
            assert!(backtracks(pattern), "{pattern}");
        }
        for pattern in [
            r"(a+)",
            r"(a+b)+$",
            r"(a+)+",
            r"\(a+\)+$",
            r"[(a+)+$]",
            r"(a|b)+$",
            "(",
            "a)+",
            "[",
            "\\",
        ] {
            assert!(!backtracks(pattern), "{pattern}");
        }
    }
}
