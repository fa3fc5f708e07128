//! What an envelope holds beside its event: attachments that are kept with it, and items that are not
//! ours, which are taken and counted, so that no sender backs off.

use super::envelope::Item;
use crate::domain::category::Category;
use crate::domain::event::Dropped;

/// Item types that are counted under their own name, with their data category; any other under [`OTHER`],
/// so that a sender cannot fill the table with names. What has no category is never limited: who says what
/// it left out must always be heard.
const KNOWN: &[(&str, Option<Category>)] = &[
    ("attachment", Some(Category::Attachment)),
    ("check_in", Some(Category::Monitor)),
    ("client_report", None),
    ("feedback", Some(Category::Feedback)),
    ("form_data", Some(Category::Attachment)),
    ("log", Some(Category::LogItem)),
    ("metric_buckets", Some(Category::MetricBucket)),
    ("metric_meta", Some(Category::MetricBucket)),
    ("minidump", Some(Category::Attachment)),
    ("nel", Some(Category::Default)),
    ("otel_log", Some(Category::LogItem)),
    ("otel_span", Some(Category::Span)),
    ("profile", Some(Category::Profile)),
    ("profile_chunk", Some(Category::ProfileChunk)),
    ("raw_security", Some(Category::Default)),
    ("replay_event", Some(Category::Replay)),
    ("replay_recording", Some(Category::Replay)),
    ("replay_video", Some(Category::Replay)),
    ("session", Some(Category::Session)),
    ("sessions", Some(Category::Session)),
    ("span", Some(Category::Span)),
    ("statsd", Some(Category::MetricBucket)),
    ("trace_metric", Some(Category::TraceMetric)),
    ("transaction", Some(Category::Transaction)),
    ("unreal_report", Some(Category::Attachment)),
    ("user_report", Some(Category::UserReport)),
    ("user_report_v2", Some(Category::Feedback)),
];

/// The name under which types that nobody knows are counted.
pub const OTHER: &str = "other";

/// Attachments of one event that are kept; senders put a handful in.
const MAX_ATTACHMENTS: usize = 50;

/// What may be kept of an event's attachments.
#[derive(Clone, Copy, Debug)]
pub struct AttachmentCaps {
    /// Bytes of one.
    pub each: usize,
    /// Bytes of all that belong to one event.
    pub together: usize,
}

/// An envelope's items, sorted.
#[derive(Debug, Default)]
pub struct Sorted<'a> {
    /// Events, in order.
    pub events: Vec<&'a Item<'a>>,
    /// Attachments that are kept with the first event.
    pub attachments: Vec<&'a Item<'a>>,
    /// What was not kept of the attachments.
    pub dropped: Vec<Dropped>,
    /// What is only counted.
    pub counted: Vec<Counted>,
}

/// An item that is only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its type, or [`OTHER`].
    pub kind: &'static str,
    /// Its data category, if it may be limited.
    pub category: Option<Category>,
    /// What it takes of its category's quota: bytes of files, else 1.
    pub quantity: u64,
}

/// What a file takes of its quota.
pub fn attachment_quantity(item: &Item<'_>) -> u64 {
    item.payload.len() as u64
}

/// Sorts the items. Attachments without an event in the same envelope are counted only.
pub fn sort<'a>(items: &'a [Item<'a>], caps: AttachmentCaps) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    let has_event = items.iter().any(|item| item.kind == "event");
    let mut left = caps.together;
    for (index, item) in items.iter().enumerate() {
        match item.kind.as_str() {
            "event" => sorted.events.push(item),
            "attachment" if has_event => {
                let bytes = item.payload.len();
                let reason = if sorted.attachments.len() == MAX_ATTACHMENTS {
                    format!(
                        "an event has more than the {MAX_ATTACHMENTS} attachments that are kept"
                    )
                } else if bytes > caps.each {
                    format!(
                        "an attachment of {bytes} bytes is over the {} that are kept; ingest.max_attachment_bytes decides",
                        caps.each
                    )
                } else if bytes > left {
                    format!(
                        "an attachment of {bytes} bytes would be over the {} that are kept for one event; ingest.max_attachments_bytes_per_event decides",
                        caps.together
                    )
                } else {
                    left -= bytes;
                    sorted.attachments.push(item);
                    continue;
                };
                let name = item.filename.as_deref().unwrap_or("attachment");
                sorted
                    .dropped
                    .push(Dropped { field: format!("envelope.items[{index}] {name}"), reason });
            }
            kind => {
                let known = KNOWN.iter().find(|(known, _)| *known == kind).copied();
                let (kind, category) = known.unwrap_or((OTHER, Some(Category::Default)));
                let quantity = match category {
                    Some(Category::Attachment) => attachment_quantity(item),
                    _ => 1,
                };
                sorted.counted.push(Counted { kind, category, quantity });
            }
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::envelope;

    const CAPS: AttachmentCaps = AttachmentCaps { each: 10, together: 15 };

    #[test]
    fn attachments_go_with_the_event_under_both_caps() {
        let mut body = b"{}\n{\"type\":\"event\"}\n{}\n".to_vec();
        for size in [10, 11, 6, 5] {
            body.extend_from_slice(b"{\"type\":\"attachment\",\"filename\":\"a.txt\"}\n");
            body.extend_from_slice("x".repeat(size).as_bytes());
            body.push(b'\n');
        }
        let envelope = envelope::parse(&body).unwrap();
        let sorted = sort(&envelope.items, CAPS);
        let kept: Vec<usize> = sorted.attachments.iter().map(|a| a.payload.len()).collect();
        assert_eq!(kept, [10, 5]);
        assert_eq!(sorted.dropped.len(), 2);
        assert!(sorted.dropped[0].reason.contains("max_attachment_bytes"));
        assert!(sorted.dropped[1].reason.contains("max_attachments_bytes_per_event"));
        assert!(sorted.counted.is_empty());
    }

    #[test]
    fn names_that_nobody_knows_are_one_row() {
        let body = b"{}\n{\"type\":\"session\"}\n{}\n{\"type\":\"a\"}\n{}\n{\"type\":\"b\"}\n{}\n{\"type\":\"attachment\"}\nx\n";
        let envelope = envelope::parse(body).unwrap();
        let counted = sort(&envelope.items, CAPS).counted;
        let found: Vec<_> = counted.iter().map(|one| (one.kind, one.quantity)).collect();
        assert_eq!(found, [("session", 1), (OTHER, 1), (OTHER, 1), ("attachment", 1)]);
        assert_eq!(counted[1].category, Some(Category::Default));
    }

    #[test]
    fn files_count_in_bytes_and_reports_of_losses_are_never_limited() {
        let body = b"{}\n{\"type\":\"minidump\",\"length\":9}\n123456789\n{\"type\":\"client_report\"}\n{}\n";
        let envelope = envelope::parse(body).unwrap();
        let counted = sort(&envelope.items, CAPS).counted;
        assert_eq!((counted[0].category, counted[0].quantity), (Some(Category::Attachment), 9));
        assert_eq!(counted[1].category, None);
    }
}
