//! An event as it is sent. What is the same from one event to the next, breadcrumbs and the stack, is made
//! ready once and put in: an error in a tight loop costs a third of what it would.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::pipeline::Draft;
use crate::protocol::{Breadcrumb, Event, EventId, Exception};
use crate::scope::Kept;
use crate::stack::{Names, RawStack};

/// Bytes of an event, as most have them.
const USUAL_BYTES: usize = 16 * 1024;

/// The parts of an event that are put in as they are.
#[derive(Debug, Default)]
pub(crate) struct Ready {
    breadcrumbs: Arc<VecDeque<Arc<Kept>>>,
    stack: Option<RawStack>,
}

impl Ready {
    /// Those of a draft, which has them no more.
    pub(crate) fn of(draft: &mut Draft) -> Self {
        let breadcrumbs = std::mem::take(&mut draft.scope.breadcrumbs);
        let stack = draft.stack.take();
        Self {
            // What the event says itself goes before what is known around it.
            breadcrumbs: if draft.event.breadcrumbs.values.is_empty() {
                breadcrumbs
            } else {
                Arc::default()
            },
            stack: stack.filter(|_| !draft.event.exception.values.is_empty()),
        }
    }
}

/// The event as JSON. `breadcrumb` makes what is sent of one, for the client of this number.
pub(crate) fn payload(
    mut event: Event,
    ready: Ready,
    names: &Names,
    client: u64,
    breadcrumb: impl Fn(&Breadcrumb) -> serde_json::Result<Vec<u8>>,
) -> serde_json::Result<Vec<u8>> {
    let exceptions = match &ready.stack {
        Some(_) => std::mem::take(&mut event.exception.values),
        None => Vec::new(),
    };
    let mut json = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut json, &event)?;
    if let Some(stack) = ready.stack {
        begin(&mut json, "exception");
        with_stack(&mut json, &exceptions, &names.json(stack)?)?;
        json.push(b'}');
    }
    if !ready.breadcrumbs.is_empty() {
        begin(&mut json, "breadcrumbs");
        json.extend_from_slice(b"{\"values\":[");
        for (n, kept) in ready.breadcrumbs.iter().enumerate() {
            if n > 0 {
                json.push(b',');
            }
            kept.write(client, &mut json, &breadcrumb)?;
        }
        json.extend_from_slice(b"]}}");
    }
    Ok(json)
}

/// Opens an object again, which has something in it, for one thing more.
fn begin(json: &mut Vec<u8>, key: &str) {
    json.pop();
    json.extend_from_slice(b",\"");
    json.extend_from_slice(key.as_bytes());
    json.extend_from_slice(b"\":");
}

/// The errors of a chain; the last, which is the outermost, was captured where the stack says.
fn with_stack(
    json: &mut Vec<u8>,
    exceptions: &[Exception],
    stack: &[u8],
) -> serde_json::Result<()> {
    json.extend_from_slice(b"{\"values\":");
    serde_json::to_writer(&mut *json, exceptions)?;
    json.pop();
    begin(json, "stacktrace");
    json.extend_from_slice(stack);
    json.extend_from_slice(b"}]}");
    Ok(())
}

/// The event as it is sent: an envelope of one item.
pub(crate) fn of(id: EventId, payload: &[u8]) -> Vec<u8> {
    // Nothing in it needs to be escaped.
    let (name, version) = (crate::SDK_NAME, crate::SDK_VERSION);
    let head = format!(
        "{{\"event_id\":\"{id}\",\"sdk\":{{\"name\":\"{name}\",\"version\":\"{version}\"}}}}\n\
         {{\"type\":\"event\",\"content_type\":\"application/json\",\"length\":{}}}\n",
        payload.len()
    );
    let mut bytes = Vec::with_capacity(head.len() + payload.len() + 1);
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(payload);
    bytes.push(b'\n');
    bytes
}
