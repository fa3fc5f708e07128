//! From what was captured to what waits to be sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::envelope::{self, Ready};
use crate::guarded::guarded;
use crate::problems;
use crate::protocol::{Breadcrumb, Event, Level, Mechanism};
use crate::scope::Scope;
use crate::scrub;
use crate::settings::Options;
use crate::spool::Spool;
use crate::stack::{Names, RawStack};

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

    fn finish(&self, mut draft: Draft) {
        let Options { before_send, scrub, scrub_keys, .. } = &self.options;
        // What is the same from one event to the next is made ready once, unless a hook wants to see it.
        let ready = match before_send {
            Some(_) => Ready::default(),
            None => Ready::of(&mut draft),
        };
        let mut event = self.complete(draft);
        if *scrub {
            scrub::scrub(&mut event, scrub_keys);
        }
        for (key, value) in &self.about {
            event.contexts.entry((*key).to_owned()).or_insert_with(|| value.clone());
        }
        let Some(event) = self.ask_before_send(event) else {
            return self.spool.count("before_send", 1);
        };
        match self.envelope(event, ready) {
            Ok(bytes) => self.spool.push(bytes),
            Err(error) => {
                problems::report("an error was not sent", &error.to_string());
                self.spool.count("internal_sdk_error", 1);
            }
        }
    }

    fn envelope(&self, event: Event, ready: Ready) -> serde_json::Result<Vec<u8>> {
        let breadcrumb = |breadcrumb: &Breadcrumb| {
            if !self.options.scrub || breadcrumb.data.is_empty() {
                return serde_json::to_vec(breadcrumb);
            }
            let mut breadcrumb = breadcrumb.clone();
            scrub::scrub_breadcrumb(&mut breadcrumb, &self.options.scrub_keys);
            serde_json::to_vec(&breadcrumb)
        };
        let id = event.event_id;
        Ok(envelope::of(
            id,
            &envelope::payload(event, ready, &self.names, self.number, breadcrumb)?,
        ))
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
        for (key, value) in contexts {
            event.contexts.entry(key).or_insert(value);
        }
        if let Some(name) = thread {
            event.contexts.entry("thread".to_owned()).or_insert_with(|| json!({"name": &*name}));
        }
        if event.breadcrumbs.values.is_empty() {
            let known = scope.breadcrumbs.iter().map(|kept| Arc::clone(&kept.breadcrumb));
            event.breadcrumbs.values = known.collect();
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
