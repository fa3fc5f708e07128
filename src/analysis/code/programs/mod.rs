//! What programs of this machine say: the language's own parser and a linter, where they are installed.

mod eslint;
mod node;
mod python;
mod ruff;

use std::time::Instant;

use super::language::{Language, Told};
use super::own::Own;
use super::report::{Finding, Ran, RanStatus};
use super::request::CodeRequest;
use super::syntax::Mistake;
use crate::checks::sandbox::SandboxOutput;
use crate::checks::{CheckError, NoProgram, Programs};

/// The most findings that are taken over from one linter.
const MAX_LINTED: usize = 200;

/// The longest sentence that is taken over from a program, in characters.
const MAX_SENTENCE_CHARS: usize = 300;

/// What a program said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) ran: Ran,
    /// Whether it is the language's own parser and read the code: its word on syntax counts.
    pub(super) is_judge: bool,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) findings: Vec<Finding>,
    /// Findings beyond the limit.
    pub(super) left_out: usize,
}

/// What a program was found to say.
#[derive(Debug, Default)]
struct Words {
    is_judge: bool,
    mistakes: Vec<Mistake>,
    findings: Vec<Finding>,
    version: Option<String>,
}

/// Why a program has nothing to say.
#[derive(Debug)]
enum Silent {
    /// Not for this code, or not installed.
    Skipped(String),
    /// It was to say something.
    Failed(String),
}

impl From<NoProgram> for Silent {
    fn from(reason: NoProgram) -> Self {
        match &reason {
            NoProgram::NotInstalled(_) => Self::Skipped(reason.to_string()),
            NoProgram::Broken { .. } => Self::Failed(reason.to_string()),
        }
    }
}

impl From<CheckError> for Silent {
    fn from(error: CheckError) -> Self {
        Self::Failed(format!("not run: {error}"))
    }
}

/// Asks the programs for a language, two at once.
pub(super) async fn ask(
    request: &CodeRequest,
    told: Told,
    own: &Own,
    programs: &Programs,
) -> Vec<Said> {
    match told.language {
        Language::Rust => Vec::new(),
        Language::Python => {
            let (parsed, linted) = tokio::join!(
                timed("python3", python::check(request, programs)),
                timed("ruff", ruff::lint(request, programs))
            );
            vec![parsed, linted]
        }
        Language::JavaScript => {
            let (parsed, linted) = tokio::join!(
                timed("node", node::check(request, own.traits, programs)),
                timed("eslint", eslint::lint(request, own.traits, programs))
            );
            vec![parsed, linted]
        }
        Language::TypeScript => {
            let skipped = |reason: &str| {
                let reason = Silent::Skipped(reason.to_owned());
                async move { Err(reason) }
            };
            vec![
                timed("node", skipped("node reads JavaScript only")).await,
                timed(
                    "eslint",
                    skipped("eslint reads TypeScript only with a project's own parser"),
                )
                .await,
            ]
        }
    }
}

async fn timed(analyser: &str, work: impl Future<Output = Result<Words, Silent>>) -> Said {
    let started = Instant::now();
    let said = work.await;
    let seconds = started.elapsed().as_secs_f64();
    let ran = |status, reason| Ran { analyser: analyser.to_owned(), status, reason, seconds };
    let silent = |ran| Said {
        ran,
        is_judge: false,
        mistakes: Vec::new(),
        findings: Vec::new(),
        left_out: 0,
    };
    match said {
        Ok(mut words) => {
            let left_out = words.findings.len().saturating_sub(MAX_LINTED);
            words.findings.truncate(MAX_LINTED);
            Said {
                ran: ran(RanStatus::Done, words.version),
                is_judge: words.is_judge,
                mistakes: words.mistakes,
                findings: words.findings,
                left_out,
            }
        }
        Err(Silent::Skipped(reason)) => silent(ran(RanStatus::Skipped, Some(reason))),
        Err(Silent::Failed(reason)) => silent(ran(RanStatus::Failed, Some(reason))),
    }
}

/// The output of a program that ran to its end with one of these exit codes.
fn finished(name: &str, output: &SandboxOutput, codes: &[i32]) -> Result<(), Silent> {
    if output.timed_out {
        return Err(Silent::Failed(format!("{name} took too long and was stopped")));
    }
    if output.stdout_cut {
        return Err(Silent::Failed(format!("{name} said more than Andon reads")));
    }
    if output.status.code().is_none_or(|code| !codes.contains(&code)) {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        return Err(Silent::Failed(format!(
            "{name} ended with {}: {}",
            output.status,
            sentence(said)
        )));
    }
    Ok(())
}

/// What a program said, on one line and not too long.
fn sentence(text: &str) -> String {
    let flat: String = text
        .chars()
        .take(MAX_SENTENCE_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    flat.trim().to_owned()
}

/// The last part of a path, if a program can be given it as a file's name; else a name of ours.
fn file_name(path: &str, otherwise: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = name.len() <= 100
        && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && name.contains('.')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if plain { name.to_owned() } else { otherwise.to_owned() }
}
