//! From bytes to what the writer takes: parsed, scrubbed, grouped, compressed. Nothing here waits,
//! except the first event of a minute for its dictionary.

use std::sync::Arc;

use super::desk::Desk;
use crate::domain::category::Category;
use crate::domain::event::Dropped;
use crate::domain::fingerprint;
use crate::ingest::envelope::Item;
use crate::ingest::items::{self, AttachmentCaps, attachment_quantity};
use crate::ingest::quotas::Taken;
use crate::ingest::writer::Room;
use crate::ingest::{IngestError, Parsed, envelope, event};
use crate::server::app::App;
use crate::server::problem::Problem;
use crate::store::attachments::NewAttachment;
use crate::store::events::{Incoming, NewEvent};
use crate::store::item_counts::ItemCount;

/// The name of an attachment that came without one.
const UNNAMED: &str = "attachment";

/// What was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// An event as Sentry's SDKs send it.
    Event,
    /// Something of which an event was made.
    Other,
    /// A browser's report, of which an event was made.
    Report,
}

impl Shape {
    fn category(self) -> Category {
        match self {
            Self::Event | Self::Other => Category::Error,
            Self::Report => Category::Security,
        }
    }
}

/// An event that waits for nothing but the writer.
pub(super) struct Ready {
    pub(super) id: String,
    pub(super) dropped: Vec<Dropped>,
    pub(super) event: NewEvent,
    /// What it may hold of memory until it is written.
    pub(super) room: Room,
    /// What it took of quotas.
    pub(super) taken: Vec<Taken>,
    pub(super) category: Category,
}

/// What is taken of an envelope.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) ready: Vec<Ready>,
    pub(super) counts: Vec<ItemCount>,
    /// What the counted items took of quotas.
    pub(super) taken: Vec<Taken>,
    /// Why an event and what comes after it is not taken. What stands before it is.
    pub(super) failed: Option<Problem>,
    pub(super) event_id: Option<String>,
}

impl Opened {
    /// Whether nothing is taken, and nothing is wrong with it either.
    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.counts.is_empty() && self.failed.is_none()
    }
}

/// Reads an envelope, as far as the quotas let it pass.
pub(super) async fn open(desk: &mut Desk<'_>, decoded: &[u8]) -> Result<Opened, Problem> {
    let mut envelope = envelope::parse(decoded)?;
    let config = &desk.app.config.ingest;
    let caps = AttachmentCaps {
        each: config.max_attachment_bytes,
        together: config.max_attachments_bytes_per_event,
    };
    let sorted = items::sort(&envelope.items, caps);
    let mut notes = std::mem::take(&mut envelope.dropped);
    notes.extend(sorted.dropped);
    let mut files = Some(sorted.attachments);
    let lost = envelope.broken_off.take().filter(|_| sorted.events.is_empty());
    let mut opened = Opened::default();
    for (number, item) in sorted.events.into_iter().enumerate() {
        let Some(own) = desk.check(Category::Error, 1) else { continue };
        let (attachments, mut taken) = attach(desk, files.take().unwrap_or_default(), &mut notes)?;
        taken.push(own);
        let id = envelope.id_of_event(number);
        let app = desk.app;
        let read = prepare(desk, item.payload, attachments, taken, Shape::Event, |now| {
            event::parse(item.payload, &app.scrubber, id.as_deref(), now, notes.clone())
        })
        .await;
        match read {
            Ok(ready) => opened.ready.push(ready),
            Err(problem) => {
                opened.failed = Some(problem);
                break;
            }
        }
    }
    for file in files.into_iter().flatten() {
        desk.refuse_along(Category::Attachment, attachment_quantity(file));
    }
    for item in sorted.counted {
        if let Some(category) = item.category {
            let Some(taken) = desk.check(category, item.quantity) else { continue };
            opened.taken.push(taken);
        }
        let project_id = desk.sender.project_id;
        opened.counts.push(ItemCount { project_id, kind: item.kind, items: 1 });
    }
    opened.event_id = envelope.event_id;
    // The event may have stood there; an answer with its id would say that it is kept.
    opened.failed = opened.failed.or_else(|| lost.map(Problem::bad_request));
    Ok(opened)
}

/// The files that the quotas let pass; what does not is noted with the event.
fn attach(
    desk: &mut Desk<'_>,
    files: Vec<&Item<'_>>,
    notes: &mut Vec<Dropped>,
) -> Result<(Vec<NewAttachment>, Vec<Taken>), Problem> {
    let (mut attachments, mut all) = (Vec::new(), Vec::new());
    for file in files {
        let name = file.filename.clone().unwrap_or_else(|| UNNAMED.to_owned());
        let Some(taken) = desk.check(Category::Attachment, attachment_quantity(file)) else {
            let reason = format!(
                "an attachment of {} bytes is over the project's quota; quotas.categories.attachment decides",
                file.payload.len()
            );
            notes.push(Dropped { field: format!("envelope.items {name}"), reason });
            continue;
        };
        attachments.push(NewAttachment::new(name, file.content_type.clone(), file.payload)?);
        all.push(taken);
    }
    Ok((attachments, all))
}

/// Parses, scrubs, groups and compresses one event.
pub(super) async fn prepare<'b>(
    desk: &Desk<'_>,
    sent: &'b [u8],
    attachments: Vec<NewAttachment>,
    taken: Vec<Taken>,
    shape: Shape,
    parse: impl FnOnce(jiff::Timestamp) -> Result<Parsed<'b>, IngestError>,
) -> Result<Ready, Problem> {
    within_event_cap(desk.app, sent)?;
    let Parsed { event, payload, kept_notes } = parse(desk.now)?;
    let (id, dropped) = (event.event_id.clone(), event.dropped.clone());
    let app = desk.app;
    let rules = Arc::clone(&desk.settings.rules);
    let culprit = fingerprint::culprit(&event);
    let project_id = desk.sender.project_id;
    let incoming = Incoming {
        project_id,
        grouping: fingerprint::group(fingerprint::CURRENT, &event, &rules),
        rules,
        culprit,
        event,
        payload: &payload,
        reads_back: shape == Shape::Event,
        // The others hold their notes themselves.
        notes: if shape == Shape::Event { kept_notes } else { Vec::new() },
        received_at: desk.now,
    };
    let hash = &incoming.grouping.fingerprint;
    let dictionary = app.store.dictionary_for(project_id, hash).await?;
    let new = NewEvent::new(incoming, dictionary.as_deref())?;
    let event = app.store.foresee(new).with_attachments(attachments);
    let category = shape.category();
    let room = desk.room(&event, category)?;
    Ok(Ready { id, dropped, event, room, taken, category })
}

/// Refuses a single event that is too large.
pub(super) fn within_event_cap(app: &App, payload: &[u8]) -> Result<(), IngestError> {
    let limit = app.config.ingest.max_event_bytes;
    if payload.len() > limit {
        return Err(IngestError::TooLarge {
            what: "the event",
            limit,
            advice: "send less, or raise ingest.max_event_bytes",
        });
    }
    Ok(())
}
