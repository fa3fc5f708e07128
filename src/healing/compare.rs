//! Two runs of the compiler, before and after a fix, compared. Pure.

use std::collections::HashMap;

use crate::domain::diagnostic::{Diagnostic, DiagnosticLevel};
use crate::domain::facts::{CheckRun, RunOutcome};
use crate::domain::suggestion::Mends;

/// New diagnostics that are named in a sentence; the others are counted.
const NAMED_DIAGNOSTICS: usize = 3;

/// How a fix stands after its verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It compiles, and the compiler says nothing that it did not say before.
    Clean,
    /// It compiles, with new warnings: which.
    NewDiagnostics(String),
    /// It does not compile, and did not before: what the compiler says now.
    StillBroken(String),
    /// It compiled before and does not any more: what the compiler says.
    Broken(String),
    /// The compiler could not be asked: why.
    NotRun(String),
}

impl Standing {
    /// Compares two runs of the same command.
    pub fn of(before: &CheckRun, after: &CheckRun, summary: &str) -> Self {
        match (before.outcome, after.outcome) {
            (_, RunOutcome::NotRun) => Self::NotRun(summary.to_owned()),
            (RunOutcome::Failed, RunOutcome::Failed) => Self::StillBroken(errors(after)),
            (_, RunOutcome::Failed) => Self::Broken(errors(after)),
            // Where the code did not compile, later warnings had not been looked for: nothing to compare.
            (RunOutcome::Failed | RunOutcome::NotRun, RunOutcome::Passed) => Self::Clean,
            (RunOutcome::Passed, RunOutcome::Passed) => {
                let new = new_diagnostics(&before.diagnostics, &after.diagnostics);
                if new.is_empty() { Self::Clean } else { Self::NewDiagnostics(sentence(&new)) }
            }
        }
    }

    /// One line for a reader.
    pub fn summary(&self) -> String {
        match self {
            Self::Clean => "compiles, with no new diagnostics".to_owned(),
            Self::NewDiagnostics(new) => format!("compiles, with new diagnostics: {new}"),
            Self::StillBroken(why) => format!("did not compile before either: {why}"),
            Self::Broken(why) => format!("compiled before, and does not with the fix: {why}"),
            Self::NotRun(why) => format!("not run: {why}"),
        }
    }

    /// What goes into the verification: passed only if it compiles.
    pub fn outcome(&self) -> RunOutcome {
        match self {
            Self::Clean | Self::NewDiagnostics(_) => RunOutcome::Passed,
            Self::StillBroken(_) | Self::Broken(_) => RunOutcome::Failed,
            Self::NotRun(_) => RunOutcome::NotRun,
        }
    }

    /// The worse of two, for a fix that was checked in several ways.
    pub fn worse(self, other: Self) -> Self {
        if other.badness() > self.badness() { other } else { self }
    }

    fn badness(&self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::NewDiagnostics(_) => 1,
            Self::NotRun(_) => 2,
            Self::StillBroken(_) => 3,
            Self::Broken(_) => 4,
        }
    }
}

/// Diagnostics of `after` that `before` does not have as often, whatever their positions.
pub fn new_diagnostics<'a>(
    before: &'a [Diagnostic],
    after: &'a [Diagnostic],
) -> Vec<&'a Diagnostic> {
    let mut known: HashMap<_, usize> = HashMap::with_capacity(before.len());
    for diagnostic in before {
        *known.entry(diagnostic.key()).or_default() += 1;
    }
    let mut new = Vec::new();
    for diagnostic in after {
        match known.get_mut(&diagnostic.key()) {
            Some(left) if *left > 0 => *left -= 1,
            _ => new.push(diagnostic),
        }
    }
    new
}

/// Whether the diagnostic that a fix is to remove is gone: `passed` if it comes less often after, in every
/// pair of runs that had it; `not_run` if no run had it.
pub fn mended(mends: &Mends, runs: &[(&CheckRun, &CheckRun)]) -> (RunOutcome, String) {
    let count = |run: &CheckRun| run.diagnostics.iter().filter(|d| is_target(d, mends)).count();
    let mut seen = false;
    for (before, after) in runs {
        let had = count(before);
        if had == 0 || after.outcome == RunOutcome::NotRun {
            continue;
        }
        seen = true;
        if count(after) >= had {
            return (RunOutcome::Failed, format!("still there: {}", mends.message));
        }
    }
    if seen {
        (RunOutcome::Passed, format!("gone: {}", mends.message))
    } else {
        (RunOutcome::NotRun, format!("the compiler did not report this before: {}", mends.message))
    }
}

fn is_target(diagnostic: &Diagnostic, mends: &Mends) -> bool {
    let (code, message, file) = diagnostic.key();
    code == Some(mends.code.as_str())
        && message == mends.message
        && file == Some(mends.file.as_str())
}

