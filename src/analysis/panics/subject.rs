//! Which panic an event is about, whatever form the sender gave it.

use crate::domain::backtrace::{self, ABORT_TYPE, PANIC_TYPE};
use crate::domain::event::{Event, Exception, Frame};
use crate::domain::panic::{PanicClass, classify};

/// The panic to analyse.
pub(super) struct Subject {
    /// What it is.
    pub(super) class: PanicClass,
    /// Innermost first.
    pub(super) frames: Vec<Frame>,
    /// What a reader should know about the choice.
    pub(super) notes: Vec<String>,
}

/// The event's panic; `None` if it is no Rust panic.
pub(super) fn subject(event: &Event) -> Option<Subject> {
    let mut notes = Vec::new();
    let panics = panics(event)?;
    if panics.len() > 1 {
        notes.push(format!(
            "{} panics were reported together; the first is taken as the cause, the others as its consequences.",
            panics.len()
        ));
    }
    let first = panics.into_iter().next()?;
    let message = first
        .value
        .or_else(|| event.message.clone().filter(|text| !backtrace::looks_like_panic(text)))
        .unwrap_or_default();
    let mut frames = first.stacktrace.unwrap_or_default().frames;
    frames.reverse();
    Some(Subject { class: classify(&message), frames, notes })
}

fn panics(event: &Event) -> Option<Vec<Exception>> {
    // Other languages have panics too.
    let may_be_rust = matches!(event.platform.as_str(), "rust" | "native" | "other" | "");
    let reported: Vec<Exception> = event
        .exceptions
        .iter()
        .filter(|exception| {
            let ty = exception.ty.as_deref().unwrap_or_default();
            ty == PANIC_TYPE || ty == ABORT_TYPE
        })
        .filter(|exception| may_be_rust || has_rust_frames(exception))
        .cloned()
        .collect();
    if !reported.is_empty() {
        return Some(with_frames(reported, event));
    }
    let texts = event
        .exceptions
        .iter()
        .filter_map(|exception| exception.value.as_deref())
        .chain(event.stack_text.as_deref())
        .chain(event.message.as_deref());
    let mut bare = None;
    for text in texts {
        if backtrace::looks_like_panic(text) {
            let parsed = backtrace::parse(text);
            if !parsed.is_empty() {
                return Some(with_frames(parsed, event));
            }
        } else if event.platform == "rust" && text.contains("stack backtrace:") {
            bare = Some(backtrace::parse(text)).filter(|parsed| !parsed.is_empty());
        }
    }
    bare
}

/// Fills in the frames of the first panic from the event's plain text, where it has none.
fn with_frames(mut panics: Vec<Exception>, event: &Event) -> Vec<Exception> {
    let Some(first) = panics.first_mut() else { return panics };
    let has_frames = first.stacktrace.as_ref().is_some_and(|stack| stack.frames.len() > 1);
    if !has_frames
        && let Some(text) = event.stack_text.as_deref()
        && let Some(parsed) = backtrace::parse(text).into_iter().next()
        && parsed.stacktrace.is_some()
    {
        first.stacktrace = parsed.stacktrace;
    }
    // A message may itself be the whole report.
    if let Some(value) = first.value.as_deref()
        && backtrace::looks_like_panic(value)
        && first.ty.as_deref() == Some(PANIC_TYPE)
        && let Some(parsed) = backtrace::parse(value).into_iter().next()
    {
        if first.stacktrace.is_none() {
            first.stacktrace = parsed.stacktrace;
        }
        first.value = parsed.value;
    }
    panics
}

fn has_rust_frames(exception: &Exception) -> bool {
    exception.stacktrace.as_ref().is_some_and(|stack| {
        stack.frames.iter().any(|frame| frame.path().is_some_and(|path| path.ends_with(".rs")))
    })
}
