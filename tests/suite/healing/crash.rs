//! A real child process is killed right after each thing that a healing or a roll-back does; what the
//! next start finds is the old file or the new one, and it brings the journal to an end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use andon::domain::fix::SuggestionStatus;
use andon::domain::healing::HealingStep;
use andon::healing::healer::{HealError, Healed};
use andon::healing::journal::{HealEvent, Unwatched};

use super::bench::{Bench, ada, proposal};

/// What the child is to do, as JSON. Only this file reads it.
const CHILD_TASK: &str = "ANDON_TEST_HEALING_CHILD";

/// How long to wait for a child, in seconds.
const CHILD_SECONDS: u64 = 60;

const A_OLD: &str = "first\r\nold, without a line end";
const A_NEW: &str = "first\r\nnew, without a line end";
const B_OLD: &str = "b old\n";
const B_NEW: &str = "b new\n";

fn two_files() -> [(&'static str, &'static str, &'static str); 2] {
    [("a.txt", A_OLD, A_NEW), ("b.txt", B_OLD, B_NEW)]
}

/// What a child process is told.
#[derive(serde::Serialize, serde::Deserialize)]
struct Task {
    repo: PathBuf,
    data: PathBuf,
    suggestion: i64,
    roll_back: bool,
    /// After how many events it kills itself; `None`: not at all.
    die_after: Option<usize>,
    /// A file whose existence is waited for between proof and healing.
    gate: Option<PathBuf>,
}

/// The child's side. Run alone it has no task, so it is only run by the tests below.
#[test]
#[ignore = "is run by the other tests here, as a child process"]
fn child() {
    let task: Task = serde_json::from_str(&std::env::var(CHILD_TASK).unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run_task(task));
}

async fn run_task(task: Task) {
    let bench = Bench::reopen(task.repo, task.data).await;
    let events = AtomicUsize::new(0);
    let die = move |_: &HealEvent<'_>| {
        if Some(events.fetch_add(1, Ordering::SeqCst) + 1) == task.die_after {
            let me = rustix::process::getpid();
            rustix::process::kill_process(me, rustix::process::Signal::KILL).unwrap();
            std::thread::sleep(Duration::from_secs(CHILD_SECONDS));
        }
    };
    if task.roll_back {
        bench.healer.rollback(task.suggestion, "Ada", &die).await.unwrap();
        return;
    }
    let suggestion = bench.store.suggestion(task.suggestion).await.unwrap().unwrap();
    let mut copy = bench.copy().await;
    let repository = bench.repository();
    let verified =
        andon::healing::prove::prove_and_verify(&mut copy, &repository, &suggestion).await.unwrap();
    if let Some(gate) = task.gate {
        std::fs::write(gate.with_extension(std::process::id().to_string()), "").unwrap();
        while !gate.exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    match bench.healer.heal(&mut copy, &verified, &ada(), &die).await {
        Ok(Healed::Kept { .. }) => println!("KEPT"),
        Err(HealError::Backup(andon::healing::backup::BackupError::Changed { .. })) => {
            println!("CHANGED");
        }
        other => panic!("{other:?}"),
    }
}

fn spawn(task: &Task) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "healing::crash::child", "--ignored", "--nocapture", "--test-threads=1"])
        .env(CHILD_TASK, serde_json::to_string(task).unwrap())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs a child and says whether it was killed; anything but that or success fails the test.
fn killed(task: &Task) -> bool {
    use std::os::unix::process::ExitStatusExt;
    let output = spawn(task).wait_with_output().unwrap();
    let by_signal = output.status.signal() == Some(9);
    assert!(by_signal || output.status.success(), "{output:?}");
    by_signal
}

fn task(bench: &Bench, suggestion: i64, roll_back: bool, die_after: usize) -> Task {
    Task {
        repo: bench.repo.clone(),
        data: bench.data.clone(),
        suggestion,
        roll_back,
        die_after: Some(die_after),
        gate: None,
    }
}

