//! Keys and values inside a text: query strings, forms, cookies, header lines, JSON in a text,
//! `password=…` in a message. Careful where the text may be plain language or code: after `: `, or
//! `=` with spaces around, only what looks like a secret is one (`unexpected token: EOF` stays).

use super::mark::Marks;

/// Bytes before a separator that are looked at for a key.
const MAX_KEY_BYTES: usize = 64;

/// Spaces between a key, its separator and the value.
const MAX_SPACES: usize = 2;

/// Bytes of a value that must look like a secret.
const MIN_DOUBTFUL_BYTES: usize = 6;

/// Words that are no secret.
const NOTHING: &[&[u8]] =
    &[b"null", b"none", b"nil", b"undefined", b"true", b"false", b"None", b"True", b"False"];

/// The ways of saying who one is that an `Authorization` begins with.
const SCHEMES: &[&[u8]] = &[
    b"bearer ",
    b"basic ",
    b"digest ",
    b"token ",
    b"apikey ",
    b"aws4-hmac-sha256 ",
    b"negotiate ",
    b"sentry ",
    b"dsn ",
];

/// Calls `found(start, end, rule)` for the value of each key that `rule_of` names.
pub(super) fn find(
    text: &[u8],
    marks: &Marks,
    rule_of: impl Fn(&[u8]) -> Option<&'static str>,
    mut found: impl FnMut(usize, usize, &'static str),
) {
    let mut at = 0;
    while let Some(step) = text[at..].iter().position(|b| matches!(b, b'=' | b':')) {
        let separator = at + step;
        at = separator + 1;
        let Some(pair) = Pair::around(text, separator) else { continue };
        let Some(rule) = rule_of(pair.key) else { continue };
        if let Some((start, end)) = pair.secret(text, marks, rule) {
            found(start, end, rule);
            at = end.max(at);
        }
    }
}

/// What stands around a separator.
struct Pair<'t> {
    key: &'t [u8],
    key_is_quoted: bool,
    /// `=` or `:`.
    separator: u8,
    spaced: bool,
    /// Where the value begins, its quotes included.
    value: usize,
}

impl<'t> Pair<'t> {
    fn around(text: &'t [u8], separator: usize) -> Option<Self> {
        let sign = text[separator];
        let after_sign = match (sign, text.get(separator + 1)) {
            (b'=', Some(b'>')) => separator + 2,
            // `==`, `::`, `://`, `:=`
            (b'=', Some(b'=')) | (b':', Some(b':' | b'/' | b'=')) => return None,
            _ => separator + 1,
        };
        let mut end = separator;
        while separator - end < MAX_SPACES && end > 0 && text[end - 1] == b' ' {
            end -= 1;
        }
        if end == 0 || matches!(text[end - 1], b'=' | b'!' | b'<' | b'>' | b':' | b'+') {
            return None;
        }
        let mut spaced = end < separator;
        let key_is_quoted = matches!(text[end - 1], b'"' | b'\'');
        if key_is_quoted {
            end -= 1;
            if end > 0 && text[end - 1] == b'\\' {
                end -= 1;
            }
        }
        let floor = end.saturating_sub(MAX_KEY_BYTES);
        let begin =
            text[floor..end].iter().rposition(|b| !is_key(*b)).map_or(floor, |n| floor + n + 1);
        let mut value = after_sign;
        while value - after_sign < MAX_SPACES && text.get(value) == Some(&b' ') {
            value += 1;
        }
        spaced |= value > after_sign;
        let key = &text[begin..end];
        // `card[number]` is a key; the end of a mark or of a list is none.
        let is_key = !key.is_empty() && (!key.ends_with(b"]") || key.contains(&b'['));
        is_key.then_some(Self { key, key_is_quoted, separator: sign, spaced, value })
    }

