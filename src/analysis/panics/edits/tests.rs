//! Guards and bounds: one function each, the line that its patch adds, and whether the result compiles.

use std::process::Command;
use std::sync::Arc;

use crate::analysis::panics::analyse;
use crate::domain::event::Event;
use crate::source::{Revision, Sources};

struct OneFile(Vec<String>, Arc<str>, Revision);

impl Sources for OneFile {
    fn paths(&self) -> &[String] {
        &self.0
    }

    fn read(&self, _: &str) -> Option<Arc<str>> {
        Some(Arc::clone(&self.1))
    }

    fn revision(&self) -> &Revision {
        &self.2
    }
}

/// The source, the part of the line that fails and the part at its column, the message, and the lines that
/// the patch adds; nothing if there is to be no patch.
const CASES: &[(&str, &str, &str, &str, &[&str])] = &[
    (
        "pub fn sum(list: &[u32]) -> u32 {\n    let mut all = 0;\n    for at in 0..=list.len() {\n        all += list[at];\n    }\n    all\n}\n",
        "all += list[at]",
        "list[at]",
        "index out of bounds: the len is 3 but the index is 3",
        &["    for at in 0..list.len() {"],
    ),
    (
        "pub fn sum(list: &[u32]) -> u32 {\n    let (mut all, mut at) = (0, 0);\n    while at <= list.len() {\n        all += list[at];\n        at += 1;\n    }\n    all\n}\n",
        "all += list[at]",
        "list[at]",
        "index out of bounds: the len is 3 but the index is 3",
        &["    while at < list.len() {"],
    ),
    (
        "pub struct Row;\npub fn row<'a>(rows: &'a [Row], at: usize) -> Option<&'a Row> {\n    let (left, right) = rows.split_at(at);\n    left.last().or(right.first())\n}\n",
        "rows.split_at(at)",
        "split_at",
        "mid > len",
        &["    if at > rows.len() { return None; }"],
    ),
    (
        "pub fn fill(rows: &mut Vec<[u8; 4]>, at: usize) {\n    rows[at][1] = 3;\n}\n",
        "rows[at][1]",
        "[at]",
        "index out of bounds: the len is 0 but the index is 0",
        &["    if rows.get(at).is_none() { return; }"],
    ),
    (
        "pub fn drain(rows: &mut Vec<Vec<u8>>) -> usize {\n    let mut seen = 0;\n    while seen < 9 {\n        let last = rows.pop().unwrap();\n        seen += last.len();\n    }\n    seen\n}\n",
        "rows.pop().unwrap()",
        "unwrap",
        "called `Option::unwrap()` on a `None` value",
        &["        let Some(value) = rows.pop() else { break };", "        let last = value;"],
    ),
    (
        "pub fn half(at: usize) -> Option<usize> {\n    assert!(at % 2 == 0);\n    Some(at / 2)\n}\n",
        "assert!(at",
        "assert!",
        "assertion failed: at % 2 == 0",
        &["    if !(at % 2 == 0) { return None; };"],
    ),
    (
        "pub fn name(kind: u8) -> Result<&'static str, String> {\n    Ok(match kind {\n        0 => \"none\",\n        _ => unreachable!(),\n    })\n}\n",
        "unreachable!()",
        "unreachable",
        "internal error: entered unreachable code",
        &[
            "        _ => return Err(\"the input is not what this function can work on\".to_owned()),",
        ],
    ),
    (
        "pub fn left(all: &[u8]) -> usize {\n    let mut count = 0;\n    for one in all {\n        if *one > 3 { count = count - 1; }\n    }\n    count\n}\n",
        "count = count - 1",
        "count - 1",
        "attempt to subtract with overflow",
        &["        if *one > 3 { if count < 1 { break; } count = count - 1; }"],
    ),
    (
        "pub const fn before(at: usize) -> usize {\n    at - 1\n}\n",
        "at - 1",
        "at - 1",
        "attempt to subtract with overflow",
        &["    at.saturating_sub(1)"],
    ),
    (
        "pub fn turned(by: u64, bits: usize) -> u64 {\n    by << bits\n}\n",
        "by << bits",
        "by << bits",
        "attempt to shift left with overflow",
        &["    by.checked_shl((bits) as u32).unwrap_or_default()"],
    ),
    (
        "pub fn turned(by: i64) -> i64 {\n    -by\n}\n",
        "-by",
        "-by",
        "attempt to negate with overflow",
        &["    by.saturating_neg()"],
    ),
    // What is only reached when something else held cannot be guarded before it.
    (
        "pub struct Row(u8);\npub fn same<'a>(rows: &'a [Row], at: usize, is: bool) -> Row {\n    if is && rows[at].0 == 3 {\n        return Row(3);\n    }\n    Row(0)\n}\n",
        "rows[at].0",
        "[at]",
        "index out of bounds: the len is 0 but the index is 0",
        &["    if is && rows.get(at).map(|item| item.0).unwrap_or_default() == 3 {"],
    ),
    // A check that is there on purpose, in a function that cannot say what went wrong.
    (
        "pub fn half(at: usize) -> usize {\n    assert!(at % 2 == 0);\n    at / 2\n}\n",
        "assert!(at",
        "assert!",
        "assertion failed: at % 2 == 0",
        &[],
    ),
];

#[test]
fn a_place_that_cannot_go_on_is_guarded_where_that_can_be_done() {
    let folder = tempfile::tempdir().unwrap();
    for (number, (text, part, column_of, message, expected)) in CASES.iter().enumerate() {
        let line = text.lines().position(|line| line.contains(part)).unwrap();
        let whole = text.lines().nth(line).unwrap();
        let column = whole.rfind(part).map(|at| at + part.find(column_of).unwrap()).unwrap() + 1;
        let mut event = Event::bare("0".repeat(32), jiff::Timestamp::UNIX_EPOCH);
        event.platform = "rust".to_owned();
        event.message = Some(format!(
            "thread 'main' panicked at src/lib.rs:{}:{column}:\n{message}\nstack backtrace:\n   0: shop::f\n             at /app/src/lib.rs:{}:{column}\n",
            line + 1,
            line + 1
        ));
        let sources = OneFile(vec!["src/lib.rs".to_owned()], (*text).into(), Revision::default());
        let found = analyse(&event, &sources, None).unwrap();
        let Some(proposal) = found.proposals.first() else {
            assert!(expected.is_empty(), "{part}: {:?}", found.root_cause.notes);
            continue;
        };
        let after = &proposal.patch.files[0].after;
        let added: Vec<&str> =
            after.lines().filter(|line| !text.lines().any(|old| old == *line)).collect();
        assert_eq!(added, *expected, "{part}");
        let source = folder.path().join(format!("case{number}.rs"));
        std::fs::write(&source, after).unwrap();
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(rustc)
            .args([
                "--edition",
                "2024",
                "--crate-type",
                "lib",
                "--emit",
                "metadata",
                "-A",
                "warnings",
            ])
            .arg("--out-dir")
            .arg(folder.path())
            .arg(&source)
            .output()
            .unwrap();
        assert!(output.status.success(), "{after}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}