async fn two_file_bench() -> Bench {
    Bench::with(&[("a.txt", A_OLD), ("b.txt", B_OLD)]).await
}

/// Every file is whole: the old one or the new one. Returns how many are new.
fn whole_files(bench: &Bench) -> usize {
    let mut new = 0;
    for (path, old, fixed) in two_files() {
        let text = String::from_utf8(bench.read(path)).unwrap();
        assert!(text == old || text == fixed, "{path} is neither old nor new: {text:?}");
        new += usize::from(text == fixed);
    }
    new
}

#[tokio::test]
async fn a_healing_killed_after_each_thing_it_does_is_undone_or_complete() {
    let bench = two_file_bench().await;
    let mut ends = BTreeMap::new();
    let mut half_way = 0;
    for die_after in 1.. {
        let suggestion = bench.suggest(&two_files()).await.id;
        let died = killed(&task(&bench, suggestion, false, die_after));
        let found = whole_files(&bench);
        half_way += usize::from(found == 1);
        let interrupted_in = bench.last_healing(suggestion).await.step;

        let report = bench.healer.recover().await.unwrap();
        let left = bench.store.unfinished_healings(None).await.unwrap();
        assert_eq!(left, [], "after event {die_after} something is left under way");
        let healing = bench.last_healing(suggestion).await;
        ends.insert(interrupted_in.as_str(), healing.step.as_str());
        let status = bench.status(suggestion).await;
        match healing.step {
            HealingStep::Kept => {
                assert_eq!((whole_files(&bench), status), (2, SuggestionStatus::Applied));
                assert_eq!(report.recovered, []);
                bench.healer.rollback(suggestion, "Ada", &Unwatched).await.unwrap();
            }
            HealingStep::Failed | HealingStep::RolledBack => {
                assert_eq!(status, SuggestionStatus::Pending, "it can be tried again");
                assert_eq!(report.recovered.len(), 1);
            }
            other => panic!("after event {die_after} it ended as {other}"),
        }
        assert_eq!(whole_files(&bench), 0);
        assert!(bench.leftovers().is_empty());
        // A second look finds nothing to do.
        assert_eq!(bench.healer.recover().await.unwrap(), Default::default());
        if !died {
            break;
        }
    }
    assert_eq!(half_way, 1, "one of the kills came between the two files");
    let expected = BTreeMap::from([
        ("planned", "failed"),
        ("backed_up", "failed"),
        ("applying", "rolled_back"),
        ("applied", "rolled_back"),
        ("verifying", "rolled_back"),
        ("kept", "kept"),
    ]);
    assert_eq!(ends, expected);
    assert_eq!(bench.store.verify_audit().await.unwrap().broken, None);
}

#[tokio::test]
async fn a_roll_back_killed_after_each_thing_it_does_is_finished() {
    let bench = two_file_bench().await;
    let mut interrupted = Vec::new();
    for die_after in 1.. {
        let suggestion = bench.suggest(&two_files()).await;
        let healed = bench.heal(&suggestion, &Unwatched).await.unwrap();
        assert!(matches!(healed, Healed::Kept { .. }));
        let died = killed(&task(&bench, suggestion.id, true, die_after));
        whole_files(&bench);
        interrupted.push(bench.last_healing(suggestion.id).await.step);

        bench.healer.recover().await.unwrap();
        let healing = bench.last_healing(suggestion.id).await;
        let status = bench.status(suggestion.id).await;
        assert_eq!(
            (healing.step, status),
            (HealingStep::RolledBack, SuggestionStatus::RolledBack),
            "after event {die_after}"
        );
        assert_eq!(whole_files(&bench), 0);
        if !died {
            break;
        }
    }
    assert!(interrupted.contains(&HealingStep::RollingBack));
    assert_eq!(bench.store.verify_audit().await.unwrap().broken, None);
}

