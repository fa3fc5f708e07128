//! Checks on private copies, in the sandbox.
#![allow(clippy::unwrap_used, reason = "tests; clippy knows only functions marked as such")]

use std::path::Path;
use std::time::Duration;

use andon::checks::{CheckError, Checker, CheckerSettings, PrivateCopy, facts};
use andon::domain::diagnostic::DiagnosticLevel;
use andon::domain::facts::{CheckWay, RunOutcome};
use andon::domain::patch::FileChange;
use andon::repo::Repository;

use crate::support::eventually;
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
    let repo = package(&[(
        "src/lib.rs",
        "use std::fmt;\nuse std::collections::{BTreeMap, HashMap};\npub fn f() -> HashMap<u8, u8> { HashMap::new() }\n",
    )]);
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

/// The text of the only file of that name below a folder.
fn found_below(folder: &Path, name: &str) -> String {
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() == name {
                return std::fs::read_to_string(entry.path()).unwrap();
            }
        }
    }
    panic!("there is no {name} below {}", folder.display());
}

#[tokio::test]
async fn a_build_script_can_do_no_harm_and_the_check_passes() {
    let outside = tempfile::tempdir().unwrap();
    let at = |name: &str| outside.path().join(name).display().to_string();
    let data = outside.path().join("data");
    std::fs::create_dir_all(outside.path().join("home")).unwrap();
    std::fs::create_dir_all(&data).unwrap();
    for name in ["secret", "home/credentials.toml", "home/config.toml", "data/andon.db"] {
        std::fs::write(at(name), "").unwrap();
    }
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let _unix = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    let pid = std::process::id();
    let mut aims =
        vec![format!("tcp {}", tcp.local_addr().unwrap()), format!("unix {}", at("socket"))];
    for name in ["secret", "home/credentials.toml", "home/config.toml", "data/andon.db"] {
        for what in ["read", "append", "symlink", "mode", "link"] {
            aims.push(format!("{what} {}", at(name)));
        }
    }
    for path in ["/etc/passwd", "/etc/shadow", "/proc/self/environ", "/root/.profile"] {
        aims.push(format!("read {path}"));
    }
    for folder in [at("data"), at("data/worktrees"), at("home"), "/".into(), "/proc".into()] {
        aims.push(format!("list {folder}"));
    }
    aims.extend([
        format!("read /proc/{pid}/environ"),
        format!("read /proc/{pid}/cmdline"),
        format!("signal {pid}"),
        format!("write {}", at("new")),
        format!("write {}", at("data/new")),
        "write /tmp/andon-harm".into(),
        "write /dev/shm/andon-harm".into(),
        "write /usr/andon-harm".into(),
    ]);
    let repo = package(&[
        ("src/lib.rs", "pub fn f() {}\n"),
        ("build.rs", include_str!("fixtures/evil_build.rs")),
    ]);
    aims.push(format!("write {}", repo.root().join("src/lib.rs").display()));
    aims.push(format!("read {}", repo.root().join("src/lib.rs").display()));
    repo.write("aims.txt", &aims.join("\n"));

    let mut settings = CheckerSettings::new(&data);
    settings.cargo_home = Some(outside.path().join("home"));
    let repository = Repository::open(repo.root()).unwrap();
    let copy = Checker::new(settings).private_copy(&repository).await.unwrap();
    let checked = copy.check(&["src/lib.rs".into()], CheckWay::Plain).await.unwrap();
    let said: Vec<_> = checked.run.diagnostics.iter().map(|said| &said.rendered).collect();
    assert_eq!(checked.run.outcome, RunOutcome::Passed, "{} {said:#?}", checked.summary);

    let report = found_below(&data, "report.txt");
    let tries: Vec<&str> = report.lines().filter_map(|line| line.strip_prefix("try ")).collect();
    assert!(tries.len() >= aims.len() + 12, "{report}");
    let succeeded: Vec<_> = tries.iter().filter(|line| line.ends_with(": ok")).collect();
    assert!(succeeded.is_empty(), "{succeeded:#?}");
    // Denied, and not merely missing.
    for line in tries {
        assert!(!line.contains("No such file") || line.contains("/root/.profile"), "{line}");
    }
    assert!(report.contains("stdin 0\n"));
    for (name, value) in std::env::vars() {
        let cargo_sets_it = name.starts_with("CARGO") || name == "LD_LIBRARY_PATH";
        assert!(
            cargo_sets_it
                || !report.contains(&format!("env {name}={value}\n"))
                || value == "C.UTF-8",
            "{name} leaked"
        );
    }
    assert!(report.contains(&format!("env HOME={}", copy.root().parent().unwrap().display())));
    assert!(!Path::new("/tmp/andon-harm").exists());
    assert_eq!(copy.read("src/lib.rs").unwrap(), "pub fn f() {}\n");
}

