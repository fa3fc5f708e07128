use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use super::*;
use crate::domain::backtrace;
use crate::domain::event::{Exception, Level};
use crate::domain::fix::{ClaimedClass, IssueType};
use crate::source::Revision;

const DESK: &str = include_str!("../../../tests/fixtures/panics/desk.rs");

struct Files {
    paths: Vec<String>,
    texts: BTreeMap<String, Arc<str>>,
    revision: Revision,
}

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let texts: BTreeMap<String, Arc<str>> =
            files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(*text))).collect();
        Self { paths: texts.keys().cloned().collect(), texts, revision: Revision::default() }
    }
}

impl Sources for Files {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn read(&self, path: &str) -> Option<Arc<str>> {
        self.texts.get(path).cloned()
    }

    fn revision(&self) -> &Revision {
        &self.revision
    }
}

fn event(exceptions: Vec<Exception>) -> Event {
    Event {
        event_id: "0".repeat(32),
        timestamp: "2026-01-02T03:04:05Z".parse().unwrap(),
        level: Level::Fatal,
        platform: "native".into(),
        release: None,
        environment: None,
        transaction: None,
        server_name: None,
        logger: None,
        message: None,
        exceptions,
        breadcrumbs: Vec::new(),
        tags: BTreeMap::new(),
        fingerprint: None,
        stack_text: None,
        user: None,
        dropped: Vec::new(),
    }
}

