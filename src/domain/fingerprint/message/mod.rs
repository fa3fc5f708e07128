//! Messages without what varies: the shape that all occurrences of one error share.
//!
//! One pass over the bytes. At every place where a word may begin the recognisers look at what comes,
//! each no further than a bound of its own, and say how much of it is one variable thing: a date, an
//! address, a number. What none of them knows is copied. Words that vary cannot be told from words that
//! do not; frames do that work.

mod dates;
mod numbers;
mod places;
mod spans;
mod tokens;

/// Bytes of a message that are looked at. What tells one error from another stands at the beginning;
/// further on come dumps and lists.
pub const MAX_MESSAGE_BYTES: usize = 8 * 1024;

/// Bytes of a shape. It is cut here, after the variable was taken out, so that a number with one digit
/// more does not shift the cut.
pub const MAX_SHAPE_BYTES: usize = 1024;

/// Passes over one message at most.
const MAX_PASSES: usize = 8;

/// What a number becomes.
const NUMBER: &str = "<number>";

/// Something variable at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found<'a> {
    /// How many bytes of the text it is.
    length: usize,
    /// What it is, as it is written into the shape.
    kind: &'static str,
    /// What of it stays.
    kept: Option<&'a str>,
}

impl Found<'_> {
    fn new(length: usize, kind: &'static str) -> Self {
        Self { length, kind, kept: None }
    }
}

/// `message` with everything variable replaced by its kind: `user <number> not found`.
///
/// Of a URL the scheme and the last two names of its host stay: which service failed makes two errors
/// of two; its path, its query, subdomains (tenants, shards, regions) and ports vary.
pub fn parameterise(message: &str) -> String {
    let mut shape = pass(&message[..message.floor_char_boundary(MAX_MESSAGE_BYTES)]);
    // Where one variable thing stood in another, the next pass sees what the first uncovered; a shape
    // is short and nearly always final at once.
    for _ in 1..MAX_PASSES {
        let next = pass(&shape);
        if next == shape {
            break;
        }
        shape = next;
    }
    shape
}

fn pass(text: &str) -> String {
    let text = text.trim();
    let mut shape = Shape::default();
    let mut seen =
        Seen { at_sign: text.contains('@'), scheme: text.contains("://"), no_base64_before: 0 };
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if shape.text.len() >= MAX_SHAPE_BYTES {
            break;
        }
        let rest = &text[at..];
        if c.is_whitespace() {
            shape.space();
            at += c.len_utf8();
            continue;
        }
        let before = text[..at].chars().next_back();
        // A number that was taken out of the middle of a word in an earlier pass is still its middle.
        let within_word = before.is_some_and(char::is_alphanumeric)
            || before == Some('>') && text[..at].ends_with(NUMBER);
        let found = match within_word {
            true => spans::json(rest, before),
            false => recognise(rest, before, at, &mut seen),
        };
        match found {
            Some(found) => {
                shape.put(found);
                at += found.length;
            }
            // A word is copied as a whole, but for the numbers in it.
            None if c.is_ascii_alphanumeric() => at += numbers::copy_word(rest, &mut shape.text),
            None => {
                shape.text.push(c);
                at += c.len_utf8();
            }
        }
    }
    shape.text.truncate(shape.text.trim_end().len());
    shape.text
}

/// What is known of the whole text, so that it is not looked for at every word.
struct Seen {
    at_sign: bool,
    scheme: bool,
    /// Before this place no base 64 begins: somebody looked.
    no_base64_before: usize,
}

fn recognise<'a>(
    rest: &'a str,
    before: Option<char>,
    at: usize,
    seen: &mut Seen,
) -> Option<Found<'a>> {
    let first = rest.as_bytes()[0];
    match first {
        b'\'' | b'"' | 0x80.. => return spans::quoted(rest, before),
        b'{' | b'[' => return spans::json(rest, before),
        _ => {}
    }
    // Whether a chunk of text begins here, not only a word within one.
    let fresh = before.is_none_or(|c| c.is_whitespace() || "'\"`([{<=,;:|&".contains(c));
    if first.is_ascii_alphanumeric() {
        if let Some(found) = tokens::uuid(rest).or_else(|| dates::date(rest)) {
            return Some(found);
        }
        if fresh
            && seen.scheme
            && let Some(found) = places::url(rest)
        {
            return Some(found);
        }
        if fresh
            && seen.at_sign
            && let Some(found) = places::email(rest)
        {
            return Some(found);
        }
    }
    if (first.is_ascii_hexdigit() || first == b':')
        && let Some(found) = places::ip(rest)
    {
        return Some(found);
    }
    if fresh && let Some(found) = places::path(rest) {
        return Some(found);
    }
    if first.is_ascii_alphanumeric() {
        if at >= seen.no_base64_before {
            match tokens::base64(rest) {
                Ok(found) => return Some(found),
                Err(looked_at) => seen.no_base64_before = at + looked_at,
            }
        }
        if let Some(found) = tokens::by_lot(rest).or_else(|| tokens::hex(rest)) {
            return Some(found);
        }
    }
    let sign_counts = before.is_none_or(|c| c.is_whitespace() || "([{<=,;:|".contains(c));
    numbers::number(rest, sign_counts)
}

/// Whether a word ends where `rest` begins.
fn ends_word(rest: &str) -> bool {
    !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// The bytes of ASCII letters and digits at the beginning.
fn run(text: &str) -> usize {
    text.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(text.len())
}

/// The bytes of decimal digits at the beginning.
fn digits(text: &str) -> usize {
    text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len())
}

/// The shape so far.
#[derive(Default)]
struct Shape {
    text: String,
}

impl Shape {
    fn space(&mut self) {
        if !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    /// Writes the kind; a list of several of one kind is written as one, however many they are.
    fn put(&mut self, found: Found<'_>) {
        let Found { kind, kept, .. } = found;
        if kept.is_none() {
            let before = self.text.trim_end_matches([' ', ',']);
            let joint = &self.text[before.len()..];
            if joint.contains(',') && before.ends_with(kind) {
                self.text.truncate(before.len());
                return;
            }
        }
        match kept {
            Some(kept) => {
                self.text.push_str(&kind[..kind.len() - 1]);
                self.text.push(' ');
                // Shards and customers are numbered in host names, too.
                self.text.push_str(&pass(kept));
                self.text.push('>');
            }
            None => self.text.push_str(kind),
        }
    }
}

#[cfg(test)]
mod tests;
