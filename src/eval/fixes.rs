//! How often the panic agent's proposed edit is plausible: the crate builds with it, the panic is gone, and
//! no other of the crate's tests breaks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::{Value, json};

use super::case::{Case, SOURCES};
use super::trial::{Ran, Trial};
use crate::analysis::panics::analyse;
use crate::domain::suggestion::Proposal;
use crate::source::rust::file::RustFile;
use crate::source::rust::functions::enclosing_line;
use crate::source::rust::on_parser_stack;

/// What came of an edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "result", content = "reason")]
pub enum Verdict {
    /// The triggering test passes, and no other breaks.
    TestPasses,
    /// The panic is gone and no other test breaks; what the triggering test expects, it still does not get.
    PanicGone,
    /// Not plausible, and why.
    Fails(String),
}

impl Verdict {
    /// Whether it counts.
    pub fn is_plausible(&self) -> bool {
        !matches!(self, Self::Fails(_))
    }
}

/// A case and its verdict.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case's name.
    pub id: String,
    /// Its class.
    pub class: String,
    /// The edit's title, if there was one.
    pub title: Option<String>,
    /// What came of it.
    pub verdict: Verdict,
}

/// Tries the agent's first edit in a copy below `work`. `None`: the case names no test that triggers it.
pub fn run(case: &Case, folder: &Path, work: &Path) -> anyhow::Result<Option<Outcome>> {
    let Some(test) = &case.bug.test else { return Ok(None) };
    let report = analyse(&super::panics::event(case), &case.sources, None);
    let (proposal, notes) = report.map_or((None, Vec::new()), |report| {
        (report.proposals.into_iter().next(), report.root_cause.notes)
    });
    let outcome = |title, verdict| Outcome {
        id: case.bug.id.clone(),
        class: case.bug.class.clone(),
        title,
        verdict,
    };
    let Some(proposal) = proposal else {
        let why = notes.into_iter().find(|note| note.starts_with("No patch"));
        let why = why.unwrap_or_else(|| "No patch.".to_owned());
        return Ok(Some(outcome(None, Verdict::Fails(why))));
    };
    let trial = Trial::copy(&folder.join(SOURCES), work, &case.bug.id)
        .with_context(|| format!("{} cannot be copied", case.bug.id))?;
    let verdict = judge(case, test, &proposal, &trial)?;
    trial.remove()?;
    Ok(Some(outcome(Some(proposal.title), verdict)))
}

fn judge(case: &Case, test: &str, proposal: &Proposal, trial: &Trial) -> anyhow::Result<Verdict> {
    let broken_before: BTreeSet<String> = match &case.bug.fails {
        Some(fails) => fails.iter().cloned().collect(),
        None => {
            let built = trial.build()?;
            anyhow::ensure!(
                built.ended_well == Some(true),
                "{}: {}",
                case.bug.id,
                built.first_error()
            );
            trial.test(None)?.failed_tests().into_iter().collect()
        }
    };
    for file in &proposal.patch.files {
        let path = file.path.strip_prefix(SOURCES).unwrap_or(&file.path);
        trial.write(path.trim_start_matches('/'), &file.after)?;
    }
    let built = trial.build()?;
    if built.ended_well != Some(true) {
        return Ok(Verdict::Fails(format!("It does not build: {}", built.first_error())));
    }
    let triggered = trial.test(Some(test))?;
    let passes = match triggered.ended_well {
        None => return Ok(Verdict::Fails("The test does not end any more.".to_owned())),
        Some(passes) => passes,
    };
    if !passes && let Some(place) = panic_outside_tests(case, proposal, &triggered) {
        return Ok(Verdict::Fails(format!("It still panics, at {place}.")));
    }
    let all = trial.test(None)?;
    if all.ended_well.is_none() {
        return Ok(Verdict::Fails("The other tests do not end any more.".to_owned()));
    }
    if let Some(broken) = all.failed_tests().iter().find(|name| !broken_before.contains(*name)) {
        return Ok(Verdict::Fails(format!("It breaks {broken}.")));
    }
    if all.ended_well == Some(false) && all.failed_tests().is_empty() {
        return Ok(Verdict::Fails("The other tests end without a result.".to_owned()));
    }
    Ok(if passes { Verdict::TestPasses } else { Verdict::PanicGone })
}

/// Where the crate itself still panics, if it does: a test that says that it wanted something else is none.
fn panic_outside_tests(case: &Case, proposal: &Proposal, ran: &Ran) -> Option<String> {
    let panics = ran.panics();
    if panics.is_empty() {
        return Some("a place that was not printed".to_owned());
    }
    panics
        .into_iter()
        .find(|(path, line)| !is_in_test(case, proposal, path, *line))
        .map(|(path, line)| format!("{path}:{line}"))
}

fn is_in_test(case: &Case, proposal: &Proposal, path: &str, line: u32) -> bool {
    let path = format!("{SOURCES}/{path}");
    let edited = proposal.patch.files.iter().find(|file| file.path == path);
    let text = match edited {
        Some(file) => file.after.as_str().into(),
        None => match crate::source::Sources::read(&case.sources, &path) {
            Some(text) => text,
            None => return false,
        },
    };
    let read = || {
        let file = RustFile::parse(&text).ok()?;
        let function = enclosing_line(&file, line)?;
        let head = (function.line.saturating_sub(4)..function.line)
            .filter_map(|line| file.line(line))
            .any(|line| line.trim_start().starts_with("#[test]"));
        let in_module = function.name.split("::").any(|part| part == "tests" || part == "test");
        Some(head || in_module || path.contains("/tests"))
    };
    on_parser_stack(read).ok().flatten().unwrap_or(false)
}

/// As Markdown.
pub fn markdown(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "| | cases | an edit | plausible | of these, the test passes |");
    let _ = writeln!(text, "|---|---|---|---|---|");
    let mut classes: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    for one in outcomes {
        classes.entry(&one.class).or_default().push(one);
    }
    let all: Vec<&Outcome> = outcomes.iter().collect();
    let rows = std::iter::once(("**all**", all)).chain(classes);
    for (name, list) in rows {
        let count = Count::of(list.iter().copied());
        let Count { cases, edits, plausible, test_passes } = count;
        let _ = writeln!(text, "| {name} | {cases} | {edits} | {plausible} | {test_passes} |");
    }
    let _ = writeln!(text);
    for one in outcomes {
        if let Verdict::Fails(reason) = &one.verdict {
            let _ = writeln!(text, "{}: {reason}", one.id);
        }
    }
    text
}

/// As JSON.
pub fn json(outcomes: &[Outcome]) -> Value {
    let cases: Vec<Value> = outcomes
        .iter()
        .map(|one| json!({"id": one.id, "class": one.class, "title": one.title, "verdict": one.verdict}))
        .collect();
    json!({"total": Count::of(outcomes.iter()), "cases": cases})
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Count {
    cases: usize,
    edits: usize,
    plausible: usize,
    test_passes: usize,
}

impl Count {
    fn of<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Self {
        outcomes.fold(Self::default(), |sum, one| Self {
            cases: sum.cases + 1,
            edits: sum.edits + usize::from(one.title.is_some()),
            plausible: sum.plausible + usize::from(one.verdict.is_plausible()),
            test_passes: sum.test_passes + usize::from(one.verdict == Verdict::TestPasses),
        })
    }
}
