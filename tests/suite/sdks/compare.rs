//! What the API gives back beside what was sent: the payload, the event as Andon reads it, the files.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::Stand;
use super::sent::SentEvent;

/// What stands where something was scrubbed.
const MARK: &str = "[scrubbed: ";

/// An event as the API gives it back.
#[derive(Debug)]
pub(super) struct Stored {
    /// As Andon reads it.
    pub(super) event: Value,
    /// As it was sent.
    pub(super) payload: Value,
}

/// Fetches one event, and fails unless everything of it is there, unaltered but for scrub marks.
pub(super) async fn fetch_and_compare(stand: &Stand, sent: &SentEvent) -> Stored {
    let path = format!("/api/projects/{}/events/{}", stand.project.id, sent.id());
    let shown = stand.server.json(&path).await;
    let response = stand.server.get(&format!("{path}/payload")).await;
    assert_eq!(response.status(), StatusCode::OK);
    let raw = response.bytes().await.unwrap();
    let payload: Value = serde_json::from_slice(&raw).unwrap();
    let event = shown["event"].clone();

    let dropped = event["dropped"].as_array().cloned().unwrap_or_default();
    if dropped.is_empty() {
        assert!(sent.raw == raw, "byte for byte:\nsent {}\nkept {payload}", sent.json);
    }
    for note in &dropped {
        let reason = note["reason"].as_str().unwrap();
        assert!(reason.starts_with("scrubbed: "), "left out: {note}");
    }
    same_but_for_marks("", &sent.json, &payload);
    assert!(payload.to_string().matches(MARK).count() >= dropped.len(), "{dropped:?} {payload}");

    compare_reading(&payload, &event, &sent.id());
    compare_attachments(stand, &path, sent, &shown["attachments"]).await;
    Stored { event, payload }
}

fn same_but_for_marks(place: &str, sent: &Value, kept: &Value) {
    match (sent, kept) {
        (Value::Object(sent), Value::Object(kept)) => {
            let names = |map: &serde_json::Map<String, Value>| {
                let mut names: Vec<String> = map.keys().cloned().collect();
                names.sort();
                names
            };
            assert_eq!(names(sent), names(kept), "fields of `{place}`");
            for (name, value) in sent {
                same_but_for_marks(&format!("{place}.{name}"), value, &kept[name]);
            }
        }
        (Value::Array(sent), Value::Array(kept)) => {
            assert_eq!(sent.len(), kept.len(), "`{place}`");
            for (index, (sent, kept)) in sent.iter().zip(kept).enumerate() {
                same_but_for_marks(&format!("{place}[{index}]"), sent, kept);
            }
        }
        (_, Value::String(marked)) if marked.contains(MARK) => {
            // What stands around the marks is what stood there.
            let text = sent.as_str().unwrap_or_default();
            let mut left = text;
            for part in marked.split(MARK) {
                let around = part.split_once(']').map_or(part, |(_, around)| around);
                let found = left.find(around);
                assert!(found.is_some(), "`{place}` was {sent}, is {kept}");
                left = &left[found.unwrap() + around.len()..];
            }
        }
        _ => assert_eq!(sent, kept, "`{place}`"),
    }
}

