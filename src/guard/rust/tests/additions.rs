use super::Expected;
use super::imports_with_facts::{addition_facts, diagnostic, expect, missing};
use crate::domain::diagnostic::DiagnosticLevel;
use crate::domain::facts::{CheckWay, RunOutcome};

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
fn an_addition_that_changes_what_something_else_means_waits() {
    for (name, before, use_line, code, kind, missed, path) in [
        (
            "a binding in a pattern would become a comparison",
            "fn g() -> u8 { LIMIT } fn f(n: u8) -> bool { match n { LIMIT => true } }",
            "use crate::c::LIMIT;\n",
            "E0425",
            "constant",
            "LIMIT",
            "crate::c::LIMIT",
        ),
        (
            "a trait whose method would win over the type's own",
            "struct S; impl Add for S {} impl S { fn add(&self) {} } fn f(s: S) { s.add(); }",
            "use std::ops::Add;\n",
            "E0405",
            "trait",
            "Add",
            "std::ops::Add",
        ),
        (
            "a module that sees this one through a glob",
            "fn g() -> u8 { LIMIT } mod m { use super::*; fn f(n: u8) { match n { LIMIT => {} } } }",
            "use crate::c::LIMIT;\n",
            "E0425",
            "constant",
            "LIMIT",
            "crate::c::LIMIT",
        ),
    ] {
        let facts = addition_facts(&[missing(code, before, kind, missed, 0, &[path])]);
        expect(name, before, &format!("{use_line}{before}"), &facts, Expected::Other);
    }
    // With all features, something else gives the name its meaning.
    let before = "use a::*;\nfn f(_: HashMap<u8, u8>) {}";
    let after = "use std::collections::HashMap;\nuse a::*;\nfn f(_: HashMap<u8, u8>) {}";
    let missed = missing("E0412", before, "struct", "HashMap", 0, &["std::collections::HashMap"]);
    let mut facts = addition_facts(&[missed]);
    expect("missed in every way", before, after, &facts, Expected::Import);
    for run in facts.before.iter_mut().filter(|run| run.way != CheckWay::Plain) {
        run.diagnostics.clear();
        run.outcome = RunOutcome::Passed;
    }
    expect("missed in the plain way only", before, after, &facts, Expected::Other);
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
    let mut facts = whole;
    facts.before[0].diagnostics[0].suggestions[0].message =
        "a struct with a similar name exists".to_owned();
    expect("a misspelling", before, after, &facts, Expected::Other);
}
