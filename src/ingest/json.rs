//! The bytes of one event → its JSON without secrets, and the bytes that may be kept of it. Senders
//! write bytes that are no UTF-8, and halves of characters; both are replaced and noted.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
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
    let refused =
        |e: &dyn fmt::Display| IngestError::Malformed(format!("{what} is not a JSON object: {e}"));
    let repeats = Cell::new(false);
    let mut value = read_with(payload, notes, |text| {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = Reader { repeats: &repeats }.deserialize(&mut reader)?;
        reader.end().map(|()| value)
    })
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

/// Reads JSON. What makes it invalid only inside its texts is replaced and noted.
pub(super) fn read<T: DeserializeOwned>(
    payload: &[u8],
    notes: &mut Notes,
) -> Result<T, serde_json::Error> {
    read_with(payload, notes, |text| serde_json::from_str(text))
}

fn read_with<T>(
    payload: &[u8],
    notes: &mut Notes,
    parse: impl Fn(&str) -> Result<T, serde_json::Error>,
) -> Result<T, serde_json::Error> {
    let text = String::from_utf8_lossy(payload);
    if matches!(text, Cow::Owned(_)) {
        notes.push("event", "is not valid UTF-8; the bytes that are not were replaced");
    }
    parse(&text).or_else(|error| match without_lone_surrogates(&text) {
        Some(whole) => {
            let read = parse(&whole)?;
            notes
                .push("event", "holds halves of characters (lone surrogates), which were replaced");
            Ok(read)
        }
        None => Err(error),
    })
}

/// JavaScript cuts texts in the middle of a character and escapes the half as `\ud83d`, which stands
/// for nothing. The text with such halves replaced; `None` if there are none.
fn without_lone_surrogates(text: &str) -> Option<String> {
    let mut whole = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find('\\') {
        at += found;
        match escaped_unit(&text[at..]) {
            Some(0xD800..=0xDBFF) => {
                if matches!(escaped_unit(&text[at + 6..]), Some(0xDC00..=0xDFFF)) {
                    at += 12;
                    continue;
                }
            }
            Some(0xDC00..=0xDFFF) => {}
            // Any other escape: past the backslash and what it escapes, which may be a backslash.
            _ => {
                at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
        }
        whole.push_str(&text[copied..at]);
        whole.push_str("\\ufffd");
        at += 6;
        copied = at;
    }
    (copied > 0).then(|| {
        whole.push_str(&text[copied..]);
        whole
    })
}

/// The unit that a `\uXXXX` at the beginning of `text` stands for.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read_text(text: &str) -> (Option<Value>, usize) {
        let mut notes = Notes::default();
        (read(text.as_bytes(), &mut notes).ok(), notes.into_inner().len())
    }

    #[test]
    fn halves_of_characters_are_replaced_and_whole_ones_are_not() {
        for (sent, read, notes) in [
            (r#"["\ud83d"]"#, json!(["\u{fffd}"]), 1),
            (r#"["a\ude00b"]"#, json!(["a\u{fffd}b"]), 1),
            (r#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}\u{1f600}"]), 1),
            (r#"["\uDE00\uD83D"]"#, json!(["\u{fffd}\u{fffd}"]), 1),
            (r#"["\ud83d\ude00"]"#, json!(["\u{1f600}"]), 0),
            (r#"["\\ud83d\ud83d"]"#, json!(["\\ud83d\u{fffd}"]), 1),
            (r#"["\\ud83d"]"#, json!(["\\ud83d"]), 0),
            (r#"["é\n\ud83dé"]"#, json!(["é\n\u{fffd}é"]), 1),
        ] {
            assert_eq!(read_text(sent), (Some(read), notes), "{sent}");
        }
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for sent in ["", "\\", "\\u", "{\"a\":\"\\ud83", "[\"\\ud83d\"", "\\ué", "[\"\\"] {
            assert_eq!(read_text(sent), (None, 0), "{sent}");
        }
    }
}
