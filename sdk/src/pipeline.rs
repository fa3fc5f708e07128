//! From what was captured to what waits to be sent.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::guarded::guarded;
use crate::problems;
use crate::protocol::{Breadcrumb, Event, Level, Mechanism};
use crate::scope::{Kept, Scope};
use crate::scrub;
use crate::settings::Options;
use crate::spool::Spool;
use crate::stack::{Names, RawStack};

/// Bytes of an event, as most have them.
const USUAL_BYTES: usize = 16 * 1024;

/// What the capturing thread takes, which is little: the rest is done elsewhere.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) event: Event,
    pub(crate) stack: Option<RawStack>,
    pub(crate) scope: Scope,
    pub(crate) thread: Option<Arc<str>>,
}

/// What is shared by all that work on events.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) options: Options,
    pub(crate) names: Names,
    pub(crate) spool: Spool,
    about: Vec<(&'static str, Value)>,
    /// Tells this one from those before it.
    number: u64,
}

impl Pipeline {
    pub(crate) fn new(options: Options, spool: Spool) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self { options, names: Names::default(), spool, about: about_this_process(), number }
    }

    /// Makes an event of what was captured and has it wait to be sent.
    pub(crate) fn take(&self, draft: Draft) {
        // What panics here is a hook of the application's, which is guarded by itself, or a fault of ours.
        if guarded(|| self.finish(draft)).is_none() {
            problems::report("an error was not sent", "the SDK itself panicked over it");
            self.spool.count("internal_sdk_error", 1);
        }
    }

    fn finish(&self, draft: Draft) {
        let breadcrumbs = Arc::clone(&draft.scope.breadcrumbs);
        let mut event = self.complete(draft);
        // Those of the scope are made ready once for all events, unless a hook wants to see them.
        let breadcrumbs = if !event.breadcrumbs.values.is_empty() {
            Arc::default()
        } else if self.options.before_send.is_some() {
            let known = breadcrumbs.iter().map(|kept| Arc::clone(&kept.breadcrumb));
            event.breadcrumbs.values = known.collect();
            Arc::default()
        } else {
            breadcrumbs
        };
        if self.options.scrub {
            scrub::scrub(&mut event, &self.options.scrub_keys);
        }
        let Some(event) = self.ask_before_send(event) else {
            return self.spool.count("before_send", 1);
        };
        match self.payload(&event, &breadcrumbs).map(|payload| envelope(&event, &payload)) {
            Ok(bytes) => self.spool.push(bytes),
            Err(error) => {
                problems::report("an error was not sent", &error.to_string());
                self.spool.count("internal_sdk_error", 1);
            }
        }
    }

    /// The event with all that is known.
    fn complete(&self, draft: Draft) -> Event {
        let Draft { mut event, stack, scope, thread } = draft;
        if let Some(stack) = stack {
            let stacktrace = self.names.resolve(&stack);
            // The outermost error is the one that was captured here.
            if let Some(exception) = event.exception.values.last_mut()
                && !stacktrace.frames.is_empty()
            {
                exception.stacktrace = Some(stacktrace);
            }
        }
        if let Some(level) = scope.level {
            event.level = level;
        }
        // What the event says itself goes before what is known around it.
        let tags = scope.tags.iter().map(|(key, value)| (key.clone(), value.clone()));
        for (key, value) in tags {
            event.tags.entry(key).or_insert(value);
        }
        let contexts = scope.contexts.iter().map(|(key, value)| (key.clone(), value.clone()));
        let about = self.about.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        for (key, value) in contexts.chain(about) {
            event.contexts.entry(key).or_insert(value);
        }
        if let Some(name) = thread {
            event.contexts.entry("thread".to_owned()).or_insert_with(|| json!({"name": &*name}));
        }
        if event.fingerprint.is_empty() {
            event.fingerprint = scope.fingerprint.to_vec();
        }
        event.user = event.user.or(scope.user);
        event.request = event.request.or(scope.request);
        event.transaction =
            event.transaction.or_else(|| scope.transaction.as_deref().map(str::to_owned));
        event.release = event.release.or_else(|| self.options.release.clone());
        event.environment = event.environment.or_else(|| self.options.environment.clone());
        event.server_name = event.server_name.or_else(|| self.options.server_name.clone());
        event
    }

    /// The event as JSON, with these breadcrumbs besides its own.
    fn payload(
        &self,
        event: &Event,
        breadcrumbs: &VecDeque<Arc<Kept>>,
    ) -> serde_json::Result<Vec<u8>> {
        let mut json = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut json, event)?;
        if !breadcrumbs.is_empty() {
            // An event is an object with something in it.
            json.pop();
            json.extend_from_slice(b",\"breadcrumbs\":{\"values\":[");
            for (n, kept) in breadcrumbs.iter().enumerate() {
                if n > 0 {
                    json.push(b',');
                }
                kept.write(self.number, &mut json, |breadcrumb| self.breadcrumb(breadcrumb))?;
            }
            json.extend_from_slice(b"]}}");
        }
        Ok(json)
    }

    fn breadcrumb(&self, breadcrumb: &Breadcrumb) -> serde_json::Result<Vec<u8>> {
        if !self.options.scrub || breadcrumb.data.is_empty() {
            return serde_json::to_vec(breadcrumb);
        }
        let mut breadcrumb = breadcrumb.clone();
        scrub::scrub_breadcrumb(&mut breadcrumb, &self.options.scrub_keys);
        serde_json::to_vec(&breadcrumb)
    }

    /// What the application's hook makes of it.
    fn ask_before_send(&self, event: Event) -> Option<Event> {
        let Some(hook) = &self.options.before_send else { return Some(event) };
        let withheld = without_data(&event);
        guarded(|| hook(event)).unwrap_or_else(|| {
            problems::report("before_send panicked", "events are sent without their data");
            Some(withheld)
        })
    }
}

/// The event without anything that a hook may have wanted to take out.
fn without_data(event: &Event) -> Event {
    let mut bare = Event::message("(withheld: the before_send hook panicked)", event.level);
    bare.event_id = event.event_id;
    bare.timestamp = event.timestamp;
    bare.release.clone_from(&event.release);
    bare.environment.clone_from(&event.environment);
    bare.exception.clone_from(&event.exception);
    for exception in &mut bare.exception.values {
        "(withheld)".clone_into(&mut exception.value);
    }
    bare
}

/// The event as it is sent: an envelope of one item.
fn envelope(event: &Event, payload: &[u8]) -> Vec<u8> {
    // Nothing in it needs to be escaped.
    let (id, name, version) = (event.event_id, crate::SDK_NAME, crate::SDK_VERSION);
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

/// What is known of the process without asking anything: nothing of whom it runs for.
fn about_this_process() -> Vec<(&'static str, Value)> {
    let name = std::env::current_exe().ok();
    let name = name.as_deref().and_then(std::path::Path::file_name).map(|n| n.to_string_lossy());
    vec![
        ("os", json!({"name": std::env::consts::OS, "type": "os"})),
        ("device", json!({"arch": std::env::consts::ARCH, "type": "device"})),
        ("app", json!({"app_name": name, "process_id": std::process::id(), "type": "app"})),
    ]
}

/// How an error came to be captured that the application gave.
pub(crate) const GIVEN: Mechanism = Mechanism { kind: "generic", handled: true };

/// How a panic came to be captured.
pub(crate) const PANIC: Mechanism = Mechanism { kind: "panic", handled: false };

/// The level of a panic.
pub(crate) const PANIC_LEVEL: Level = Level::Fatal;
