//! Bytes that should be JSON → JSON. Senders write bytes that are no UTF-8, and halves of characters;
//! both are replaced, and said.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Doc;

/// What had to be replaced so that something could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Bytes that are no UTF-8.
    pub bytes: bool,
    /// Halves of characters.
    pub surrogates: bool,
}

impl Replaced {
    /// What there is to say of it.
    pub fn said(self) -> impl Iterator<Item = &'static str> {
        let bytes =
            self.bytes.then_some("is not valid UTF-8; the bytes that are not were replaced");
        let halves = self
            .surrogates
            .then_some("holds halves of characters (lone surrogates), which were replaced");
        bytes.into_iter().chain(halves)
    }
}

/// What was read in the slow way.
#[derive(Debug)]
pub struct Read {
    /// The value; of a key that came twice, the last counts.
    pub value: Value,
    /// Whether a key came twice in some object.
    pub repeats: bool,
    /// What was replaced.
    pub replaced: Replaced,
}

/// Reads a value.
pub fn value(payload: &[u8]) -> Result<Read, serde_json::Error> {
    let repeats = Cell::new(false);
    let (value, replaced) = read_with(payload, |text| {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = Reader { repeats: &repeats }.deserialize(&mut reader)?;
        reader.end().map(|()| value)
    });
    Ok(Read { value: value?, repeats: repeats.get(), replaced })
}

/// The bytes as a [`Doc`] without repeated keys, and what was replaced for that.
pub fn doc(payload: &[u8]) -> Result<(Doc<'_>, Replaced), serde_json::Error> {
    let quick = str::from_utf8(payload).ok().and_then(|text| Doc::parse(Cow::Borrowed(text)));
    if let Some(doc) = quick {
        if !doc.may_repeat() {
            return Ok((doc, Replaced::default()));
        }
        if let Some(doc) = doc.without_repeats() {
            return Ok((doc, Replaced::default()));
        }
    }
    let read = value(payload)?;
    let text = serde_json::to_string(&read.value)?;
    let doc = Doc::parse(Cow::Owned(text));
    doc.map(|doc| (doc, read.replaced)).ok_or_else(|| serde_json::Error::custom("nested too deep"))
}

/// Reads with `parse`; what makes the JSON invalid only inside its texts is replaced and told.
pub fn read_with<T>(
    payload: &[u8],
    parse: impl Fn(&str) -> Result<T, serde_json::Error>,
) -> (Result<T, serde_json::Error>, Replaced) {
    let text = String::from_utf8_lossy(payload);
    let mut replaced = Replaced { bytes: matches!(text, Cow::Owned(_)), surrogates: false };
    let read = parse(&text).or_else(|error| match without_lone_surrogates(&text) {
        Some(whole) => parse(&whole).inspect(|_| replaced.surrogates = true),
        None => Err(error),
    });
    (read, replaced)
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
