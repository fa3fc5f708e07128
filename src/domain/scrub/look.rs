//! One look at the bytes of a text: what in it could be a secret at all.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// Words after which digits are added up, before their number in one byte of the sum runs over.
const WORDS: usize = 31;

/// What one look at the bytes tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// How many digits.
    pub(super) digits: usize,
    /// Whether there is a `:`.
    pub(super) colon: bool,
    /// Whether there is a `=`.
    pub(super) equals: bool,
}

impl Seen {
    /// All of it.
    pub(super) fn of(text: &[u8]) -> Self {
        look::<true>(text)
    }

    /// The digits only.
    pub(super) fn digits_of(text: &[u8]) -> Self {
        look::<false>(text)
    }
}

/// Eight bytes at once: without branches, and on any processor.
fn look<const SIGNS: bool>(text: &[u8]) -> Seen {
    let (words, rest) = text.as_chunks::<8>();
    let (mut digits, mut colon, mut equals) = (0, 0, 0);
    let mut look = |word: u64, counts: &mut u64| {
        *counts += digits_in(word);
        if SIGNS {
            colon |= those_that_are(b':', word);
            equals |= those_that_are(b'=', word);
        }
    };
    for some in words.chunks(WORDS - 1) {
        let mut counts = 0;
        some.iter().for_each(|word| look(u64::from_le_bytes(*word), &mut counts));
        digits += sum(counts);
    }
    if !rest.is_empty() {
        let mut counts = 0;
        look(last_word(text, rest), &mut counts);
        digits += sum(counts);
    }
    Seen { digits, colon: colon != 0, equals: equals != 0 }
}

/// What does not fill a word, with zeros around it.
fn last_word(text: &[u8], rest: &[u8]) -> u64 {
    match text.last_chunk() {
        Some(last) => u64::from_le_bytes(*last) >> (64 - 8 * rest.len()),
        None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// A one in each byte that is a digit.
fn digits_in(word: u64) -> u64 {
    let value = word ^ (ONES * u64::from(b'0'));
    let over_nine = (value & !HIGHS) + ONES * (0x7f - 9);
    (!(over_nine | value) & HIGHS) >> 7
}

/// Not zero if one of the bytes is this one, which is no control character.
fn those_that_are(byte: u8, word: u64) -> u64 {
    let differs = word ^ (ONES * u64::from(byte));
    differs.wrapping_sub(ONES) & !differs & HIGHS
}

/// Of all bytes.
fn sum(counts: u64) -> usize {
    (counts.wrapping_mul(ONES) >> 56) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_seen_is_what_is_there(text in "[0-9a:=é]{0,600}") {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let (colon, equals) = (text.contains(':'), text.contains('='));
            prop_assert_eq!(Seen::of(text.as_bytes()), Seen { digits, colon, equals });
            let only = Seen { digits, ..Seen::default() };
            prop_assert_eq!(Seen::digits_of(text.as_bytes()), only);
        }
    }
}
