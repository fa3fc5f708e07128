//! An event's JSON → [`Event`], leniently: every field that can be read is, the rest is noted.
//! The shape is Sentry's (<https://develop.sentry.dev/sdk/data-model/event-payloads/>).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::IngestError;
use super::fields::{MAX_NAME_BYTES, MAX_TEXT_BYTES, Notes, bounded, number, text, time};
use super::json::{self, Parsed};
use crate::domain::event::{Breadcrumb, Dropped, Event, Exception, Frame, Level, StackTrace};
use crate::domain::in_app;
use crate::domain::scrub::Scrubber;

/// Exceptions of a chain that are kept, from the one that was raised on.
const MAX_EXCEPTIONS: usize = 20;
/// Frames of a stack that are kept: half from each end.
const MAX_FRAMES: usize = 256;
/// Breadcrumbs that are kept, the newest.
const MAX_BREADCRUMBS: usize = 100;
/// Tags that are kept.
const MAX_TAGS: usize = 100;
/// Parts of a fingerprint that are kept.
const MAX_FINGERPRINT_PARTS: usize = 50;
/// Lines of source context that are kept on each side of a frame's line.
const MAX_CONTEXT_LINES: usize = 30;
/// How far a sender's clock may be ahead of ours before its time is not believed, in hours.
const MAX_AHEAD_HOURS: i64 = 24;
/// How old an event may be before its time is not believed, in hours (thirty days).
const MAX_AGE_HOURS: i64 = 30 * 24;

/// Reads and scrubs an event. `id` is the envelope's; the event's own comes first.
pub fn parse<'a>(
    payload: &'a [u8],
    scrubber: &Scrubber,
    id: Option<&str>,
    received_at: Timestamp,
    dropped: Vec<Dropped>,
) -> Result<Parsed<'a>, IngestError> {
    let mut notes = Notes::starting_with(dropped);
    let (json, payload) = json::object(payload, "the event", scrubber, &mut notes)?;
    Ok(Parsed { event: read(&json, id, received_at, notes), payload })
}

fn read(
    json: &Map<String, Value>,
    id: Option<&str>,
    received_at: Timestamp,
    mut notes: Notes,
) -> Event {
    let notes = &mut notes;
    let name = |key: &str, notes: &mut Notes| text(json.get(key), key, MAX_NAME_BYTES, notes);
    let platform = name("platform", notes).unwrap_or_else(|| "other".into());
    let mut exceptions = exceptions(json.get("exception"), &platform, notes);
    if let Some(last) = exceptions.last_mut().filter(|e| e.stacktrace.is_none()) {
        last.stacktrace = json
            .get("stacktrace")
            .or_else(|| failing_thread(json.get("threads")))
            .and_then(|v| stack_trace(v, "stacktrace", &platform, notes));
    }
    let event = Event {
        event_id: event_id(json.get("event_id").and_then(Value::as_str).or(id), notes),
        timestamp: believable(time(json.get("timestamp"), "timestamp", notes), received_at, notes),
        level: level(json.get("level"), notes),
        release: name("release", notes),
        environment: name("environment", notes),
        transaction: name("transaction", notes),
        server_name: name("server_name", notes),
        logger: name("logger", notes),
        message: message(json, notes),
        exceptions,
        breadcrumbs: breadcrumbs(json.get("breadcrumbs"), notes),
        tags: tags(json.get("tags"), notes),
        fingerprint: fingerprint(json.get("fingerprint"), notes),
        stack_text: None,
        user: None,
        platform,
        dropped: Vec::new(),
    };
    Event { dropped: std::mem::take(notes).into_inner(), ..event }
}

/// 32 lower-case digits: the sender's, or new ones.
pub(super) fn event_id(sent: Option<&str>, notes: &mut Notes) -> String {
    match sent.map(uuid::Uuid::try_parse) {
        Some(Ok(id)) if !id.is_nil() => id.simple().to_string(),
        Some(_) => {
            notes.push("event_id", "is not a UUID; a new one was given");
            uuid::Uuid::new_v4().simple().to_string()
        }
        None => uuid::Uuid::new_v4().simple().to_string(),
    }
}

/// The sender's time, unless it is missing or absurd.
pub(super) fn believable(
    sent: Option<Timestamp>,
    received_at: Timestamp,
    notes: &mut Notes,
) -> Timestamp {
    let Some(sent) = sent else { return received_at };
    let age = received_at.duration_since(sent);
    if age > SignedDuration::from_hours(MAX_AGE_HOURS)
        || age < SignedDuration::from_hours(-MAX_AHEAD_HOURS)
    {
        notes.push("timestamp", format!("{sent} is not believable; the time of arrival was taken"));
        return received_at;
    }
    sent
}