fn report(case: &str) -> String {
    let path = format!("{}/tests/fixtures/panics/reports/{case}.txt", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// The event as Sentry's SDK would send it: frames have no columns.
fn without_columns(case: &str) -> Event {
    let mut exceptions = backtrace::parse(&report(case));
    for exception in &mut exceptions {
        for frame in &mut exception.stacktrace.as_mut().unwrap().frames {
            frame.colno = None;
            frame.in_app = None;
        }
    }
    event(exceptions)
}

/// Every fault of the fixture: its class, the function it happens in, and the line that the patch writes
/// (or how the note begins that says why there is none).
const CASES: &[(&str, &str, &str, &str)] = &[
    (
        "index_in_text_result",
        "index_out_of_bounds",
        "Desk::index_in_text_result",
        "+        Ok(self.lines.get(chosen).ok_or_else(|| \"there is no element at this index\".to_owned())?.cents + 1)",
    ),
    (
        "index_in_option",
        "index_out_of_bounds",
        "Desk::index_in_option",
        "+        Some(&self.lines.get(at)?.name)",
    ),
    (
        "index_of_field_in_value",
        "index_out_of_bounds",
        "Desk::index_of_field_in_value",
        "+        self.lines.get(at).map(|item| item.cents).unwrap_or_default()",
    ),
    (
        "index_assigned",
        "index_out_of_bounds",
        "Desk::index_assigned",
        "+        self.lines.get_mut(at).ok_or(\"there is no element at this index\")?.cents += 1;",
    ),
    (
        "map_index",
        "missing_key",
        "Desk::map_index",
        "+        let price = *self.prices.get(code).ok_or_else(|| DeskError::UnknownCode(code.to_owned()))?;",
    ),
    (
        "lookup_in_enum",
        "unwrap_none",
        "Desk::lookup_in_enum",
        "+        let price = self.prices.get(code).ok_or_else(|| DeskError::UnknownCode(code.to_owned()))?;",
    ),
    (
        "lookup_in_value",
        "unwrap_none",
        "Desk::lookup_in_value",
        "+        self.prices.get(code).copied().unwrap_or_default()",
    ),
    ("lookup_expect", "custom", "Desk::lookup_expect", "+            .get(code)?;"),
    (
        "subtract_in_option",
        "arithmetic_overflow",
        "Desk::subtract_in_option",
        "+        let left = self.seats.checked_sub(taken)?;",
    ),
    (
        "subtract_assigned",
        "arithmetic_overflow",
        "Desk::subtract_assigned",
        "+        self.seats = self.seats.saturating_sub(taken);",
    ),
    (
        "add_bare_number",
        "arithmetic_overflow",
        "Desk::add_bare_number",
        "+        1_u8.saturating_add(more)",
    ),
    (
        "push_while_borrowed",
        "refcell_already_borrowed",
        "Desk::push_while_borrowed",
        "+        let held = self.waiting.borrow().clone();",
    ),
    (
        "drain_while_borrowed",
        "refcell_already_borrowed",
        "Desk::drain_while_borrowed",
        "+        while let Some(next) = { let held = self.queue.borrow_mut().pop_front(); held } {",
    ),
    ("guard_kept", "refcell_already_borrowed", "Desk::guard_kept", "+        drop(names);"),
    (
        "argument_while_borrowed",
        "refcell_already_mutably_borrowed",
        "Desk::next_name",
        "+        let argument = self.next_name();",
    ),
    (
        "guard_needed",
        "refcell_already_borrowed",
        "Desk::guard_needed",
        "+        self.waiting.try_borrow_mut().map_err(|error| format!(\"{error:?}\"))?.push(\"late\".to_owned());",
    ),
    (
        "parse_in_enum",
        "parse_error",
        "parse_in_enum",
        "+    let number: u32 = text.trim().parse().map_err(DeskError::Number)?;",
    ),
    ("parse_in_boxed", "parse_error", "parse_in_boxed", "+    let number = text.parse::<f64>()?;"),
    (
        "parse_in_value",
        "parse_error",
        "parse_in_value",
        "+    text.split(';').map(|field| field.trim().parse::<u32>().unwrap_or_default()).sum()",
    ),
    (
        "parse_in_option",
        "parse_error",
        "parse_in_option",
        "+    Some(first.parse::<i64>().ok()? * 2)",
    ),
    (
        "cut_in_middle",
        "str_not_char_boundary",
        "cut_in_middle",
        "+    text[text.floor_char_boundary(from)..text.floor_char_boundary(to)].to_uppercase()",
    ),
    (
        "cut_after_end",
        "str_index_out_of_range",
        "cut_after_end",
        "+    Ok(text.get(at..).ok_or_else(|| \"the range lies outside the data\".to_owned())?)",
    ),
    (
        "slice_of_bytes",
        "slice_end_out_of_range",
        "slice_of_bytes",
        "+    bytes.get(..to).unwrap_or_default()",
    ),
    ("read_file", "io_error", "read_file", "+    let text = std::fs::read_to_string(path)?;"),
    (
        "divide",
        "divide_by_zero",
        "divide",
        "+    Ok(total.checked_div(count).ok_or_else(|| \"the result of a calculation does not fit\".to_owned())?)",
    ),
    ("asserted", "custom", "asserted", "No patch: the program stops here on purpose"),
    (
        "two_on_a_line",
        "index_out_of_bounds",
        "two_on_a_line",
        "No patch: line 185 has 2 expressions",
    ),
];

#[test]
fn every_fault_is_explained_and_mended_and_the_result_compiles() {
    let sources = Files::new(&[("src/main.rs", DESK)]);
    let folder = tempfile::tempdir().unwrap();
    for (case, class, function, expected) in CASES {
        let found = analyse(&without_columns(case), &sources, None).unwrap();
        let cause = &found.root_cause;
        assert_eq!(cause.class, *class, "{case}");
        assert_eq!(cause.function.as_deref(), Some(*function), "{case}");
        assert_eq!(cause.confidence, None);
        assert!(!cause.candidates.is_empty() && cause.candidates.len() <= 5, "{case}");
        check_evidence(cause, &sources, case);
        if expected.starts_with("No patch") {
            assert!(found.proposals.is_empty(), "{case}");
            assert!(
                cause.notes.iter().any(|note| note.starts_with(expected)),
                "{case}: {:?}",
                cause.notes
            );
            continue;
        }
        let [proposal] = found.proposals.as_slice() else {
            panic!("{case}: no proposal: {:?}", cause.notes);
        };
        assert_eq!(proposal.claimed_class, ClaimedClass::Logic);
        assert_eq!(proposal.issue_type, IssueType::Bug);
        let diff = proposal.patch.unified_diff();
        assert!(diff.lines().any(|line| line == *expected), "{case}: {diff}");
        // The columns of the report lead to the same expression.
        let with_columns = event(backtrace::parse(&report(case)));
        let again = analyse(&with_columns, &sources, None).unwrap();
        assert_eq!(again.proposals, found.proposals, "{case}");
        let file = &proposal.patch.files[0];
        assert_eq!(file.before, DESK, "{case}");
        assert_compiles(&file.after, folder.path(), case);
    }
}

/// Evidence quotes existing lines byte for byte.
fn check_evidence(cause: &RootCause, sources: &Files, case: &str) {
    assert!(!cause.evidence.is_empty(), "{case}");
    for evidence in &cause.evidence {
        let text = sources.read(&evidence.file).unwrap();
        let line = text.lines().nth(evidence.line as usize - 1).unwrap();
        assert_eq!(evidence.quote, line, "{case}");
        assert!(!evidence.why.is_empty());
    }
}

fn assert_compiles(text: &str, folder: &std::path::Path, case: &str) {
    let source = folder.join(format!("{case}.rs"));
    std::fs::write(&source, text).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--edition", "2024", "--crate-type", "bin", "--emit", "metadata", "-A", "warnings"])
        .arg("--out-dir")
        .arg(folder)
        .arg(&source)
        .output()
        .unwrap();
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_column_decides_between_two_on_a_line() {
    let sources = Files::new(&[("src/main.rs", DESK)]);
    // With the column of the report the second index is the one.
    let found =
        analyse(&event(backtrace::parse(&report("two_on_a_line"))), &sources, None).unwrap();
    assert!(found.root_cause.summary.contains("`a[at + 1]`"), "{}", found.root_cause.summary);
    let diff = found.proposals[0].patch.unified_diff();
    assert!(diff.contains("+    a[at] + a.get(at + 1).copied().unwrap_or_default()"), "{diff}");
}

#[test]
fn the_patch_follows_the_code_that_moved_on() {
    let release = Files::new(&[("src/main.rs", DESK)]);
    // Lines added above, and the line right above the failing one changed: the patch cannot be carried
    // over by its lines, but the expression is still there just once.
    let current_text = DESK.replace("//! Faults", "//! More\n//! Faults").replace(
        "        let chosen = self.position(at);",
        "        // The position is counted from the end.\n        let chosen = self.position(at + 0);",
    );
    let current = Files::new(&[("src/main.rs", &current_text)]);
    let found =
        analyse(&without_columns("index_in_text_result"), &release, Some(&current)).unwrap();
    let file = &found.proposals[0].patch.files[0];
    assert_eq!(file.before, current_text);
    assert!(file.after.contains("self.lines.get(chosen)"));
    assert!(file.after.contains("self.position(at + 0)"));

    // The fault is gone: no patch, and a note says so.
    let mended =
        DESK.replace("self.lines[chosen].cents", "self.lines.get(chosen).map_or(0, |l| l.cents)");
    let current = Files::new(&[("src/main.rs", &mended)]);
    let found =
        analyse(&without_columns("index_in_text_result"), &release, Some(&current)).unwrap();
    assert!(found.proposals.is_empty());
    assert!(found.root_cause.notes.iter().any(|note| note.starts_with("No patch")));

    let nothing = Files::new(&[("README.md", "")]);
    let found = analyse(&without_columns("divide"), &release, Some(&nothing)).unwrap();
    assert!(found.proposals.is_empty());
}

#[test]
fn the_whole_report_as_text_does_as_well() {
    let sources = Files::new(&[("src/main.rs", DESK)]);
    let mut as_text = event(Vec::new());
    as_text.stack_text = Some(report("guard_kept"));
    let found = analyse(&as_text, &sources, None).unwrap();
    assert_eq!(found.root_cause.class, "refcell_already_borrowed");
    assert!(found.root_cause.summary.contains("as `names`, which lives to the end of its scope"));
    let mut as_message = event(Vec::new());
    as_message.message = Some(report("guard_kept"));
    assert_eq!(analyse(&as_message, &sources, None).unwrap(), found);
}

#[test]
fn without_a_repository_the_event_s_own_lines_are_the_evidence() {
    let mut one = without_columns("lookup_in_value");
    let frames = &mut one.exceptions[0].stacktrace.as_mut().unwrap().frames;
    let frame =
        frames.iter_mut().rev().find(|f| f.filename.as_deref() == Some("./src/main.rs")).unwrap();
    frame.pre_context = vec!["    fn lookup_in_value(&self, code: &str) -> u64 {".into()];
    frame.context_line = Some("        *self.prices.get(code).unwrap()".into());
    frame.post_context = vec!["    }".into()];
    let found = analyse(&one, &Files::new(&[]), None).unwrap();
    assert!(found.proposals.is_empty());
    let evidence = &found.root_cause.evidence[0];
    assert_eq!(
        (evidence.line, evidence.quote.as_str()),
        (77, "        *self.prices.get(code).unwrap()")
    );
    // Nothing is claimed about the lines that did not come with the event.
    assert!(found.root_cause.evidence.iter().all(|e| !e.quote.is_empty()));
}

#[test]
fn what_is_no_rust_panic_is_left_alone() {
    let sources = Files::new(&[("src/main.rs", DESK)]);
    let error = Exception {
        ty: Some("ValueError".into()),
        value: Some("invalid literal".into()),
        ..Exception::default()
    };
    let mut python = event(vec![error]);
    python.platform = "python".into();
    assert_eq!(analyse(&python, &sources, None), None);
    let panic =
        Exception { ty: Some("panic".into()), value: Some("oops".into()), ..Exception::default() };
    let mut go = event(vec![panic.clone()]);
    go.platform = "go".into();
    assert_eq!(analyse(&go, &sources, None), None);
    // A panic without frames: an answer, and an honest one.
    let found = analyse(&event(vec![panic]), &sources, None).unwrap();
    assert!(found.root_cause.summary.starts_with("No root cause"));
    assert!(found.proposals.is_empty());
}

#[test]
fn code_that_cannot_be_read_gives_a_note_not_a_crash() {
    let deep = format!("fn main() {{ let x = {}1{}; }}", "(".repeat(100_000), ")".repeat(100_000));
    let chain = format!("fn main() {{ let x = {}1; }}", "!".repeat(500_000));
    let closures = format!("fn main() {{ let x = {}1; }}", "|a, b| ".repeat(100_000));
    let generics = format!("type T = {}u8{};", "Box<".repeat(100_000), ">".repeat(100_000));
    let sum = format!("fn main() {{ let x = {}1; }}", "1 + ".repeat(200_000));
    for text in
        ["fn main( {", "", "\u{feff}fn main() {}", &deep, &chain, &closures, &generics, &sum]
    {
        let sources = Files::new(&[("src/main.rs", text)]);
        let found = analyse(&without_columns("divide"), &sources, None).unwrap();
        assert!(found.proposals.is_empty());
        assert!(!found.root_cause.notes.is_empty());
    }
    // The file is shorter than the frame's line.
    let sources = Files::new(&[("src/main.rs", "fn main() {}\n")]);
    let found = analyse(&without_columns("divide"), &sources, None).unwrap();
    assert!(
        found.root_cause.notes.iter().any(|note| note.contains("has no line 177")),
        "{:?}",
        found.root_cause.notes
    );
}

#[test]
fn source_at_the_limits_of_nesting_is_read_without_a_crash() {
    for text in [
        format!("fn main() {{\n let x = {}1{};\n}}", "(".repeat(250), ")".repeat(250)),
        format!("fn main() {{\n let x = {}1;\n}}", "!".repeat(5_900)),
        format!("fn main() {{\n let x = {}1;\n}}", "1 + ".repeat(2_900)),
        format!("fn main() {{\n let x = a{};\n}}", ".b()".repeat(1_400)),
        format!("fn main() {{\n{} {{}}\n}}", "if a {} else ".repeat(1_400)),
        format!("fn main() {{\n let x = {}1;\n}}", "|a, b| ".repeat(1_400)),
    ] {
        let sources = Files::new(&[("src/main.rs", &text)]);
        let mut one = without_columns("divide");
        for frame in &mut one.exceptions[0].stacktrace.as_mut().unwrap().frames {
            if frame.filename.as_deref() == Some("./src/main.rs") {
                frame.lineno = Some(2);
            }
        }
        let found = analyse(&one, &sources, None).unwrap();
        assert!(
            !found.root_cause.notes.iter().any(|n| n.contains("reader itself")),
            "{}",
            &text[..60]
        );
    }
}