fn errors(run: &CheckRun) -> String {
    let errors: Vec<_> =
        run.diagnostics.iter().filter(|d| d.level == DiagnosticLevel::Error).collect();
    if errors.is_empty() { "the compiler named no place".to_owned() } else { sentence(&errors) }
}

fn sentence(diagnostics: &[&Diagnostic]) -> String {
    let named: Vec<String> = diagnostics
        .iter()
        .take(NAMED_DIAGNOSTICS)
        .map(|diagnostic| match diagnostic.primary() {
            Some(span) => format!("{} ({}:{})", diagnostic.message, span.file, span.line_start),
            None => diagnostic.message.clone(),
        })
        .collect();
    let more = diagnostics.len().saturating_sub(NAMED_DIAGNOSTICS);
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{rest}", named.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnostic::Span;
    use crate::domain::facts::CheckWay;

    fn diagnostic(level: DiagnosticLevel, code: &str, message: &str, line: usize) -> Diagnostic {
        Diagnostic {
            code: Some(code.into()),
            level,
            message: message.into(),
            rendered: String::new(),
            spans: vec![Span {
                file: "src/lib.rs".into(),
                byte_start: 0,
                byte_end: 1,
                line_start: line,
                column_start: 1,
                line_end: line,
                column_end: 2,
                is_primary: true,
                label: None,
            }],
            suggestions: Vec::new(),
        }
    }

    fn run(outcome: RunOutcome, diagnostics: Vec<Diagnostic>) -> CheckRun {
        CheckRun { way: CheckWay::Plain, outcome, diagnostics }
    }

    fn unused(line: usize) -> Diagnostic {
        diagnostic(DiagnosticLevel::Warning, "unused_imports", "unused import: `A`", line)
    }

    fn missing() -> Diagnostic {
        diagnostic(DiagnosticLevel::Error, "E0433", "use of undeclared type `HashMap`", 3)
    }

    fn standing(before: &CheckRun, after: &CheckRun) -> Standing {
        Standing::of(before, after, "no cargo")
    }

    #[test]
    fn a_moved_warning_is_not_new_but_a_second_one_is() {
        let before = run(RunOutcome::Passed, vec![unused(1)]);
        let moved = run(RunOutcome::Passed, vec![unused(7)]);
        assert_eq!(standing(&before, &moved), Standing::Clean);
        let twice = run(RunOutcome::Passed, vec![unused(1), unused(7)]);
        assert!(matches!(standing(&before, &twice), Standing::NewDiagnostics(_)));
    }

    #[test]
    fn warnings_that_a_broken_build_hid_are_not_the_fixs_fault() {
        let before = run(RunOutcome::Failed, vec![missing()]);
        let after = run(RunOutcome::Passed, vec![unused(1)]);
        assert_eq!(standing(&before, &after), Standing::Clean);
    }

    #[test]
    fn a_tree_that_never_compiled_is_never_passed() {
        let broken = run(RunOutcome::Failed, vec![missing()]);
        let standing = standing(&broken, &broken);
        assert_eq!(standing.outcome(), RunOutcome::Failed);
        assert!(standing.summary().starts_with("did not compile before either: use of undeclared"));
    }

    #[test]
    fn not_run_and_broken_are_said() {
        let fine = run(RunOutcome::Passed, Vec::new());
        let none = run(RunOutcome::NotRun, Vec::new());
        assert_eq!(standing(&fine, &none).outcome(), RunOutcome::NotRun);
        let broken = run(RunOutcome::Failed, vec![missing()]);
        assert!(matches!(standing(&fine, &broken), Standing::Broken(_)));
        let both = Standing::Clean.worse(standing(&fine, &broken)).worse(Standing::Clean);
        assert!(matches!(both, Standing::Broken(_)));
    }

    #[test]
    fn the_target_must_come_less_often() {
        let mends = Mends {
            code: "unused_imports".into(),
            message: "unused import: `A`".into(),
            file: "src/lib.rs".into(),
        };
        let two = run(RunOutcome::Passed, vec![unused(1), unused(7)]);
        let one = run(RunOutcome::Passed, vec![unused(1)]);
        let none = run(RunOutcome::Passed, Vec::new());
        assert_eq!(mended(&mends, &[(&two, &one)]).0, RunOutcome::Passed);
        assert_eq!(mended(&mends, &[(&one, &one)]).0, RunOutcome::Failed);
        assert_eq!(mended(&mends, &[(&two, &one), (&one, &one)]).0, RunOutcome::Failed);
        assert_eq!(mended(&mends, &[(&none, &none)]).0, RunOutcome::NotRun);
    }
}
