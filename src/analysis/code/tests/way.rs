//! The way as a whole: languages, places, quotations, suggestions, programs in the sandbox.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::super::report::{CodeReport, RanStatus};
use super::super::request::{AnalysisType, CodeRequest};
use super::super::{Language, MAX_CODE_BYTES, MAX_FINDINGS, analyse, analyse_without_programs};
use super::report;
use crate::checks::Programs;
use crate::domain::facts::RunOutcome;
use crate::domain::fix::{ClaimedClass, IssueType, Severity};

fn request(path: &str, code: &str, kind: AnalysisType) -> CodeRequest {
    CodeRequest { code: code.to_owned(), file_path: path.to_owned(), kind }
}

/// Asks with the programs of some folders only.
async fn with_programs(folders: &[&Path], path: &str, code: &str) -> CodeReport {
    let data = tempfile::tempdir().unwrap();
    let programs = Programs::new(data.path(), folders.iter().map(|folder| folder.into()).collect());
    let report = analyse(&request(path, code, AnalysisType::Comprehensive), &programs).await;
    let left = std::fs::read_dir(data.path().join("code")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "a folder was left behind");
    report
}

fn status(report: &CodeReport, analyser: &str) -> (RanStatus, String) {
    let ran = report.ran.iter().find(|ran| ran.analyser == analyser).unwrap();
    (ran.status, ran.reason.clone().unwrap_or_default())
}

#[test]
fn a_finding_says_where_and_quotes_the_line_byte_for_byte() {
    let code = "fn g() {}\r\nfn f(s: &str) -> u8 {\r\n\t/* ü */ s.parse::<u8>().unwrap()\r\n}\r\n";
    let report = report("a.rs", code);
    let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert_eq!((finding.line, finding.column), (3, 26));
    assert_eq!(finding.quote, "\t/* ü */ s.parse::<u8>().unwrap()");
    assert_eq!(
        (finding.rule.as_str(), finding.analyser.as_str()),
        ("rust/unwrap-on-input", "rules")
    );
    assert!(!finding.why.is_empty() && finding.message.ends_with('.'));
}

#[test]
fn a_suggestion_holds_whole_lines_and_was_not_verified() {
    let code =
        "import os\n\n\ndef f(a, x=[]):\n    \"\"\"Adds.\"\"\"\n    x.append(a)\n    return x\n";
    let report = report("a.py", code);
    let change = report.findings[0].suggestion.as_ref().unwrap();
    assert_eq!(change.line, 4);
    assert_eq!(change.before, "def f(a, x=[]):\n    \"\"\"Adds.\"\"\"\n    x.append(a)\n");
    assert_eq!(
        change.after,
        "def f(a, x=None):\n    \"\"\"Adds.\"\"\"\n    if x is None:\n        x = []\n    x.append(a)\n"
    );
    assert_eq!(change.claimed_class, ClaimedClass::Logic);
    assert_eq!((change.verification, change.can_apply), (RunOutcome::NotRun, false));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["findings"][0]["suggestion"]["verification"], "not_run");
}

#[test]
fn broken_code_gets_the_place_of_its_mistake_and_no_follow_ups() {
    let rust = report("a.rs", "fn f() {\n    let x = ;\n}\n");
    assert_eq!((rust.findings.len(), rust.findings[0].line, rust.findings[0].column), (1, 2, 13));
    assert_eq!(rust.findings[0].severity, Severity::Critical);
    assert_eq!(status(&rust, "rules").0, RanStatus::Skipped);
    let brackets = report("a.rs", "fn f() {\n    (\n}\n");
    assert_eq!(brackets.findings[0].rule, "rust/syntax");
    for path in ["a.py", "a.js", "a.ts"] {
        let report = report(path, &format!("x = 1\n{}", "y = = (\n".repeat(100)));
        assert!((1..=3).contains(&report.findings.len()), "{path}: {:?}", report.findings);
        assert_eq!(report.findings[0].line, 2, "{path}");
    }
}

