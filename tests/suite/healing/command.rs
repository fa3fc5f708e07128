//! `andon heal` and `andon rollback`, run as a person runs them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::bench::Bench;

/// Does not compile until two imports are added; has an unused one, and is badly formatted.
const CART: &str = "use std::fmt::Debug;\r\n\r\npub fn count(words: &[&str]) -> HashMap<String, usize> {\r\n    let mut map = HashMap::new();\r\n    for w in words { *map.entry(w.to_string()).or_default() += 1; }\r\n    map\r\n}\r\n\r\npub fn none() -> BTreeSet<u8> {\r\n    BTreeSet::new()\r\n}";
const UGLY: &str = "pub fn ugly( a:u8 )->u8{a}\n";

async fn bench() -> Bench {
    Bench::with(&[
        ("Cargo.toml", "[package]\nname = \"small\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"small\"\nversion = \"0.1.0\"\n"),
        ("src/lib.rs", "pub mod cart;\npub mod ugly;\n"),
        ("src/cart.rs", CART),
        ("src/ugly.rs", UGLY),
    ])
    .await
}

fn andon(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_andon")).args(arguments).current_dir(folder).output().unwrap()
}

fn heal(bench: &Bench, more: &[&str]) -> Value {
    let (repo, data) = (bench.repo.to_str().unwrap(), bench.data.to_str().unwrap());
    let mut arguments = vec!["heal", "--repo", repo, "--data", data, "--json"];
    arguments.extend(more);
    let output = andon(&bench.repo, &arguments);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn rollback(bench: &Bench, id: i64) -> Output {
    let data = bench.data.to_str().unwrap();
    andon(&bench.repo, &["rollback", &id.to_string(), "--data", data, "--json"])
}

fn titles(report: &Value, what: &str) -> Vec<String> {
    let entries = report[what].as_array().unwrap();
    entries.iter().map(|entry| entry["title"].as_str().unwrap().to_owned()).collect()
}

fn sources(bench: &Bench) -> BTreeMap<&'static str, Vec<u8>> {
    ["Cargo.toml", "Cargo.lock", "src/lib.rs", "src/cart.rs", "src/ugly.rs"]
        .map(|path| (path, bench.read(path)))
        .into()
}

#[tokio::test]
async fn a_crate_that_does_not_compile_is_healed_and_given_back_to_the_byte() {
    let bench = bench().await;
    let before = sources(&bench);

    let dry = heal(&bench, &["--dry-run", "--all"]);
    assert_eq!(titles(&dry, "healed"), [""; 0]);
    assert_eq!(titles(&dry, "pending"), [""; 0]);
    assert_eq!(sources(&bench), before, "a dry run changes nothing");
    assert_eq!(bench.store.suggestions(None, 0, 10).await.unwrap(), []);

    let report = heal(&bench, &[]);
    let done = titles(&report, "healed");
    assert_eq!(titles(&report, "failed"), [""; 0]);
    assert_eq!(done.len(), 3, "{report:#}");
    assert!(done[0].contains("HashMap") && done[0].contains("BTreeSet"), "{done:?}");
    assert!(done[1].contains("std::fmt::Debug") && done[2].contains("Format src/cart.rs"));
    for (dry, done) in dry["would_heal"].as_array().unwrap().iter().zip(&done) {
        assert_eq!(dry["title"], **done, "the dry run said so");
    }
    for entry in report["healed"].as_array().unwrap() {
        assert_eq!(entry["verification"]["check"], "passed");
        assert_eq!(entry["verification"]["tests"], "not_run");
    }
    let now = sources(&bench);
    let cart = String::from_utf8(now["src/cart.rs"].clone()).unwrap();
    assert!(
        cart.starts_with("use std::collections::BTreeSet;\r\nuse std::collections::HashMap;\r\n")
    );
    assert!(!cart.contains("Debug"));
    assert_eq!(now["src/ugly.rs"], before["src/ugly.rs"], "nobody asked for all");

    // Nothing is left to do, but for the file that the compiler has nothing to say about.
    let again = heal(&bench, &["--all"]);
    assert_eq!(titles(&again, "healed"), ["Format src/ugly.rs"]);
    assert_eq!(bench.store.verify_audit().await.unwrap().broken, None);

    let id = |entry: &Value| entry["id"].as_i64().unwrap();
    let mut ids: Vec<i64> = report["healed"].as_array().unwrap().iter().map(id).collect();
    let early = rollback(&bench, ids[0]);
    assert!(!early.status.success());
    let said = String::from_utf8(early.stderr).unwrap();
    assert!(said.contains("roll it back first") && said.contains("+++ b/src/cart.rs"), "{said}");
    ids.extend(again["healed"].as_array().unwrap().iter().map(id));
    for id in ids.into_iter().rev() {
        let output = rollback(&bench, id);
        assert!(output.status.success(), "{output:?}");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(said["status"], "rolled_back");
    }
    assert_eq!(sources(&bench), before, "to the byte");

    // What a person took back is not put in again by itself, unless asked for.
    let report = heal(&bench, &[]);
    assert_eq!(titles(&report, "healed"), [""; 0], "{report:#}");
    assert_eq!(sources(&bench), before);
    let report = heal(&bench, &["--again"]);
    assert_eq!(titles(&report, "healed").len(), 3, "{report:#}");
}

#[tokio::test]
async fn several_candidates_are_left_for_a_person_once() {
    let bench = Bench::with_library("pub fn now() -> Option<Instance> {\n    None\n}\n\nmod a {\n    pub struct Instance;\n}\n\nmod b {\n    pub struct Instance;\n}\n").await;
    let before = bench.read("src/lib.rs");
    for _ in 0..2 {
        let report = heal(&bench, &[]);
        assert_eq!(titles(&report, "healed"), [""; 0], "{report:#}");
    }
    assert_eq!(bench.read("src/lib.rs"), before);
    let waiting = bench.store.suggestions(None, 0, 10).await.unwrap();
    let titles: std::collections::BTreeSet<_> =
        waiting.iter().map(|suggestion| suggestion.proposal.title.clone()).collect();
    assert_eq!(titles.len(), waiting.len(), "the second run found those of the first: {titles:?}");
}

#[tokio::test]
async fn wrong_arguments_are_clear_errors() {
    let bench = Bench::with(&[("a.txt", "a\n")]).await;
    let data = bench.data.to_str().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let nowhere = elsewhere.path().to_str().unwrap();
    for (arguments, expected) in [
        (vec!["heal", "--repo", nowhere, "--data", data], "is not in a git repository"),
        (vec!["rollback", "1", "--data", data], "there is no suggestion 1"),
        (vec!["rollback", "1", "--data", nowhere], "there is no Andon data in"),
    ] {
        let output = andon(elsewhere.path(), &arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(expected), "{said}");
    }
    let suggestion = bench.suggest(&[("a.txt", "a\n", "b\n")]).await.id;
    let output = rollback(&bench, suggestion);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("nothing to roll back"), "{said}");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0, "nothing was created");
}
