//! The compiler's and the style agent's proposals, by the real compiler.
#![allow(clippy::unwrap_used, reason = "tests; clippy knows only functions marked as such")]

use andon::analysis::compiler::{CompilerReport, propose_import_fixes};
use andon::analysis::style::propose_formatting;
use andon::checks::{Checker, CheckerSettings, PrivateCopy};
use andon::domain::facts::{CheckWay, RunOutcome};
use andon::domain::fix::{ClaimedClass, IssueType, Severity};
use andon::domain::suggestion::Proposal;
use andon::repo::Repository;

use crate::support_repo::{TestRepo, lock_file, manifest};

struct Bench {
    copy: PrivateCopy,
    _repo: TestRepo,
    _data: tempfile::TempDir,
}

async fn bench(files: &[(&str, &str)]) -> Bench {
    let (manifest, lock) = (manifest("small"), lock_file("small"));
    let mut all = vec![("Cargo.toml", manifest.as_str()), ("Cargo.lock", lock.as_str())];
    all.extend_from_slice(files);
    let repo = TestRepo::with(&all);
    let data = tempfile::tempdir().unwrap();
    let checker = Checker::new(CheckerSettings::new(data.path()));
    let copy = checker.private_copy(&Repository::open(repo.root()).unwrap()).await.unwrap();
    Bench { copy, _repo: repo, _data: data }
}

fn titles(report: &CompilerReport) -> Vec<&str> {
    report.proposals.iter().map(|proposal| proposal.title.as_str()).collect()
}

/// Applies proposals in their order, as the healer does: each must fit what the ones before left.
fn apply<'a>(copy: &mut PrivateCopy, proposals: impl IntoIterator<Item = &'a Proposal>) {
    for change in proposals.into_iter().flat_map(|proposal| &proposal.patch.files) {
        assert_eq!(copy.read(&change.path).unwrap(), change.before, "{}", change.path);
        copy.write(&change.path, &change.after).unwrap();
    }
}

#[tokio::test]
async fn missing_and_unused_imports_are_mended_in_order() {
    let lib = "//! Shop.\nuse std::fmt;\nuse std::collections::{BTreeMap, HashSet, VecDeque};\n\npub mod cart {\n    pub fn rc() -> Rc<u8> {\n        Rc::new(1)\n    }\n}\npub fn f() -> VecDeque<u8> {\n    let map: HashMap<u8, u8> = HashMap::new();\n    let _ = map.len();\n    VecDeque::new()\n}\npub fn g() -> Rc<u8> {\n    Rc::new(2)\n}\n";
    let mut bench = bench(&[("src/lib.rs", lib)]).await;
    let report = propose_import_fixes(&mut bench.copy, &["src/lib.rs".into()]).await.unwrap();
    assert_eq!(bench.copy.read("src/lib.rs").unwrap(), lib, "the copy is left as it was");
    assert_eq!(
        titles(&report),
        [
            "Import std::rc::Rc in src/lib.rs",
            "Import std::collections::HashMap in src/lib.rs",
            "Remove the unused import std::fmt in src/lib.rs",
            "Remove the unused imports BTreeMap and HashSet in src/lib.rs",
        ]
    );
    for (proposal, code, severity) in [
        (&report.proposals[0], "E0425", Severity::Medium),
        (&report.proposals[1], "E0425", Severity::Medium),
        (&report.proposals[2], "unused_imports", Severity::Low),
        (&report.proposals[3], "unused_imports", Severity::Low),
    ] {
        assert_eq!(proposal.issue_type, IssueType::ImportOptimization);
        assert_eq!(proposal.claimed_class, ClaimedClass::Import);
        assert_eq!(
            (proposal.mends.as_ref().unwrap().code.as_str(), proposal.severity),
            (code, severity)
        );
    }
    assert!(report.remaining.is_empty());
    assert_eq!(report.outcome, RunOutcome::Passed);

    apply(&mut bench.copy, &report.proposals);
    let mended = bench.copy.read("src/lib.rs").unwrap();
    assert!(mended.contains("use std::collections::VecDeque;\n"), "{mended}");
    assert_eq!(mended.matches("use std::rc::Rc;").count(), 2, "{mended}");
    let checked = bench.copy.check(&[], CheckWay::Plain).await.unwrap();
    assert_eq!((checked.run.outcome, checked.run.diagnostics.len()), (RunOutcome::Passed, 0));
}

#[tokio::test]
async fn each_import_is_gone_from_the_errors_once_it_is_in() {
    let lib = "mod a {\n    pub fn a() -> HashMap<u8, u8> {\n        HashMap::new()\n    }\n}\npub fn b() -> HashMap<u8, u8> {\n    a::a()\n}\n";
    let mut bench = bench(&[("src/lib.rs", lib)]).await;
    let report = propose_import_fixes(&mut bench.copy, &[]).await.unwrap();
    assert_eq!(titles(&report), ["Import std::collections::HashMap in src/lib.rs"]);
    apply(&mut bench.copy, &report.proposals);
    let checked = bench.copy.check(&[], CheckWay::Plain).await.unwrap();
    let mends = report.proposals[0].mends.as_ref().unwrap();
    assert!(checked.run.diagnostics.iter().all(|said| said.message != mends.message));
}