#[test]
fn rust_scripts_and_byte_order_marks_are_read() {
    let code =
        "#!/usr/bin/env rust-script\n//! Says.\nfn f(s: &str) -> u8 { s.parse::<u8>().unwrap() }\n";
    let found = report("a.rs", code);
    assert_eq!(found.findings[0].line, 3);
    let marked = report("a.rs", &format!("\u{feff}{code}"));
    assert_eq!(
        (marked.findings[0].rule.as_str(), marked.findings[0].line),
        ("rust/unwrap-on-input", 3)
    );
    assert!(report("a.rs", "\u{feff}fn f() {}\n").findings.is_empty());
}

#[test]
fn only_what_was_asked_for_is_told_and_mistakes_of_syntax_always() {
    let code = "import random\ntry:\n    f()\nexcept:\n    eval(x[0])\nif x == None:\n    pass\n";
    let kinds = |kind| {
        let report = analyse_without_programs(&request("a.py", code, kind));
        report.findings.into_iter().map(|finding| finding.issue_type).collect::<Vec<_>>()
    };
    assert_eq!(kinds(AnalysisType::Bug), [IssueType::Bug]);
    assert_eq!(kinds(AnalysisType::Security), [IssueType::Security]);
    assert_eq!(kinds(AnalysisType::Style), [IssueType::Style]);
    assert_eq!(kinds(AnalysisType::Performance), []);
    assert_eq!(kinds(AnalysisType::Comprehensive).len(), 3);
    let broken = analyse_without_programs(&request("a.py", "x = (", AnalysisType::Style));
    assert_eq!(broken.findings.len(), 1);
}

#[test]
fn the_gravest_come_first_and_too_many_are_cut_and_said() {
    let style = "if a == None:\n    pass\n".repeat(100);
    let report = report("a.py", &format!("{style}eval(x[0])\n"));
    assert_eq!(report.findings[0].rule, "python/eval");
    assert_eq!(report.findings.len(), 26);
    assert!(report.notes[0].starts_with("75 more were found"), "{:?}", report.notes);
    assert!(report.findings.len() <= MAX_FINDINGS);
}

#[test]
fn packed_code_is_not_told_how_to_be_written() {
    let packed = "if(a==b){c()}".repeat(100);
    assert!(report("a.js", &packed).findings.is_empty());
    assert!(!report("a.js", "if (a == b) { c() }\n").findings.is_empty());
}

