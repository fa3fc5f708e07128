//! The facts of an event that are read in one way from every door: id, time, level, tags, grouping.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use serde_json::Value;

use super::Level;
use super::fields::{MAX_NAME_BYTES, Notes, bounded, text};
use crate::domain::hash::ContentHash;
use crate::domain::json::{Doc, Kind, Val};

/// Digits of an event's id.
const ID_DIGITS: usize = 32;
/// Tags that are kept.
const MAX_TAGS: usize = 100;
/// Parts of a fingerprint that are kept.
const MAX_FINGERPRINT_PARTS: usize = 50;
/// How far a sender's clock may be ahead of ours before its time is not believed, in hours.
const MAX_AHEAD_HOURS: i64 = 24;
/// How old an event may be before its time is not believed, in hours (thirty days).
const MAX_AGE_HOURS: i64 = 30 * 24;

/// 32 lower-case digits: the sender's, or new ones.
pub fn event_id(sent: Option<&str>, notes: &mut Notes) -> String {
    match sent.map(known_id) {
        Some(Some(id)) => id,
        Some(None) => {
            notes.push("event_id", "is not a UUID; a new one was given");
            new_id()
        }
        None => new_id(),
    }
}

/// The id of an event that came without one as number `number`, from 1, behind another that has `first`'s.
/// It is the same when the same is sent again by a sender who did not hear that it arrived; `None` if
/// `first` is no id.
pub fn further_id(first: &str, number: usize) -> Option<String> {
    let first = known_id(first)?;
    let mut id = ContentHash::of(format!("{first} {number}").as_bytes()).as_str().to_owned();
    id.truncate(ID_DIGITS);
    Some(id)
}

fn known_id(sent: &str) -> Option<String> {
    let id = uuid::Uuid::try_parse(sent).ok().filter(|id| !id.is_nil())?;
    Some(id.simple().to_string())
}

fn new_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// The sender's time, unless it is missing or absurd.
pub fn believable(sent: Option<Timestamp>, received_at: Timestamp, notes: &mut Notes) -> Timestamp {
    let Some(sent) = sent else { return received_at };
    let age = received_at.duration_since(sent);
    if age > SignedDuration::from_hours(MAX_AGE_HOURS)
        || age < SignedDuration::from_hours(-MAX_AHEAD_HOURS)
    {
        notes.push(
            "timestamp",
            format_args!("{sent} is not believable; the time of arrival was taken"),
        );
        return received_at;
    }
    sent
}

/// How bad; error if it is not said.
pub fn level(value: Option<Val<'_>>, notes: &mut Notes) -> Level {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Level::Error };
    let said = match value.as_str() {
        Some(said) => match said.to_ascii_lowercase().as_str() {
            "log" => Some(Level::Info),
            "warn" => Some(Level::Warning),
            "critical" => Some(Level::Fatal),
            other => other.parse().ok(),
        },
        // What Python's `logging` calls them, from clients before `sentry-sdk`.
        None => match value.as_u64() {
            Some(10) => Some(Level::Debug),
            Some(20) => Some(Level::Info),
            Some(30) => Some(Level::Warning),
            Some(40) => Some(Level::Error),
            Some(50) => Some(Level::Fatal),
            _ => None,
        },
    };
    said.unwrap_or_else(|| {
        notes.push("level", "is not a level; read as error");
        Level::Error
    })
}

/// `{name: value}` or `[[name, value], …]`.
pub fn tags(value: Option<Val<'_>>, notes: &mut Notes) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    let mut put = |name: &str, value: Val<'_>, notes: &mut Notes| {
        if tags.len() == MAX_TAGS && !tags.contains_key(name) {
            notes.push("tags", format_args!("only {MAX_TAGS} are kept"));
            return;
        }
        if let Some(value) = text(Some(value), "tags", MAX_NAME_BYTES, notes) {
            tags.insert(bounded(name, "tags", MAX_NAME_BYTES, notes), value);
        }
    };
    let Some(value) = value else { return tags };
    match value.kind() {
        Kind::Null => {}
        Kind::Object => value.entries().for_each(|(name, value)| put(&name, value, notes)),
        Kind::List => {
            for pair in value.items() {
                let mut parts = pair.items();
                match (parts.next().and_then(Val::as_str), parts.next(), parts.next()) {
                    (Some(name), Some(value), None) => put(&name, value, notes),
                    _ => notes.push("tags", "one is not a pair"),
                }
            }
        }
        _ => notes.push("tags", "is neither an object nor a list of pairs"),
    }
    tags
}

/// The grouping that the sender asks for.
pub fn fingerprint(value: Option<Val<'_>>, notes: &mut Notes) -> Option<Vec<String>> {
    let value = value?;
    match value.kind() {
        Kind::Null => None,
        Kind::List => {
            let parts: Vec<String> = value
                .items()
                .take(MAX_FINGERPRINT_PARTS)
                .filter_map(|v| text(Some(v), "fingerprint", MAX_NAME_BYTES, notes))
                .collect();
            (!parts.is_empty()).then_some(parts)
        }
        Kind::Text => Some(vec![bounded(&value.as_str()?, "fingerprint", MAX_NAME_BYTES, notes)]),
        _ => {
            notes.push("fingerprint", "is not a list of texts");
            None
        }
    }
}

/// [`user`] of JSON that was read in the slow way.
pub fn user_of(event: &Value) -> Option<String> {
    let user = event.get("user").filter(|user| user.is_object())?;
    let doc = Doc::parse(serde_json::json!({ "user": user }).to_string().into())?;
    self::user(doc.root())
}

/// Whom it happened to: id, else name, else e-mail address, of the event's JSON as it was sent.
pub fn user(event: Val<'_>) -> Option<String> {
    let user = event.get("user")?;
    let named = |key: &str| {
        let value = user.get(key).filter(|v| matches!(v.kind(), Kind::Text | Kind::Number));
        text(value, key, MAX_NAME_BYTES, &mut Notes::none()).filter(|name| !name.is_empty())
    };
    named("id").or_else(|| named("username")).or_else(|| named("email"))
}
