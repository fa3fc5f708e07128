use super::Expected;
use super::imports_with_facts::{diagnostic, expect, removal_facts, unused};
use crate::domain::diagnostic::DiagnosticLevel;
use crate::domain::facts::{CheckWay, RunOutcome};

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
        ("child module in another file", "use a::B;\nmod m;", "mod m;", vec!["a::B"]),
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
