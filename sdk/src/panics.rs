//! Panics, which may be the last thing that a process does: the hook returns when the panic waits in the
//! spool, so that it is sent at the next start if not before.

use std::panic::PanicHookInfo;
use std::sync::Once;
use std::time::Duration;

use crate::capture::draft_of;
use crate::client::{client, send};
use crate::guarded::{guarded, is_inside};
use crate::pipeline::{PANIC, PANIC_LEVEL};
use crate::protocol::{Event, Exception};
use crate::stack::RawStack;

/// How long a panic is held up until it is in the spool. The first look-up of names in a large program takes
/// a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// Has panics captured, from now on. What was the hook before is still called.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // A panic of the SDK's own, or of what it calls of the application's, is told of in its way.
            if is_inside() {
                if cfg!(panic = "abort") {
                    // The process ends: somebody must say why.
                    before(info);
                }
                return;
            }
            guarded(|| capture(info));
            before(info);
        }));
    });
}

fn capture(info: &PanicHookInfo<'_>) {
    let Some(client) = client().filter(|c| c.pipeline.options.panics) else {
        return;
    };
    let mut event = Event::new(PANIC_LEVEL);
    event.exception.values.push(Exception {
        kind: "panic".to_owned(),
        value: said(info),
        module: None,
        stacktrace: None,
        mechanism: Some(PANIC),
    });
    if let Some(location) = info.location() {
        let place = serde_json::json!({
            "file": location.file(), "line": location.line(), "column": location.column(),
        });
        event.contexts.insert("panic".to_owned(), place);
    }
    if send(&client, draft_of(event, Some(RawStack::of_here()))) {
        client.settle(PATIENCE);
    }
}

/// What the panic says, as far as it is text.
fn said(info: &PanicHookInfo<'_>) -> String {
    info.payload_as_str().unwrap_or("a panic whose payload is no text").to_owned()
}
