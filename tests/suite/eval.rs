//! `andon eval`: what it prints for cases, and what it says of folders that hold none.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

/// `total` asserts what its caller should have seen to.
const LIB: &str = "\
/// The mean.
///
/// # Panics
///
/// Panics if there are no prices.
pub fn mean(prices: &[u32]) -> u32 {
    assert!(!prices.is_empty());
    prices.iter().sum::<u32>() / prices.len() as u32
}

pub fn report(prices: &[u32]) -> String {
    let title = \"mean\".to_owned();
    let mean = mean(prices);
    format!(\"{title} {mean}\")
}
";

const BACKTRACE: &str = "\
stack backtrace:
   0: std::panicking::begin_panic_handler
             at /rustc/59807616/library/std/src/panicking.rs:689:5
   1: core::panicking::panic
             at /rustc/59807616/library/core/src/panicking.rs:150:5
   2: shop::mean
             at /app/crate/src/lib.rs:7:5
   3: shop::report
             at /app/crate/src/lib.rs:13:16
   4: main::main
             at /app/src/main.rs:3:5
";

fn case(folder: &Path, id: &str, fixed_line: u32) {
    let case = folder.join(id);
    fs::create_dir_all(case.join("crate/src")).unwrap();
    fs::write(case.join("crate/src/lib.rs"), LIB).unwrap();
    fs::write(case.join("backtrace.txt"), BACKTRACE).unwrap();
    let bug = json!({
        "id": id,
        "panic": "thread 'main' panicked at crate/src/lib.rs:7:5:\nassertion failed: !prices.is_empty()",
        "class": "assert",
        "fixed_at": [{"file": "crate/src/lib.rs", "line": fixed_line}],
    });
    fs::write(case.join("bug.json"), bug.to_string()).unwrap();
}

fn eval(arguments: &[&str]) -> Output {
    measure("panics", arguments)
}

fn measure(what: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_andon")).args(["eval", what]).args(arguments).output().unwrap()
}

#[test]
fn cases_are_ranked_and_counted_beside_the_first_frame() {
    let folder = tempfile::tempdir().unwrap();
    case(folder.path(), "caller", 12);
    case(folder.path(), "nowhere", 3);
    let path = folder.path().to_str().unwrap();
    let output = eval(&[path, "--json"]);
    assert!(output.status.success(), "{output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    // What says that it panics moves the blame to who called it.
    assert_eq!(said["cases"][0]["id"], "caller");
    assert_eq!(said["cases"][0]["function_rank"], 1, "{said}");
    assert_eq!(said["cases"][0]["candidates"][0]["function"], "report");
    assert_eq!(said["cases"][1]["function_rank"], Value::Null, "line 3 is in no function");
    assert_eq!(said["cases"][1]["file_rank"], 1);
    let total = json!({
        "cases": 2, "function_at_1": 1, "function_at_3": 1, "function_at_5": 1, "file_at_1": 2,
    });
    assert_eq!(said["total"], total);
    assert_eq!(said["by_class"]["assert"], total);
    assert_eq!(said["baseline"]["function_at_1"], 0);
    assert_eq!(said["baseline"]["function_at_3"], 1);

    let table = String::from_utf8(eval(&[path]).stdout).unwrap();
    assert!(table.contains("| **panic agent** | 2 | 1 | 1 | 1 | 2 |"), "{table}");
    assert!(table.contains("not among the first five: nowhere"), "{table}");
}

#[test]
fn what_is_no_case_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let refused = eval(&[folder.path().to_str().unwrap()]);
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("holds no cases") && said.contains("bug.json"), "{said}");
    case(folder.path(), "broken", 1);
    fs::write(folder.path().join("broken/bug.json"), "{}").unwrap();
    let refused = eval(&[folder.path().to_str().unwrap()]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("bug.json is not a case"), "{said}");
}

/// A crate without dependencies; `first` panics on an empty list, `checked` says so on purpose.
const DESK: &str = "\
pub fn first(list: &[u32]) -> Option<u32> {
    Some(list[0])
}