/// `event` is what the payload says.
fn compare_reading(payload: &Value, event: &Value, id: &str) {
    assert_eq!(event["event_id"], id);
    let level = match &payload["level"] {
        Value::Null => json!("error"),
        // What Python's `logging` calls them.
        Value::Number(number) => match number.as_u64() {
            Some(30) => json!("warning"),
            Some(40) => json!("error"),
            _ => panic!("level {number}"),
        },
        named => named.clone(),
    };
    assert_eq!(event["level"], level);
    for field in ["platform", "release", "environment", "transaction", "server_name", "logger"] {
        assert_eq!(event[field], payload[field], "{field} of {payload}");
    }
    // An empty one asks for nothing.
    let fingerprint = Some(&payload["fingerprint"]).filter(|asked| **asked != json!([]));
    assert_eq!(&event["fingerprint"], fingerprint.unwrap_or(&Value::Null));
    let logentry = &payload["logentry"];
    let messages = [&logentry["formatted"], &logentry["message"], &payload["message"]];
    let message = messages.into_iter().find(|message| !message.is_null());
    assert_eq!(&event["message"], message.unwrap_or(&Value::Null));
    let sent_at = match &payload["timestamp"] {
        Value::String(text) if text.ends_with('Z') => text.parse::<jiff::Timestamp>().unwrap(),
        Value::String(text) if text.contains('+') => text.parse::<jiff::Timestamp>().unwrap(),
        Value::String(text) => format!("{text}Z").parse().unwrap(),
        number => micros(number.as_f64().expect("every SDK says when")),
    };
    let kept_at: jiff::Timestamp = event["timestamp"].as_str().unwrap().parse().unwrap();
    let apart = kept_at.duration_since(sent_at).abs();
    assert!(apart < jiff::SignedDuration::from_micros(2), "{kept_at} for {sent_at}");

    let tags = match &payload["tags"] {
        Value::Object(tags) => tags.clone(),
        Value::Array(pairs) => {
            let pair = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].clone());
            pairs.iter().map(pair).collect()
        }
        _ => serde_json::Map::new(),
    };
    let tags: Value = tags.into_iter().map(|(name, value)| (name, text(&value))).collect();
    assert_eq!(event["tags"], tags);

    let kept = event["breadcrumbs"].as_array().unwrap();
    let sent = list(&payload["breadcrumbs"]);
    assert_eq!(kept.len(), sent.len(), "breadcrumbs");
    for (kept, sent) in kept.iter().zip(sent) {
        let category = sent.get("category").filter(|category| !category.is_null());
        assert_eq!(&kept["category"], category.unwrap_or(&sent["type"]));
        assert_eq!(kept["message"], text(&sent["message"]));
        assert_eq!(kept["level"], sent["level"]);
        assert_eq!(kept["timestamp"].is_null(), sent["timestamp"].is_null());
    }
    compare_exceptions(payload, event);
}

fn compare_exceptions(payload: &Value, event: &Value) {
    let kept = event["exceptions"].as_array().unwrap();
    let sent = list(&payload["exception"]);
    assert_eq!(kept.len(), sent.len(), "exceptions");
    for (kept, sent) in kept.iter().zip(sent) {
        for field in ["type", "value", "module"] {
            assert_eq!(kept[field], sent[field], "{field}");
        }
        assert_eq!(kept["handled"], sent["mechanism"]["handled"]);
        let sent = list(&sent["stacktrace"]["frames"]);
        if sent.is_empty() {
            continue;
        }
        let kept = kept["stacktrace"]["frames"].as_array().unwrap();
        assert_eq!(kept.len(), sent.len(), "frames");
        for (kept, sent) in kept.iter().zip(sent) {
            compare_frame(payload, kept, &sent);
        }
    }
}

fn compare_frame(payload: &Value, kept: &Value, sent: &Value) {
    for field in ["function", "module", "package", "filename", "abs_path", "context_line"] {
        assert_eq!(kept[field], sent[field], "{field} of {sent}");
    }
    for field in ["lineno", "colno"] {
        let sent = Some(&sent[field]).filter(|number| **number != json!(0));
        assert_eq!(&kept[field], sent.unwrap_or(&Value::Null), "{field}");
    }
    for field in ["pre_context", "post_context"] {
        assert_eq!(list(&kept[field]), list(&sent[field]), "{field}");
    }
    // Andon has its own idea of whose code a native frame is.
    if !matches!(payload["platform"].as_str(), Some("rust" | "native")) {
        assert_eq!(kept["in_app"], sent["in_app"], "{sent}");
    }
}

async fn compare_attachments(stand: &Stand, path: &str, sent: &SentEvent, listed: &Value) {
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), sent.attachments.len(), "{listed:?}");
    for (listed, (name, bytes)) in listed.iter().zip(&sent.attachments) {
        assert_eq!(listed["filename"], name.as_str());
        assert_eq!(listed["size_bytes"], bytes.len());
        let file = stand.server.get(&format!("{path}/attachments/{}", listed["id"])).await;
        assert_eq!(file.status(), StatusCode::OK);
        assert!(file.bytes().await.unwrap() == bytes[..], "{name} byte for byte");
    }
}

fn micros(seconds: f64) -> jiff::Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "a time of this century")]
    jiff::Timestamp::from_microsecond((seconds * 1e6) as i64).unwrap()
}

/// `[…]` or `{"values": […]}`.
fn list(value: &Value) -> Vec<Value> {
    let list = value.get("values").unwrap_or(value);
    list.as_array().cloned().unwrap_or_default()
}

/// Tags and messages are texts, whatever was sent.
fn text(value: &Value) -> Value {
    match value {
        Value::Null | Value::String(_) => value.clone(),
        other => json!(other.to_string()),
    }
}
