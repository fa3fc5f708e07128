//! What a stack says about where an error belongs.
//!
//! Of the calls that led to it those count that stand on the way from the program's entry to the
//! failure, each once: a loop in the way is cut out, so that recursion of any depth, through any number
//! of functions, is one way. The first call of the application's own code is left out where others
//! follow: that is the route, the job or the button by which the program was entered, and one error is
//! one error by whichever door it is reached. Of what remains the innermost calls count.

use std::collections::HashMap;

use crate::domain::event::{Event, Exception, Frame};
use crate::domain::frames::{Key, Origin, Reading};

use super::Parts;

/// Calls that count, innermost first. What differs further out is how the program got there.
const MAX_CALLS: usize = 8;

/// What a stack gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// Whether the calls are the application's own.
    pub(super) in_app: bool,
    /// Whether one of them has a name; files alone say little.
    pub(super) named: bool,
}

/// The exception whose stack counts, with what is needed to read it: the last raised of those that
/// passed through the application's own code.
pub(super) fn deciding(event: &Event) -> Option<(Reading, &Exception, &[Frame])> {
    let stacks = event.exceptions.iter().rev().filter_map(|exception| {
        let frames = &exception.stacktrace.as_ref()?.frames[..];
        (!frames.is_empty()).then(|| (Reading::of(&event.platform, frames), exception, frames))
    });
    let mut first = None;
    for stack in stacks {
        let (reading, _, frames) = stack;
        if frames.iter().rev().any(|frame| reading.origin(frame) == Origin::App) {
            return Some(stack);
        }
        first = first.or(Some(stack));
    }
    first
}

/// The innermost frame of the application's own code, else the innermost that is not machinery, else
/// the innermost.
pub(super) fn failing_frame(event: &Event) -> Option<(Reading, &Frame)> {
    let (reading, _, frames) = deciding(event)?;
    let innermost = |wanted: &[Origin]| {
        frames.iter().rev().find(|frame| wanted.contains(&reading.origin(frame)))
    };
    let frame = innermost(&[Origin::App])
        .or_else(|| innermost(&[Origin::Library]))
        .or_else(|| frames.last())?;
    Some((reading, frame))
}

/// Appends the calls that count; `None` if there are none.
pub(super) fn push_way(event: &Event, parts: &mut Parts) -> Option<Way> {
    let (reading, _, frames) = deciding(event)?;
    let keys = Keys::of(&reading, frames, Origin::App);
    let (keys, in_app) = match keys.way.is_empty() {
        false => (keys, true),
        true => (Keys::of(&reading, frames, Origin::Library), false),
    };
    let way = &keys.way[..];
    let inner = if in_app && way.len() > 1 { &way[1..] } else { way };
    if inner.is_empty() {
        return None;
    }
    let mut named = false;
    for call in inner.iter().rev().take(MAX_CALLS) {
        parts.push("frame", &keys.text[call.start..call.end]);
        named |= call.named;
    }
    Some(Way { in_app, named })
}

/// The names of a stack's calls, outermost first, without loops.
struct Keys {
    text: String,
    way: Vec<Call>,
}

#[derive(Clone, Copy)]
struct Call {
    start: usize,
    end: usize,
    named: bool,
}

impl Keys {
    /// Of the frames that come from `wanted`.
    fn of(reading: &Reading, frames: &[Frame], wanted: Origin) -> Self {
        let mut text = String::with_capacity(frames.len() * 48);
        let mut calls: Vec<Call> = Vec::with_capacity(frames.len());
        for frame in frames.iter().filter(|frame| reading.origin(frame) == wanted) {
            let start = text.len();
            let key = reading.write_key(frame, &mut text);
            let end = text.len();
            let again = calls.last().is_some_and(|last| text[last.start..last.end] == text[start..end]);
            if key == Key::Nothing || again {
                text.truncate(start);
                continue;
            }
            calls.push(Call { start, end, named: key == Key::Function });
        }
        let way = without_loops(&text, &calls);
        Self { text, way }
    }
}

/// The way without its loops: where a call comes a second time, what lay between is cut out.
fn without_loops(text: &str, calls: &[Call]) -> Vec<Call> {
    let mut way: Vec<Call> = Vec::with_capacity(calls.len());
    let mut place: HashMap<&str, usize> = HashMap::with_capacity(calls.len());
    for call in calls {
        let name = &text[call.start..call.end];
        match place.get(name) {
            // A place behind the end was cut out before.
            Some(at) if way.get(*at).is_some_and(|c| &text[c.start..c.end] == name) => {
                way.truncate(at + 1);
            }
            _ => {
                place.insert(name, way.len());
                way.push(*call);
            }
        }
    }
    way
}
