//! The rooms' analysers as agents: what the files in `agents/` name.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::code::{self, CodeRequest};
use super::measured::{self, Agents};
use super::{compiler, exceptions, frames, panics, style};
use crate::checks::{CheckError, PrivateCopy, Programs};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::fix::ClaimedClass;
use crate::domain::suggestion::Proposal;
use crate::orchestrator::{Agent, Analysers, Answer, Run, Task};

/// Every built-in analyser, by the name that agents' files use. `programs` are those of this machine.
pub fn analysers(programs: Programs) -> Analysers {
    Analysers::from([
        ("panics", Arc::new(Panics) as Arc<dyn Agent>),
        ("exceptions", Arc::new(Exceptions)),
        ("compiler", Arc::new(Compiler)),
        ("style", Arc::new(Style)),
        ("code", Arc::new(Code { programs })),
    ])
}

/// Looks over a piece of code that was sent.
struct Code {
    programs: Programs,
}

impl Agent for Code {
    fn run<'a>(&'a self, task: &'a Task, _: &'a Run) -> BoxFuture<'a, anyhow::Result<Answer>> {
        Box::pin(async move {
            // It was read before the task was begun.
            let request: CodeRequest = serde_json::from_value(task.input.clone())?;
            let report = code::analyse(&request, &self.programs).await;
            let notes = report.notes.clone();
            Ok(Answer { results: serde_json::to_value(report)?, notes, ..Answer::default() })
        })
    }
}

/// Reads Rust panics.
struct Panics;

impl Agent for Panics {
    fn run<'a>(&'a self, task: &'a Task, _: &'a Run) -> BoxFuture<'a, anyhow::Result<Answer>> {
        let (event, release) = (Arc::clone(&task.event), Arc::clone(&task.release));
        let is_whole = !release.paths().is_empty();
        let current = task.current.clone();
        Box::pin(async move {
            // Parsing is work for the processor; it must not hold up the other tasks of this thread.
            let report = tokio::task::spawn_blocking(move || {
                panics::analyse(&event, &*release, current.as_deref())
            })
            .await?;
            Ok(match report {
                Some(report) => Answer {
                    root_cause: Some(measured::rated(report.root_cause, Agents::Panics, is_whole)),
                    proposals: report.proposals,
                    ..Answer::default()
                },
                None => Answer::skipped("the event is no Rust panic"),
            })
        })
    }
}

/// Reads exceptions of other languages.
struct Exceptions;

impl Agent for Exceptions {
    fn run<'a>(&'a self, task: &'a Task, _: &'a Run) -> BoxFuture<'a, anyhow::Result<Answer>> {
        let (event, release) = (Arc::clone(&task.event), Arc::clone(&task.release));
        let is_whole = !release.paths().is_empty();
        Box::pin(async move {
            // Parsing is work for the processor; it must not hold up the other tasks of this thread.
            let report =
                tokio::task::spawn_blocking(move || exceptions::analyse(&event, &*release)).await?;
            Ok(match report {
                Some(report) => Answer {
                    root_cause: Some(measured::rated(
                        report.root_cause,
                        Agents::Exceptions,
                        is_whole,
                    )),
                    ..Answer::default()
                },
                None => Answer::skipped("the event is no exception of a language known here"),
            })
        })
    }
}

/// Asks rustc about imports.
struct Compiler;

impl Agent for Compiler {
    fn run<'a>(&'a self, task: &'a Task, _: &'a Run) -> BoxFuture<'a, anyhow::Result<Answer>> {
        Box::pin(async move {
            let focus = match &task.current {
                Some(current) => frames::in_package_of_first(&task.focus, &**current),
                None => Vec::new(),
            };
            let mut locked = task.copy.lock().await;
            let copy = match ready(&mut locked, task) {
                Ok(copy) => copy,
                Err(reason) => return Ok(Answer::skipped(reason)),
            };
            let mut report = match compiler::propose_import_fixes(copy, &focus).await {
                // Code of another language is no failure of this agent.
                Err(error @ CheckError::NoPackage { .. }) => {
                    return Ok(Answer::skipped(error.to_string()));
                }
                other => other?,
            };
            // What does not compile elsewhere in the package keeps every fix from being tried.
            let elsewhere = files_with_errors(&report.remaining, &focus);
            if !elsewhere.is_empty() {
                let wider: Vec<String> = focus.into_iter().chain(elsewhere).collect();
                report = compiler::propose_import_fixes(copy, &wider).await?;
            }
            let mut notes = vec![report.summary];
            if let Some(first) = report.remaining.first() {
                let left = report.remaining.len();
                notes.push(format!(
                    "{left} compile errors remain after these fixes; the first: {}",
                    first.message
                ));
            }
            Ok(Answer { proposals: report.proposals, notes, ..Answer::default() })
        })
    }
}

/// Formats the files concerned.
struct Style;

impl Agent for Style {
    fn run<'a>(&'a self, task: &'a Task, _: &'a Run) -> BoxFuture<'a, anyhow::Result<Answer>> {
        Box::pin(async move {
            let focus = task.focus.clone();
            let earlier = &task.so_far.proposals;
            let mut locked = task.copy.lock().await;
            let copy = match ready(&mut locked, task) {
                Ok(copy) => copy,
                Err(reason) => return Ok(Answer::skipped(reason)),
            };
            // The formatting is to fit the files as the fixes before it will leave them.
            for proposal in earlier.iter().filter(|p| applied_before_style(p)) {
                for file in &proposal.patch.files {
                    if copy.read(&file.path).is_ok_and(|text| text == file.before) {
                        copy.write(&file.path, &file.after)?;
                    }
                }
            }
            let report = style::propose_formatting(copy, &focus).await?;
            Ok(Answer { proposals: report.proposals, notes: report.notes, ..Answer::default() })
        })
    }
}

fn applied_before_style(proposal: &Proposal) -> bool {
    proposal.claimed_class == ClaimedClass::Import
}

/// The files outside `known` in which errors remain.
fn files_with_errors(remaining: &[Diagnostic], known: &[String]) -> BTreeSet<String> {
    let places = remaining.iter().filter_map(|d| d.primary()).map(|span| &span.file);
    places.filter(|file| !known.contains(file)).cloned().collect()
}

/// The private copy as it was made, or why there is nothing to do.
fn ready<'c>(
    copy: &'c mut Result<PrivateCopy, String>,
    task: &Task,
) -> Result<&'c mut PrivateCopy, String> {
    let copy = copy.as_mut().map_err(|reason| reason.clone())?;
    // An agent of the same order may have had it before.
    copy.reset().map_err(|e| format!("the private copy could not be put back: {e}"))?;
    if task.focus.is_empty() {
        return Err("no in-app frame points at a file of the repository".to_owned());
    }
    Ok(copy)
}
