//! An event's JSON → [`Event`], leniently: every field that can be read is, the rest is noted.
//! The shape is Sentry's (<https://develop.sentry.dev/sdk/data-model/event-payloads/>).

use jiff::Timestamp;

use super::facts::{believable, event_id, fingerprint, level, tags};
use super::fields::{Field, MAX_NAME_BYTES, MAX_TEXT_BYTES, Notes, text, time};
use super::stack::{exceptions, failing_thread, stack_trace};
use super::{Breadcrumb, Dropped, Event};
use crate::domain::json::{Kind, Val, lenient};

/// Breadcrumbs that are kept, the newest.
const MAX_BREADCRUMBS: usize = 100;

/// How much of an event is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What grouping, lists and rules need: no lines of source, no breadcrumbs, no notes.
    Head,
    /// All.
    Whole,
}

/// A stored payload that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON.
    #[error("the payload is not a JSON object: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON of another kind.
    #[error("the payload is not a JSON object")]
    NoObject,
}

/// Reads all of an event from its stored payload. `event_id` is the one that it is stored under, which
/// counts; `received_at` is when it arrived; `notes` are what was kept of the notes of that time.
pub fn read(
    payload: &[u8],
    event_id: Option<&str>,
    received_at: Timestamp,
    notes: Vec<Dropped>,
) -> Result<Event, ReadError> {
    let (doc, replaced) = lenient::doc(payload)?;
    if doc.root().kind() != Kind::Object {
        return Err(ReadError::NoObject);
    }
    let mut notes = Notes::starting_with(notes);
    for said in replaced.said() {
        notes.push("event", said);
    }
    Ok(from_json(doc.root(), event_id, received_at, Detail::Whole, notes))
}

/// Reads an event from its JSON, as far as `detail` says. `id` comes before what the JSON says.
pub fn from_json(
    json: Val<'_>,
    id: Option<&str>,
    received_at: Timestamp,
    detail: Detail,
    mut notes: Notes,
) -> Event {
    let notes = &mut notes;
    let sent = Sent::of(json);
    let name = |value: Option<Val<'_>>, key: &str, notes: &mut Notes| {
        text(value, key, MAX_NAME_BYTES, notes)
    };
    let platform = name(sent.platform, "platform", notes).unwrap_or_else(|| "other".into());
    let mut exceptions = exceptions(sent.exception, &platform, detail, notes);
    if let Some(last) = exceptions.last_mut().filter(|e| e.stacktrace.is_none()) {
        let field = Field::Named("stacktrace");
        last.stacktrace = sent
            .stacktrace
            .or_else(|| failing_thread(sent.threads))
            .and_then(|v| stack_trace(v, &field, &platform, detail, notes));
    }
    let sent_id = sent.event_id.and_then(Val::as_str);
    let own_id = event_id(sent_id.as_deref(), notes);
    let mut event = Event {
        event_id: id.map_or(own_id, str::to_owned),
        timestamp: believable(time(sent.timestamp, "timestamp", notes), received_at, notes),
        level: level(sent.level, notes),
        release: name(sent.release, "release", notes),
        environment: name(sent.environment, "environment", notes),
        transaction: name(sent.transaction, "transaction", notes),
        server_name: name(sent.server_name, "server_name", notes),
        logger: name(sent.logger, "logger", notes),
        message: sent.message(notes),
        exceptions,
        breadcrumbs: Vec::new(),
        tags: tags(sent.tags, notes),
        fingerprint: fingerprint(sent.fingerprint, notes),
        stack_text: None,
        user: None,
        platform,
        dropped: Vec::new(),
    };
    if detail == Detail::Whole {
        event.breadcrumbs = breadcrumbs(sent.breadcrumbs, notes);
    }
    event.dropped = std::mem::take(notes).into_inner();
    event
}