#[tokio::test]
async fn several_candidates_go_to_a_person_ranked() {
    let lib = "pub mod a {\n    pub struct Thing;\n}\npub mod b {\n    pub struct Thing;\n}\nmod user;\nmod habit;\n";
    let user = "pub fn f(_: Thing) -> bool {\n    Ordering::Less == cmp(1, 2)\n}\npub fn g() -> Arc<u8> {\n    Arc::new(1)\n}\n";
    let habit = "use crate::b::Thing;\npub fn h(_: Thing) {}\n";
    let files = [("src/lib.rs", lib), ("src/user.rs", user), ("src/habit.rs", habit)];
    let mut bench = bench(&files).await;
    let report = propose_import_fixes(&mut bench.copy, &["src/user.rs".into()]).await.unwrap();
    let logic: Vec<_> = report
        .proposals
        .iter()
        .filter(|proposal| proposal.claimed_class == ClaimedClass::Logic)
        .collect();
    let thing = logic.iter().find(|proposal| proposal.title.contains("Thing")).unwrap();
    assert!(
        thing.explanation.contains("1. import crate::b::Thing\n2. import crate::a::Thing"),
        "{}",
        thing.explanation
    );
    assert!(thing.patch.files[0].after.contains("use crate::b::Thing;"));
    // All that is sure comes first and is in the text that the choices start from.
    assert_eq!(report.proposals[0].claimed_class, ClaimedClass::Import);
    assert!(thing.patch.files[0].before.contains("use std::sync::Arc;"));
    let ordering = logic.iter().find(|proposal| proposal.title.contains("Ordering")).unwrap();
    assert!(ordering.explanation.contains("std::cmp::Ordering"), "{}", ordering.explanation);
    assert!(ordering.explanation.contains("std::sync::atomic::Ordering"));
    assert!(!report.remaining.is_empty());
    assert_eq!(report.outcome, RunOutcome::Failed);
}

#[tokio::test]
async fn what_may_be_a_slip_of_the_pen_is_not_sure() {
    let lib = "pub struct Duratio;\nimpl Duratio {\n    pub fn from_secs(_: u8) {}\n}\npub fn f() {\n    Duration::from_secs(1);\n}\npub fn g() {\n    let _ = collections::BTreeMap::<u8, u8>::new();\n}\n";
    let mut bench = bench(&[("src/lib.rs", lib)]).await;
    let report = propose_import_fixes(&mut bench.copy, &[]).await.unwrap();
    assert_eq!(report.proposals.len(), 2, "{:?}", titles(&report));
    assert!(report.proposals.iter().all(|proposal| proposal.claimed_class == ClaimedClass::Logic));
    assert!(
        report.proposals[0].explanation.contains("Duratio"),
        "{}",
        report.proposals[0].explanation
    );
}

#[tokio::test]
async fn only_files_in_focus_are_touched() {
    let files = [
        ("src/lib.rs", "use std::fmt;\nmod a;\n"),
        ("src/a.rs", "use std::rc::Rc;\r\npub fn f() {\r\n}\r\n"),
    ];
    let mut bench = bench(&files).await;
    let report = propose_import_fixes(&mut bench.copy, &["src/a.rs".into()]).await.unwrap();
    assert_eq!(titles(&report), ["Remove the unused import std::rc::Rc in src/a.rs"]);
    assert_eq!(report.proposals[0].patch.files[0].after, "pub fn f() {\r\n}\r\n");
}

#[tokio::test]
async fn an_import_that_another_target_needs_is_kept() {
    let shared = "use std::fmt;\nuse std::rc::Rc;\npub fn f() {\n    show!();\n}\n";
    let tested = "use std::fmt;\n#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn t() {\n        let _: Option<fmt::Error> = None;\n    }\n}\n";
    let files = [
        // The same file in two crates: one uses the import, the other does not.
        (
            "src/lib.rs",
            "macro_rules! show { () => {} }\nmod shared;\nmod tested;\nmod free;\npub use shared::f;\n",
        ),
        (
            "src/main.rs",
            "macro_rules! show { () => { let _: Option<fmt::Error> = None; } }\nmod shared;\nfn main() { shared::f() }\n",
        ),
        ("src/shared.rs", shared),
        ("src/tested.rs", tested),
        ("src/free.rs", "use std::fmt;\n"),
    ];
    let mut bench = bench(&files).await;
    let report = propose_import_fixes(&mut bench.copy, &[]).await.unwrap();
    assert_eq!(titles(&report), ["Remove the unused import std::fmt in src/free.rs"]);
    assert_eq!(report.outcome, RunOutcome::Passed);
    assert_eq!(bench.copy.read("src/shared.rs").unwrap(), shared);
}

#[tokio::test]
async fn formatting_is_proposed_for_what_the_copy_holds() {
    let files = [("src/lib.rs", "mod a;\npub fn f( ) { }\n"), ("src/a.rs", "fn broken( {\n")];
    let mut bench = bench(&files).await;
    bench.copy.write("src/lib.rs", "mod a;\npub fn earlier( ) { }\n").unwrap();
    let paths: Vec<String> = ["src/lib.rs", "src/a.rs", "Cargo.toml"].map(str::to_owned).to_vec();
    let report = propose_formatting(&bench.copy, &paths).await.unwrap();
    assert_eq!(report.proposals.len(), 1);
    assert_eq!(report.proposals[0].claimed_class, ClaimedClass::Style);
    let change = &report.proposals[0].patch.files[0];
    assert_eq!(change.before, "mod a;\npub fn earlier( ) { }\n");
    assert_eq!(change.after, "mod a;\npub fn earlier() {}\n");
    assert!(report.notes[0].contains("src/a.rs"), "{:?}", report.notes);
    bench.copy.write("src/lib.rs", &change.after.clone()).unwrap();
    assert!(propose_formatting(&bench.copy, &paths[..1]).await.unwrap().proposals.is_empty());
}
