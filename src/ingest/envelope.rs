//! Envelopes: a header line, then items of a header line and a payload each
//! (<https://develop.sentry.dev/sdk/data-model/envelopes/>).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::IngestError;
use crate::domain::event::Dropped;
use crate::domain::event::facts::further_id;

/// Items read from one envelope; senders put a handful in.
const MAX_ITEMS: usize = 200;

/// Bytes of a header line; a longer one is not read, because JSON needs many times its length in memory.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Bytes of a file name or content type that are kept.
const MAX_FACT_BYTES: usize = 255;

/// An envelope, borrowed from the body.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// The id that its items belong to, as sent.
    pub event_id: Option<String>,
    /// The DSN in the header: how a request through a tunnel names its project.
    pub dsn: Option<String>,
    /// In order.
    pub items: Vec<Item<'a>>,
    /// What could not be read.
    pub dropped: Vec<Dropped>,
    /// Why what stands behind the items was not read, if it was not.
    pub broken_off: Option<String>,
}

/// One item.
#[derive(Debug)]
pub struct Item<'a> {
    /// `event`, `attachment`, `session`, …
    pub kind: String,
    /// Its bytes.
    pub payload: &'a [u8],
    /// An attachment's name, as sent, cut.
    pub filename: Option<String>,
    /// An attachment's content type, as sent, cut.
    pub content_type: Option<String>,
}

/// Splits an envelope. Only a header that cannot be read refuses the whole; an item that cannot is
/// noted and left out, with all behind it if it cannot be known where the next one begins.
pub fn parse(body: &[u8]) -> Result<Envelope<'_>, IngestError> {
    let (line, mut rest) = split_line(body);
    let header = object(line).ok_or_else(|| {
        IngestError::Malformed(format!(
            "the envelope's first line is not a JSON object of at most {MAX_HEADER_BYTES} bytes"
        ))
    })?;
    let text = |key: &str| header.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut envelope = Envelope {
        event_id: text("event_id"),
        dsn: text("dsn"),
        items: Vec::new(),
        dropped: Vec::new(),
        broken_off: None,
    };
    let mut index = 0;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        if line.iter().all(u8::is_ascii_whitespace) {
            rest = after;
            continue;
        }
        if index == MAX_ITEMS {
            envelope.break_off(index, format!("only the first {MAX_ITEMS} items are read"));
            break;
        }
        let Some(header) = object(line) else {
            // Where the next item begins cannot be known any more.
            envelope.break_off(index, format!("its header is not a JSON object of at most {MAX_HEADER_BYTES} bytes; it and all behind it are left out"));
            break;
        };
        let payload;
        (payload, rest) = match header.get("length").and_then(Value::as_u64) {
            Some(length) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                if length > after.len() {
                    envelope.note(
                        index,
                        format!(
                            "its header says {length} bytes, {} came; read as they are",
                            after.len()
                        ),
                    );
                }
                let (payload, rest) = after.split_at(length.min(after.len()));
                (payload, rest.strip_prefix(b"\n").unwrap_or(rest))
            }
            None => split_line(after),
        };
        match header.get("type").and_then(Value::as_str) {
            Some(kind) => envelope.items.push(Item {
                kind: cut(kind),
                payload,
                filename: header.get("filename").and_then(Value::as_str).map(cut),
                content_type: header.get("content_type").and_then(Value::as_str).map(cut),
            }),
            None => envelope.note(index, "its header has no type".into()),
        }
        index += 1;
    }
    Ok(envelope)
}

impl Envelope<'_> {
    /// The id of the envelope's event number `number`, from 0, if it says none itself. The envelope's own
    /// is that of the first one only: two events of one id would be one event that was sent twice.
    pub fn id_of_event(&self, number: usize) -> Option<Cow<'_, str>> {
        let first = self.event_id.as_deref()?;
        if number == 0 {
            return Some(Cow::Borrowed(first));
        }
        further_id(first, number).map(Cow::Owned)
    }

    fn break_off(&mut self, item: usize, reason: String) {
        self.broken_off = Some(format!("item {item} of the envelope: {reason}"));
        self.note(item, reason);
    }

    fn note(&mut self, item: usize, reason: String) {
        self.dropped.push(Dropped { field: format!("envelope.items[{item}]"), reason });
    }
}

fn object(line: &[u8]) -> Option<Map<String, Value>> {
    if line.len() > MAX_HEADER_BYTES {
        return None;
    }
    serde_json::from_slice(line).ok()
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_FACT_BYTES)].replace('\0', "\u{fffd}")
}

/// The first line without its end, and what follows.
fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|b| *b == b'\n') {
        Some(end) => (bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]), &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_with_and_without_length() {
        let body = b"{\"event_id\":\"ab\"}\n{\"type\":\"event\",\"length\":4}\n{\n}\n\n{\"type\":\"session\"}\n{}\n";
        let envelope = parse(body).unwrap();
        assert_eq!(envelope.event_id.as_deref(), Some("ab"));
        assert_eq!(envelope.items.len(), 2);
        assert_eq!(envelope.items[0].payload, b"{\n}\n");
        assert_eq!(envelope.items[1].kind, "session");
        assert!(envelope.dropped.is_empty());
    }

    #[test]
    fn an_envelopes_id_is_its_first_events_and_further_ones_are_the_same_each_time() {
        let of = |header: &[u8]| {
            let envelope = parse(header).unwrap();
            [0, 1, 2].map(|number| envelope.id_of_event(number).map(Cow::into_owned))
        };
        let [first, second, third] = of(br#"{"event_id":"67e55044-10b1-426f-9247-bb680e5fe0c8"}"#);
        assert_eq!(first.as_deref(), Some("67e55044-10b1-426f-9247-bb680e5fe0c8"));
        assert!(second.is_some() && third.is_some() && second != third);
        let again = of(br#"{"event_id":"67E5504410b1426f9247bb680e5fe0c8"}"#);
        assert_eq!(again[1..], [second, third], "however the id is written");
        let other = of(br#"{"event_id":"67e5504410b1426f9247bb680e5fe0c9"}"#);
        assert!(other[1].is_some() && other[1] != again[1]);
        assert_eq!(of(br#"{"event_id":"x"}"#), [Some("x".to_owned()), None, None]);
        assert_eq!(of(b"{}"), [None, None, None]);
    }

    #[test]
    fn a_length_that_lies_reads_what_came() {
        let envelope = parse(b"{}\n{\"type\":\"event\",\"length\":999}\n{\"a\":1}").unwrap();
        assert_eq!(envelope.items[0].payload, b"{\"a\":1}");
        assert_eq!(envelope.dropped.len(), 1);
    }

    #[test]
    fn a_header_that_is_no_json_is_refused_or_noted() {
        assert!(parse(b"hello\n").is_err());
        assert!(parse(b"").is_err());
        let envelope = parse(b"{}\nnonsense\n{}\n").unwrap();
        assert!(envelope.items.is_empty());
        assert_eq!(envelope.dropped.len(), 1);
    }
}
