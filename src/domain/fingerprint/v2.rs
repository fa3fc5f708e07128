//! Version 2 of grouping, the current one.

use crate::domain::backtrace::PANIC_TYPE;
use crate::domain::event::Event;
use crate::domain::{frames, panic};

use super::rules::{Source, Template};
use super::{How, Parts, is_default_marker, message, stack};

/// Keeps these fingerprints apart from those of other versions.
pub(super) const DOMAIN: &str = "2";

/// Keeps the senders' fingerprints apart. What a sender says literally does not depend on our version.
const SENDER_DOMAIN: &str = "sender";

/// Exceptions of a chain that count, the last raised first.
const MAX_CHAIN: usize = 16;

/// Bytes of a panic's message by which its kind is told.
const MAX_PANIC_BYTES: usize = 2 * 1024;

/// The event's fingerprint, and what decided it.
pub(super) fn fingerprint(event: &Event) -> (String, How) {
    let mut parts = Parts::new();
    let own = event.fingerprint.as_deref().unwrap_or_default();
    // `{{ default }}` by itself says nothing.
    if own.is_empty() || own.iter().all(|part| is_default_marker(part)) {
        let how = default_parts(event, &mut parts);
        return (parts.digest(DOMAIN), how);
    }
    let mut domain = SENDER_DOMAIN;
    let (source, mut usual) = (Source::new(event), None);
    for part in own {
        if is_default_marker(part) {
            domain = DOMAIN;
            parts.append(usual.get_or_insert_with(|| {
                let mut usual = Parts::new();
                default_parts(event, &mut usual);
                usual
            }));
        } else {
            parts.push("own", &Template::of_sender(part).fill(&source));
        }
    }
    (parts.digest(domain), How::Sender)
}

/// Appends what the event itself gives.
pub(super) fn default_parts(event: &Event, parts: &mut Parts) -> How {
    let Some(raised) = event.exception() else { return message_parts(event, parts) };
    push_types(event, parts);
    let value = raised.value.as_deref().unwrap_or_default();
    // All Rust panics have one type; their kinds are what other languages' types are.
    if raised.ty.as_deref() == Some(PANIC_TYPE) {
        let start = &value[..value.floor_char_boundary(MAX_PANIC_BYTES)];
        parts.push("kind", panic::classify(start).kind.as_str());
    }
    match stack::push_way(event, parts) {
        Some(way) => {
            // Files alone are weak: all that fails in one bundle would be one issue.
            if !way.named {
                parts.push("value", &message::parameterise(value));
            }
            if way.in_app { How::AppFrames } else { How::AllFrames }
        }
        None => {
            let said = event
                .exceptions
                .iter()
                .rev()
                .find_map(|e| e.value.as_deref().filter(|value| !value.trim().is_empty()));
            let said = said.or(event.message.as_deref()).unwrap_or_default();
            parts.push("value", &message::parameterise(said));
            How::Exception
        }
    }
}

/// The types of the chain, the last raised first; a type that repeats, as in retries, counts once.
fn push_types(event: &Event, parts: &mut Parts) {
    let mut seen = Vec::new();
    for exception in event.exceptions.iter().rev().take(MAX_CHAIN) {
        let ty = exception.ty.as_deref().unwrap_or_default();
        let ty = frames::error_type(&event.platform, ty);
        if !seen.contains(&ty) {
            parts.push("type", &ty);
            seen.push(ty);
        }
    }
}

fn message_parts(event: &Event, parts: &mut Parts) -> How {
    let message = event.message.as_deref().unwrap_or_default();
    if !message.trim().is_empty() {
        parts.push("message", &message::parameterise(message));
        return How::Message;
    }
    parts.push("logger", event.logger.as_deref().unwrap_or_default());
    let transaction = event.transaction.as_deref().unwrap_or_default();
    parts.push("transaction", &message::parameterise(transaction));
    How::Nothing
}
