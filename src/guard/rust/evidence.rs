//! Reading the compiler's words: which run, which place, what is new.

use std::collections::HashMap;

use crate::domain::diagnostic::{Diagnostic, DiagnosticLevel, Span};
use crate::domain::facts::{CheckRun, CheckWay, RunOutcome};

/// The run of one way, if it ran. Two runs of one way contradict each other; then there is none.
pub(super) fn run(runs: &[CheckRun], way: CheckWay) -> Option<&CheckRun> {
    let mut found = runs.iter().filter(|run| run.way == way);
    let first = found.next().filter(|run| run.outcome != RunOutcome::NotRun)?;
    found.next().is_none().then_some(first)
}

/// Whether a diagnostic only counts others.
fn is_summary(diagnostic: &Diagnostic) -> bool {
    let message = &diagnostic.message;
    diagnostic.spans.is_empty()
        && diagnostic.code.is_none()
        && (message.starts_with("aborting due to")
            || message.starts_with("could not compile")
            || message.starts_with("Some errors have detailed")
            || message.starts_with("For more information")
            || message.ends_with("emitted"))
}

/// A run's errors, without the line that counts them.
pub(super) fn errors(run: &CheckRun) -> impl Iterator<Item = &Diagnostic> {
    run.diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.level == DiagnosticLevel::Error && !is_summary(diagnostic))
}

/// A run's errors and warnings, without the lines that count them.
pub(super) fn said(run: &CheckRun) -> impl Iterator<Item = &Diagnostic> {
    run.diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.level != DiagnosticLevel::Note && !is_summary(diagnostic))
}

/// The first diagnostic of `after` that `before` does not have as often.
pub(super) fn first_new<'d>(
    before: impl Iterator<Item = &'d Diagnostic>,
    after: impl Iterator<Item = &'d Diagnostic>,
) -> Option<&'d Diagnostic> {
    let mut known: HashMap<_, usize> = HashMap::new();
    let mut unused: Vec<&str> = Vec::new();
    for diagnostic in before {
        *known.entry(diagnostic.key()).or_default() += 1;
        if is_unused_import(diagnostic) {
            unused.extend(quoted(&diagnostic.message));
        }
    }
    after.into_iter().find(|diagnostic| {
        // One message may name several imports; with one of them gone, it reads differently.
        if is_unused_import(diagnostic) {
            return !quoted(&diagnostic.message).all(|name| unused.contains(&name));
        }
        match known.get_mut(&diagnostic.key()) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        }
    })
}

/// Whether rustc says that an import is used by nothing (and not that it is redundant).
pub(super) fn is_unused_import(diagnostic: &Diagnostic) -> bool {
    diagnostic.code.as_deref() == Some("unused_imports")
        && diagnostic.message.starts_with("unused import")
}

/// What a message puts in back-ticks.
pub(super) fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('`').skip(1).step_by(2)
}

/// The bytes of a span in the normalised code, for a span of the file at `path` whose original bytes
/// are `original`, with `code_start` bytes before its code.
pub(super) fn code_range(
    span: &Span,
    path: &str,
    original: &[u8],
    code_start: usize,
) -> Option<(usize, usize)> {
    if span.file != path || span.byte_start > span.byte_end || span.byte_end > original.len() {
        return None;
    }
    let place = |at: usize| {
        let head = original.get(code_start..at)?;
        let dropped = head.windows(2).filter(|pair| *pair == b"\r\n").count();
        Some(head.len() - dropped)
    };
    Some((place(span.byte_start)?, place(span.byte_end)?))
}
