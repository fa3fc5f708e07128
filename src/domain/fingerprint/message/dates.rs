//! Dates and times in the usual forms.

use super::{Found, digits, ends_word, run};

/// First letters of the days of the week and of the months, in lower case.
const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MONTHS: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Letters of the longest name of a day or month.
const MAX_NAME_BYTES: usize = 9;

/// `2026-11-21T22:00:00.5Z`, `21.11.2026 22:00`, `Sat, 21 Nov 2026 22:00:00 GMT`, `22:00:00`.
pub(super) fn date(text: &str) -> Option<Found<'_>> {
    let day = numeric(text).or_else(|| named(text));
    let Some(day) = day else {
        let length = time(text)?;
        return Some(Found::new(length, "<time>"));
    };
    // The time that belongs to it: `T22:00:00Z`, ` 22:00:00 +0000`, `, 22:00`.
    let rest = &text[day..];
    let joint = ["T", "t", " ", ", ", "_", " at ", ":"]
        .into_iter()
        .find(|joint| rest.strip_prefix(joint).is_some_and(|rest| time(rest).is_some()));
    let length = match joint {
        Some(joint) => day + joint.len() + time(&rest[joint.len()..]).unwrap_or_default(),
        None => day,
    };
    // `Sat Nov 21 22:00:00 2026`
    let length = match text[length..].strip_prefix(' ') {
        Some(year) if joint.is_some() && digits(year) == 4 && ends_word(&year[4..]) => length + 5,
        _ => length,
    };
    ends_word(&text[length..]).then(|| Found::new(length, "<date>"))
}

/// `2026-11-21`, `2026/11/21`, `21.11.2026`, `11/21/2026`, `20261121T220000Z`
fn numeric(text: &str) -> Option<usize> {
    let first = digits(text);
    if first == 8 && text[8..].starts_with('T') {
        let time = digits(&text[9..]);
        let zone = usize::from(text[9 + time..].starts_with('Z'));
        return matches!(time, 4 | 6).then_some(9 + time + zone);
    }
    if !matches!(first, 1 | 2 | 4) {
        return None;
    }
    let joint = text[first..].chars().next().filter(|c| "-/.".contains(*c))?;
    let second = digits(&text[first + 1..]);
    let at = first + 1 + second;
    if !matches!(second, 1 | 2) || !text[at..].starts_with(joint) {
        return None;
    }
    let third = digits(&text[at + 1..]);
    let fits = match first {
        4 => joint != '.' && matches!(third, 1 | 2),
        _ => third == 4,
    };
    let end = at + 1 + third;
    // `21.11.2026.5` is a version.
    let goes_on = text[end..].strip_prefix(joint).is_some_and(|rest| digits(rest) > 0);
    (fits && !goes_on).then_some(end)
}

/// `Sat, 21 Nov 2026`, `Nov 21, 2026`, `21-Nov-2026`, `Sat Nov 21`
fn named(text: &str) -> Option<usize> {
    let mut at = 0;
    if let Some(day) = name(text, DAYS) {
        at = day + text[day..].len() - text[day..].trim_start_matches([',', ' ', '.']).len();
        at = at.min(day + 2);
    }
    let (mut number, mut month) = (false, false);
    for _ in 0..2 {
        let rest = &text[at..];
        let length = match digits(rest) {
            length @ 1..=2 if !number => {
                number = true;
                length
            }
            0 if !month => {
                let length = name(rest, MONTHS)?;
                month = true;
                length
            }
            _ => return None,
        };
        at += length;
        if !(number && month) {
            at += text[at..].strip_prefix([' ', '-', '/']).map(|_| 1)?;
        }
    }
    // The year, if one follows.
    for joint in [", ", " ", "-", "/"] {
        if let Some(rest) = text[at..].strip_prefix(joint)
            && digits(rest) == 4
            && !rest[4..].starts_with(':')
        {
            return Some(at + joint.len() + 4);
        }
    }
    ends_word(&text[at..]).then_some(at)
}

/// The bytes of a name of which the first three letters are known: `Nov`, `november`.
fn name(text: &str, known: &[&str]) -> Option<usize> {
    let length = run(text);
    if !(3..=MAX_NAME_BYTES).contains(&length) {
        return None;
    }
    known.iter().any(|name| text[..3].eq_ignore_ascii_case(name)).then_some(length)
}

/// `22:00`, `22:00:00.123Z`, `10:00 PM`, `22:00:00 +0000`
fn time(text: &str) -> Option<usize> {
    let hour = digits(text);
    if !matches!(hour, 1 | 2) {
        return None;
    }
    let mut at = hour;
    let mut parts = 1;
    while parts < 3 && text[at..].starts_with(':') && digits(&text[at + 1..]) == 2 {
        at += 3;
        parts += 1;
    }
    if parts < 2 {
        return None;
    }
    if parts == 3
        && text[at..].starts_with(['.', ','])
        && let fraction @ 1..=9 = digits(&text[at + 1..])
    {
        at += 1 + fraction;
    }
    for half in [" AM", " PM", " am", " pm", "AM", "PM", "am", "pm"] {
        if text[at..].starts_with(half) {
            at += half.len();
            break;
        }
    }
    at += zone(&text[at..]);
    // `1:23:45:67` and `12:30a` are something else.
    let rest = &text[at..];
    let goes_on = rest.strip_prefix(':').is_some_and(|rest| run(rest) > 0);
    (ends_word(rest) && !goes_on).then_some(at)
}

/// The bytes of `Z`, ` UTC`, `+01:00`, ` -0800` at the beginning.
fn zone(text: &str) -> usize {
    for name in ["Z", " UTC", " GMT", " Z", "UTC", "GMT"] {
        if text.strip_prefix(name).is_some_and(ends_word) {
            return name.len();
        }
    }
    let space = usize::from(text.starts_with(' '));
    let rest = &text[space..];
    if !rest.starts_with(['+', '-']) {
        return 0;
    }
    match digits(&rest[1..]) {
        4 => space + 5,
        2 if rest[3..].starts_with(':') && digits(&rest[4..]) == 2 => space + 6,
        2 if space == 0 && ends_word(&rest[3..]) => 3,
        _ => 0,
    }
}
