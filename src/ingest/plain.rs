//! `POST /api/events`: an error as plain JSON, for whatever has no SDK.
//!
//! ```json
//! {
//!   "error": "index out of bounds: the len is 3 but the index is 5",   (or "message"; one is required)
//!   "type": "panic",
//!   "stack_trace": "thread 'main' panicked at src/cart.rs:12:9: …",
//!   "platform": "rust", "level": "error", "release": "…", "environment": "production",
//!   "timestamp": "2026-11-21T12:00:00Z", "event_id": "…",
//!   "tags": {"name": "value"}, "fingerprint": ["…"]
//! }
//! ```

use jiff::Timestamp;

use super::IngestError;
use super::json::{self, Parsed, Scrubbed};
use crate::domain::backtrace;
use crate::domain::event::facts::{believable, event_id, fingerprint, level, tags};
use crate::domain::event::fields::{MAX_NAME_BYTES, MAX_TEXT_BYTES, Notes, bounded, text, time};
use crate::domain::event::{Event, Exception};
use crate::domain::json::Val;
use crate::domain::scrub::Scrubber;
use crate::domain::stacktext;

/// The platform of what is of none that is known.
const OTHER: &str = "other";

/// Bytes of a stack trace that are kept.
const MAX_STACK_BYTES: usize = 256 * 1024;

/// What the schema knows; anything else is noted, so that a misspelt field does not vanish.
const KNOWN: &[&str] = &[
    "error",
    "message",
    "type",
    "stack_trace",
    "platform",
    "level",
    "release",
    "environment",
    "timestamp",
    "event_id",
    "tags",
    "fingerprint",
    "context",
    "transaction",
    "server_name",
];

/// The platform that a stack trace is of, and what it says; `other` if it is of none that is known.
fn read_stack(text: &str) -> (&'static str, Vec<Exception>) {
    let panics = backtrace::parse(text);
    if !panics.is_empty() {
        return ("rust", panics);
    }
    match stacktext::read(text) {
        Some(parsed) => (parsed.platform, parsed.exceptions),
        None => (OTHER, Vec::new()),
    }
}

/// Reads and scrubs a plain event.
pub fn parse<'a>(
    payload: &'a [u8],
    scrubber: &Scrubber,
    received_at: Timestamp,
) -> Result<Parsed<'a>, IngestError> {
    let mut notes = Notes::default();
    let Scrubbed { doc, payload, user } = json::object(payload, "the body", scrubber, &mut notes)?;
    let json = doc.root();
    let notes = &mut notes;
    let keys = json.entries().map(|(key, _)| key);
    for unknown in keys.filter(|key| !KNOWN.contains(&&**key)).take(10) {
        notes.push(
            bounded(&unknown, "", 100, &mut Notes::default()),
            "is not a field of this schema",
        );
    }
    let name = |key: &str, notes: &mut Notes| text(json.get(key), key, MAX_NAME_BYTES, notes);
    let error = text(json.get("error"), "error", MAX_TEXT_BYTES, notes);
    let message = text(json.get("message"), "message", MAX_TEXT_BYTES, notes);
    let stack_text = text(json.get("stack_trace"), "stack_trace", MAX_STACK_BYTES, notes);
    let ty = name("type", notes);
    if error.is_none() && message.is_none() && stack_text.is_none() {
        return Err(IngestError::Malformed(
            "`error`, `message` or `stack_trace` is required and must be a text".into(),
        ));
    }
    let (told, mut exceptions) =
        stack_text.as_deref().map_or_else(|| (OTHER, Vec::new()), read_stack);
    let platform = name("platform", notes).unwrap_or_else(|| told.to_owned());
    match exceptions.last_mut() {
        // The report knows its own type and message; what the sender says beside it is a message.
        Some(last) => {
            last.ty = last.ty.take().or(ty);
            if last.value.is_none() {
                last.value = error.clone();
            }
        }
        None if error.is_some() || ty.is_some() => exceptions.push(Exception {
            ty,
            value: error.clone().or_else(|| message.clone()),
            ..Exception::default()
        }),
        None => {}
    }
    let beside = error.filter(|error| {
        !exceptions.iter().any(|e| e.value.as_deref().is_some_and(|v| v.contains(error.as_str())))
    });
    let message = message.or(beside);
    let event = Event {
        event_id: event_id(json.get("event_id").and_then(Val::as_str).as_deref(), notes),
        timestamp: believable(time(json.get("timestamp"), "timestamp", notes), received_at, notes),
        level: level(json.get("level"), notes),
        platform,
        release: name("release", notes),
        environment: name("environment", notes),
        transaction: name("transaction", notes),
        server_name: name("server_name", notes),
        logger: None,
        message,
        exceptions,
        breadcrumbs: Vec::new(),
        tags: tags(json.get("tags"), notes),
        fingerprint: fingerprint(json.get("fingerprint"), notes),
        stack_text,
        user,
        dropped: Vec::new(),
    };
    let dropped = std::mem::take(notes).into_inner();
    Ok(Parsed { event: Event { dropped: dropped.clone(), ..event }, payload, kept_notes: dropped })
}
