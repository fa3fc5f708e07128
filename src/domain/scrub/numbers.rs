//! Payment cards (known beginnings, Luhn's check digit) and US social security numbers in texts.

/// The rules of this file that are not names of keys as well.
pub(super) const RULES: &[&str] = &["card", "ssn"];

/// Digits that a text needs for this to be worth looking at: an SSN has nine.
pub(super) const MIN_DIGITS: usize = 9;

/// Digits of a card.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Digits of the shortest.
pub(super) const MIN_CARD_DIGITS: usize = *CARD_DIGITS.start();

/// How cards are written in groups.
const CARD_GROUPS: &[&[usize]] = &[&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4]];

/// The smallest and largest numbers that can be cards.
pub(super) const CARD_NUMBERS: std::ops::RangeInclusive<u64> =
    1_000_000_000_000..=9_999_999_999_999_999_999;

/// Calls `found(start, end, rule)` for each.
pub(super) fn find(text: &[u8], mut found: impl FnMut(usize, usize, &'static str)) {
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = end_of_digits(text, at);
        if !begins_well(text, at) {
            at = end;
            continue;
        }
        let hit = card_at(text, at, end)
            .map(|end| (end, "card"))
            .or_else(|| ssn_at(text, at, end).map(|end| (end, "ssn")));
        match hit {
            Some((end, rule)) => {
                found(at, end, rule);
                at = end;
            }
            None => at = end,
        }
    }
}

/// Whether the digits are a card's: length, beginning and check digit.
pub(super) fn is_card(digits: &[u8]) -> bool {
    let beginning = |n: usize| {
        digits[..n].iter().fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    if !CARD_DIGITS.contains(&digits.len()) {
        return false;
    }
    let known = matches!(
        (beginning(2), beginning(4), digits.len()),
        (40..=49, _, 13 | 16 | 19)
            | (51..=55, _, 16)
            | (_, 2221..=2720, 16)
            | (34 | 37, _, 15)
            | (_, 6011, 16 | 19)
            | (64 | 65, _, 16 | 19)
            | (35, _, 16)
            | (30 | 36 | 38 | 39, _, 14)
            | (62, _, 16..=19)
    );
    known && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, digit)| {
            let digit = u32::from(digit - b'0');
            match (i % 2, digit) {
                (0, digit) => digit,
                (_, digit @ 0..=4) => digit * 2,
                (_, digit) => digit * 2 - 9,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn end_of_digits(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|b| !b.is_ascii_digit()).map_or(text.len(), |n| at + n)
}

/// Not in the middle of a word, a hexadecimal number or a decimal fraction.
fn begins_well(text: &[u8], at: usize) -> bool {
    match text[..at] {
        [.., digit, b'.'] if digit.is_ascii_digit() => false,
        [.., before] => !before.is_ascii_alphanumeric() && before != b'_',
        [] => true,
    }
}

fn ends_well(text: &[u8], end: usize) -> bool {
    match text[end..] {
        [b'.', digit, ..] if digit.is_ascii_digit() => false,
        [after, ..] => !after.is_ascii_alphanumeric() && after != b'_',
        [] => true,
    }
}

fn card_at(text: &[u8], at: usize, end: usize) -> Option<usize> {
    if CARD_DIGITS.contains(&(end - at)) {
        return (ends_well(text, end) && is_card(&text[at..end])).then_some(end);
    }
    let separator = *text.get(end).filter(|b| matches!(b, b' ' | b'-'))?;
    CARD_GROUPS.iter().find_map(|groups| {
        let end = grouped(text, at, groups, separator)?;
        let mut digits = [0; 19];
        let mut count = 0;
        for digit in text[at..end].iter().filter(|b| b.is_ascii_digit()) {
            digits[count] = *digit;
            count += 1;
        }
        is_card(&digits[..count]).then_some(end)
    })
}

fn ssn_at(text: &[u8], at: usize, end: usize) -> Option<usize> {
    if end - at != 3 || text[..at].ends_with(b"-") {
        return None;
    }
    let end = grouped(text, at, &[3, 2, 4], b'-')?;
    let number = &text[at..end];
    let real = !matches!(&number[..3], b"000" | b"666")
        && number[0] != b'9'
        && &number[4..6] != b"00"
        && &number[7..] != b"0000"
        && text.get(end) != Some(&b'-');
    real.then_some(end)
}

/// The end of digits in groups of exactly these lengths.
fn grouped(text: &[u8], mut at: usize, groups: &[usize], separator: u8) -> Option<usize> {
    for (i, length) in groups.iter().enumerate() {
        if i > 0 {
            (text.get(at) == Some(&separator)).then_some(())?;
            at += 1;
        }
        let group = text.get(at..at + length)?;
        group.iter().all(u8::is_ascii_digit).then_some(())?;
        at += length;
    }
    ends_well(text, at).then_some(at)
}
