//! What the fuzzer found worth keeping, and what real senders send, through the fuzz target's checks.

use std::path::Path;

#[path = "../../fuzz/fuzz_targets/check.rs"]
mod check;

/// Files that must be there at least: an empty corpus would prove nothing.
const MIN_FILES: usize = 40;

#[test]
fn every_input_of_the_corpus_still_holds() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut files = Vec::new();
    for folder in ["seeds/ingest", "corpus/ingest"] {
        let entries = std::fs::read_dir(fuzz.join(folder)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    assert!(files.len() >= MIN_FILES, "{} files", files.len());
    for file in files {
        let input = std::fs::read(&file).unwrap();
        let held = std::panic::catch_unwind(|| check::check(&input));
        assert!(held.is_ok(), "{} does not hold any more; the reason is above", file.display());
    }
}
