//! What is refused before anything is written, and a trail that shows when it was touched.

use std::os::unix::fs::symlink;

use andon::healing::backup::BackupError;
use andon::healing::healer::HealError;
use andon::healing::journal::Unwatched;
use andon::healing::prove::ProveError;
use andon::repo::jail::JailError;

use super::bench::{Bench, ada};

#[tokio::test]
async fn paths_that_lead_elsewhere_are_refused() {
    let bench = Bench::with(&[("src/a.txt", "old\n"), ("real/b.txt", "old\n")]).await;
    let outside = bench.data.with_file_name("outside.txt");
    std::fs::write(&outside, "old\n").unwrap();
    symlink(&outside, bench.repo.join("link.txt")).unwrap();
    symlink("real", bench.repo.join("folder")).unwrap();
    std::fs::hard_link(bench.repo.join("src/a.txt"), bench.repo.join("twin.txt")).unwrap();
    std::fs::write(bench.repo.join(".git/description"), "old\n").unwrap();

    for path in [
        "../outside.txt",
        outside.to_str().unwrap(),
        "src/../src/a.txt",
        "./src/a.txt",
        ".git/description",
        "link.txt",
        "folder/b.txt",
        "src/a.txt",
        "twin.txt",
        "src",
        "none.txt",
    ] {
        let suggestion = bench.suggest(&[(path, "old\n", "new\n")]).await;
        let refused = bench.verify(&suggestion).await;
        assert!(matches!(refused, Err(ProveError::Jail(_))), "{path}: {refused:?}");
        let (verdict, verification) = refused.unwrap_err().as_result();
        assert!(!verdict.auto && !verification.applied);
    }
    assert_eq!(std::fs::read(&outside).unwrap(), b"old\n");
    assert_eq!(bench.read("real/b.txt"), b"old\n");
}

#[tokio::test]
async fn patches_that_do_not_fit_are_refused_with_the_reason() {
    let bench = Bench::with(&[("a.txt", "one\n")]).await;
    bench.write("latin1.txt", b"\xe4\n");
    for (changes, reason) in [
        (vec![("a.txt", "two\n", "three\n")], "has changed where the fix applies"),
        (vec![("a.txt", "two\n", "one\n")], "already has this change"),
        (vec![("a.txt", "one\n", "one\n")], "already has this change"),
        (vec![("a.txt", "one\n", "1\n"), ("a.txt", "one\n", "2\n")], "changes a.txt twice"),
        (vec![("latin1.txt", "x\n", "y\n")], "not valid UTF-8"),
        (vec![], "has no patch"),
    ] {
        let suggestion = bench.suggest(&changes).await;
        let refused = bench.verify(&suggestion).await.unwrap_err().to_string();
        assert!(refused.contains(reason), "{changes:?}: {refused}");
    }
}

#[tokio::test]
async fn a_file_changed_since_its_verification_is_left_alone() {
    let bench = Bench::with(&[("a.txt", "one\n")]).await;
    let suggestion = bench.suggest(&[("a.txt", "one\n", "1\n")]).await;
    let verified = bench.verify(&suggestion).await.unwrap();
    bench.write("a.txt", "one\nand mine\n");
    let mut copy = bench.copy().await;
    let refused = bench.healer.heal(&mut copy, &verified, &ada(), &Unwatched).await;
    assert!(matches!(refused, Err(HealError::Backup(BackupError::Changed { .. }))), "{refused:?}");
    assert_eq!(bench.read("a.txt"), b"one\nand mine\n");

    // And one that became a link.
    std::fs::remove_file(bench.repo.join("a.txt")).unwrap();
    bench.write("target.txt", "one\n");
    symlink("target.txt", bench.repo.join("a.txt")).unwrap();
    let refused = bench.healer.heal(&mut copy, &verified, &ada(), &Unwatched).await;
    assert!(
        matches!(refused, Err(HealError::Backup(BackupError::Jail(JailError::Symlink { .. })))),
        "{refused:?}"
    );
    assert_eq!(bench.read("target.txt"), b"one\n");
}

#[tokio::test]
async fn a_changed_audit_row_is_found() {
    let bench = Bench::with(&[("a.txt", "one\n")]).await;
    for n in 0..3 {
        let (from, to) = (format!("{n}\n"), format!("{}\n", n + 1));
        bench.write("a.txt", &from);
        let suggestion = bench.suggest(&[("a.txt", &from, &to)]).await;
        bench.heal(&suggestion, &Unwatched).await.unwrap();
    }
    let report = bench.store.verify_audit().await.unwrap();
    assert_eq!((report.entries, report.broken), (3, None));

    let url = format!("sqlite://{}", bench.data.join("andon.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let forge = "UPDATE audit SET actor = 'Mallory' WHERE id = 2";
    sqlx::query(forge).execute(&pool).await.unwrap();
    let report = bench.store.verify_audit().await.unwrap();
    assert_eq!((report.entries, report.broken.unwrap().id), (1, 2));
}
