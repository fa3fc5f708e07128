//! How often the panic agent names the function that was mended, and how often the first frame does.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::case::{Case, Place};
use crate::analysis::panics::analyse;
use crate::domain::backtrace;
use crate::domain::event::Event;
use crate::source::Sources;
use crate::source::paths::locate;
use crate::source::rust::file::RustFile;
use crate::source::rust::functions::enclosing_line;

/// Ranks that count.
pub const MAX_RANK: usize = 5;

/// A place that is named as one that may have to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its file.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// The function as the agent calls it.
    pub function: Option<String>,
}

/// The ranks of what was mended, from 1, in a list of places. None if it is not among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ranks {
    /// Of the first place in a function that was mended.
    pub function: Option<usize>,
    /// Of the first place in a file that was mended.
    pub file: Option<usize>,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub id: String,
    /// Its class.
    pub class: String,
    /// The class of the agent's cause, if it gave one.
    pub cause_class: Option<String>,
    /// The agent's places, best first.
    pub named: Vec<Named>,
    /// How they rank.
    pub agent: Ranks,
    /// How the frames in the crate rank, the nearest to the panic first.
    pub baseline: Ranks,
    /// How long the agent took.
    pub took: Duration,
}

/// Runs the agent over a case.
pub fn run(case: &Case) -> Outcome {
    let event = event(case);
    let begun = Instant::now();
    let report = analyse(&event, &case.sources, None);
    let took = begun.elapsed();
    let cause = report.map(|report| report.root_cause);
    let cause_class = cause.as_ref().map(|cause| cause.class.clone());
    let candidates = cause.map(|cause| cause.candidates).unwrap_or_default();
    let named: Vec<Named> = candidates
        .into_iter()
        .take(MAX_RANK)
        .map(|one| Named { file: one.file, line: one.line, function: one.function })
        .collect();
    let mended = functions_at(case, &case.bug.fixed_at);
    Outcome {
        id: case.bug.id.clone(),
        class: case.bug.class.clone(),
        cause_class,
        agent: ranks(case, &named, &mended),
        baseline: ranks(case, &frames(case, &event), &mended),
        named,
        took,
    }
}

/// The panic as a program without any SDK would send it.
pub(super) fn event(case: &Case) -> Event {
    let mut event = Event::bare("0".repeat(32), jiff::Timestamp::UNIX_EPOCH);
    event.platform = "rust".to_owned();
    event.message = Some(case.log());
    event
}

/// The functions that frames in the crate stand in, the nearest to the panic first, each once.
fn frames(case: &Case, event: &Event) -> Vec<Named> {
    let text = event.message.as_deref().unwrap_or_default();
    let first = backtrace::parse(text).into_iter().next();
    let frames = first.and_then(|one| one.stacktrace).unwrap_or_default().frames;
    let mut named = Vec::new();
    let mut seen = Vec::new();
    for frame in frames.iter().rev() {
        let (Some(path), Some(line)) = (frame.path(), frame.lineno) else { continue };
        let in_crate = path.contains("/crate/") || path.starts_with("crate/");
        let Some(file) = locate(case.sources.paths(), path, None).one().filter(|_| in_crate) else {
            continue;
        };
        let function = function_at(case, file, line);
        if function.is_some() && seen.contains(&function) {
            continue;
        }
        seen.push(function);
        named.push(Named { file: file.to_owned(), line, function: frame.function.clone() });
    }
    named
}

/// A function: its file, and where it begins.
type Function = (String, usize);

fn function_at(case: &Case, file: &str, line: u32) -> Option<Function> {
    let parsed = RustFile::parse(&case.sources.read(file)?).ok()?;
    Some((file.to_owned(), enclosing_line(&parsed, line)?.range.start))
}

fn functions_at(case: &Case, places: &[Place]) -> Vec<Function> {
    let mut found: Vec<Function> =
        places.iter().filter_map(|place| function_at(case, &place.file, place.line)).collect();
    found.sort();
    found.dedup();
    found
}

fn ranks(case: &Case, named: &[Named], mended: &[Function]) -> Ranks {
    let rank = |hit: &dyn Fn(&Named) -> bool| {
        named.iter().take(MAX_RANK).position(hit).map(|place| place + 1)
    };
    Ranks {
        function: rank(&|one| {
            function_at(case, &one.file, one.line).is_some_and(|found| mended.contains(&found))
        }),
        file: rank(&|one| case.bug.fixed_at.iter().any(|place| place.file == one.file)),
    }
}
