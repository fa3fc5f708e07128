//! Edits, as a model proposes them: each piece must stand in its file exactly once, and the file must parse
//! afterwards. What they are said to be is logic, whatever they are: the guard decides.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::execution::StruckOut;
use crate::domain::fix::{ClaimedClass, IssueType, Severity};
use crate::domain::patch::{FileChange, Patch};
use crate::domain::suggestion::Proposal;
use crate::orchestrator::{Answer, ReadAnswer, Task};
use crate::source::Sources;
use crate::source::rust::{RustFile, on_parser_stack};
use crate::source::tree::{self, Grammar};

/// Lines that one fix may touch; what is larger is no small edit.
const MAX_CHANGED_LINES: usize = 120;

/// Reads `prompts/schemas/fixes.json`.
pub(super) struct FixesReader;

#[derive(Deserialize)]
struct Stated {
    nothing_because: Option<String>,
    fixes: Vec<Fix>,
}

#[derive(Deserialize)]
struct Fix {
    title: String,
    explanation: String,
    issue_type: IssueType,
    severity: Severity,
    edits: Vec<Edit>,
}

#[derive(Deserialize)]
struct Edit {
    file: String,
    search: String,
    replace: String,
}

impl ReadAnswer for FixesReader {
    fn read(
        &self,
        agent: &str,
        answer: Value,
        task: &Task,
        last: bool,
    ) -> Result<Answer, Vec<String>> {
        let stated: Stated = serde_json::from_value(answer).map_err(|e| vec![e.to_string()])?;
        // A fix must fit the code as it is now.
        let sources = task.current.as_ref().unwrap_or(&task.release);
        let (mut proposals, mut faults, mut struck) = (Vec::new(), Vec::new(), Vec::new());
        for fix in stated.fixes {
            match patch(&fix.edits, &**sources) {
                Ok(patch) => proposals.push(Proposal {
                    agent: agent.to_owned(),
                    title: one_line(&fix.title),
                    explanation: fix.explanation,
                    issue_type: fix.issue_type,
                    severity: fix.severity,
                    claimed_class: ClaimedClass::Logic,
                    patch,
                    mends: None,
                }),
                Err(why) => {
                    faults.push(format!("`{}`: {why}", fix.title));
                    struck.push(StruckOut { claim: fix.title, why });
                }
            }
        }
        if !faults.is_empty() && (!last || proposals.is_empty()) {
            return Err(faults);
        }
        let notes = stated.nothing_because.filter(|_| proposals.is_empty());
        Ok(Answer {
            proposals,
            notes: notes.into_iter().map(|why| format!("Nothing is proposed: {why}")).collect(),
            struck_out: struck,
            ..Answer::default()
        })
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Edits as a patch, or what does not fit.
fn patch(edits: &[Edit], sources: &dyn Sources) -> Result<Patch, String> {
    let mut files: Vec<FileChange> = Vec::new();
    for edit in edits {
        let path = edit.file.trim_start_matches("./");
        let at = match files.iter().position(|file| file.path == path) {
            Some(at) => at,
            None => {
                let text = sources.read(path).ok_or_else(|| format!("there is no file {path}"))?;
                let (before, after) = (text.to_string(), text.to_string());
                files.push(FileChange { path: path.to_owned(), before, after });
                files.len() - 1
            }
        };
        let file = &mut files[at];
        match file.after.matches(&edit.search).count() {
            1 => file.after = file.after.replacen(&edit.search, &edit.replace, 1),
            0 => {
                return Err(format!(
                    "the piece to replace does not stand in {path}; copy it byte for byte"
                ));
            }
            n => {
                return Err(format!(
                    "the piece to replace stands in {path} {n} times; take more lines"
                ));
            }
        }
    }
    files.retain(|file| file.before != file.after);
    if files.is_empty() {
        return Err("it changes nothing".to_owned());
    }
    for file in &files {
        let changed = changed_lines(file);
        if changed > MAX_CHANGED_LINES {
            return Err(format!(
                "{} changes {changed} lines; a small edit has at most {MAX_CHANGED_LINES}",
                file.path
            ));
        }
        parses(file)?;
    }
    Ok(Patch { files })
}

fn changed_lines(file: &FileChange) -> usize {
    let changed = |line: &&str| {
        (line.starts_with('+') && !line.starts_with("+++"))
            || (line.starts_with('-') && !line.starts_with("---"))
    };
    file.unified_diff().lines().filter(changed).count()
}

/// Whether the file still parses, if it did before.
fn parses(file: &FileChange) -> Result<(), String> {
    let broken = |why: String| Err(format!("with it {} does not parse any more: {why}", file.path));
    if file.path.ends_with(".rs") {
        let (before, after) = (file.before.as_str().into(), file.after.as_str().into());
        let checked = on_parser_stack(move || {
            (RustFile::parse(&before).is_ok(), RustFile::parse(&after).err())
        })?;
        return match checked {
            (true, Some(why)) => broken(why.to_string()),
            _ => Ok(()),
        };
    }
    let Some(grammar) = Grammar::of_path(&file.path) else { return Ok(()) };
    let has_error =
        |text: &str| tree::parse(grammar, text).is_ok_and(|tree| tree.root_node().has_error());
    if !has_error(&file.before) && has_error(&file.after) {
        return broken("a syntax error".to_owned());
    }
    Ok(())
}
