//! Which exception an event is about, whatever form the sender gave it.

use crate::analysis::exceptions::class::{Class, classify};
use crate::domain::backtrace::{self, ABORT_TYPE, PANIC_TYPE};
use crate::domain::event::{Event, Exception, Frame, Link};
use crate::domain::frames::Language;
use crate::domain::stacktext;

/// The exception to analyse.
pub(super) struct Subject {
    /// The platform as the sender names it.
    pub(super) platform: String,
    /// What it is.
    pub(super) class: Class,
    /// Its frames, innermost first.
    pub(super) frames: Vec<Frame>,
    /// The frames of the others of its chain, each innermost first: what was raised last first.
    pub(super) chained: Vec<Chained>,
    /// What a reader should know about the choice.
    pub(super) notes: Vec<String>,
}

/// Another exception of the chain.
pub(super) struct Chained {
    /// Innermost first.
    pub(super) frames: Vec<Frame>,
    /// Whether it stands beside the cause: both are members of a group.
    pub(super) is_beside: bool,
}

impl Subject {
    /// Every frame of the chain.
    pub(super) fn all_frames(&self) -> impl Iterator<Item = &Frame> {
        self.frames.iter().chain(self.chained.iter().flat_map(|one| &one.frames))
    }
}

/// The event's exception; `None` if it is a Rust panic or of no language known here.
pub(super) fn subject(event: &Event) -> Option<Subject> {
    let (platform, mut exceptions) = reported(event)?;
    let language = language(&platform, &exceptions)?;
    let mut notes = Vec::new();
    let at = cause(&exceptions)?;
    if exceptions.len() > 1 {
        notes.push(format!(
            "{} exceptions belong together; {} is taken as the cause{}.",
            exceptions.len(),
            exceptions[at].ty.as_deref().unwrap_or("one without a type"),
            match exceptions[at].link {
                Some(Link::Member) => ", the first of a group's members",
                _ if at == 0 => ", the first that was raised",
                _ => ": those before it had been caught when it was raised",
            }
        ));
    }
    let of_group = exceptions[at].link == Some(Link::Member);
    let cause = exceptions.remove(at);
    let value = cause.value.or_else(|| event.message.clone()).unwrap_or_default();
    let ty = cause.ty.unwrap_or_default();
    let inner = |exception: Exception| {
        let is_beside = of_group && exception.link == Some(Link::Member);
        let mut frames = exception.stacktrace.unwrap_or_default().frames;
        frames.reverse();
        Chained { frames, is_beside }
    };
    let mut frames = cause.stacktrace.unwrap_or_default().frames;
    frames.reverse();
    Some(Subject {
        class: classify(language, &ty, &value),
        platform,
        frames,
        chained: exceptions
            .into_iter()
            .rev()
            .map(inner)
            .filter(|one| !one.frames.is_empty())
            .collect(),
        notes,
    })
}

/// Which of a chain went wrong first: from the one that was raised last back to what it tells of. What was
/// only being handled when another one failed by itself had its answer already.
fn cause(exceptions: &[Exception]) -> Option<usize> {
    let has_own = |one: &Exception| one.stacktrace.as_ref().is_some_and(|s| !s.frames.is_empty());
    let mut at = exceptions.len().checked_sub(1)?;
    for before in (0..at).rev() {
        let was_handled = exceptions[before].link == Some(Link::Context)
            && has_own(&exceptions[at])
            && !raises(&exceptions[at]);
        if was_handled {
            break;
        }
        if has_own(&exceptions[before]) || !has_own(&exceptions[at]) {
            at = before;
        }
    }
    Some(at)
}

/// Whether an exception was raised by a statement to that end, as far as its innermost line is known.
fn raises(exception: &Exception) -> bool {
    let innermost = exception.stacktrace.as_ref().and_then(|stack| stack.frames.last());
    let line = innermost.and_then(|frame| frame.context_line.as_deref()).unwrap_or("raise");
    line.trim_start().starts_with("raise") || line.trim_start().starts_with("throw")
}

/// The platform and the chain, from the frames that were sent or else from a text that holds some.
fn reported(event: &Event) -> Option<(String, Vec<Exception>)> {
    let has_frames = event
        .exceptions
        .iter()
        .any(|one| one.stacktrace.as_ref().is_some_and(|stack| !stack.frames.is_empty()));
    if has_frames {
        return Some((event.platform.clone(), event.exceptions.clone()));
    }
    let texts = event
        .stack_text
        .as_deref()
        .into_iter()
        .chain(event.exceptions.iter().rev().filter_map(|one| one.value.as_deref()))
        .chain(event.message.as_deref());
    for text in texts {
        if let Some(parsed) = stacktext::read(text) {
            return Some((parsed.platform.to_owned(), parsed.exceptions));
        }
    }
    (!event.exceptions.is_empty()).then(|| (event.platform.clone(), event.exceptions.clone()))
}

fn language(platform: &str, exceptions: &[Exception]) -> Option<Language> {
    let is_panic = |one: &Exception| {
        matches!(one.ty.as_deref(), Some(PANIC_TYPE | ABORT_TYPE))
            || one.value.as_deref().is_some_and(backtrace::looks_like_panic)
    };
    let of_platform = Language::of_platform(platform);
    let language = match of_platform {
        Some(Language::Native | Language::Generic) | None => {
            let frames = exceptions.iter().filter_map(|one| one.stacktrace.as_ref());
            let mut frames = frames.flat_map(|stack| stack.frames.iter().rev());
            frames.find_map(|frame| by_ending(frame.path()?))?
        }
        Some(language) => language,
    };
    match language {
        Language::Rust | Language::Native | Language::Generic => None,
        // Other languages have panics too; a platform that says so is believed.
        _ if of_platform.is_none() && exceptions.iter().any(is_panic) => None,
        language => Some(language),
    }
}

fn by_ending(path: &str) -> Option<Language> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Some(match path.rsplit_once('.')?.1 {
        "py" => Language::Python,
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" | "vue" | "svelte" => {
            Language::JavaScript
        }
        "java" | "kt" | "scala" | "groovy" => Language::Java,
        "cs" | "fs" | "vb" => Language::DotNet,
        "go" => Language::Go,
        "php" => Language::Php,
        "rb" => Language::Ruby,
        _ => return None,
    })
}
