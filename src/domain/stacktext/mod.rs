//! Stack traces as text, as programs print them, of every language that prints one: into exceptions
//! with frames. The language is recognised by the shape of the lines. No regular expressions: each
//! line is looked at once, by cutting.
//!
//! One file a language. Each reads all forms of its language that stand in its head; what is not
//! understood is passed over.

mod common;
mod dotnet;
mod go;
mod java;
mod javascript;
mod javascript_frames;
mod php;
mod python;
mod ruby;
#[cfg(test)]
mod tests;

use super::backtrace;
use super::event::{Exception, StackTrace};
use super::frames::{Origin, Reading};
use common::{MAX_LINES, header};

/// What a text held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The platform as Sentry's SDKs name it: `python`, `node`, `javascript`, `java`, `go`, `ruby`,
    /// `php`, `csharp`, `rust`; `other` where there is no trace.
    pub platform: &'static str,
    /// The chain, cause first, what was finally raised last; frames outermost first.
    pub exceptions: Vec<Exception>,
}

/// Reads the first stack trace of a text. `None` if it holds none that is known.
pub fn read(text: &str) -> Option<Parsed> {
    if backtrace::looks_like_panic(text) {
        let exceptions = backtrace::parse(text);
        if !exceptions.is_empty() {
            return Some(Parsed { platform: "rust", exceptions });
        }
    }
    let lines: Vec<&str> =
        text.lines().take(MAX_LINES).map(|line| line.trim_end_matches('\r')).collect();
    // Those whose lines cannot be another's come first.
    let parsed = in_language("python", python::read(&lines))
        .or_else(|| in_language("go", go::read(&lines)))
        .or_else(|| in_language("php", php::read(&lines)))
        .or_else(|| at_lines(&lines))
        .or_else(|| in_language("javascript", javascript::read_browser(&lines)))
        .or_else(|| in_language("ruby", ruby::read(&lines)));
    parsed.map(mark)
}

/// What an error told by two texts, its message and its stack trace, is as an event: also where the
/// trace has no message, the message is all there is, or either holds both.
pub fn event_parts(error: &str, stack_trace: &str) -> Parsed {
    let mut parsed = read(stack_trace)
        .filter(|parsed| parsed.exceptions.iter().any(|one| one.stacktrace.is_some()))
        .or_else(|| read(&format!("{}\n{stack_trace}", error.trim_end())))
        .or_else(|| read(error))
        .unwrap_or(Parsed { platform: "other", exceptions: Vec::new() });
    let (ty, module, value) = header(error, parsed.platform);
    match parsed.exceptions.last_mut() {
        Some(raised) => {
            if raised.ty.is_none() {
                raised.ty = ty;
                raised.module = module;
            }
            if raised.value.is_none() {
                raised.value = value.filter(|value| !value.is_empty());
            }
        }
        None if !error.trim().is_empty() => {
            parsed.exceptions.push(Exception { ty, module, value, ..Exception::default() });
        }
        None => {}
    }
    parsed
}

fn in_language(platform: &'static str, exceptions: Option<Vec<Exception>>) -> Option<Parsed> {
    exceptions.filter(|list| !list.is_empty()).map(|exceptions| Parsed { platform, exceptions })
}

/// Java, .NET and V8 all write `at …`: whose lines are more numerous has it.
fn at_lines(lines: &[&str]) -> Option<Parsed> {
    let [mut java_lines, mut dotnet_lines, mut v8_lines] = [0_usize; 3];
    for line in lines {
        let Some(frame) = line.trim_start().strip_prefix("at ") else { continue };
        let frame = common::cut(frame, common::MAX_LINE_BYTES).trim_end();
        if javascript_frames::v8(frame).is_some() {
            v8_lines += 1;
        } else if java::frame(frame).is_some() {
            java_lines += 1;
        } else if dotnet::frame(frame).is_some() {
            dotnet_lines += 1;
        }
    }
    let most = java_lines.max(dotnet_lines).max(v8_lines);
    match most {
        0 => None,
        n if n == v8_lines => {
            let exceptions = javascript::read_v8(lines)?;
            Some(Parsed { platform: javascript::platform(&exceptions), exceptions })
        }
        n if n == java_lines => in_language("java", java::read(lines)),
        _ => in_language("csharp", dotnet::read(lines)),
    }
}

/// Writes into every frame whether it is the application's own.
fn mark(mut parsed: Parsed) -> Parsed {
    for exception in &mut parsed.exceptions {
        let Some(StackTrace { frames }) = &mut exception.stacktrace else { continue };
        let reading = Reading::of(parsed.platform, frames);
        for frame in frames.iter_mut() {
            frame.in_app = Some(reading.origin(frame) == Origin::App);
        }
    }
    parsed
}
