//! What is enclosed: quoted values and blobs of JSON or its like.

use super::{Found, ends_word};

/// Bytes within which a quotation must end; an apostrophe has no end at all.
const MAX_QUOTED_BYTES: usize = 512;

/// `'…'`, `"…"`, `“…”`, `‘…’`, `«…»`. What stands in backquotes is code and does not vary.
pub(super) fn quoted<'a>(text: &'a str, before: Option<char>) -> Option<Found<'a>> {
    let open = text.chars().next()?;
    let close = match open {
        '\'' | '"' => open,
        '“' | '„' => '”',
        '‘' => '’',
        '«' => '»',
        _ => return None,
    };
    // `don't` and `users'` quote nothing.
    if goes_on(before) {
        return None;
    }
    let start = open.len_utf8();
    let end = text.floor_char_boundary(MAX_QUOTED_BYTES);
    let mut escaped = false;
    for (at, c) in text[start..end.max(start)].char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == close {
            let length = start + at + c.len_utf8();
            let rest = &text[length..];
            if close != '\'' || ends_word(rest) && !rest.starts_with('<') {
                return Some(Found::new(length, "<quoted>"));
            }
        }
    }
    None
}

/// Whether something goes on after `before`: a word, or what a word became.
fn goes_on(before: Option<char>) -> bool {
    before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '>')
}

/// `{"a": 1}`, `[1, 2]`, `{'a': 1}`; one that does not end was cut by somebody and goes to the end.
pub(super) fn json(text: &str, before: Option<char>) -> Option<Found<'_>> {
    let open = text.as_bytes()[0];
    // `items[3]` is a place in a list.
    if !matches!(open, b'{' | b'[') || open == b'[' && goes_on(before) {
        return None;
    }
    let mut inner = text[1..].trim_start().bytes();
    let begins = match (open, inner.next()?) {
        (b'{', b'"' | b'\'' | b'}') | (b'[', b'"' | b'\'' | b'{' | b'[' | b']') => true,
        (b'[', b'-') => inner.next().is_some_and(|b| b.is_ascii_digit()),
        (b'[', b) => b.is_ascii_digit(),
        _ => false,
    };
    if !begins {
        return None;
    }
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for (at, b) in text.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(Found::new(at + 1, "<json>"));
                }
            }
            _ => {}
        }
    }
    Some(Found::new(text.len(), "<json>"))
}
