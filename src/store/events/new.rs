//! An event on its way into the store: grouped, compressed, measured. Made off the writer's path.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::event::{Dropped, Event};
use crate::domain::fingerprint::{CURRENT, Grouping, Rules, group};
use crate::domain::hash::ContentHash;
use crate::store::attachments::NewAttachment;
use crate::store::compression::{self, Dictionary};
use crate::store::releases::{MAX_RELEASE_BYTES, NewRelease};
use crate::store::{StoreError, to_json};

use super::seen::Seen;

/// An event as ingest hands it over.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// Whose it is.
    pub project_id: i64,
    /// What is known of it; need not be whole if it can be read from the payload.
    pub event: Event,
    /// By which it is grouped: by the current version.
    pub grouping: Grouping,
    /// The project's own rules, by which it was. Where the fingerprint is unknown, those of older versions
    /// are looked for, so that a changed way of grouping does not split an issue.
    pub rules: Arc<Rules>,
    /// Where it fails, as far as the frames tell.
    pub culprit: Option<String>,
    /// The event as it was sent, scrubbed.
    pub payload: &'a [u8],
    /// Whether the event is an event payload of Sentry's shape, so that it can be had from it again. If
    /// not, the event is stored beside it.
    pub reads_back: bool,
    /// What was noted that the payload does not tell.
    pub notes: Vec<Dropped>,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// An event that is ready to be stored.
#[derive(Debug)]
pub struct NewEvent {
    pub(super) project_id: i64,
    pub(super) fingerprint: String,
    pub(super) rules: Arc<Rules>,
    pub(super) title: String,
    pub(super) culprit: Option<String>,
    pub(super) event: Event,
    pub(super) received_at: Timestamp,
    pub(super) body: Vec<u8>,
    /// Followed by the notes, if there are any: a frame each.
    pub(super) payload: Vec<u8>,
    /// Against which the payload is written: its row, and its bytes in case that the row goes meanwhile.
    pub(super) dictionary: Option<(i64, Arc<[u8]>)>,
    pub(super) user_hash: Option<String>,
    /// Bytes of what it was made from.
    plain_bytes: usize,
    /// The fingerprints by older versions, once they are known.
    older: Option<Vec<String>>,
    pub(super) attachments: Vec<NewAttachment>,
}

impl NewEvent {
    /// Compresses what will be stored.
    pub fn new(
        incoming: Incoming<'_>,
        dictionary: Option<&Dictionary>,
    ) -> Result<Self, StoreError> {
        let Incoming { project_id, grouping, rules, culprit, received_at, .. } = incoming;
        let event = incoming.event;
        let body = if incoming.reads_back {
            Vec::new()
        } else {
            compression::compress(to_json("event", &event)?.as_bytes())?
        };
        let mut payload = compression::compress_with(incoming.payload, dictionary)?;
        if !incoming.notes.is_empty() {
            let notes = to_json("notes", &incoming.notes)?;
            let notes = compression::compress(notes.as_bytes())?;
            payload.reserve_exact(notes.len());
            payload.extend(notes);
        }
        let user_hash = event.user.as_deref().map(|user| user_hash(project_id, user));
        Ok(Self {
            project_id,
            fingerprint: grouping.fingerprint,
            rules,
            title: grouping.title.unwrap_or_else(|| event.title()),
            culprit,
            event,
            received_at,
            body,
            payload,
            dictionary: dictionary.map(Dictionary::row),
            user_hash,
            plain_bytes: incoming.payload.len(),
            older: None,
            attachments: Vec::new(),
        })
    }

    /// What it takes of the database, in bytes.
    pub(super) fn stored_bytes(&self) -> usize {
        let attached: usize = self.attachments.iter().map(NewAttachment::stored_bytes).sum();
        self.body.len() + self.payload.len() + attached
    }

    /// About what it holds, in bytes: what is known of it is not longer than what it was read from, and
    /// is kept beside the compressed payload.
    pub fn held_bytes(&self) -> usize {
        self.plain_bytes + self.stored_bytes()
    }

    /// The fingerprints that older versions of the grouping give such an event.
    pub(super) fn older_fingerprints(&self) -> Cow<'_, [String]> {
        match &self.older {
            Some(older) => Cow::Borrowed(older),
            None => Cow::Owned(self.by_older_versions()),
        }
    }

    /// With the fingerprints that older versions of the grouping give it.
    pub(super) fn foreseen(self) -> Self {
        Self { older: Some(self.by_older_versions()), ..self }
    }

    fn by_older_versions(&self) -> Vec<String> {
        CURRENT
            .older()
            .map(|version| group(version, &self.event, &self.rules).fingerprint)
            .collect()
    }

    /// With files that are stored in the same transaction.
    pub fn with_attachments(self, attachments: Vec<NewAttachment>) -> Self {
        Self { attachments, ..self }
    }
}

/// How a user is stored with an event: enough to find his events again, too little to know him by.
pub(in crate::store) fn user_hash(project_id: i64, user: &str) -> String {
    let hash = ContentHash::of(format!("{project_id}\n{user}").as_bytes());
    hash.as_str()[..USER_HASH_DIGITS].to_owned()
}

/// Hexadecimal digits of a user's hash that are kept: 80 bits, far more than users can collide in.
const USER_HASH_DIGITS: usize = 20;

/// The releases of a batch that were not seen a moment ago, each once, in order.
pub(super) fn releases(batch: &[NewEvent], seen: &Seen) -> Vec<NewRelease> {
    let names: BTreeSet<(i64, &str)> = batch
        .iter()
        .filter_map(|new| Some((new.project_id, new.event.release.as_deref()?)))
        .filter(|(_, name)| !name.is_empty() && name.len() <= MAX_RELEASE_BYTES)
        .collect();
    let keyed = names.into_iter().map(|(project_id, name)| NewRelease {
        project_id,
        name: name.to_owned(),
        key: ContentHash::of(name.as_bytes()).as_str().to_owned(),
    });
    keyed.filter(|new| !seen.has(new.project_id, &new.key)).collect()
}