    /// The value, if it is a secret that stands there yet.
    fn secret(&self, text: &[u8], marks: &Marks, rule: &str) -> Option<(usize, usize)> {
        let (start, quote) = opened(text, self.value);
        // First of all, so that a text full of marks is not searched again and again.
        if marks.begins(&text[start..]) {
            return None;
        }
        let certain = self.key_is_quoted || self.separator == b'=' && !self.spaced;
        if quote.is_none() {
            if let Some(credentials) = self.credentials(text, start, rule) {
                return credentials.secret(marks);
            }
            // Such a value never counts. To look for its end would be to look through all of
            // `token:token:token:…` for each of its keys.
            if !certain && !self.spaced {
                return None;
            }
        }
        let end = value_end(text, start, quote);
        let value = &text[start..end];
        if value.is_empty() || NOTHING.contains(&value) {
            return None;
        }
        if quote.is_some() {
            return Some((start, end));
        }
        if rule == "cookie" && self.spaced && value.contains(&b'=') {
            return Some((start, end_of_line(text, start)));
        }
        // `file.rs:12` has no space; a header or a sentence has.
        let doubtful = self.spaced && looks_secret(value);
        (certain || doubtful).then_some((start, end))
    }

    /// The value as that of an `Authorization`, if it begins like one.
    fn credentials(&self, text: &'t [u8], start: usize, rule: &str) -> Option<Credentials<'t>> {
        let begins = |scheme: &&&[u8]| {
            text.get(start..start + scheme.len()).is_some_and(|t| t.eq_ignore_ascii_case(scheme))
        };
        let scheme = SCHEMES.iter().filter(|_| rule == "auth").find(begins)?;
        let is_header = self.separator == b':';
        Some(Credentials { text, start, rest: start + scheme.len(), is_header })
    }
}

/// What follows `Authorization:` or `auth=`.
struct Credentials<'t> {
    text: &'t [u8],
    start: usize,
    /// Behind the scheme.
    rest: usize,
    is_header: bool,
}

impl Credentials<'_> {
    fn secret(&self, marks: &Marks) -> Option<(usize, usize)> {
        if marks.begins(&self.text[self.rest..]) {
            return None;
        }
        let first = &self.text[self.rest..value_end(self.text, self.rest, None)];
        let is_secret = self.is_header || looks_secret(first);
        is_secret.then(|| (self.start, end_of_line(self.text, self.start)))
    }
}

/// The quote that a value stands in.
#[derive(Clone, Copy)]
struct Quote {
    sign: u8,
    /// `\"`, as in JSON within JSON.
    escaped: bool,
}

/// Where a value begins behind its quote, if it has one.
fn opened(text: &[u8], at: usize) -> (usize, Option<Quote>) {
    match text[at..] {
        [b'\\', sign @ (b'"' | b'\''), ..] => (at + 2, Some(Quote { sign, escaped: true })),
        [sign @ (b'"' | b'\''), ..] => (at + 1, Some(Quote { sign, escaped: false })),
        _ => (at, None),
    }
}

/// Where it ends, before its quote.
fn value_end(text: &[u8], start: usize, quote: Option<Quote>) -> usize {
    let Some(Quote { sign, escaped }) = quote else {
        return text[start..].iter().position(|b| is_end(*b)).map_or(text.len(), |n| start + n);
    };
    let mut end = start;
    while end < text.len() {
        match text[end] {
            b'\\' if escaped && text.get(end + 1) == Some(&sign) => break,
            b'\\' if !escaped => end += 1,
            b if b == sign && !escaped => break,
            _ => {}
        }
        end += 1;
    }
    whole_character(text, end.min(text.len()))
}

/// A backslash may stand before a character of several bytes; the value ends after it.
fn whole_character(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && (0x80..0xc0).contains(&text[at]) {
        at += 1;
    }
    at
}

fn end_of_line(text: &[u8], at: usize) -> usize {
    let end = |b: &u8| matches!(b, b'\r' | b'\n' | b'"' | b'\'' | b'\\' | b'}' | b']');
    text[at..].iter().position(end).map_or(text.len(), |n| at + n)
}

/// No plain word, number of a line or call.
fn looks_secret(value: &[u8]) -> bool {
    value.len() >= MIN_DOUBTFUL_BYTES
        && value.iter().any(u8::is_ascii_digit)
        && !value.iter().any(|b| matches!(b, b'(' | b'['))
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'%' | b'$')
}

fn is_end(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(
            byte,
            b'&' | b';'
                | b','
                | b'"'
                | b'\''
                | b'<'
                | b'>'
                | b'('
                | b')'
                | b'{'
                | b'}'
                | b']'
                | b'|'
                | b'\\'
                | b'#'
        )
}
