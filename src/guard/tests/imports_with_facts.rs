//! Removals and additions, with what a compiler would say.

use super::{Expected, judge_text};
use crate::domain::diagnostic::{
    Applicability, Diagnostic, DiagnosticLevel, DiagnosticSuggestion, Replacement, Span,
};
use crate::domain::facts::{CheckRun, CheckWay, CompilerFacts, RunOutcome};

/// The span of the `nth` (from 0) occurrence of `text` in `file`.
fn span(file: &str, text: &str, nth: usize) -> Span {
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

fn diagnostic(code: &str, level: DiagnosticLevel, message: &str, spans: Vec<Span>) -> Diagnostic {
    Diagnostic {
        code: Some(code.to_owned()),
        level,
        message: message.to_owned(),
        rendered: message.to_owned(),
        spans,
        suggestions: Vec::new(),
    }
}

fn unused(file: &str, texts: &[&str]) -> Diagnostic {
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

fn missing(
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

fn runs(outcome: RunOutcome, diagnostics: &[Diagnostic]) -> Vec<CheckRun> {
    CheckWay::ALL
        .iter()
        .map(|way| CheckRun { way: *way, outcome, diagnostics: diagnostics.to_vec() })
        .collect()
}

/// Facts in three ways: passed before with `diagnostics`, passed after with nothing to say.
fn removal_facts(diagnostics: &[Diagnostic]) -> CompilerFacts {
    CompilerFacts {
        before: runs(RunOutcome::Passed, diagnostics),
        after: runs(RunOutcome::Passed, &[]),
    }
}

fn addition_facts(diagnostics: &[Diagnostic]) -> CompilerFacts {
    CompilerFacts {
        before: runs(RunOutcome::Failed, diagnostics),
        after: runs(RunOutcome::Passed, &[]),
    }
}

fn expect(name: &str, before: &str, after: &str, facts: &CompilerFacts, expected: Expected) {
    let (class, auto, reason) = judge_text(before, after, Some(facts));
    assert_eq!((class, auto), (expected, expected != Expected::Other), "{name}: {reason}");
}

#[test]
fn what_rustc_calls_unused_may_go() {
    for (name, before, after, texts) in [
        ("whole item", "use std::fmt;\nfn f() {}\n", "fn f() {}\n", vec!["std::fmt"]),
        (
            "one of a group",
            "use a::{B, C};\nfn f(_: C) {}\n",
            "use a::C;\nfn f(_: C) {}\n",
            vec!["B"],
        ),
        ("both of a group", "use a::{B, C};\nfn f() {}\n", "fn f() {}\n", vec!["B", "C"]),
        (
            "with an alias",
            "use a::{B as D, C};\nfn f(_: C) {}\n",
            "use a::C;\nfn f(_: C) {}\n",
            vec!["B as D"],
        ),
        (
            "self",
            "use a::b::{self, C};\nfn f(_: C) {}\n",
            "use a::b::C;\nfn f(_: C) {}\n",
            vec!["self"],
        ),
        (
            "with a reorder",
            "use a::B;\nuse c::D;\nuse b::E;\nfn f(_: D, _: E) {}",
            "use b::E;\nuse c::D;\nfn f(_: D, _: E) {}",
            vec!["a::B"],
        ),
        (
            "with CRLF and a mark",
            "\u{feff}// é\r\nuse a::B;\r\nfn f() {}\r\n",
            "\u{feff}// é\r\nfn f() {}\r\n",
            vec!["a::B"],
        ),
        (
            "feature and test are compiled",
            "use a::B;\n#[cfg(test)] mod t {}\n#[cfg(feature = \"x\")] fn f() {}",
            "#[cfg(test)] mod t {}\n#[cfg(feature = \"x\")] fn f() {}",
            vec!["a::B"],
        ),
        (
            "no trait, so unseen code must name it",
            "use std::sync::Arc;\n#[cfg(windows)] fn f() {}",
            "#[cfg(windows)] fn f() {}",
            vec!["std::sync::Arc"],
        ),
    ] {
        let facts = removal_facts(&[unused(before, &texts)]);
        expect(name, before, after, &facts, Expected::Import);
    }
}

#[test]
fn what_may_be_used_after_all_stays() {
    for (name, before, after, texts) in [
        ("another leaf than named", "use a::{B, C};\nfn f() {}", "use a::B;\nfn f() {}", vec!["B"]),
        ("named in code", "use a::B;\nfn f() { B }", "fn f() { B }", vec!["a::B"]),
        (
            "named under cfg",
            "use a::B;\n#[cfg(x)] fn f() { B }",
            "#[cfg(x)] fn f() { B }",
            vec!["a::B"],
        ),
        ("named in a macro", "use a::B;\nm!(B);", "m!(B);", vec!["a::B"]),
        (
            "named in a format string",
            "use a::B;\n#[cfg(x)] fn f() { g!(\"{B}\") }",
            "#[cfg(x)] fn f() { g!(\"{B}\") }",
            vec!["a::B"],
        ),
        (
            "named in an attribute's string",
            "use a::B;\n#[serde(with = \"B\")] struct S;",
            "#[serde(with = \"B\")] struct S;",
            vec!["a::B"],
        ),
        (
            "linked in a doc comment",
            "use a::B;\n/// See [`B`].\nfn f() {}",
            "/// See [`B`].\nfn f() {}",
            vec!["a::B"],
        ),
        (
            "named by super",
            "use a::B;\nmod t { use super::B; }",
            "mod t { use super::B; }",
            vec!["a::B"],
        ),
        ("public", "pub use a::B;\nfn f() {}", "fn f() {}", vec!["a::B"]),
        ("trait without a name", "use a::B as _;\nfn f() {}", "fn f() {}", vec!["a::B as _"]),
        ("glob", "use a::*;\nfn f() {}", "fn f() {}", vec!["a::*"]),
        ("crate", "use a;\nfn f() {}", "fn f() {}", vec!["a"]),
        ("crate by alias", "use a as b;\nfn f() {}", "fn f() {}", vec!["a as b"]),
        ("conditional", "#[cfg(x)] use a::B;\nfn f() {}", "fn f() {}", vec!["a::B"]),
        (
            "attribute left behind",
            "#[cfg(x)]\nuse a::B;\nfn f() {}",
            "#[cfg(x)]\nfn f() {}",
            vec!["a::B"],
        ),
        (
            "in a conditional module",
            "#[cfg(x)] mod m { use a::B; }",
            "#[cfg(x)] mod m { }",
            vec!["a::B"],
        ),
        ("in a block", "fn f() { use a::B; }", "fn f() { }", vec!["a::B"]),
        (
            "conditional child module",
            "use a::B;\n#[cfg(x)] mod m;",
            "#[cfg(x)] mod m;",
            vec!["a::B"],
        ),
        (
            "perhaps a trait, and unseen code",
            "use a::B;\n#[cfg(windows)] fn f() { 1.go() }",
            "#[cfg(windows)] fn f() { 1.go() }",
            vec!["a::B"],
        ),
        (
            "perhaps a trait, and cfg_if",
            "use a::B;\ncfg_if! { if #[cfg(x)] {} }",
            "cfg_if! { if #[cfg(x)] {} }",
            vec!["a::B"],
        ),
        (
            "perhaps a trait, and no feature",
            "use a::B;\n#[cfg(not(feature = \"x\"))] fn f() { 1.go() }",
            "#[cfg(not(feature = \"x\"))] fn f() { 1.go() }",
            vec!["a::B"],
        ),
        ("included code", "use a::B;\ninclude!(\"c.rs\");", "include!(\"c.rs\");", vec!["a::B"]),
        ("with a change of code", "use a::B;\nfn f() { 1 }", "fn f() { 2 }", vec!["a::B"]),
        ("replaced", "use a::B;\nfn f() {}", "use c::B;\nfn f() {}", vec!["a::B"]),
    ] {
        let facts = removal_facts(&[unused(before, &texts)]);
        expect(name, before, after, &facts, Expected::Other);
    }
}

#[test]
fn a_removal_needs_every_way_before_and_after() {
    let (before, after) = ("use a::B;\nfn f() {}\n", "fn f() {}\n");
    let whole = removal_facts(&[unused(before, &["a::B"])]);
    expect("whole", before, after, &whole, Expected::Import);
    for index in 0..CheckWay::ALL.len() {
        let mut facts = whole.clone();
        facts.before[index].outcome = RunOutcome::NotRun;
        expect("not run before", before, after, &facts, Expected::Other);
        let mut facts = whole.clone();
        facts.after[index].outcome = RunOutcome::Failed;
        expect("failed after", before, after, &facts, Expected::Other);
        let mut facts = whole.clone();
        facts.before[index].diagnostics.clear();
        expect("not named", before, after, &facts, Expected::Other);
        let mut facts = whole.clone();
        facts.after.remove(index);
        expect("missing after", before, after, &facts, Expected::Other);
        let mut facts = whole.clone();
        let fresh =
            diagnostic("dead_code", DiagnosticLevel::Warning, "constant is never used", vec![]);
        facts.after[index].diagnostics.push(fresh);
        expect("something new", before, after, &facts, Expected::Other);
        let mut facts = whole.clone();
        facts.before[index].diagnostics[0].message =
            "the item `B` is imported redundantly".to_owned();
        expect("redundant, not unused", before, after, &facts, Expected::Other);
        let mut facts = whole.clone();
        facts.before[index].diagnostics[0].spans[0].file = "src/y.rs".to_owned();
        expect("another file", before, after, &facts, Expected::Other);
        let mut facts = whole.clone();
        facts.before[index].diagnostics[0].spans[0].byte_end = usize::MAX;
        expect("a place outside the file", before, after, &facts, Expected::Other);
    }
}

#[test]
fn one_of_two_unused_imports_may_go() {
    let before = "use a::B;\nuse a::C;\nfn f() {}\n";
    let after = "use a::C;\nfn f() {}\n";
    let mut facts = removal_facts(&[unused(before, &["a::B", "a::C"])]);
    for run in &mut facts.after {
        run.diagnostics.push(unused(after, &["a::C"]));
    }
    expect("one of two", before, after, &facts, Expected::Import);
}

#[test]
fn a_name_with_one_candidate_may_be_added() {
    let map = "std::collections::HashMap";
    for (name, before, after, code, kind, missed, paths) in [
        (
            "type",
            "fn f(_: HashMap<u8, u8>) {}",
            "use std::collections::HashMap;\nfn f(_: HashMap<u8, u8>) {}",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "path",
            "fn f() { HashMap::new(); }",
            "use std::collections::HashMap;\nfn f() { HashMap::new(); }",
            "E0433",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "function",
            "fn f() { forget(1); }",
            "use std::mem::forget;\nfn f() { forget(1); }",
            "E0425",
            "function",
            "forget",
            vec!["std::mem::forget"],
        ),
        (
            "twins",
            "fn f() { forget(1); }",
            "use std::mem::forget;\nfn f() { forget(1); }",
            "E0425",
            "function",
            "forget",
            vec!["core::mem::forget", "std::mem::forget"],
        ),
        (
            "twin without std",
            "#![no_std]\nfn f() { forget(1); }",
            "#![no_std]\nuse core::mem::forget;\nfn f() { forget(1); }",
            "E0425",
            "function",
            "forget",
            vec!["core::mem::forget", "std::mem::forget"],
        ),
        (
            "standard trait",
            "struct S; impl Display for S {}",
            "use std::fmt::Display;\nstruct S; impl Display for S {}",
            "E0405",
            "trait",
            "Display",
            vec!["std::fmt::Display"],
        ),
        (
            "own type",
            "fn f(_: Thing) {}",
            "use crate::a::Thing;\nfn f(_: Thing) {}",
            "E0412",
            "struct",
            "Thing",
            vec!["crate::a::Thing"],
        ),
        (
            "into a group",
            "use std::collections::BTreeMap;\nfn f(_: BTreeMap<u8, HashMap<u8, u8>>) {}",
            "use std::collections::{BTreeMap, HashMap};\nfn f(_: BTreeMap<u8, HashMap<u8, u8>>) {}",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "in an inline module",
            "mod m { fn f(_: HashMap<u8, u8>) {} }",
            "mod m { use std::collections::HashMap; fn f(_: HashMap<u8, u8>) {} }",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
    ] {
        let facts = addition_facts(&[missing(code, before, kind, missed, 0, &paths)]);
        expect(name, before, after, &facts, Expected::Import);
    }
}

#[test]
fn a_name_that_may_mean_something_else_is_not_added() {
    let map = "std::collections::HashMap";
    for (name, before, after, code, kind, missed, paths) in [
        (
            "two candidates",
            "fn f(_: Map) {}",
            "use a::Map;\nfn f(_: Map) {}",
            "E0412",
            "struct",
            "Map",
            vec!["a::Map", "b::Map"],
        ),
        (
            "no candidate",
            "fn f(_: Map) {}",
            "use a::Map;\nfn f(_: Map) {}",
            "E0412",
            "struct",
            "Map",
            vec![],
        ),
        (
            "another path",
            "fn f(_: HashMap<u8, u8>) {}",
            "use my::HashMap;\nfn f(_: HashMap<u8, u8>) {}",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "another name",
            "fn f(_: HashMap<u8, u8>) {}",
            "use std::collections::HashSet;\nfn f(_: HashMap<u8, u8>) {}",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "alias",
            "fn f(_: HashMap<u8, u8>) {}",
            "use std::collections::BTreeMap as HashMap;\nfn f(_: HashMap<u8, u8>) {}",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "public",
            "fn f(_: HashMap<u8, u8>) {}",
            "pub use std::collections::HashMap;\nfn f(_: HashMap<u8, u8>) {}",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "with an attribute",
            "fn f(_: HashMap<u8, u8>) {}",
            "#[cfg(x)] use std::collections::HashMap;\nfn f(_: HashMap<u8, u8>) {}",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "in a block",
            "fn f() { HashMap::new(); }",
            "fn f() { use std::collections::HashMap; HashMap::new(); }",
            "E0433",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "in another module",
            "mod m { fn f(_: HashMap<u8, u8>) {} }",
            "use std::collections::HashMap;\nmod m { fn f(_: HashMap<u8, u8>) {} }",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "glob",
            "fn f(_: HashMap<u8, u8>) {}",
            "use std::collections::*;\nfn f(_: HashMap<u8, u8>) {}",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "prelude",
            "fn f(_: Vec<u8>) {}",
            "use my::Vec;\nfn f(_: Vec<u8>) {}",
            "E0412",
            "struct",
            "Vec",
            vec!["my::Vec"],
        ),
        (
            "macro's name",
            "fn f() { println(); }",
            "use my::println;\nfn f() { println(); }",
            "E0425",
            "function",
            "println",
            vec!["my::println"],
        ),
        (
            "trait for its methods",
            "fn f() { x.read(); }",
            "use std::io::Read;\nfn f() { x.read(); }",
            "E0599",
            "trait",
            "read",
            vec!["std::io::Read"],
        ),
        (
            "trait of others",
            "struct S; impl Show for S {}",
            "use my::Show;\nstruct S; impl Show for S {}",
            "E0405",
            "trait",
            "Show",
            vec!["my::Show"],
        ),
        (
            "greedy trait",
            "fn f<T: Borrow<u8>>() {}",
            "use std::borrow::Borrow;\nfn f<T: Borrow<u8>>() {}",
            "E0405",
            "trait",
            "Borrow",
            vec!["std::borrow::Borrow"],
        ),
        (
            "twin that is not usual",
            "fn f() { forget(1); }",
            "use core::mem::forget;\nfn f() { forget(1); }",
            "E0425",
            "function",
            "forget",
            vec!["core::mem::forget", "std::mem::forget"],
        ),
        (
            "defined in the file",
            "mod m { struct Map; } fn f(_: Map) {}",
            "use a::Map; mod m { struct Map; } fn f(_: Map) {}",
            "E0412",
            "struct",
            "Map",
            vec!["a::Map"],
        ),
        (
            "hides a glob's",
            "use a::*; fn f(_: Map) { Map() }",
            "use a::*; use b::Map; fn f(_: Map) { Map() }",
            "E0412",
            "struct",
            "Map",
            vec!["b::Map"],
        ),
        (
            "one more than missed",
            "fn f(_: HashMap<u8, u8>) {}",
            "use std::collections::{HashMap, HashSet};\nfn f(_: HashMap<u8, u8>) {}",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
        (
            "with a change of code",
            "fn f(_: HashMap<u8, u8>) {}",
            "use std::collections::HashMap;\nfn f(_: HashMap<u8, u16>) {}",
            "E0412",
            "struct",
            "HashMap",
            vec![map],
        ),
    ] {
        let nth = if name == "defined in the file" { 1 } else { 0 };
        let facts = addition_facts(&[missing(code, before, kind, missed, nth, &paths)]);
        expect(name, before, after, &facts, Expected::Other);
    }
}

#[test]
fn an_addition_needs_fewer_errors_and_no_new_one() {
    let before = "fn f(_: HashMap<u8, u8>) {}";
    let after = "use std::collections::HashMap;\nfn f(_: HashMap<u8, u8>) {}";
    let missed = missing("E0412", before, "struct", "HashMap", 0, &["std::collections::HashMap"]);
    let whole = addition_facts(std::slice::from_ref(&missed));
    expect("whole", before, after, &whole, Expected::Import);
    for index in 0..CheckWay::ALL.len() {
        let mut facts = whole.clone();
        facts.after[index].outcome = RunOutcome::NotRun;
        expect("not run after", before, after, &facts, Expected::Other);
        let mut facts = whole.clone();
        let fresh = diagnostic("E0308", DiagnosticLevel::Error, "mismatched types", vec![]);
        facts.after[index].outcome = RunOutcome::Failed;
        facts.after[index].diagnostics.push(fresh);
        expect("a new error", before, after, &facts, Expected::Other);
        let mut facts = whole.clone();
        facts.after[index].outcome = RunOutcome::Failed;
        facts.after[index].diagnostics.push(missed.clone());
        expect("still missing", before, after, &facts, Expected::Other);
    }
    let other = diagnostic("E0433", DiagnosticLevel::Error, "cannot find `x`", vec![]);
    let mut facts = whole.clone();
    for run in facts.before.iter_mut().chain(&mut facts.after) {
        run.diagnostics.push(other.clone());
    }
    facts.after.iter_mut().for_each(|run| run.outcome = RunOutcome::Failed);
    expect("one of two errors", before, after, &facts, Expected::Import);
    let mut facts = whole.clone();
    facts.before[0].diagnostics[0].suggestions[0].message =
        "a struct with a similar name exists".to_owned();
    expect("a misspelling", before, after, &facts, Expected::Other);
}

#[test]
fn missing_facts_are_named() {
    let (_, _, reason) = judge_text("use a::B;\nfn f() {}\n", "fn f() {}\n", None);
    assert!(reason.contains("--all-targets, all features"), "{reason}");
    let (_, _, reason) = judge_text("fn f(_: B) {}\n", "use a::B;\nfn f(_: B) {}\n", None);
    assert!(reason.contains("what the compiler says before and after"), "{reason}");
}