#[test]
fn what_was_sent_is_read_from_json_with_what_is_missing_filled_in() {
    let asked: CodeRequest = serde_json::from_str(r#"{"code": "x"}"#).unwrap();
    assert_eq!(asked, request("", "x", AnalysisType::Comprehensive));
    let asked = serde_json::from_str::<CodeRequest>(r#"{"code": "x", "analysis_type": "all"}"#);
    assert!(asked.is_err());
}

#[tokio::test]
async fn large_code_and_unknown_languages_are_refused_with_a_reason() {
    let large = with_programs(&[], "a.py", &"#".repeat(MAX_CODE_BYTES + 1)).await;
    assert!(large.ran.is_empty() && large.notes[0].contains("1024 KiB"));
    let unknown = with_programs(&[], "a.cob", "MOVE A TO B").await;
    assert!(unknown.language.is_none() && unknown.notes[0].contains("give a file_path"));
}

#[tokio::test]
async fn programs_that_are_not_installed_are_listed_as_skipped() {
    let python = with_programs(&[], "a.py", "x = 1\n").await;
    assert_eq!(python.language, Some(Language::Python));
    let names: Vec<_> = python.ran.iter().map(|ran| ran.analyser.as_str()).collect();
    assert_eq!(names, ["syntax", "rules", "python3", "ruff"]);
    assert_eq!(status(&python, "ruff"), (RanStatus::Skipped, "ruff is not installed".into()));
    let script = with_programs(&[], "a.jsx", "const x = <A/>\n").await;
    assert_eq!(status(&script, "node"), (RanStatus::Skipped, "node does not read JSX".into()));
}

/// The folder of a program on this machine.
fn folder_of(name: &str) -> std::path::PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let mut folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders
        .find(|folder| folder.join(name).is_file())
        .unwrap_or_else(|| panic!("`make deps` installs {name}"))
}

#[tokio::test]
async fn python_s_own_word_on_syntax_counts_in_the_sandbox() {
    let python = folder_of("python3");
    let wrong = with_programs(&[&python], "a.py", "def f():\n    return 1\nreturn 2\n").await;
    assert_eq!(status(&wrong, "python3").0, RanStatus::Done, "{:?}", wrong.ran);
    let mistake = &wrong.findings[0];
    assert_eq!((mistake.rule.as_str(), mistake.line), ("python/syntax", 3));
    assert!(mistake.message.contains("'return' outside function"), "{}", mistake.message);
    // Compiled, never run.
    let marker = tempfile::tempdir().unwrap();
    let file = marker.path().join("ran");
    let code = format!("open({:?}, 'w')\n", file.to_str().unwrap());
    let fine = with_programs(&[&python], "a.py", &code).await;
    assert_eq!(status(&fine, "python3").0, RanStatus::Done);
    assert!(!file.exists());
}

#[tokio::test]
async fn node_s_own_word_on_syntax_counts_in_the_sandbox() {
    let node = folder_of("node");
    let wrong = with_programs(&[&node], "a.js", "let a = 1\nlet a = 2\n").await;
    assert_eq!(status(&wrong, "node").0, RanStatus::Done, "{:?}", wrong.ran);
    assert_eq!((wrong.findings[0].line, wrong.findings[0].column), (2, 5));
    assert!(wrong.findings[0].message.contains("already been declared"));
    let module =
        with_programs(&[&node], "a.js", "import a from 'a'\nexport default await a\n").await;
    assert_eq!(status(&module, "node").0, RanStatus::Done, "{:?}", module.ran);
    assert!(module.findings.is_empty());
}

/// A ruff that takes what ours is given and nothing else, and answers what the real one answered.
const FAKE_RUFF: &str = r#"#!/bin/sh
[ "$1 $2 $3 $4 $5 $6 $7" = "check --isolated --no-cache --exit-zero --output-format json --select" ] || exit 9
[ "$9 ${10} ${11}" = "--stdin-filename a.py -" ] || exit 9
[ "$(cat)" = "import os
def f(x=[]):
  x.append(1)
  return eval(x)" ] || exit 9
cat <<'ANSWER'
"#;

fn fake(folder: &Path, name: &str, text: &str) {
    let place = folder.join(name);
    std::fs::write(&place, text).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn what_ruff_says_stands_beside_the_rules_and_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    fake(folder.path(), "ruff", &format!("{FAKE_RUFF}{}\nANSWER\n", include_str!("ruff.json")));
    let code = "import os\ndef f(x=[]):\n  x.append(1)\n  return eval(x)\n";
    let report = with_programs(&[folder.path()], "src/a.py", code).await;
    assert_eq!(status(&report, "ruff").0, RanStatus::Done, "{:?}", report.ran);
    let rules: Vec<_> = report.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["python/mutable-default", "python/eval", "ruff/F401"]);
    assert_eq!(report.findings[2].issue_type, IssueType::ImportOptimization);
}

#[tokio::test]
async fn a_linter_that_fails_is_told_and_takes_nothing_else_along() {
    let folder = tempfile::tempdir().unwrap();
    for (text, reason) in [
        ("#!/bin/sh\necho 'no, thanks' >&2\nexit 2\n", "no, thanks"),
        ("#!/bin/sh\necho hello\n", "something else"),
    ] {
        fake(folder.path(), "ruff", text);
        let report =
            with_programs(&[folder.path()], "a.py", "def f(x=[]):\n    x.append(1)\n").await;
        let (status, said) = status(&report, "ruff");
        assert_eq!(status, RanStatus::Failed);
        assert!(said.contains(reason), "{said}");
        assert_eq!(report.findings.len(), 1);
    }
}

#[tokio::test]
async fn a_linter_can_reach_no_file_but_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "x").unwrap();
    fake(folder.path(), "ruff", &format!("#!/bin/sh\ncat {} && echo '[]'\n", secret.display()));
    let report = with_programs(&[folder.path()], "a.py", "x = 1\n").await;
    assert_eq!(status(&report, "ruff").0, RanStatus::Failed, "{:?}", report.ran);
}