/// What an event may hold, before any of it is read.
#[derive(Default)]
struct Sent<'d> {
    event_id: Option<Val<'d>>,
    timestamp: Option<Val<'d>>,
    level: Option<Val<'d>>,
    platform: Option<Val<'d>>,
    release: Option<Val<'d>>,
    environment: Option<Val<'d>>,
    transaction: Option<Val<'d>>,
    server_name: Option<Val<'d>>,
    logger: Option<Val<'d>>,
    logentry: Option<Val<'d>>,
    message: Option<Val<'d>>,
    old_message: Option<Val<'d>>,
    exception: Option<Val<'d>>,
    stacktrace: Option<Val<'d>>,
    threads: Option<Val<'d>>,
    breadcrumbs: Option<Val<'d>>,
    tags: Option<Val<'d>>,
    fingerprint: Option<Val<'d>>,
}

/// The key of messages before `logentry`.
const OLD_MESSAGE: &str = "sentry.interfaces.Message";

impl<'d> Sent<'d> {
    fn of(json: Val<'d>) -> Self {
        let mut sent = Self::default();
        for (key, value) in json.entries() {
            let place = match &*key {
                "event_id" => &mut sent.event_id,
                "timestamp" => &mut sent.timestamp,
                "level" => &mut sent.level,
                "platform" => &mut sent.platform,
                "release" => &mut sent.release,
                "environment" => &mut sent.environment,
                "transaction" => &mut sent.transaction,
                "server_name" => &mut sent.server_name,
                "logger" => &mut sent.logger,
                "logentry" => &mut sent.logentry,
                "message" => &mut sent.message,
                OLD_MESSAGE => &mut sent.old_message,
                "exception" => &mut sent.exception,
                "stacktrace" => &mut sent.stacktrace,
                "threads" => &mut sent.threads,
                "breadcrumbs" => &mut sent.breadcrumbs,
                "tags" => &mut sent.tags,
                "fingerprint" => &mut sent.fingerprint,
                _ => continue,
            };
            *place = Some(value);
        }
        sent
    }

    /// `message` or `logentry`, each a text or `{formatted, message}`.
    fn message(&self, notes: &mut Notes) -> Option<String> {
        let places = [
            ("logentry", self.logentry),
            ("message", self.message),
            (OLD_MESSAGE, self.old_message),
        ];
        places.into_iter().find_map(|(key, value)| {
            let shown = match value {
                Some(entry) if entry.kind() == Kind::Object => entry
                    .get("formatted")
                    .filter(|formatted| !formatted.is_null())
                    .or_else(|| entry.get("message")),
                other => other,
            };
            text(shown, key, MAX_TEXT_BYTES, notes)
        })
    }
}

/// `[…]` or `{"values": […]}` or a single object.
pub(super) fn values<'d>(
    value: Option<Val<'d>>,
    field: &str,
    notes: &mut Notes,
) -> impl Iterator<Item = Val<'d>> + use<'d> {
    let (mut list, mut single) = (None, None);
    if let Some(value) = value {
        match value.kind() {
            Kind::Null => {}
            Kind::List => list = Some(value),
            Kind::Object => match value.get("values") {
                Some(values) if values.kind() == Kind::List => list = Some(values),
                Some(values) if values.is_null() => {}
                Some(_) => notes.push(field, "`values` is not a list"),
                None if value.entries().next().is_none() => {}
                None => single = Some(value),
            },
            _ => notes.push(field, "is not a list"),
        }
    }
    list.into_iter().flat_map(Val::items).chain(single)
}

fn breadcrumbs(value: Option<Val<'_>>, notes: &mut Notes) -> Vec<Breadcrumb> {
    let count = values(value, "breadcrumbs", notes).count();
    let skip = count.saturating_sub(MAX_BREADCRUMBS);
    if skip > 0 {
        notes.push("breadcrumbs", format_args!("the {skip} oldest of {count} were left out"));
    }
    values(value, "breadcrumbs", &mut Notes::none())
        .skip(skip)
        .filter(|crumb| crumb.kind() == Kind::Object)
        .map(|crumb| Breadcrumb {
            timestamp: time(crumb.get("timestamp"), "breadcrumbs.timestamp", notes),
            category: text(
                crumb.get("category").or_else(|| crumb.get("type")),
                "breadcrumbs.category",
                MAX_NAME_BYTES,
                notes,
            ),
            message: text(crumb.get("message"), "breadcrumbs.message", MAX_TEXT_BYTES, notes),
            level: text(crumb.get("level"), "breadcrumbs.level", MAX_NAME_BYTES, notes),
        })
        .collect()
}
