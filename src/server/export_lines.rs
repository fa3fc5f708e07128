//! How an exported event is written: one JSON object a line, the same by the API and the command line.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::event::Dropped;
use crate::store::events::ExportedEvent;

/// One line of an export.
#[derive(Serialize)]
struct Line<'e> {
    row: i64,
    event_id: &'e str,
    issue_id: i64,
    received_at: jiff::Timestamp,
    #[serde(skip_serializing_if = "<[Dropped]>::is_empty")]
    notes: &'e [Dropped],
    payload: Payload<'e>,
}

/// JSON as it was sent; on one line if it was sent on several; a text if a sender's was no JSON.
#[derive(Serialize)]
#[serde(untagged)]
enum Payload<'e> {
    Sent(&'e RawValue),
    Joined(Value),
    Text(&'e str),
}

/// An event as a line of its own, with its line end.
pub fn line(event: &ExportedEvent) -> Result<Vec<u8>, serde_json::Error> {
    let text = String::from_utf8_lossy(&event.payload);
    let payload = match serde_json::from_str::<&RawValue>(&text) {
        Ok(raw) if !raw.get().contains('\n') => Payload::Sent(raw),
        Ok(raw) => match serde_json::from_str(raw.get()) {
            Ok(value) => Payload::Joined(value),
            Err(_) => Payload::Text(&text),
        },
        Err(_) => Payload::Text(&text),
    };
    let mut line = serde_json::to_vec(&Line {
        row: event.row,
        event_id: &event.event_id,
        issue_id: event.issue_id,
        received_at: event.received_at,
        notes: &event.notes,
        payload,
    })?;
    line.push(b'\n');
    Ok(line)
}
