//! What an envelope holds beside its event: attachments that are kept with it, and items that are not
//! ours, which are taken and counted, so that no sender backs off.

use std::collections::BTreeMap;

use super::envelope::Item;
use crate::domain::event::Dropped;

/// Item types that are counted under their own name; any other under [`OTHER`], so that a sender cannot
/// fill the table with names.
const KNOWN: &[&str] = &[
    "attachment",
    "check_in",
    "client_report",
    "feedback",
    "form_data",
    "log",
    "metric_buckets",
    "metric_meta",
    "minidump",
    "nel",
    "otel_log",
    "otel_span",
    "profile",
    "profile_chunk",
    "raw_security",
    "replay_event",
    "replay_recording",
    "replay_video",
    "session",
    "sessions",
    "span",
    "statsd",
    "trace_metric",
    "transaction",
    "unreal_report",
    "user_report",
    "user_report_v2",
];

/// The name under which types that nobody knows are counted.
pub const OTHER: &str = "other";

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
    /// How many items of each type were only counted.
    pub counts: BTreeMap<&'static str, u32>,
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
                let reason = if bytes > caps.each {
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
                let known = KNOWN.iter().find(|known| **known == kind).copied().unwrap_or(OTHER);
                *sorted.counts.entry(known).or_default() += 1;
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
        assert!(sorted.counts.is_empty());
    }

    #[test]
    fn names_that_nobody_knows_are_one_row() {
        let body = b"{}\n{\"type\":\"session\"}\n{}\n{\"type\":\"a\"}\n{}\n{\"type\":\"b\"}\n{}\n{\"type\":\"attachment\"}\nx\n";
        let envelope = envelope::parse(body).unwrap();
        let counts = sort(&envelope.items, CAPS).counts;
        assert_eq!(counts, BTreeMap::from([("attachment", 1), (OTHER, 2), ("session", 1)]));
    }
}
