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
    /// Differs for nearly all names that differ.
    sum: u64,
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
            if key != Key::Nothing {
                let sum = sum(&text.as_bytes()[start..end]);
                calls.push(Call { start, end, named: key == Key::Function, sum });
            }
        }
        let way = without_loops(&text, &calls);
        Self { text, way }
    }
}

/// A number for a name, quickly made; where two names share one they are compared.
fn sum(name: &[u8]) -> u64 {
    name.iter()
        .fold(name.len() as u64, |sum, b| (sum.rotate_left(5) ^ u64::from(*b)).wrapping_mul(MIX))
}

/// An odd number with as many ones as zeros.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Ways up to this long are searched from one end to the other, longer ones by a map.
const SHORT_WAY: usize = 48;

/// The way without its loops: where a call comes a second time, what lay between is cut out.
fn without_loops(text: &str, calls: &[Call]) -> Vec<Call> {
    let name = |call: &Call| &text[call.start..call.end];
    let mut way: Vec<Call> = Vec::with_capacity(calls.len());
    if calls.len() <= SHORT_WAY {
        for call in calls {
            match way.iter().position(|known| known.sum == call.sum && name(known) == name(call)) {
                Some(at) => way.truncate(at + 1),
                None => way.push(*call),
            }
        }
        return way;
    }
    let mut place: HashMap<&str, usize> = HashMap::with_capacity(calls.len());
    for call in calls {
        match place.get(name(call)) {
            // A place behind the end, or taken by another since, was cut out before.
            Some(at) if way.get(*at).is_some_and(|known| name(known) == name(call)) => {
                way.truncate(at + 1);
            }
            _ => {
                place.insert(name(call), way.len());
                way.push(*call);
            }
        }
    }
    way
}
