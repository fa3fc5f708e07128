//! How often the exception agent names the function that was mended, and how often the frames do.
//!
//! A case's folder holds `bug.json`, `traceback.txt` (what was printed) and the sources in `package/`. The
//! agent gets the traceback and nothing else. What stands in no function is one place of its file.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use serde::Deserialize;

use super::case::Place;
use super::folder::FolderSources;
use super::panics::{MAX_RANK, Named, Outcome, Ranks};
use crate::analysis::exceptions::analyse;
use crate::domain::event::Event;
use crate::domain::stacktext;
use crate::source::Sources;
use crate::source::paths::locate;
use crate::source::script::file::ScriptFile;

/// The folder of a case's sources; paths of a case begin with it.
const SOURCES: &str = "package";

/// What is known of a case.
#[derive(Clone, Debug, Deserialize)]
struct Bug {
    id: String,
    #[serde(default = "unclassified")]
    class: String,
    fixed_at: Vec<Place>,
}

fn unclassified() -> String {
    "other".to_owned()
}

/// A case, opened.
struct Case {
    bug: Bug,
    traceback: String,
    sources: FolderSources,
}

impl Case {
    fn open(folder: &Path) -> anyhow::Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let bug: Bug = serde_json::from_slice(&read("bug.json")?)
            .with_context(|| format!("{}/bug.json is not a case", folder.display()))?;
        let traceback = String::from_utf8_lossy(&read("traceback.txt")?).into_owned();
        let sources = FolderSources::list(folder, SOURCES).with_context(|| {
            format!("the sources in {}/{SOURCES} cannot be listed", folder.display())
        })?;
        Ok(Self { bug, traceback, sources })
    }
}

/// Runs the agent over the case in a folder.
pub fn run(folder: &Path) -> anyhow::Result<Outcome> {
    let case = Case::open(folder)?;
    let event = event(&case);
    let begun = Instant::now();
    let report = analyse(&event, &case.sources);
    let took = begun.elapsed();
    let cause = report.map(|report| report.root_cause);
    let cause_class = cause.as_ref().map(|cause| cause.class.clone());
    let candidates = cause.map(|cause| cause.candidates).unwrap_or_default();
    let named: Vec<Named> = candidates
        .into_iter()
        .take(MAX_RANK)
        .map(|one| Named { file: one.file, line: one.line, function: one.function })
        .collect();
    let mended: Vec<Function> = case
        .bug
        .fixed_at
        .iter()
        .filter_map(|place| function_at(&case, &place.file, place.line))
        .collect();
    Ok(Outcome {
        id: case.bug.id.clone(),
        class: case.bug.class.clone(),
        cause_class,
        agent: ranks(&case, &named, &mended),
        baseline: ranks(&case, &frames(&case, &event), &mended),
        named,
        took,
    })
}

/// The exception as a program without any SDK would send it.
fn event(case: &Case) -> Event {
    let mut event = Event::bare("0".repeat(32), jiff::Timestamp::UNIX_EPOCH);
    event.message = Some(case.traceback.clone());
    event
}

/// The functions that the frames of what was finally raised stand in, the innermost first, each once.
fn frames(case: &Case, event: &Event) -> Vec<Named> {
    let text = event.message.as_deref().unwrap_or_default();
    let raised = stacktext::read(text).and_then(|mut parsed| parsed.exceptions.pop());
    let frames = raised.and_then(|one| one.stacktrace).unwrap_or_default().frames;
    let mut named = Vec::new();
    let mut seen = Vec::new();
    for frame in frames.iter().rev() {
        let (Some(path), Some(line)) = (frame.path(), frame.lineno) else { continue };
        let own = path.contains("/package/") && !path.contains("/node_modules/");
        let Some(file) = locate(case.sources.paths(), path, None).one().filter(|_| own) else {
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

/// A function: its file and where it begins; the file's own code begins nowhere.
type Function = (String, Option<usize>);

fn function_at(case: &Case, path: &str, line: u32) -> Option<Function> {
    let text = case.sources.read(path)?;
    let file = ScriptFile::parse(path, &text)?.ok()?;
    let begins = file.enclosing_line(line).map(|index| file.functions()[index].range.start);
    Some((path.to_owned(), begins))
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
