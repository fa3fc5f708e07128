//! The bytes of one event → its JSON without secrets, and the bytes that may be kept of it.

use std::borrow::Cow;
use std::fmt;

use super::IngestError;
use crate::domain::event::fields::Notes;
use crate::domain::event::{Dropped, Event, facts};
use crate::domain::json::{Doc, Kind, lenient};
use crate::domain::scrub::{Report, Scrubber};

/// An event, and the payload that is stored; neither holds what was scrubbed.
#[derive(Debug)]
pub struct Parsed<'a> {
    /// The event; from an envelope, only what grouping, lists and rules need of it.
    pub event: Event,
    /// The bytes as they came, where nothing had to go; else the scrubbed JSON.
    pub payload: Cow<'a, [u8]>,
    /// The notes that cannot be had again by reading the payload.
    pub kept_notes: Vec<Dropped>,
}

/// An event's JSON and the bytes that are kept, both scrubbed.
#[derive(Debug)]
pub(super) struct Scrubbed<'a> {
    /// An object.
    pub(super) doc: Doc<'a>,
    /// What is stored.
    pub(super) payload: Cow<'a, [u8]>,
    /// Whom the event happened to, as it was sent.
    pub(super) user: Option<String>,
}

/// Reads an object and scrubs it. `what` stands in the refusal: `the event`.
pub(super) fn object<'a>(
    payload: &'a [u8],
    what: &str,
    scrubber: &Scrubber,
    notes: &mut Notes,
) -> Result<Scrubbed<'a>, IngestError> {
    match quick(payload, scrubber, notes) {
        Some(scrubbed) => Ok(scrubbed),
        None => slow(payload, what, scrubber, notes),
    }
}

/// The usual, without a copy of anything. `None` if there is anything unusual.
fn quick<'a>(payload: &'a [u8], scrubber: &Scrubber, notes: &mut Notes) -> Option<Scrubbed<'a>> {
    let mut doc = Doc::parse(Cow::Borrowed(str::from_utf8(payload).ok()?))?;
    if doc.root().kind() != Kind::Object {
        return None;
    }
    let repeats = doc.may_repeat();
    if repeats {
        doc = doc.without_repeats()?;
    }
    let user = facts::user(doc.root());
    let scrubbed = scrubber.scrub_doc(&mut doc)?;
    note(scrubbed.report, notes);
    let payload = match scrubbed.text {
        Some(text) => Cow::Owned(text.into_bytes()),
        // A key that comes twice hides its first value from us, but not from who reads the bytes.
        None if repeats && scrubber.is_enabled() => Cow::Owned(doc.text().as_bytes().to_vec()),
        None => Cow::Borrowed(payload),
    };
    Some(Scrubbed { doc, payload, user })
}

/// Whatever it is.
fn slow<'a>(
    payload: &'a [u8],
    what: &str,
    scrubber: &Scrubber,
    notes: &mut Notes,
) -> Result<Scrubbed<'a>, IngestError> {
    let refused =
        |e: &dyn fmt::Display| IngestError::Malformed(format!("{what} is not a JSON object: {e}"));
    let lenient::Read { mut value, repeats, replaced } =
        lenient::value(payload).map_err(|e| refused(&e))?;
    if !value.is_object() {
        return Err(refused(&"it is another kind of value"));
    }
    for said in replaced.said() {
        notes.push("event", said);
    }
    let user = facts::user_of(&value);
    let report = scrubber.scrub_value(&mut value);
    // A key that comes twice hides its first value from the scrubber, but not from who reads the bytes.
    let rewritten = !report.is_empty() || scrubber.is_enabled() && repeats;
    note(report, notes);
    let (doc, payload) = if rewritten {
        let text = serde_json::to_string(&value).map_err(|e| refused(&e))?;
        drop(value);
        let (doc, _) = lenient::doc(text.as_bytes()).map_err(|e| refused(&e))?;
        (doc.into_owned(), Cow::Owned(text.into_bytes()))
    } else {
        drop(value);
        let (doc, _) = lenient::doc(payload).map_err(|e| refused(&e))?;
        (doc, Cow::Borrowed(payload))
    };
    Ok(Scrubbed { doc, payload, user })
}

fn note(report: Report, notes: &mut Notes) {
    for removed in report.removed {
        notes.push(removed.path, format_args!("scrubbed: {}", removed.rule));
    }
    if report.more > 0 {
        notes.push("event", format_args!("scrubbed: {} more places", report.more));
    }
}