#[tokio::test]
async fn what_takes_too_long_is_stopped_with_its_children() {
    let mark = format!("sleep 7{:09}", std::process::id());
    let build = format!(
        "fn main() {{ let mut c = std::process::Command::new(\"sh\"); c.arg(\"-c\").arg(\"{mark} & {mark}\"); c.status().unwrap(); }}\n"
    );
    let repo = package(&[("src/lib.rs", ""), ("build.rs", &build)]);
    let data = tempfile::tempdir().unwrap();
    let repository = Repository::open(repo.root()).unwrap();
    let mut settings = CheckerSettings::new(data.path());
    settings.timeout_seconds = 3;
    let copy = Checker::new(settings).private_copy(&repository).await.unwrap();
    let checked = copy.check(&[], CheckWay::Plain).await.unwrap();
    assert_eq!(checked.run.outcome, RunOutcome::NotRun);
    assert!(checked.summary.contains("3 s"), "{}", checked.summary);
    // Killed is not yet gone: the kernel takes its time on a busy machine.
    eventually("the children to be gone", async || (running(&mark) == 0).then_some(())).await;

    // Nor does anything go on when nobody waits for the result any more.
    drop(copy);
    let copy = copy_of(&repo, data.path()).await;
    {
        let checking = copy.check(&[], CheckWay::Plain);
        tokio::pin!(checking);
        while running(&mark) < 2 {
            let step = tokio::time::timeout(Duration::from_millis(20), &mut checking).await;
            assert!(step.is_err(), "it ended before it slept");
        }
    }
    eventually("the children to be gone", async || (running(&mark) == 0).then_some(())).await;
}

#[tokio::test]
async fn a_heal_that_is_told_to_stop_ends_the_build_scripts_too() {
    let mark = format!("sleep 8{:09}", std::process::id());
    let build = format!(
        "fn main() {{ std::process::Command::new(\"sh\").arg(\"-c\").arg(\"{mark}; true\").status().unwrap(); }}\n"
    );
    let repo = package(&[("src/lib.rs", ""), ("build.rs", &build)]);
    let data = tempfile::tempdir().unwrap();
    let mut heal = crate::support::server::andon()
        .args(["heal", "--repo", repo.root().to_str().unwrap(), "--data"])
        .arg(data.path())
        .spawn()
        .unwrap();
    eventually("the build script to sleep", async || (running(&mark) > 0).then_some(())).await;
    let pid = rustix::process::Pid::from_child(&heal);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(heal.wait().unwrap().code(), Some(1));
    eventually("the build script to be gone", async || (running(&mark) == 0).then_some(())).await;
}

/// How many processes have this command line.
fn running(command: &str) -> usize {
    let wanted: Vec<u8> = command.replace(' ', "\0").into_bytes();
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok())
        .filter(|line| line.strip_suffix(b"\0") == Some(&wanted))
        .count()
}

#[tokio::test]
async fn a_missing_lock_file_is_made_in_the_copy_and_said() {
    let repo = TestRepo::with(&[("Cargo.toml", &manifest("small")), ("src/lib.rs", "")]);
    let data = tempfile::tempdir().unwrap();
    let copy = copy_of(&repo, data.path()).await;
    let checked = copy.check(&["src/lib.rs".into()], CheckWay::Plain).await.unwrap();
    assert_eq!(checked.run.outcome, RunOutcome::Passed, "{}", checked.summary);
    assert!(checked.summary.contains("no Cargo.lock"), "{}", checked.summary);
    assert!(!repo.root().join("Cargo.lock").exists());
}

