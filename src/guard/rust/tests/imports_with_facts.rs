//! Removals and additions, with what a compiler would say.

use super::{Expected, judge_text};
use crate::domain::diagnostic::{
    Applicability, Diagnostic, DiagnosticLevel, DiagnosticSuggestion, Replacement, Span,
};
use crate::domain::facts::{CheckRun, CheckWay, CompilerFacts, RunOutcome};

/// The span of the `nth` (from 0) occurrence of `text` in `file`.
pub(super) fn span(file: &str, text: &str, nth: usize) -> Span {
    let (start, _) = file.match_indices(text).nth(nth).expect("the text is there");
    let line = 1 + file[..start].matches('\n').count();
    Span {
        file: super::PATH.to_owned(),
        byte_start: start,
        byte_end: start + text.len(),
        line_start: line,
        column_start: 1,
        line_end: line,
        column_end: 1,
        is_primary: true,
        label: None,
    }
}

pub(super) fn diagnostic(
    code: &str,
    level: DiagnosticLevel,
    message: &str,
    spans: Vec<Span>,
) -> Diagnostic {
    Diagnostic {
        code: Some(code.to_owned()),
        level,
        message: message.to_owned(),
        rendered: message.to_owned(),
        spans,
        suggestions: Vec::new(),
    }
}

pub(super) fn unused(file: &str, texts: &[&str]) -> Diagnostic {
    let names = texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(" and ");
    let word = if texts.len() == 1 { "import" } else { "imports" };
    let spans = texts.iter().map(|text| span(file, text, 0)).collect();
    diagnostic(
        "unused_imports",
        DiagnosticLevel::Warning,
        &format!("unused {word}: {names}"),
        spans,
    )
}

pub(super) fn missing(
    code: &str,
    file: &str,
    kind: &str,
    name: &str,
    nth: usize,
    paths: &[&str],
) -> Diagnostic {
    let message = format!("cannot find {kind} `{name}` in this scope");
    let mut found = diagnostic(code, DiagnosticLevel::Error, &message, vec![span(file, name, nth)]);
    found.suggestions = paths
        .iter()
        .map(|path| DiagnosticSuggestion {
            message: format!("consider importing this {kind}"),
            applicability: Applicability::MaybeIncorrect,
            replacements: vec![Replacement {
                span: Span { byte_start: 0, byte_end: 0, ..span(file, name, nth) },
                text: format!("use {path};\n"),
            }],
        })
        .collect();
    found
}

pub(super) fn runs(outcome: RunOutcome, diagnostics: &[Diagnostic]) -> Vec<CheckRun> {
    CheckWay::ALL
        .iter()
        .map(|way| CheckRun { way: *way, outcome, diagnostics: diagnostics.to_vec() })
        .collect()
}

/// Facts in three ways: passed before with `diagnostics`, passed after with nothing to say.
pub(super) fn removal_facts(diagnostics: &[Diagnostic]) -> CompilerFacts {
    CompilerFacts {
        before: runs(RunOutcome::Passed, diagnostics),
        after: runs(RunOutcome::Passed, &[]),
    }
}

pub(super) fn addition_facts(diagnostics: &[Diagnostic]) -> CompilerFacts {
    CompilerFacts {
        before: runs(RunOutcome::Failed, diagnostics),
        after: runs(RunOutcome::Passed, &[]),
    }
}

pub(super) fn expect(
    name: &str,
    before: &str,
    after: &str,
    facts: &CompilerFacts,
    expected: Expected,
) {
    let (class, auto, reason) = judge_text(before, after, Some(facts));
    assert_eq!((class, auto), (expected, expected != Expected::Other), "{name}: {reason}");
}

#[test]
fn missing_facts_are_named() {
    let (_, _, reason) = judge_text("use a::B;\nfn f() {}\n", "fn f() {}\n", None);
    assert!(reason.contains("--all-targets, all features"), "{reason}");
    let (_, _, reason) = judge_text("fn f(_: B) {}\n", "use a::B;\nfn f(_: B) {}\n", None);
    assert!(reason.contains("what the compiler says before and after"), "{reason}");
}