pub(super) fn level(value: Option<&Value>, notes: &mut Notes) -> Level {
    match value {
        None | Some(Value::Null) => Level::Error,
        Some(Value::String(s)) => match s.to_ascii_lowercase().as_str() {
            "log" => Level::Info,
            "warn" => Level::Warning,
            "critical" => Level::Fatal,
            other => other.parse().unwrap_or_else(|_| {
                notes.push("level", "is not a level; read as error");
                Level::Error
            }),
        },
        Some(_) => {
            notes.push("level", "is not a level; read as error");
            Level::Error
        }
    }
}

/// `message` or `logentry`, each a text or `{formatted, message}`.
fn message(json: &Map<String, Value>, notes: &mut Notes) -> Option<String> {
    for key in ["logentry", "message", "sentry.interfaces.Message"] {
        let found = match json.get(key) {
            Some(Value::Object(entry)) => {
                let shown =
                    entry.get("formatted").filter(|v| !v.is_null()).or(entry.get("message"));
                text(shown, key, MAX_TEXT_BYTES, notes)
            }
            other => text(other, key, MAX_TEXT_BYTES, notes),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// `[…]` or `{"values": […]}` or a single object.
fn values<'a>(value: Option<&'a Value>, field: &str, notes: &mut Notes) -> Vec<&'a Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list.iter().collect(),
        Some(Value::Object(object)) => match object.get("values") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(Value::Null) => Vec::new(),
            Some(_) => {
                notes.push(field, "`values` is not a list");
                Vec::new()
            }
            None if object.is_empty() => Vec::new(),
            None => value.into_iter().collect(),
        },
        Some(_) => {
            notes.push(field, "is not a list");
            Vec::new()
        }
    }
}

fn exceptions(value: Option<&Value>, platform: &str, notes: &mut Notes) -> Vec<Exception> {
    let list = values(value, "exception", notes);
    let skipped = list.len().saturating_sub(MAX_EXCEPTIONS);
    if skipped > 0 {
        notes.push("exception", format!("the {skipped} innermost of {} were left out", list.len()));
    }
    list.into_iter()
        .enumerate()
        .skip(skipped)
        .filter_map(|(i, value)| {
            let field = format!("exception.values[{i}]");
            let Value::Object(json) = value else {
                if !value.is_null() {
                    notes.push(field, "is not an object");
                }
                return None;
            };
            Some(Exception {
                ty: text(json.get("type"), &format!("{field}.type"), MAX_NAME_BYTES, notes),
                value: text(json.get("value"), &format!("{field}.value"), MAX_TEXT_BYTES, notes),
                module: text(json.get("module"), &format!("{field}.module"), MAX_NAME_BYTES, notes),
                handled: json
                    .get("mechanism")
                    .and_then(|m| m.get("handled"))
                    .and_then(Value::as_bool),
                stacktrace: json
                    .get("stacktrace")
                    .and_then(|v| stack_trace(v, &format!("{field}.stacktrace"), platform, notes)),
            })
        })
        .collect()
}

/// The stack of the thread that crashed, or of the one that reported.
fn failing_thread(threads: Option<&Value>) -> Option<&Value> {
    let list = threads.and_then(|t| t.get("values").or(Some(t))).and_then(Value::as_array)?;
    let flag = |thread: &&Value, key: &str| thread.get(key).and_then(Value::as_bool) == Some(true);
    list.iter()
        .find(|t| flag(t, "crashed"))
        .or_else(|| list.iter().find(|t| flag(t, "current")))?
        .get("stacktrace")
}

fn stack_trace(
    value: &Value,
    field: &str,
    platform: &str,
    notes: &mut Notes,
) -> Option<StackTrace> {
    if value.is_null() {
        return None;
    }
    let Some(list) = value.get("frames").and_then(Value::as_array) else {
        notes.push(field, "has no list of frames");
        return None;
    };
    let half = MAX_FRAMES / 2;
    let cut = list.len() > MAX_FRAMES;
    if cut {
        notes.push(
            field,
            format!(
                "{} frames in the middle of {} were left out",
                list.len() - MAX_FRAMES,
                list.len()
            ),
        );
    }
    let frames: Vec<Frame> = list
        .iter()
        .enumerate()
        .filter(|(i, _)| !cut || *i < half || *i >= list.len() - half)
        .filter_map(|(i, v)| frame(v, &format!("{field}.frames[{i}]"), platform, notes))
        .collect();
    (!frames.is_empty()).then_some(StackTrace { frames })
}

