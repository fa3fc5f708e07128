//! Identifiers that machines draw: UUIDs, hashes, memory addresses, base 64.

use super::{Found, ends_word, run};

/// Shorter runs of letters and digits by lot may be names of products.
const MIN_TOKEN_BYTES: usize = 10;

/// Shorter base 64 with signs in it may be words with hyphens.
const MIN_BASE64_BYTES: usize = 24;

/// Hexadecimal digits that make a hash; Git's short ones have seven.
const MIN_HASH_DIGITS: usize = 6;

/// Fewer hexadecimal digits are one if they change between letters and digits at least twice.
const MIN_MIXED_DIGITS: usize = 4;

/// `67e55044-10b1-426f-9247-bb680e5fe0c8`
pub(super) fn uuid(text: &str) -> Option<Found<'_>> {
    const LENGTH: usize = 36;
    let id = text.as_bytes().get(..LENGTH)?;
    let fits = id.iter().enumerate().all(|(at, b)| match at {
        8 | 13 | 18 | 23 => *b == b'-',
        _ => b.is_ascii_hexdigit(),
    });
    (fits && ends_word(&text[LENGTH..])).then(|| Found::new(LENGTH, "<uuid>"))
}

/// `0x7ffdeadbeef`, `deadbeef01`, `a1b2`
pub(super) fn hex(text: &str) -> Option<Found<'_>> {
    let word = &text[..run(text)];
    if !ends_word(&text[word.len()..]) && !text[word.len()..].starts_with('_') {
        return None;
    }
    if let Some(address) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"))
        && !address.is_empty()
        && address.bytes().all(|b| b.is_ascii_hexdigit())
    {
        return Some(Found::new(word.len(), "<address>"));
    }
    let has = |what: fn(&u8) -> bool| word.bytes().any(|b| what(&b));
    if !word.bytes().all(|b| b.is_ascii_hexdigit())
        || !has(u8::is_ascii_digit)
        || !has(u8::is_ascii_alphabetic)
        // `1e6` is a number.
        || super::numbers::is_float(word)
    {
        return None;
    }
    let long = word.len() >= MIN_HASH_DIGITS;
    let mixed = word.len() >= MIN_MIXED_DIGITS && changes(word.as_bytes()).digits >= 2;
    (long || mixed).then(|| Found::new(word.len(), "<hex>"))
}

/// Base 64 with its signs, signed tokens of three parts; or how many bytes were looked at in vain.
pub(super) fn base64(text: &str) -> Result<Found<'_>, usize> {
    let sign = |b: u8| b"+/_-".contains(&b);
    let length =
        text.bytes().position(|b| !(b.is_ascii_alphanumeric() || sign(b))).unwrap_or(text.len());
    if text.starts_with("eyJ") && length >= MIN_TOKEN_BYTES {
        let end = text
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || sign(b) || b == b'.' || b == b'='))
            .unwrap_or(text.len());
        return Ok(Found::new(text[..end].trim_end_matches('.').len(), "<token>"));
    }
    let padding = text[length..].bytes().take(2).take_while(|b| *b == b'=').count();
    let seen = changes(&text.as_bytes()[..length]);
    if length >= MIN_BASE64_BYTES
        && seen.has_all()
        && seen.all * 4 >= length
        && ends_word(&text[length + padding..])
    {
        return Ok(Found::new(length + padding, "<token>"));
    }
    Err(length)
}

/// Letters and digits by lot: `1H8xYz2eZvKYlo2C`.
pub(super) fn by_lot(text: &str) -> Option<Found<'_>> {
    let word = run(text);
    let seen = changes(&text.as_bytes()[..word]);
    (word >= MIN_TOKEN_BYTES && seen.digits >= 3 && seen.all * 4 >= word)
        .then(|| Found::new(word, "<token>"))
}

/// How often a text changes between kinds of letters.
struct Changes {
    /// Between digits, small and capital letters; a capital before small letters is how words begin.
    all: usize,
    /// Between digits and letters.
    digits: usize,
    kinds: [bool; 3],
}

impl Changes {
    fn has_all(&self) -> bool {
        self.kinds == [true; 3]
    }
}

fn changes(text: &[u8]) -> Changes {
    let mut seen = Changes { all: 0, digits: 0, kinds: [false; 3] };
    let mut before = None;
    for b in text {
        let kind = match b {
            b'0'..=b'9' => 0usize,
            b'a'..=b'z' => 1,
            b'A'..=b'Z' => 2,
            _ => {
                before = None;
                continue;
            }
        };
        seen.kinds[kind] = true;
        if let Some(last) = before
            && last != kind
        {
            seen.all += usize::from((last, kind) != (2, 1));
            seen.digits += usize::from(last == 0 || kind == 0);
        }
        before = Some(kind);
    }
    seen
}