#[tokio::test]
async fn a_file_that_was_edited_after_the_crash_is_left_alone() {
    let bench = two_file_bench().await;
    let suggestion = bench.suggest(&two_files()).await.id;
    // planned, backed up, first file.
    assert!(killed(&task(&bench, suggestion, false, 3)));
    assert_eq!(whole_files(&bench), 1);
    bench.write("b.txt", "somebody's work");
    bench.write(".andon-tmp-00ff", "half a fi");

    let report = bench.healer.recover().await.unwrap();
    assert_eq!(report.leftovers_removed, 1);
    assert_eq!(report.recovered[0].ended_as, HealingStep::NeedsPerson);
    assert!(report.recovered[0].reason.contains("b.txt was edited"), "{report:?}");
    assert_eq!(bench.read("a.txt"), A_NEW.as_bytes());
    assert_eq!(bench.read("b.txt"), b"somebody's work");
    assert_eq!(bench.status(suggestion).await, SuggestionStatus::Failed);
    assert!(bench.leftovers().is_empty());
}

#[tokio::test]
async fn the_next_healing_of_the_repository_recovers_first() {
    let bench = two_file_bench().await;
    let suggestion = bench.suggest(&two_files()).await.id;
    assert!(killed(&task(&bench, suggestion, false, 5)));
    assert_eq!(whole_files(&bench), 2);
    // Proved against the interrupted fix, which the healing takes back before it looks.
    let next = bench.suggest(&[("b.txt", B_NEW, "b newer\n")]).await;
    let refused = bench.heal(&next, &Unwatched).await;
    assert!(matches!(refused, Err(HealError::Backup(_))), "{refused:?}");
    assert_eq!(whole_files(&bench), 0);
    assert_eq!(bench.last_healing(suggestion).await.step, HealingStep::RolledBack);
}

#[tokio::test]
async fn two_processes_that_heal_the_same_file_do_not_race() {
    let bench = two_file_bench().await;
    // Two data folders, so that nothing but the repository's lock stands between them.
    let other_data = bench.data.with_file_name("data2");
    let other = Bench::reopen(bench.repo.clone(), other_data).await;
    let gate = bench.data.with_file_name("gate");
    let fixes = ["mine\n", "theirs\n"];
    let mut children = Vec::new();
    for (bench, fix) in [&bench, &other].into_iter().zip(fixes) {
        let suggestion = bench.suggest_as(proposal(&[("b.txt", B_OLD, fix)])).await.id;
        let task =
            Task { die_after: None, gate: Some(gate.clone()), ..task(bench, suggestion, false, 0) };
        children.push(spawn(&task));
    }
    let started = Instant::now();
    while children.iter().any(|child| !gate.with_extension(child.id().to_string()).exists()) {
        assert!(started.elapsed().as_secs() < CHILD_SECONDS, "the children did not get ready");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    std::fs::write(&gate, "").unwrap();
    let said: Vec<bool> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(text.contains("KEPT") != text.contains("CHANGED"), "{text}");
            text.contains("KEPT")
        })
        .collect();
    let winner = said.iter().position(|kept| *kept).unwrap();
    assert_eq!(said.iter().filter(|kept| **kept).count(), 1);
    assert_eq!(bench.read("b.txt"), fixes[winner].as_bytes());
}

#[tokio::test]
async fn a_healing_tells_its_steps_in_order() {
    let bench = two_file_bench().await;
    let told = Mutex::new(Vec::new());
    let note = |event: &HealEvent<'_>| {
        let path = event.path.map(|path| format!(" {path}")).unwrap_or_default();
        told.lock().unwrap().push(format!("{}{path}", event.step));
    };
    let suggestion = bench.suggest(&two_files()).await;
    bench.heal(&suggestion, &note).await.unwrap();
    bench.healer.rollback(suggestion.id, "Ada", &note).await.unwrap();
    let expected = [
        "planned",
        "backed_up",
        "applying a.txt",
        "applying b.txt",
        "applying",
        "applied",
        "verifying",
        "kept",
        "rolling_back a.txt",
        "rolling_back b.txt",
        "rolling_back",
        "rolled_back",
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}