fn frame(value: &Value, field: &str, platform: &str, notes: &mut Notes) -> Option<Frame> {
    let Value::Object(json) = value else {
        notes.push(field, "is not an object");
        return None;
    };
    let mut name =
        |key: &str| text(json.get(key), &format!("{field}.{key}"), MAX_NAME_BYTES, notes);
    let mut frame = Frame {
        function: name("function"),
        module: name("module"),
        package: name("package"),
        filename: name("filename"),
        abs_path: name("abs_path"),
        context_line: name("context_line"),
        ..Frame::default()
    };
    frame.lineno = number(json.get("lineno"), &format!("{field}.lineno"), notes).filter(|n| *n > 0);
    frame.colno = number(json.get("colno"), &format!("{field}.colno"), notes).filter(|n| *n > 0);
    frame.pre_context =
        context(json.get("pre_context"), true, &format!("{field}.pre_context"), notes);
    frame.post_context =
        context(json.get("post_context"), false, &format!("{field}.post_context"), notes);
    frame.in_app = json.get("in_app").and_then(Value::as_bool);
    if matches!(platform, "rust" | "native") {
        frame.in_app = Some(in_app::is_in_app(&frame));
    }
    Some(frame)
}

/// Lines around a frame's line; the nearest are kept.
fn context(value: Option<&Value>, before: bool, field: &str, notes: &mut Notes) -> Vec<String> {
    let Some(Value::Array(lines)) = value else { return Vec::new() };
    let skip = if before { lines.len().saturating_sub(MAX_CONTEXT_LINES) } else { 0 };
    lines
        .iter()
        .skip(skip)
        .take(MAX_CONTEXT_LINES)
        .map(|line| bounded(line.as_str().unwrap_or_default(), field, MAX_NAME_BYTES, notes))
        .collect()
}

fn breadcrumbs(value: Option<&Value>, notes: &mut Notes) -> Vec<Breadcrumb> {
    let list = values(value, "breadcrumbs", notes);
    let skip = list.len().saturating_sub(MAX_BREADCRUMBS);
    if skip > 0 {
        notes.push("breadcrumbs", format!("the {skip} oldest of {} were left out", list.len()));
    }
    list.into_iter()
        .skip(skip)
        .filter_map(Value::as_object)
        .map(|json| Breadcrumb {
            timestamp: time(json.get("timestamp"), "breadcrumbs.timestamp", notes),
            category: text(
                json.get("category").or_else(|| json.get("type")),
                "breadcrumbs.category",
                MAX_NAME_BYTES,
                notes,
            ),
            message: text(json.get("message"), "breadcrumbs.message", MAX_TEXT_BYTES, notes),
            level: text(json.get("level"), "breadcrumbs.level", MAX_NAME_BYTES, notes),
        })
        .collect()
}

/// `{name: value}` or `[[name, value], …]`.
pub(super) fn tags(value: Option<&Value>, notes: &mut Notes) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    let mut put = |name: &str, value: &Value, notes: &mut Notes| {
        if tags.len() == MAX_TAGS && !tags.contains_key(name) {
            notes.push("tags", format!("only {MAX_TAGS} are kept"));
            return;
        }
        if let Some(value) = text(Some(value), "tags", MAX_NAME_BYTES, notes) {
            tags.insert(bounded(name, "tags", MAX_NAME_BYTES, notes), value);
        }
    };
    match value {
        None | Some(Value::Null) => {}
        Some(Value::Object(map)) => map.iter().for_each(|(k, v)| put(k, v, notes)),
        Some(Value::Array(pairs)) => {
            for pair in pairs {
                match pair.as_array().map(Vec::as_slice) {
                    Some([Value::String(name), value]) => put(name, value, notes),
                    _ => notes.push("tags", "one is not a pair"),
                }
            }
        }
        Some(_) => notes.push("tags", "is neither an object nor a list of pairs"),
    }
    tags
}

pub(super) fn fingerprint(value: Option<&Value>, notes: &mut Notes) -> Option<Vec<String>> {
    match value? {
        Value::Null => None,
        Value::Array(list) => {
            let parts: Vec<String> = list
                .iter()
                .take(MAX_FINGERPRINT_PARTS)
                .filter_map(|v| text(Some(v), "fingerprint", MAX_NAME_BYTES, notes))
                .collect();
            (!parts.is_empty()).then_some(parts)
        }
        Value::String(one) => Some(vec![bounded(one, "fingerprint", MAX_NAME_BYTES, notes)]),
        _ => {
            notes.push("fingerprint", "is not a list of texts");
            None
        }
    }
}

#[cfg(test)]
mod tests;