#[tokio::test]
async fn a_missing_dependency_is_not_run_and_says_what_to_do() {
    let manifest = manifest("small") + "[dependencies]\nno-such-crate-of-ours = \"1\"\n";
    let lock = lock_file("small").trim_end().to_owned()
        + "\ndependencies = [\n \"no-such-crate-of-ours\",\n]\n\n[[package]]\nname = \"no-such-crate-of-ours\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";
    for lock in [Some(lock), None] {
        let repo = TestRepo::with(&[("Cargo.toml", &manifest), ("src/lib.rs", "")]);
        if let Some(lock) = &lock {
            repo.write("Cargo.lock", lock);
        }
        let data = tempfile::tempdir().unwrap();
        let copy = copy_of(&repo, data.path()).await;
        let checked = copy.check(&["src/lib.rs".into()], CheckWay::Plain).await.unwrap();
        assert_eq!(checked.run.outcome, RunOutcome::NotRun);
        assert!(checked.summary.contains("cargo fetch"), "{}", checked.summary);
    }
}

#[tokio::test]
async fn folders_above_the_copy_are_no_part_of_it() {
    // A data folder inside another workspace, with a configuration that would break every check.
    let above = tempfile::tempdir().unwrap();
    std::fs::write(above.path().join("Cargo.toml"), "[workspace]\nmembers = [\"x\"]\n").unwrap();
    std::fs::create_dir(above.path().join(".cargo")).unwrap();
    std::fs::write(above.path().join(".cargo/config.toml"), "[build]\nrustc = \"/no/such\"\n")
        .unwrap();
    std::fs::write(above.path().join("rustfmt.toml"), "max_width = \"broken\"\n").unwrap();
    let repo = package(&[("src/lib.rs", "pub fn f( ) {}\n")]);
    let copy = copy_of(&repo, &above.path().join("data")).await;
    let checked = copy.check(&["src/lib.rs".into()], CheckWay::Plain).await.unwrap();
    assert_eq!(checked.run.outcome, RunOutcome::Passed, "{}", checked.summary);
    assert_eq!(copy.format("src/lib.rs").await.unwrap(), "pub fn f() {}\n");
}

#[tokio::test]
async fn the_copy_keeps_step_and_build_results_stay_warm() {
    let repo = package(&[
        ("src/lib.rs", "mod a;\nmod b;\n"),
        ("src/a.rs", "pub fn a() {}\n"),
        ("src/b.rs", "pub fn b() {}\n"),
        (".gitignore", "/target\n"),
    ]);
    repo.write("target/debug/junk", "ignored");
    let data = tempfile::tempdir().unwrap();
    let root;
    {
        let mut copy = copy_of(&repo, data.path()).await;
        root = copy.root().to_owned();
        assert!(!root.join("target").exists());
        assert!(!root.join(".git").exists());
        copy.write("src/a.rs", "never reset").unwrap();
        copy.write("src/new/deep.rs", "never reset either").unwrap();
    }
    let modified = |path: &str| std::fs::metadata(root.join(path)).unwrap().modified().unwrap();
    let lib_before = modified("src/lib.rs");
    std::fs::remove_file(repo.root().join("src/b.rs")).unwrap();
    repo.write("src/c.rs", "pub fn c() {}\n");
    let mut copy = copy_of(&repo, data.path()).await;
    assert_eq!(copy.read("src/a.rs").unwrap(), "pub fn a() {}\n");
    assert_eq!(copy.read("src/c.rs").unwrap(), "pub fn c() {}\n");
    assert!(!root.join("src/b.rs").exists() && !root.join("src/new").exists());
    assert_eq!(modified("src/lib.rs"), lib_before);

    // A reset is seen by cargo: the result is that of the text that is there.
    copy.write("src/lib.rs", "mod a;\nmod c;\npub fn broken() -> u8 {}\n").unwrap();
    let outcome = |copy: PrivateCopy| async {
        let outcome = copy.check(&[], CheckWay::Plain).await.unwrap().run.outcome;
        (copy, outcome)
    };
    let (mut copy, broken) = outcome(copy).await;
    assert_eq!(broken, RunOutcome::Failed);
    copy.write("src/lib.rs", "mod a;\nmod c;\n").unwrap();
    let (mut copy, good) = outcome(copy).await;
    assert_eq!(good, RunOutcome::Passed);
    copy.reset().unwrap();
    assert_eq!(copy.read("src/lib.rs").unwrap(), "mod a;\nmod b;\n");
    let (copy, broken) = outcome(copy).await;
    assert_eq!(broken, RunOutcome::Failed);
    for path in ["../manifest.json", "/etc/passwd", "src/../../lock", "", "src", "a\0b"] {
        assert!(matches!(copy.read(path), Err(CheckError::NotAFile { .. })), "{path:?}");
    }
}

