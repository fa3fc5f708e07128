//! What must hold for every body, whoever sent it: it never panics, never exceeds its caps, what is
//! kept can be read again, and scrubbing it again changes nothing.

use std::borrow::Cow;
use std::sync::LazyLock;

use andon::domain::event::read;
use andon::domain::fingerprint;
use andon::domain::scrub::{PatternRule, ScrubRules, Scrubber};
use andon::ingest::items::{self, AttachmentCaps};
use andon::ingest::{IngestError, Parsed, body, envelope, event, legacy, plain, security};
use serde_json::Value;
use serde_json::value::RawValue;

/// The most that one input may hold at once, in bytes: JSON of small objects takes some hundred times
/// its length, and a decoder's window 16 MiB.
#[allow(dead_code, reason = "only the fuzz target counts")]
pub(crate) const MAX_MEMORY_BYTES: usize = 48 * 1024 * 1024;

/// The cap on a decoded body, in bytes; small, so that it is reached.
const MAX_DECODED_BYTES: usize = 64 * 1024;

/// Caps on attachments, in bytes; small for the same reason.
const ATTACHMENTS: AttachmentCaps = AttachmentCaps { each: 512, together: 1024 };

/// Items that one envelope may have.
const MAX_ITEMS: usize = 200;

/// Reports of one body that are read.
const MAX_REPORTS: usize = 50;

/// Bytes of a title: 200 characters.
const MAX_TITLE_BYTES: usize = 800;

/// When everything arrives, in seconds since 1970.
const ARRIVAL: i64 = 1_790_000_000;

/// How a note says that something was scrubbed.
const SCRUBBED: &str = "scrubbed: ";

/// The default rules; all that can be switched on; none.
static SCRUBBERS: LazyLock<[Scrubber; 3]> = LazyLock::new(|| {
    let all = ScrubRules {
        email: true,
        ip: true,
        keys: vec!["iban".into()],
        patterns: vec![PatternRule { name: "order".into(), regex: "ORD-[0-9]+".into() }],
        paths: vec!["extra.*.secret_sauce".into(), "**.inner".into()],
        keep_paths: vec!["extra.author_token".into()],
        ..ScrubRules::default()
    };
    let none = ScrubRules { enabled: false, ..ScrubRules::default() };
    [ScrubRules::default(), all, none]
        .map(|rules| Scrubber::new(&rules).unwrap_or_else(|e| panic!("{e}")))
});

/// Sends an input through the doors; panics where something does not hold.
pub(crate) fn check(input: &[u8]) {
    let line = input.iter().position(|b| *b == b'\n').unwrap_or(input.len());
    let (Some(door), Some(rules)) = (input[..line].first(), input[..line].get(1)) else { return };
    let encoding = String::from_utf8_lossy(&input[2..line]);
    let sent = input.get(line + 1..).unwrap_or_default();
    let scrubber = &SCRUBBERS[usize::from(*rules) % SCRUBBERS.len()];

    let Ok(decoded) = body::decode(sent, Some(&encoding), MAX_DECODED_BYTES) else { return };
    assert!(decoded.len() <= MAX_DECODED_BYTES, "decoded to {} bytes", decoded.len());
    match door {
        b's' => through_store(&decoded, scrubber),
        b'r' => through_security(&decoded, scrubber),
        b'p' => one_event(&decoded, scrubber, |bytes| {
            plain::parse(bytes, scrubber, arrival()).map(owned)
        }),
        _ => through_envelope(&decoded, scrubber),
    }
}