pub fn checked(list: &[u32]) -> u32 {
    assert!(!list.is_empty(), \"the list must hold something\");
    list.len() as u32
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_comes_first_in_nothing() {
        assert_eq!(super::first(&[]), None);
    }

    #[test]
    fn something_does() {
        assert_eq!(super::first(&[3]), Some(3));
    }

    #[test]
    fn nothing_is_counted() {
        assert_eq!(super::checked(&[]), 0);
    }
}
";

fn crate_case(folder: &Path, id: &str, test: &str, place: &str, message: &str, function: &str) {
    let case = folder.join(id);
    fs::create_dir_all(case.join("crate/src")).unwrap();
    fs::write(case.join("crate/src/lib.rs"), DESK).unwrap();
    let manifest =
        "[package]\nname = \"desk\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n";
    fs::write(case.join("crate/Cargo.toml"), manifest).unwrap();
    let trace = format!(
        "stack backtrace:\n   0: core::panicking::panic_fmt\n             at /rustc/59807616/library/core/src/panicking.rs:80:14\n   1: {function}\n             at /app/crate/{place}\n"
    );
    fs::write(case.join("backtrace.txt"), trace).unwrap();
    let bug = json!({
        "id": id,
        "panic": format!("thread '{test}' panicked at crate/{place}:\n{message}"),
        "class": "index_oob",
        "fixed_at": [{"file": "crate/src/lib.rs", "line": 2}],
        "test": test,
    });
    fs::write(case.join("bug.json"), bug.to_string()).unwrap();
}

#[test]
fn an_edit_is_tried_by_the_crate_s_own_tests() {
    let folder = tempfile::tempdir().unwrap();
    crate_case(
        folder.path(),
        "handled",
        "tests::nothing_comes_first_in_nothing",
        "src/lib.rs:2:10",
        "index out of bounds: the len is 0 but the index is 0",
        "desk::first",
    );
    crate_case(
        folder.path(),
        "on-purpose",
        "tests::nothing_is_counted",
        "src/lib.rs:6:5",
        "the list must hold something",
        "desk::checked",
    );
    let output = measure("fixes", &[folder.path().to_str().unwrap(), "--json"]);
    assert!(output.status.success(), "{output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        said["total"],
        json!({"cases": 2, "edits": 1, "plausible": 1, "test_passes": 1}),
        "{said}"
    );
    assert_eq!(said["cases"][0]["verdict"], json!({"result": "test_passes"}));
    let reason = said["cases"][1]["verdict"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("No patch: the program stops here on purpose"), "{reason}");
    // What was tried was tried on a copy.
    assert_eq!(fs::read_to_string(folder.path().join("handled/crate/src/lib.rs")).unwrap(), DESK);

    let untested = tempfile::tempdir().unwrap();
    case(untested.path(), "untested", 12);
    let refused = measure("fixes", &[untested.path().to_str().unwrap()]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("names its test"), "{said}");
}

#[test]
fn cases_of_other_languages_are_ranked_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("key-1");
    fs::create_dir_all(case.join("package/shop")).unwrap();
    let text =
        "def read(row):\n    return row['cents']\n\n\ndef load():\n    return read({'cent': 1})\n";
    fs::write(case.join("package/shop/rows.py"), text).unwrap();
    let trace = "Traceback (most recent call last):\n  File \"/app/driver.py\", line 3, in <module>\n  File \"/app/package/shop/rows.py\", line 6, in load\n    return read({'cent': 1})\n  File \"/app/package/shop/rows.py\", line 2, in read\n    return row['cents']\nKeyError: 'cents'\n";
    fs::write(case.join("traceback.txt"), trace).unwrap();
    let bug = json!({
        "id": "key-1", "class": "KeyError",
        "fixed_at": [{"file": "package/shop/rows.py", "line": 6}],
    });
    fs::write(case.join("bug.json"), bug.to_string()).unwrap();
    let output = measure("exceptions", &[folder.path().to_str().unwrap(), "--json"]);
    assert!(output.status.success(), "{output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(said["cases"][0]["function_rank"].as_u64().is_some_and(|rank| rank <= 2), "{said}");
    assert_eq!(said["cases"][0]["baseline_function_rank"], 2);
    assert_eq!((&said["total"]["cases"], &said["total"]["function_at_5"]), (&json!(1), &json!(1)));
    assert_eq!(said["baseline"]["function_at_1"], 0);
}

#[test]
fn what_was_learnt_is_found_again_for_other_errors_with_the_same_cause() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folders = ["seeded", "seeded-scripts"].map(|name| tests.join(name).display().to_string());
    let output = measure("patterns", &[&folders[0], &folders[1], "--json"]);
    assert!(output.status.success(), "{output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (name, least) in [("all", 50), ("seen_half", 25), ("held_out_half", 25)] {
        let figures = &said["figures"][name];
        let number = |key: &str| figures[key].as_u64().unwrap();
        assert!(number("pairs") >= least, "{name}: {figures}");
        assert!(number("at_3") * 100 >= number("pairs") * 80, "{name}: {figures}");
        assert!(number("at_3") > number("baseline_at_3"), "{name}: {figures}");
    }
    let folder = tempfile::tempdir().unwrap();
    case(folder.path(), "alone", 12);
    let refused = measure("patterns", &[folder.path().to_str().unwrap()]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("no case has another report"), "{said}");
}

#[test]
fn how_often_an_agent_was_right_is_written_down_by_class_if_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("measured.toml");
    let kept = "[exceptions]\ndate = \"2026-01-01\"\ncommit = \"c\"\n[exceptions.total]\ncases = 3\nright = 1\n[exceptions.classes.raised]\ncases = 3\nright = 1\n";
    fs::write(&file, kept).unwrap();
    let cases = folder.path().join("cases");
    case(&cases, "caller", 12);
    case(&cases, "nowhere", 3);
    let (cases, file_name) = (cases.to_str().unwrap(), file.to_str().unwrap());
    assert!(eval(&[cases]).status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), kept, "only if asked");
    let output = eval(&[cases, "--write-confidence", file_name]);
    assert!(output.status.success(), "{output:?}");
    let written: toml::Table = fs::read_to_string(&file).unwrap().parse().unwrap();
    let total = |of: &str| written[of]["total"].to_string();
    assert_eq!(total("panics"), "{ cases = 2, right = 1 }");
    assert_eq!(total("exceptions"), "{ cases = 3, right = 1 }");
    assert_eq!(written["panics"]["classes"]["assert_failed"]["cases"].as_integer(), Some(2));
    assert!(!written["panics"]["date"].as_str().unwrap().is_empty());

    fs::write(&file, "[other]\n").unwrap();
    let refused = eval(&[cases, "--write-confidence", file_name]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("does not hold measured figures"), "{said}");
}