#[tokio::test]
async fn one_has_the_copy_at_a_time() {
    let repo = package(&[("src/lib.rs", "")]);
    let data = tempfile::tempdir().unwrap();
    let copy = copy_of(&repo, data.path()).await;
    let mut settings = CheckerSettings::new(data.path());
    settings.lock_wait_seconds = 0;
    let repository = Repository::open(repo.root()).unwrap();
    let busy = Checker::new(settings).private_copy(&repository).await.unwrap_err();
    assert!(matches!(busy, CheckError::Busy { .. }), "{busy}");
    let waiting = tokio::spawn({
        let checker = Checker::new(CheckerSettings::new(data.path()));
        async move { checker.private_copy(&repository).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished());
    drop(copy);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn only_the_packages_that_own_the_paths_are_checked() {
    let repo = TestRepo::with(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"good\", \"bad\"]\nresolver = \"2\"\n"),
        ("good/Cargo.toml", &manifest("good")),
        ("good/src/lib.rs", "use std::fmt;\n"),
        ("bad/Cargo.toml", &manifest("bad")),
        ("bad/src/lib.rs", "pub fn f() -> u8 {}\n"),
        ("alone/Cargo.toml", &(manifest("alone") + "[workspace]\n")),
        ("alone/src/lib.rs", "use std::fmt;\n"),
        ("notes.md", "no code\n"),
    ]);
    let data = tempfile::tempdir().unwrap();
    let copy = copy_of(&repo, data.path()).await;
    let checked = |paths: &'static [&'static str]| {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let copy = &copy;
        async move { copy.check(&paths, CheckWay::Plain).await }
    };
    let good = checked(&["good/src/lib.rs"]).await.unwrap();
    assert_eq!(good.run.outcome, RunOutcome::Passed, "{}", good.summary);
    assert_eq!(good.run.diagnostics[0].primary().unwrap().file, "good/src/lib.rs");
    let both = checked(&["good/src/lib.rs", "alone/src/lib.rs"]).await.unwrap();
    let files: Vec<_> =
        both.run.diagnostics.iter().map(|said| said.primary().unwrap().file.as_str()).collect();
    assert_eq!(files, ["good/src/lib.rs", "alone/src/lib.rs"]);
    let bad = checked(&["bad/src/lib.rs"]).await.unwrap();
    assert_eq!(bad.run.outcome, RunOutcome::Failed, "{}", bad.summary);
    assert_eq!(bad.run.diagnostics[0].level, DiagnosticLevel::Error);
    assert_eq!(checked(&[]).await.unwrap().run.outcome, RunOutcome::Failed);
    let error = checked(&["notes.md"]).await.unwrap_err();
    assert!(matches!(error, CheckError::NoPackage { .. }), "{error}");
}

#[tokio::test]
async fn a_failing_build_script_is_an_error_like_any_other() {
    let repo = package(&[("src/lib.rs", ""), ("build.rs", "fn main() { panic!(\"no luck\") }\n")]);
    let data = tempfile::tempdir().unwrap();
    let checked = copy_of(&repo, data.path()).await.check(&[], CheckWay::Plain).await.unwrap();
    assert_eq!(checked.run.outcome, RunOutcome::Failed);
    assert!(checked.run.diagnostics[0].message.contains("custom build"), "{checked:?}");
}

