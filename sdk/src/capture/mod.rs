//! Taking down what went wrong.

mod chain;

#[cfg(any(feature = "tower", feature = "resilience"))]
pub(crate) use chain::said;
#[cfg(feature = "tracing")]
pub(crate) use chain::{Bounded, exceptions as error_chain};

use std::cell::OnceCell;
use std::error::Error;
use std::sync::Arc;

use crate::client::{client, send};
use crate::guarded::{guarded, is_inside};
use crate::pipeline::{Draft, GIVEN};
use crate::protocol::{Breadcrumb, Event, EventId, Level};
use crate::scope::{configure_scope, snapshot};
use crate::stack::RawStack;

/// Captures an error, with its sources and the stack of this place. Of `anyhow::Error`, a `Box<dyn Error>`
/// and the like give what they hold:
///
/// ```
/// # fn work() -> anyhow::Result<()> { Ok(()) }
/// if let Err(error) = work() {
///     andon_sdk::capture_error(&*error);
/// }
/// ```
///
/// Before [`std::process::exit`] on another thread than the main one (or on any, where the system is not
/// Linux with glibc) call [`flush`](crate::flush): it drops no guard.
///
/// Costs microseconds, waits for nothing and never fails; [`EventId::NONE`] says that nothing is sent: the
/// SDK is off, or the error fell to the sampling.
pub fn capture_error<E: Error + ?Sized>(error: &E) -> EventId {
    capture(|backtraces| {
        let mut event = Event::new(Level::Error);
        event.exception.values = chain::exceptions(error, &GIVEN);
        (event, backtraces.then(RawStack::of_here))
    })
}

/// Captures a message, of 16 KiB at most.
pub fn capture_message(message: &str, level: Level) -> EventId {
    // Without a copy of what is cut away.
    let message = &message[..message.floor_char_boundary(chain::MAX_TEXT_BYTES)];
    capture(|_| (Event::message(message, level), None))
}

/// Captures an event that the application made itself.
pub fn capture_event(event: Event) -> EventId {
    capture(|_| (event, None))
}

/// Captures an event with the stack of this place, if it has an error to belong to.
#[cfg(any(feature = "tracing", feature = "tower"))]
pub(crate) fn capture_event_here(event: Event) -> EventId {
    capture(|backtraces| {
        let stack = (backtraces && !event.exception.values.is_empty()).then(RawStack::of_here);
        (event, stack)
    })
}

fn capture(make: impl FnOnce(bool) -> (Event, Option<RawStack>)) -> EventId {
    if is_inside() {
        return EventId::NONE;
    }
    let capture = || {
        let client = client()?;
        let options = &client.pipeline.options;
        if options.sample_rate < 1.0 && fastrand::f32() >= options.sample_rate {
            client.pipeline.spool.count("sample_rate", 1);
            return None;
        }
        let (event, stack) = make(options.backtraces);
        let id = event.event_id;
        send(&client, draft_of(event, stack)).then_some(id)
    };
    guarded(capture).flatten().unwrap_or(EventId::NONE)
}

/// What is captured, with what is known here.
pub(crate) fn draft_of(event: Event, stack: Option<RawStack>) -> Draft {
    let scope = snapshot();
    scope.note_capture();
    Draft { event, stack, scope, thread: thread_name() }
}

thread_local! {
    static NAME: OnceCell<Option<Arc<str>>> = const { OnceCell::new() };
}

fn thread_name() -> Option<Arc<str>> {
    let name = || {
        let thread = std::thread::current();
        crate::exit::watch(&thread);
        thread.name().map(Arc::from)
    };
    NAME.try_with(|known| known.get_or_init(name).clone()).ok().flatten()
}

/// Notes something that happened, for the errors that come after it.
pub fn add_breadcrumb(mut breadcrumb: Breadcrumb) {
    if is_inside() {
        return;
    }
    guarded(|| {
        if let Some(client) = client() {
            let most = client.pipeline.options.max_breadcrumbs;
            if let Some(message) = &mut breadcrumb.message {
                chain::cut(message);
            }
            configure_scope(|scope| scope.add_breadcrumb(breadcrumb, most));
        }
    });
}
