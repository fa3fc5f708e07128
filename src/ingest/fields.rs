//! Reading single fields of what somebody sent: what fits is taken, what does not is noted.

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::event::Dropped;

/// Bytes of a long text (a message, an exception's value, a stack) that are kept.
pub const MAX_TEXT_BYTES: usize = 16 * 1024;

/// Bytes of a short text (a name, a path, a tag) that are kept.
pub const MAX_NAME_BYTES: usize = 1024;

/// Notes kept for one event; a hostile event could ask for one a field.
const MAX_NOTES: usize = 50;

/// Collects what could not be read.
#[derive(Debug, Default)]
pub struct Notes(Vec<Dropped>);

impl Notes {
    /// Starts with what was noted before.
    pub fn starting_with(dropped: Vec<Dropped>) -> Self {
        Self(dropped)
    }

    /// Notes that `field` was left out, in whole or in part; the same again is not said again.
    pub fn push(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        if self.0.len() < MAX_NOTES {
            let note = Dropped { field: field.into(), reason: reason.into() };
            if !self.0.contains(&note) {
                self.0.push(note);
            }
        }
    }

    /// What was noted.
    pub fn into_inner(self) -> Vec<Dropped> {
        self.0
    }
}

/// A text field: strings as they are, numbers and booleans as text; cut at `max_bytes`.
pub fn text(
    value: Option<&Value>,
    field: &str,
    max_bytes: usize,
    notes: &mut Notes,
) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(s) => Some(bounded(s, field, max_bytes, notes)),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Array(_) | Value::Object(_) => {
            notes.push(field, "is not a text");
            None
        }
    }
}

/// The text, cut at a character boundary at or below `max_bytes`, without NUL (which databases refuse).
pub fn bounded(text: &str, field: &str, max_bytes: usize, notes: &mut Notes) -> String {
    let cut = if text.len() > max_bytes {
        notes.push(field, format!("cut to {max_bytes} of {} bytes", text.len()));
        &text[..text.floor_char_boundary(max_bytes)]
    } else {
        text
    };
    if cut.contains('\0') { cut.replace('\0', "\u{fffd}") } else { cut.to_owned() }
}

/// A whole number from 0 that fits 32 bits, also if it came as text.
pub fn number(value: Option<&Value>, field: &str, notes: &mut Notes) -> Option<u32> {
    let value = value?;
    let number = match value {
        Value::Null => return None,
        Value::Number(n) => n.as_u64().and_then(|n| u32::try_from(n).ok()),
        Value::String(s) => s.parse().ok(),
        _ => None,
    };
    if number.is_none() {
        notes.push(field, "is not a whole number from 0");
    }
    number
}

/// A time: seconds since 1970 (with fraction) or RFC 3339, with UTC assumed where no offset stands.
pub fn time(value: Option<&Value>, field: &str, notes: &mut Notes) -> Option<Timestamp> {
    const MICROS: f64 = 1e6;
    let read = match value? {
        Value::Null => return None,
        Value::Number(n) => n
            .as_f64()
            .filter(|seconds| seconds.abs() < 1e11)
            // Cannot overflow: bounded just above. Fractions of a microsecond are dropped.
            .and_then(|seconds| Timestamp::from_microsecond((seconds * MICROS) as i64).ok()),
        Value::String(s) => s.parse::<Timestamp>().ok().or_else(|| {
            let local = s.parse::<jiff::civil::DateTime>().ok()?;
            Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        }),
        _ => None,
    };
    if read.is_none() {
        notes.push(field, "is not a time");
    }
    read
}
