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
