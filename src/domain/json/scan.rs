//! Strings and numbers of a JSON text: where they end, and what stands in them.

use super::Form;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte of `word` that ends a run of plain text: `"`, `\` or a control character.
/// Exact up to the lowest such byte; bits above it may be wrong.
fn stops(word: u64) -> u64 {
    let is = |byte: u8| {
        let differs = word ^ (ONES * u64::from(byte));
        differs.wrapping_sub(ONES) & !differs
    };
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (is(b'"') | is(b'\\') | control) & HIGHS
}

/// The next `"`, `\` or control character from `at` on.
#[inline]
fn stop(bytes: &[u8], at: usize) -> Option<usize> {
    let (words, rest) = bytes.get(at..)?.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let found = stops(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(at + 8 * i + found.trailing_zeros() as usize / 8);
        }
    }
    let found = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20))?;
    Some(at + 8 * words.len() + found)
}

/// From behind the opening quote: where the closing one is, and how the text is written. `None` if there
/// is none, or if it holds what must not stand in a string or half a character.
pub(super) fn string(bytes: &[u8], mut at: usize) -> Option<(usize, Form)> {
    let mut form = Form::Plain;
    loop {
        at = stop(bytes, at)?;
        match bytes[at] {
            b'"' => return Some((at, form)),
            b'\\' => match bytes.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                    form = form.max(Form::Escaped);
                    at += 2;
                }
                b'u' => {
                    form = Form::Unicode;
                    at = match unit(bytes, at)? {
                        0xDC00..=0xDFFF => return None,
                        0xD800..=0xDBFF => {
                            matches!(unit(bytes, at + 6)?, 0xDC00..=0xDFFF).then_some(at + 12)?
                        }
                        _ => at + 6,
                    };
                }
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// The unit that the `\uXXXX` at `at` stands for.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = bytes.get(at..at + 6)? else { return None };
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

/// The text that a string's content, which [`string`] has found right, stands for.
pub(super) fn unescaped(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let bytes = rest.as_bytes();
        let (sign, length) = match bytes.get(at + 1) {
            Some(b'b') => ('\u{8}', 2),
            Some(b'f') => ('\u{c}', 2),
            Some(b'n') => ('\n', 2),
            Some(b'r') => ('\r', 2),
            Some(b't') => ('\t', 2),
            Some(b'u') => character(bytes, at),
            Some(sign) => (char::from(*sign), 2),
            None => break,
        };
        out.push(sign);
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn character(bytes: &[u8], at: usize) -> (char, usize) {
    let first = unit(bytes, at).unwrap_or_default();
    let (code, length) = match (first, unit(bytes, at + 6)) {
        (0xD800..=0xDBFF, Some(second @ 0xDC00..=0xDFFF)) => {
            (0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), 12)
        }
        _ => (first, 6),
    };
    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), length)
}

/// Digits from which on a number may be more than a double holds.
const MAX_PLAIN_DIGITS: usize = 300;

/// Where the number that begins at `at` ends. `None` if it is none, or beyond a double.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = |from: usize| {
        let length = bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        (length > 0).then_some(from + length)
    };
    let first = at + usize::from(bytes[at] == b'-');
    let mut end = match bytes.get(first)? {
        b'0' => first + 1,
        _ => digits(first)?,
    };
    let mut doubtful = end - at > MAX_PLAIN_DIGITS;
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        end = digits(end + 1 + sign)?;
        doubtful = true;
    }
    if doubtful {
        let text = std::str::from_utf8(&bytes[at..end]).ok()?;
        text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    }
    Some(end)
}

/// A number that equal keys share and others hardly ever do. Whoever makes keys share it gains nothing:
/// then the slow way decides.
pub(super) fn hash(key: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, part: u64| (hash.rotate_left(23) ^ part).wrapping_mul(FACTOR);
    let word = |part: Option<&[u8; 8]>| part.map_or(0, |part| u64::from_le_bytes(*part));
    let half = |part: Option<&[u8; 4]>| part.map_or(0, |part| u64::from(u32::from_le_bytes(*part)));
    let mut hash = mix(0, key.len() as u64);
    match key.len() {
        0 => {}
        length @ 1..4 => {
            let part = u64::from(key[0]) | u64::from(key[length / 2]) << 8;
            hash = mix(hash, part | u64::from(key[length - 1]) << 16);
        }
        4..8 => hash = mix(hash, half(key.first_chunk()) << 32 | half(key.last_chunk())),
        _ => {
            for part in key.chunks_exact(8) {
                hash = mix(hash, word(part.first_chunk()));
            }
            hash = mix(hash, word(key.last_chunk()));
        }
    }
    (hash >> 32) as u32
}
