//! Reading single fields of what somebody sent: what fits is taken, what does not is noted.

use std::fmt;

use jiff::Timestamp;

use super::Dropped;
use crate::domain::json::{Kind, Val};

/// Bytes of a long text (a message, an exception's value, a stack) that are kept.
pub const MAX_TEXT_BYTES: usize = 16 * 1024;

/// Bytes of a short text (a name, a path, a tag) that are kept.
pub const MAX_NAME_BYTES: usize = 1024;

/// Notes kept for one event; a hostile event could ask for one a field.
const MAX_NOTES: usize = 50;

/// Collects what could not be read.
#[derive(Debug, Default)]
pub struct Notes {
    taken: Vec<Dropped>,
    deaf: bool,
}

impl Notes {
    /// Starts with what was noted before.
    pub fn starting_with(dropped: Vec<Dropped>) -> Self {
        Self { taken: dropped, deaf: false }
    }

    /// Takes none.
    pub fn none() -> Self {
        Self { taken: Vec::new(), deaf: true }
    }

    /// Notes that `field` was left out, in whole or in part; the same again is not said again.
    pub fn push(&mut self, field: impl fmt::Display, reason: impl fmt::Display) {
        if !self.deaf && self.taken.len() < MAX_NOTES {
            let note = Dropped { field: field.to_string(), reason: reason.to_string() };
            if !self.taken.contains(&note) {
                self.taken.push(note);
            }
        }
    }

    /// What was noted.
    pub fn into_inner(self) -> Vec<Dropped> {
        self.taken
    }
}

/// A field's name in a note, put together only if there is a note.
#[derive(Clone, Copy, Debug)]
pub enum Field<'f> {
    /// `release`
    Named(&'f str),
    /// `parent.name`
    Of(&'f Field<'f>, &'f str),
    /// `parent[3]`
    At(&'f Field<'f>, usize),
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Of(parent, name) => write!(f, "{parent}.{name}"),
            Self::At(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A text field: strings as they are, numbers and booleans as text; cut at `max_bytes`.
pub fn text(
    value: Option<Val<'_>>,
    field: impl fmt::Display,
    max_bytes: usize,
    notes: &mut Notes,
) -> Option<String> {
    let value = value?;
    match value.kind() {
        Kind::Null => None,
        Kind::Text | Kind::Key => Some(bounded(&value.as_str()?, field, max_bytes, notes)),
        Kind::Number => value.as_number().map(number_as_text),
        Kind::True => Some("true".to_owned()),
        Kind::False => Some("false".to_owned()),
        Kind::List | Kind::Object => {
            notes.push(field, "is not a text");
            None
        }
    }
}

/// Whole numbers as they are, others in the one way of writing them.
fn number_as_text(written: &str) -> String {
    match serde_json::from_str::<serde_json::Number>(written) {
        Ok(number) => number.to_string(),
        Err(_) => written.to_owned(),
    }
}

/// The text, cut at a character boundary at or below `max_bytes`, without NUL (which databases refuse).
pub fn bounded(
    text: &str,
    field: impl fmt::Display,
    max_bytes: usize,
    notes: &mut Notes,
) -> String {
    let cut = if text.len() > max_bytes {
        notes.push(field, format_args!("cut to {max_bytes} of {} bytes", text.len()));
        &text[..text.floor_char_boundary(max_bytes)]
    } else {
        text
    };
    if cut.contains('\0') { cut.replace('\0', "\u{fffd}") } else { cut.to_owned() }
}

/// A whole number from 0 that fits 32 bits, also if it came as text.
pub fn number(value: Option<Val<'_>>, field: impl fmt::Display, notes: &mut Notes) -> Option<u32> {
    let value = value?;
    let number = match value.kind() {
        Kind::Null => return None,
        Kind::Number => value.as_u64().and_then(|n| u32::try_from(n).ok()),
        _ => value.as_str().and_then(|s| s.parse().ok()),
    };
    if number.is_none() {
        notes.push(field, "is not a whole number from 0");
    }
    number
}

/// A time: seconds since 1970 (with fraction) or RFC 3339, with UTC assumed where no offset stands.
pub fn time(
    value: Option<Val<'_>>,
    field: impl fmt::Display,
    notes: &mut Notes,
) -> Option<Timestamp> {
    const MICROS: f64 = 1e6;
    let value = value?;
    let read = match value.kind() {
        Kind::Null => return None,
        Kind::Number => value
            .as_number()
            .and_then(|n| n.parse::<f64>().ok())
            .filter(|seconds| seconds.abs() < 1e11)
            // Cannot overflow: bounded just above. Fractions of a microsecond are dropped.
            .and_then(|seconds| Timestamp::from_microsecond((seconds * MICROS) as i64).ok()),
        _ => value.as_str().and_then(|s| {
            s.parse::<Timestamp>().ok().or_else(|| {
                let local = s.parse::<jiff::civil::DateTime>().ok()?;
                Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
            })
        }),
    };
    if read.is_none() {
        notes.push(field, "is not a time");
    }
    read
}
