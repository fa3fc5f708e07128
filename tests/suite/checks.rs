//! Checks on private copies, in the sandbox.

use std::path::Path;
use std::time::{Duration, Instant};

use andon::checks::{CheckError, Checker, CheckerSettings, PrivateCopy, facts};
use andon::domain::diagnostic::DiagnosticLevel;
use andon::domain::facts::{CheckWay, RunOutcome};
use andon::domain::patch::FileChange;
use andon::repo::Repository;

use crate::support_repo::{TestRepo, lock_file, manifest};

async fn copy_of(repo: &TestRepo, data: &Path) -> PrivateCopy {
    let checker = Checker::new(CheckerSettings::new(data));
    checker.private_copy(&Repository::open(repo.root()).unwrap()).await.unwrap()
}

fn package(files: &[(&str, &str)]) -> TestRepo {
    let (manifest, lock) = (manifest("small"), lock_file("small"));
    let mut all = vec![("Cargo.toml", manifest.as_str()), ("Cargo.lock", lock.as_str())];
    all.extend_from_slice(files);
    TestRepo::with(&all)
}

#[tokio::test]
async fn warnings_are_told_each_time_and_once() {
    let repo = package(&[("src/lib.rs", "use std::fmt;\nuse std::collections::{BTreeMap, HashMap};\npub fn f() -> HashMap<u8, u8> { HashMap::new() }\n")]);
    let data = tempfile::tempdir().unwrap();
    let copy = copy_of(&repo, data.path()).await;
    let paths = ["src/lib.rs".to_owned()];
    for way in [CheckWay::Plain, CheckWay::Plain, CheckWay::AllTargets] {
        let checked = copy.check(&paths, way).await.unwrap();
        assert_eq!(checked.run.outcome, RunOutcome::Passed, "{}", checked.summary);
        let unused: Vec<_> = checked
            .run
            .diagnostics
            .iter()
            .map(|said| (said.code.as_deref(), said.primary().unwrap().file.as_str()))
            .collect();
        assert_eq!(unused, [(Some("unused_imports"), "src/lib.rs"); 2], "{way}");
    }
}
