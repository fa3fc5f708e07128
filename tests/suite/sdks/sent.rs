//! What was sent, read from the requests by nothing of Andon's: it would believe its own mistakes.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::Value;

use super::tap::Request;

/// All that an application sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// In order of arrival at the tap.
    pub(super) events: Vec<SentEvent>,
    /// Everything else, by type.
    pub(super) counted: BTreeMap<String, i64>,
}

/// An event and the files in the same envelope.
#[derive(Debug)]
pub(super) struct SentEvent {
    /// Its bytes.
    pub(super) raw: Vec<u8>,
    /// What they say.
    pub(super) json: Value,
    /// Names and bytes.
    pub(super) attachments: Vec<(String, Vec<u8>)>,
}

impl SentEvent {
    fn new(raw: &[u8]) -> Self {
        let json = serde_json::from_slice(raw).expect("SDKs send JSON");
        Self { raw: raw.to_vec(), json, attachments: Vec::new() }
    }

    /// 32 digits.
    pub(super) fn id(&self) -> String {
        let id = self.json["event_id"].as_str().expect("SDKs give every event an id");
        id.replace('-', "").to_ascii_lowercase()
    }
}

impl Sent {
    pub(super) fn of(requests: &[Request]) -> Self {
        let mut sent = Self::default();
        for request in requests.iter().filter(|request| request.method == "POST") {
            let path = request.path.split('?').next().unwrap_or_default();
            match path.trim_end_matches('/').rsplit('/').next() {
                Some("envelope") => sent.envelope(&request.body),
                Some("store") => sent.events.push(SentEvent::new(&old(&request.body))),
                _ => panic!("an SDK posted to {}", request.path),
            }
        }
        sent
    }

    fn envelope(&mut self, body: &[u8]) {
        let (_, mut rest) = line(body);
        let (mut event, mut attachments) = (None, Vec::new());
        while !rest.is_empty() {
            let (header, after) = line(rest);
            if header.is_empty() {
                rest = after;
                continue;
            }
            let header: Value = serde_json::from_slice(header).expect("SDKs send JSON");
            let payload;
            (payload, rest) = match header["length"].as_u64() {
                Some(length) => after.split_at(usize::try_from(length).unwrap()),
                None => line(after),
            };
            match header["type"].as_str().expect("every item has a type") {
                "event" => event = Some(SentEvent::new(payload)),
                "attachment" => {
                    let name = header["filename"].as_str().expect("SDKs name attachments");
                    attachments.push((name.to_owned(), payload.to_vec()));
                }
                other => *self.counted.entry(other.to_owned()).or_default() += 1,
            }
        }
        match event {
            Some(event) => self.events.push(SentEvent { attachments, ..event }),
            None => assert!(attachments.is_empty(), "attachments without an event"),
        }
    }

    /// The event whose last exception or message is this.
    pub(super) fn event(&self, said: &str) -> &SentEvent {
        let says = |event: &&SentEvent| {
            let json = &event.json;
            let exceptions = json["exception"].get("values").unwrap_or(&json["exception"]);
            let last = exceptions.as_array().and_then(|all| all.last());
            last.is_some_and(|last| last["value"] == said)
                || json["message"] == said
                || json["logentry"]["message"] == said
                || json["logentry"]["formatted"] == said
        };
        let found: Vec<&SentEvent> = self.events.iter().filter(says).collect();
        assert_eq!(found.len(), 1, "events that say `{said}`, of {:#?}", self.said());
        found[0]
    }

    /// What the events say, for messages of failures.
    pub(super) fn said(&self) -> Vec<String> {
        let said = |event: &SentEvent| {
            let json = &event.json;
            format!("{} {} {}", json["exception"], json["message"], json["logentry"])
        };
        self.events.iter().map(said).collect()
    }
}

/// Up to the next line end, and what follows it.
fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

/// The body of an SDK from before envelopes: JSON, or that as zlib, or that in base64.
fn old(body: &[u8]) -> Vec<u8> {
    if body.starts_with(b"{") {
        return body.to_vec();
    }
    let packed = if body.starts_with(&[0x78]) { body.to_vec() } else { from_base64(body) };
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(&packed[..]).read_to_end(&mut plain).unwrap();
    plain
}

fn from_base64(text: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.iter().filter_map(|c| ALPHABET.iter().position(|known| known == c));
    let (mut bytes, mut bits, mut have) = (Vec::new(), 0_usize, 0);
    for digit in digits {
        (bits, have) = ((bits << 6 | digit) & 0xff_ffff, have + 6);
        if have >= 8 {
            have -= 8;
            bytes.push(u8::try_from(bits >> have & 0xff).unwrap());
        }
    }
    bytes
}
