//! The bytes of one event → its JSON without secrets, and the bytes that may be kept of it.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::IngestError;
use super::fields::Notes;
use crate::domain::event::Event;
use crate::domain::scrub::Scrubber;

/// An event, and the payload that is kept beside it; neither holds what was scrubbed.
#[derive(Debug)]
pub struct Parsed<'a> {
    /// The event.
    pub event: Event,
    /// The bytes as they came, where nothing had to go; else the scrubbed JSON.
    pub payload: Cow<'a, [u8]>,
}

/// An event's JSON and the bytes that are kept, both scrubbed.
type Scrubbed<'a> = (Map<String, Value>, Cow<'a, [u8]>);

/// Reads an object and scrubs it. `what` stands in the refusal: `the event`.
pub(super) fn object<'a>(
    payload: &'a [u8],
    what: &str,
    scrubber: &Scrubber,
    notes: &mut Notes,
) -> Result<Scrubbed<'a>, IngestError> {
    let text = match std::str::from_utf8(payload) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            notes.push("event", "is not valid UTF-8; the bytes that are not were replaced");
            String::from_utf8_lossy(payload)
        }
    };
    let refused =
        |e: &dyn fmt::Display| IngestError::Malformed(format!("{what} is not a JSON object: {e}"));
    let repeats = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_str(&text);
    let mut value = Reader { repeats: &repeats }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|e| refused(&e))?;
    if !value.is_object() {
        return Err(refused(&"it is another kind of value"));
    }
    let report = scrubber.scrub_value(&mut value);
    // A key that comes twice hides its first value from the scrubber, but not from who reads the bytes.
    let rewritten = !report.is_empty() || scrubber.is_enabled() && repeats.get();
    let kept = match rewritten {
        true => Cow::Owned(serde_json::to_vec(&value).map_err(|e| refused(&e))?),
        false => Cow::Borrowed(payload),
    };
    for removed in report.removed {
        notes.push(removed.path, format!("scrubbed: {}", removed.rule));
    }
    if report.more > 0 {
        notes.push("event", format!("scrubbed: {} more places", report.more));
    }
    match value {
        Value::Object(map) => Ok((map, kept)),
        _ => Err(refused(&"it is another kind of value")),
    }
}

/// Reads as [`Value`] does, and sees whether any object has a key twice.
#[derive(Clone, Copy)]
struct Reader<'r> {
    repeats: &'r Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(self)?;
            if map.insert(key, value).is_some() {
                self.repeats.set(true);
            }
        }
        Ok(Value::Object(map))
    }
}
