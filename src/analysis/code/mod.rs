//! `code_analysis`: what is wrong with a piece of code that was sent, without a repository.
//!
//! [`analyse`] tells the language, asks for mistakes of syntax (syn for Rust, tree-sitter for the others,
//! and `python3` or `node` where they are installed), runs our own rules (`rules/`), and a linter where
//! there is one (ruff, eslint). Programs run in the sandbox. The report says of each analyser whether it
//! ran. Nothing of the code is run, and nothing that is suggested can be applied: it was not verified.
//!
//! How precise the rules are, and how that is measured, stands in `docs/code-rules.md`.

mod changes;
mod findings;
mod language;
mod own;
mod programs;
mod report;
mod request;
mod rules;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;

use std::time::Instant;

pub use language::Language;
pub use report::{CodeReport, Finding, Ran, RanStatus, SuggestedChange};
pub use request::{AnalysisType, CodeRequest, MAX_CODE_BYTES};

use crate::checks::Programs;
use own::Own;

/// The most findings that are told of.
pub const MAX_FINDINGS: usize = 200;

/// Looks at a piece of code in all the ways that there are for its language. Never fails: what could not
/// be done stands in the report.
pub async fn analyse(request: &CodeRequest, programs: &Programs) -> CodeReport {
    let started = Instant::now();
    let mut report = CodeReport::default();
    let Some(told) = language::tell(&request.file_path, &request.code) else {
        report.notes.push(language::UNKNOWN.to_owned());
        return report;
    };
    report.language = Some(told.language);
    if request.code.len() > MAX_CODE_BYTES {
        let limit = MAX_CODE_BYTES / 1024;
        report.notes.push(format!("The code is larger than {limit} KiB and was not looked at."));
        return report;
    }
    // Parsing is work for the processor; it must not hold up the other tasks of this thread.
    let asked = request.clone();
    let own = tokio::task::spawn_blocking(move || own::look(&asked, told)).await;
    let own = own.unwrap_or_else(|_| Own::failed(started.elapsed()));
    let outside = programs::ask(request, told, &own, programs).await;
    findings::put_together(report, request, own, outside)
}

/// As [`analyse`], without any program of the machine: for measuring the rules.
pub fn analyse_without_programs(request: &CodeRequest) -> CodeReport {
    let Some(told) = language::tell(&request.file_path, &request.code) else {
        return CodeReport { notes: vec![language::UNKNOWN.to_owned()], ..CodeReport::default() };
    };
    let report = CodeReport { language: Some(told.language), ..CodeReport::default() };
    findings::put_together(report, request, own::look(request, told), Vec::new())
}
