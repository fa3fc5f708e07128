//! A layer for the `tracing` crate: its errors are captured, what is less becomes breadcrumbs, and the spans
//! that an error happened in are told with it.

use std::error::Error;
use std::fmt;

use serde_json::{Map, Value, json};
use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Level as TracingLevel, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::capture::{Bounded, add_breadcrumb, capture_event_here, error_chain};
use crate::client::client;
use crate::guarded::{guarded, guarded_or, is_inside};
use crate::protocol::{Breadcrumb, Event, Exception, Level, Mechanism};

/// Bytes of a field's value.
const MAX_VALUE_BYTES: usize = 4096;

/// Spans around an event that are told, the innermost ones.
const MAX_SPANS: usize = 32;

/// How an error came to be captured that was logged.
const LOGGED: Mechanism = Mechanism { kind: "tracing", handled: true };

/// The layer. Made by [`tracing_layer`].
#[derive(Clone, Copy, Debug)]
#[must_use = "a layer does nothing before it is added to a subscriber"]
pub struct TracingLayer {
    capture: TracingLevel,
    breadcrumbs: TracingLevel,
}

/// A layer that captures events of level `ERROR` and keeps those of `WARN` and `INFO` as breadcrumbs.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// tracing_subscriber::registry().with(andon_sdk::tracing_layer()).init();
/// ```
///
/// An event with a field that is an error (`error = &error as &dyn std::error::Error`) is captured with the
/// error's sources.
pub fn tracing_layer() -> TracingLayer {
    TracingLayer { capture: TracingLevel::ERROR, breadcrumbs: TracingLevel::INFO }
}

impl TracingLayer {
    /// Captures events of this level and of those that are worse.
    pub fn capture_from(mut self, level: TracingLevel) -> Self {
        self.capture = level;
        self
    }

    /// Keeps events of this level, and of those between it and what is captured, as breadcrumbs.
    pub fn breadcrumbs_from(mut self, level: TracingLevel) -> Self {
        self.breadcrumbs = level;
        self
    }

    /// The least bad level that is of interest. Levels are the greater the less bad they are.
    fn least(self) -> TracingLevel {
        self.breadcrumbs.max(self.capture)
    }
}

impl<S> Layer<S> for TracingLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        // Libraries have a span for each piece of work on this level, which cost more to tell than to do.
        let is_too_much = *attributes.metadata().level() == TracingLevel::TRACE
            && self.least() < TracingLevel::TRACE;
        if is_too_much || is_inside() || client().is_none() {
            return;
        }
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        guarded(|| attributes.record(&mut fields));
        // Another layer of this kind may have said the same.
        span.extensions_mut().replace(SpanFields(fields.map));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        guarded(|| values.record(&mut fields));
        if let Some(known) = span.extensions_mut().get_mut::<SpanFields>() {
            known.0.extend(fields.map);
        }
    }

    fn on_event(&self, event: &tracing_core::Event<'_>, context: Context<'_, S>) {
        let about = event.metadata();
        // What the SDK's own sending logs is left out.
        if *about.level() > self.least() || is_inside() || client().is_none() {
            return;
        }
        let mut fields = Fields::default();
        guarded(|| event.record(&mut fields));
        if *about.level() > self.capture {
            return add_breadcrumb(breadcrumb(about, fields));
        }
        let scope = context.event_scope(event);
        let mut spans: Vec<Value> = scope
            .into_iter()
            .flatten()
            .take(MAX_SPANS)
            .map(|span| {
                let fields = span.extensions().get::<SpanFields>().map(|known| known.0.clone());
                json!({"name": span.name(), "target": span.metadata().target(), "fields": fields})
            })
            .collect();
        spans.reverse();
        capture_event_here(captured(about, fields, &spans));
    }
}

fn breadcrumb(about: &Metadata<'_>, fields: Fields) -> Breadcrumb {
    let mut breadcrumb = Breadcrumb::new(fields.message.unwrap_or_default())
        .category(about.target())
        .kind("log")
        .level(level(about));
    breadcrumb.data = fields.map.into_iter().collect();
    breadcrumb
}

fn captured(about: &Metadata<'_>, fields: Fields, spans: &[Value]) -> Event {
    let mut event = Event::new(level(about));
    event.logger = Some(about.target().to_owned());
    event.message = fields.message;
    event.exception.values = fields.errors;
    if event.message.is_none() && event.exception.values.is_empty() {
        event.message = Some(about.name().to_owned());
    }
    let place = json!({"file": about.file(), "line": about.line(), "target": about.target()});
    event.contexts.insert("tracing".to_owned(), place);
    if !fields.map.is_empty() {
        event.contexts.insert("fields".to_owned(), Value::Object(fields.map));
    }
    if !spans.is_empty() {
        event.contexts.insert("spans".to_owned(), json!({"values": spans}));
    }
    event
}

fn level(about: &Metadata<'_>) -> Level {
    match *about.level() {
        TracingLevel::ERROR => Level::Error,
        TracingLevel::WARN => Level::Warning,
        TracingLevel::INFO => Level::Info,
        _ => Level::Debug,
    }
}

/// What a span was given.
struct SpanFields(Map<String, Value>);

/// What an event or a span was given, as text and numbers.
#[derive(Default)]
struct Fields {
    message: Option<String>,
    errors: Vec<Exception>,
    map: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.map.insert(field.name().to_owned(), value.into());
    }

    fn text(&mut self, field: &Field, text: String) {
        if field.name() == "message" {
            self.message = Some(text);
        } else {
            self.put(field, text);
        }
    }
}

fn bounded(arguments: fmt::Arguments<'_>) -> String {
    let mut text = Bounded::new(MAX_VALUE_BYTES);
    // An error here is the bound.
    let _ = fmt::write(&mut text, arguments);
    text.text
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, bounded(format_args!("{value}")));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if self.errors.is_empty() {
            self.errors = error_chain(value, &LOGGED);
        } else {
            let text = || bounded(format_args!("{value}"));
            let text = guarded_or(text, "an error's Display", "(its Display panicked)".to_owned());
            self.put(field, text);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = || bounded(format_args!("{value:?}"));
        let text = guarded_or(text, "a logged value's Debug", "(its Debug panicked)".to_owned());
        self.text(field, text);
    }
}