#[tokio::test]
async fn facts_fit_the_texts_and_the_copy_is_left_as_it_was() {
    let before = "use std::fmt;\n\npub fn f() {}\n#[cfg(test)]\nmod t {\n    use super::*;\n    fn g(_: fmt::Error) {}\n}\n";
    let after = before.strip_prefix("use std::fmt;\n\n").unwrap();
    let repo = package(&[("src/lib.rs", "pub fn something_else() {}\n")]);
    let data = tempfile::tempdir().unwrap();
    let mut copy = copy_of(&repo, data.path()).await;
    let change =
        FileChange { path: "src/lib.rs".into(), before: before.into(), after: after.into() };
    let facts = facts(&mut copy, &change).await.unwrap();
    let ways: Vec<_> = facts.before.iter().map(|run| run.way).collect();
    assert_eq!(ways, CheckWay::ALL);
    let span = facts.before[0].diagnostics[0].primary().unwrap();
    assert_eq!(&before[span.byte_start..span.byte_end], "std::fmt");
    assert_eq!(facts.after[0].outcome, RunOutcome::Passed);
    // The tests need it: a plain check does not know.
    assert_eq!(facts.after[1].outcome, RunOutcome::Failed);
    assert_eq!(copy.read("src/lib.rs").unwrap(), "pub fn something_else() {}\n");
}

#[tokio::test]
async fn macros_lead_to_where_they_are_used() {
    let repo = package(&[(
        "src/lib.rs",
        "macro_rules! m { () => { NoSuchThing::new() } }\npub fn f() {\n    m!();\n    let _ = format!(\"{}\", missing);\n}\n#[derive(Debug)]\npub struct S(NotDebug);\npub struct NotDebug;\n",
    )]);
    let data = tempfile::tempdir().unwrap();
    let checked = copy_of(&repo, data.path()).await.check(&[], CheckWay::Plain).await.unwrap();
    let lines: Vec<_> = checked
        .run
        .diagnostics
        .iter()
        .filter_map(|said| said.primary())
        .map(|span| (span.file.as_str(), span.line_start))
        .collect();
    assert!(lines.contains(&("src/lib.rs", 3)), "{lines:?}");
    assert!(lines.contains(&("src/lib.rs", 4)), "{lines:?}");
}

#[tokio::test]
async fn a_downloaded_dependency_with_a_build_script_is_compiled() {
    let manifest = manifest("small") + "[dependencies]\nlibc = \"0.2\"\nhex = \"0.4\"\n";
    let repo = TestRepo::with(&[
        ("Cargo.toml", &manifest),
        ("src/lib.rs", "pub fn f() -> String { hex::encode(libc::EPERM.to_string()) }\n"),
    ]);
    let data = tempfile::tempdir().unwrap();
    let copy = copy_of(&repo, data.path()).await;
    let checked = copy.check(&["src/lib.rs".into()], CheckWay::Plain).await.unwrap();
    assert_eq!(checked.run.outcome, RunOutcome::Passed, "{}", checked.summary);
}

#[tokio::test]
async fn a_file_is_formatted_alone_by_its_own_rules() {
    let repo = package(&[
        ("rustfmt.toml", "max_width = 40\n"),
        ("src/lib.rs", "mod ugly;\npub fn f(first: u8, second: u8, third: u8) {}\n"),
        ("src/ugly.rs", "pub   fn g( ) { }\n"),
        ("src/broken.rs", "fn f( {\n"),
    ]);
    let data = tempfile::tempdir().unwrap();
    let copy = copy_of(&repo, data.path()).await;
    assert_eq!(
        copy.format("src/lib.rs").await.unwrap(),
        "mod ugly;\npub fn f(\n    first: u8,\n    second: u8,\n    third: u8,\n) {\n}\n"
    );
    assert_eq!(copy.read("src/ugly.rs").unwrap(), "pub   fn g( ) { }\n");
    let error = copy.format("src/broken.rs").await.unwrap_err();
    assert!(matches!(error, CheckError::Format { .. }), "{error}");
}

#[tokio::test]
async fn a_stale_lock_file_is_not_run_and_says_what_to_do() {
    let repo = TestRepo::with(&[
        ("Cargo.toml", &(manifest("small") + "[dependencies]\nhex = \"0.4\"\n")),
        ("Cargo.lock", &lock_file("small")),
        ("src/lib.rs", ""),
    ]);
    let data = tempfile::tempdir().unwrap();
    let checked = copy_of(&repo, data.path()).await.check(&[], CheckWay::Plain).await.unwrap();
    assert_eq!(checked.run.outcome, RunOutcome::NotRun);
    assert!(checked.summary.contains("does not fit the manifests"), "{}", checked.summary);
}
