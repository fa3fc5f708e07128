//! Events to store.

use andon::domain::event::{Event, Level};
use andon::domain::fingerprint::{Grouping, How};
use andon::store::attachments::NewAttachment;
use andon::store::compression::Dictionary;
use andon::store::events::{Incoming, NewEvent};
use jiff::Timestamp;
use serde_json::json;

use super::noon;

/// An event, before it is made ready.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) project: i64,
    pub(crate) number: u64,
    pub(crate) fingerprint: String,
    pub(crate) happened: Timestamp,
    pub(crate) received: Timestamp,
    pub(crate) level: Level,
    pub(crate) message: String,
    pub(crate) release: Option<String>,
    pub(crate) user: Option<String>,
    /// Further JSON in the payload.
    pub(crate) extra: String,
    /// Whether it is read from its payload again, as what came in Sentry's shape is; else it is stored
    /// beside it.
    pub(crate) reads_back: bool,
}

/// Bytes that do not compress.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// A text that hardly compresses.
pub(crate) fn noisy_text(seed: u64, len: usize) -> String {
    noise(seed, len).iter().map(|byte| char::from(b'!' + byte % 90)).collect()
}

/// The id of event `number`.
pub(crate) fn id(number: u64) -> String {
    format!("{number:032x}")
}

impl Sample {
    pub(crate) fn new(project: i64, number: u64, fingerprint: &str) -> Self {
        Self {
            project,
            number,
            fingerprint: fingerprint.to_owned(),
            happened: noon(),
            received: noon(),
            level: Level::Error,
            message: format!("{fingerprint} failed"),
            release: None,
            user: None,
            extra: String::new(),
            reads_back: true,
        }
    }

    /// Happened and arrived then.
    pub(crate) fn at(self, at: Timestamp) -> Self {
        Self { happened: at, received: at, ..self }
    }

    pub(crate) fn of_user(self, user: &str) -> Self {
        Self { user: Some(user.to_owned()), ..self }
    }

    pub(crate) fn saying(self, message: &str) -> Self {
        Self { message: message.to_owned(), ..self }
    }

    /// As its sender sends it.
    pub(crate) fn payload(&self) -> Vec<u8> {
        let mut payload = json!({
            "event_id": id(self.number),
            "timestamp": self.happened.to_string(),
            "level": self.level.as_str(),
            "message": self.message,
            "extra": { "more": self.extra },
        });
        if let Some(release) = &self.release {
            payload["release"] = json!(release);
        }
        if let Some(user) = &self.user {
            payload["user"] = json!({ "id": user });
        }
        payload.to_string().into_bytes()
    }

    pub(crate) fn event(&self) -> Event {
        let mut event = Event::bare(id(self.number), self.happened);
        event.level = self.level;
        event.message = Some(self.message.clone());
        event.release.clone_from(&self.release);
        event.user.clone_from(&self.user);
        event
    }

    pub(crate) fn ready(&self) -> NewEvent {
        self.ready_with(None)
    }

    pub(crate) fn ready_with(&self, dictionary: Option<&Dictionary>) -> NewEvent {
        NewEvent::new(incoming(self, &self.payload()), dictionary).unwrap()
    }

    pub(crate) fn with_files(&self, files: &[(&str, &[u8])]) -> NewEvent {
        let files = files
            .iter()
            .map(|(name, bytes)| {
                NewAttachment::new((*name).to_owned(), Some("text/plain".to_owned()), bytes)
            })
            .collect::<Result<_, _>>();
        self.ready().with_attachments(files.unwrap())
    }
}

/// The one place that says how these events are handed to the store.
fn incoming<'a>(sample: &Sample, payload: &'a [u8]) -> Incoming<'a> {
    Incoming {
        project_id: sample.project,
        event: sample.event(),
        grouping: Grouping {
            fingerprint: sample.fingerprint.clone(),
            how: How::Message,
            title: None,
        },
        rules: Default::default(),
        culprit: None,
        payload,
        reads_back: sample.reads_back,
        notes: Vec::new(),
        received_at: sample.received,
    }
}

/// `count` events of one issue, numbered from `first`.
pub(crate) fn several(project: i64, first: u64, count: u64, fingerprint: &str) -> Vec<NewEvent> {
    (first..first + count).map(|n| Sample::new(project, n, fingerprint).ready()).collect()
}