fn arrival() -> jiff::Timestamp {
    jiff::Timestamp::from_second(ARRIVAL).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

fn owned(parsed: Parsed<'_>) -> Parsed<'static> {
    Parsed { payload: Cow::Owned(parsed.payload.into_owned()), ..parsed }
}

fn through_envelope(body: &[u8], scrubber: &Scrubber) {
    let Ok(envelope) = envelope::parse(body) else { return };
    assert!(envelope.items.len() <= MAX_ITEMS);
    let within = body.as_ptr_range();
    for item in &envelope.items {
        let payload = item.payload.as_ptr_range();
        assert!(item.payload.is_empty() || within.start <= payload.start, "outside the body");
        assert!(item.payload.is_empty() || payload.end <= within.end, "outside the body");
    }
    let sorted = items::sort(&envelope.items, ATTACHMENTS);
    let counted = sorted.counted.len();
    let found = sorted.events.len() + sorted.attachments.len() + sorted.dropped.len();
    assert_eq!(found + counted, envelope.items.len(), "every item is somewhere, once");
    let kept: usize = sorted.attachments.iter().map(|a| a.payload.len()).sum();
    assert!(kept <= ATTACHMENTS.together, "{kept} bytes of attachments");
    for (number, item) in sorted.events.into_iter().enumerate() {
        let id = envelope.id_of_event(number);
        let notes = envelope.dropped.clone();
        one_event(item.payload, scrubber, |bytes| {
            event::parse(bytes, scrubber, id.as_deref(), arrival(), notes.clone()).map(owned)
        });
    }
}

fn through_store(body: &[u8], scrubber: &Scrubber) {
    let Ok(payload) = legacy::unwrap(body, MAX_DECODED_BYTES) else { return };
    assert!(payload.len() <= MAX_DECODED_BYTES, "unwrapped to {} bytes", payload.len());
    one_event(&payload, scrubber, |bytes| {
        event::parse(bytes, scrubber, None, arrival(), Vec::new()).map(owned)
    });
}

fn through_security(body: &[u8], scrubber: &Scrubber) {
    let read = |bytes: &[u8]| {
        security::parse(bytes, scrubber, Some("shop@1"), Some("production"), arrival())
    };
    let Ok(reports) = read(body) else { return };
    assert!(reports.len() <= MAX_REPORTS);
    for report in reports {
        let again = |bytes: &[u8]| {
            let first = read(bytes)?.into_iter().next();
            let first = first.ok_or_else(|| IngestError::Malformed("no report".into()))?;
            Ok(first)
        };
        holds(&report, scrubber, again);
    }
}

/// Reads one event with `read`, and again what was kept of it.
fn one_event(
    sent: &[u8],
    scrubber: &Scrubber,
    read: impl Fn(&[u8]) -> Result<Parsed<'static>, IngestError>,
) {
    let Ok(parsed) = read(sent) else { return };
    // Bytes that were no JSON were read by replacing halves of characters; they may be kept as they came.
    if is_json(sent) || parsed.payload != sent {
        assert!(is_json(&parsed.payload), "what is kept is no JSON any more");
    }
    if !scrubber.is_enabled() {
        assert_eq!(parsed.payload, sent, "changed although nothing is to be scrubbed");
    }
    no_canary(sent, &parsed, scrubber);
    reads_back(&parsed);
    holds(&parsed, scrubber, read);
}

/// What is stored of an event can be read whole, and says the same as when it came.
fn reads_back(parsed: &Parsed<'_>) {
    let head = &parsed.event;
    // A plain event is stored beside its payload.
    if head.stack_text.is_some() || !is_json(&parsed.payload) {
        return;
    }
    let whole = read::read(&parsed.payload, Some(&head.event_id), arrival(), Vec::new());
    assert!(whole.is_ok_and(|whole| whole.event_id == head.event_id), "it does not read back");
}

/// What holds for an event and its payload, however it came.
fn holds(
    parsed: &Parsed<'_>,
    scrubber: &Scrubber,
    read: impl Fn(&[u8]) -> Result<Parsed<'static>, IngestError>,
) {
    let event = &parsed.event;
    assert!(event.event_id.len() == 32 && event.event_id.bytes().all(|b| b.is_ascii_hexdigit()));
    assert!(event.title().len() <= MAX_TITLE_BYTES);
    let stored = serde_json::to_value(event).unwrap_or_else(|e| panic!("not storable: {e}"));
    assert!(!holds_nul(&stored), "a NUL, which databases refuse, is in the event");
    let group = fingerprint::fingerprint(event);
    let _ = fingerprint::culprit(event);

    let again = read(&parsed.payload).unwrap_or_else(|e| panic!("what is kept is refused: {e}"));
    if scrubber.is_enabled() {
        assert_eq!(again.payload, parsed.payload, "scrubbing again changed something");
        let more = again
            .kept_notes
            .iter()
            .chain(&again.event.dropped)
            .find(|note| note.reason.starts_with(SCRUBBED));
        assert_eq!(more, None, "scrubbing again found something");
    }
    assert_eq!(fingerprint::fingerprint(&again.event), group, "read again it is another issue");
}

/// A secret that is the value of `password` and stands nowhere else is not in what is stored.
fn no_canary(sent: &[u8], parsed: &Parsed<'_>, scrubber: &Scrubber) {
    const CANARY: &str = "CANARY-7f3a9c51";
    let Ok(text) = std::str::from_utf8(sent) else { return };
    let Ok(json) = serde_json::from_str::<Value>(text) else { return };
    let secrets = passwords(&json, CANARY);
    if !scrubber.is_enabled() || secrets == 0 || secrets != text.matches(CANARY).count() {
        return;
    }
    assert!(!String::from_utf8_lossy(&parsed.payload).contains(CANARY), "a password is kept");
    let event = serde_json::to_string(&parsed.event).unwrap_or_default();
    assert!(!event.contains(CANARY), "a password is in the event");
}

fn passwords(json: &Value, secret: &str) -> usize {
    match json {
        Value::Array(list) => list.iter().map(|v| passwords(v, secret)).sum(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) => usize::from(key == "password" && text == secret),
                other => passwords(other, secret),
            })
            .sum(),
        _ => 0,
    }
}

fn holds_nul(json: &Value) -> bool {
    match json {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(holds_nul),
        Value::Object(map) => map.iter().any(|(key, value)| key.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(bytes).is_ok()
}
