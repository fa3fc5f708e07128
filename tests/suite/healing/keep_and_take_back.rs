//! A fix goes in, is checked in place, is kept or taken back, and comes out again to the byte.

use std::os::unix::fs::PermissionsExt;

use andon::domain::facts::RunOutcome;
use andon::domain::fix::SuggestionStatus;
use andon::domain::healing::HealingStep;
use andon::healing::compare::Standing;
use andon::healing::healer::{HealError, Healed};
use andon::healing::journal::{HealEvent, Unwatched};
use andon::healing::rollback::RollbackError;

use super::bench::{Bench, LIBRARY, ada};

fn mode(bench: &Bench, path: &str) -> u32 {
    std::fs::metadata(bench.repo.join(path)).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn bytes_and_mode_come_back_exactly() {
    let old = "#!/bin/sh\r\necho old\nno line end";
    let bench = Bench::with(&[("run.sh", old)]).await;
    let permissions = std::fs::Permissions::from_mode(0o750);
    std::fs::set_permissions(bench.repo.join("run.sh"), permissions).unwrap();
    let new = old.replace("echo old", "echo new");
    let suggestion = bench.suggest(&[("run.sh", old, &new)]).await;

    let healed = bench.heal(&suggestion, &Unwatched).await.unwrap();
    assert!(matches!(healed, Healed::Kept { .. }));
    assert_eq!((bench.read("run.sh"), mode(&bench, "run.sh")), (new.into_bytes(), 0o750));
    assert_eq!(bench.status(suggestion.id).await, SuggestionStatus::Applied);

    let back = bench.healer.rollback(suggestion.id, "Ada", &Unwatched).await.unwrap();
    assert_eq!(back.files, ["run.sh"]);
    assert_eq!((bench.read("run.sh"), mode(&bench, "run.sh")), (old.into(), 0o750));
    assert_eq!(bench.status(suggestion.id).await, SuggestionStatus::RolledBack);

    let subject = format!("suggestion:{}", suggestion.id);
    let trail = bench.store.audit_entries(Some(&subject), 10).await.unwrap();
    let trail: Vec<_> = trail.iter().map(|e| (e.action.as_str(), e.actor.as_str())).collect();
    assert_eq!(trail, [("healing.rolled_back", "Ada"), ("healing.kept", "Ada")]);

    let again = bench.healer.rollback(suggestion.id, "Ada", &Unwatched).await;
    assert!(matches!(again, Err(RollbackError::NothingToRollBack { .. })), "{again:?}");
    let unknown = bench.healer.rollback(4711, "Ada", &Unwatched).await;
    assert!(matches!(unknown, Err(RollbackError::UnknownSuggestion(4711))));
}

#[tokio::test]
async fn a_roll_back_over_later_work_is_refused_with_what_changed() {
    let bench = Bench::with(&[("a.txt", "one\ntwo\n"), ("b.txt", "b\n")]).await;
    let fix = [("a.txt", "one\ntwo\n", "one\nTWO\n"), ("b.txt", "b\n", "B\n")];
    let suggestion = bench.suggest(&fix).await;
    bench.heal(&suggestion, &Unwatched).await.unwrap();
    bench.write("a.txt", "one\nTWO\nthree\n");

    let refused = bench.healer.rollback(suggestion.id, "Ada", &Unwatched).await.unwrap_err();
    let text = refused.to_string();
    assert!(matches!(&refused, RollbackError::MovedOn { paths, .. } if *paths == ["a.txt"]));
    assert!(text.contains("+three") && text.contains("Take those changes out"), "{text}");
    assert_eq!(
        (bench.read("a.txt"), bench.read("b.txt")),
        ("one\nTWO\nthree\n".into(), "B\n".into())
    );
    assert_eq!(bench.last_healing(suggestion.id).await.step, HealingStep::Kept);

    bench.write("a.txt", "one\nTWO\n");
    bench.healer.rollback(suggestion.id, "Ada", &Unwatched).await.unwrap();
    assert_eq!((bench.read("a.txt"), bench.read("b.txt")), ("one\ntwo\n".into(), "b\n".into()));
}

#[tokio::test]
async fn stacked_fixes_come_out_in_reverse_order() {
    let bench = Bench::with(&[("a.txt", "one\ntwo\nthree\nfour\n")]).await;
    let first =
        bench.suggest(&[("a.txt", "one\ntwo\nthree\nfour\n", "ONE\ntwo\nthree\nfour\n")]).await;
    // Made for the file as it was: carried over.
    let second =
        bench.suggest(&[("a.txt", "one\ntwo\nthree\nfour\n", "one\ntwo\nthree\nFOUR\n")]).await;
    bench.heal(&first, &Unwatched).await.unwrap();
    bench.heal(&second, &Unwatched).await.unwrap();
    assert_eq!(bench.read("a.txt"), b"ONE\ntwo\nthree\nFOUR\n");

    let refused = bench.healer.rollback(first.id, "Ada", &Unwatched).await.unwrap_err();
    let hint = format!("Suggestion {} changed a.txt later: roll it back first", second.id);
    assert!(refused.to_string().contains(&hint), "{refused}");
    bench.healer.rollback(second.id, "Ada", &Unwatched).await.unwrap();
    bench.healer.rollback(first.id, "Ada", &Unwatched).await.unwrap();
    assert_eq!(bench.read("a.txt"), b"one\ntwo\nthree\nfour\n");
}

#[tokio::test]
async fn a_fix_that_breaks_the_working_tree_is_taken_back() {
    let bench = Bench::with_library(LIBRARY).await;
    let fixed = LIBRARY.replace("    1\n", "    2\n");
    let suggestion = bench.suggest(&[("src/lib.rs", LIBRARY, &fixed)]).await;
    let mut copy = bench.copy().await;
    let repository = bench.repository();
    let verified = andon::healing::prove::prove_and_verify(&mut copy, &repository, &suggestion);
    let verified = verified.await.unwrap();
    assert_eq!(*verified.standing(), Standing::Clean, "{:?}", verified.verification());

    // Between the replacement and the check the build breaks.
    let manifest = bench.repo.join("Cargo.toml");
    let broken = bench
        .read("Cargo.toml")
        .iter()
        .copied()
        .chain(*b"[lib]\npath=\"no.rs\"\n")
        .collect::<Vec<_>>();
    let break_it = move |event: &HealEvent<'_>| {
        if event.step == HealingStep::Applied {
            std::fs::write(&manifest, &broken).unwrap();
        }
    };
    let healed = bench.healer.heal(&mut copy, &verified, &ada(), &break_it).await.unwrap();
    let Healed::TakenBack { reason, .. } = healed else { panic!("{healed:?}") };
    assert!(reason.starts_with("in the working tree: "), "{reason}");
    assert_eq!(bench.read("src/lib.rs"), LIBRARY.as_bytes());
    assert_eq!(bench.last_healing(suggestion.id).await.step, HealingStep::RolledBack);
    assert_eq!(bench.status(suggestion.id).await, SuggestionStatus::Failed);
}

#[tokio::test]
async fn what_was_verified_and_what_was_not_is_said() {
    let bench = Bench::with_library(LIBRARY).await;
    let breaks = LIBRARY.replace("    1\n", "    \"one\"\n");
    let suggestion = bench.suggest(&[("src/lib.rs", LIBRARY, &breaks)]).await;
    let verified = bench.verify(&suggestion).await.unwrap();
    let verification = verified.verification();
    assert_eq!((verification.applied, verification.check), (true, RunOutcome::Failed));
    assert_eq!(verification.tests, RunOutcome::NotRun);
    assert!(verification.runs[0].summary.starts_with("compiled before, and does not"));
    let mut copy = bench.copy().await;
    let refused = bench.healer.heal(&mut copy, &verified, &ada(), &Unwatched).await;
    assert!(matches!(refused, Err(HealError::NotAllowed(_))), "{refused:?}");
    assert_eq!(bench.read("src/lib.rs"), LIBRARY.as_bytes());
    drop(copy);

    // A tree that did not compile before either is never "passed".
    bench.write("src/lib.rs", &breaks);
    let comment = format!("{breaks}// more\n");
    let suggestion = bench.suggest(&[("src/lib.rs", &breaks, &comment)]).await;
    let verified = bench.verify(&suggestion).await.unwrap();
    let run = &verified.verification().runs[0];
    assert_eq!(run.outcome, RunOutcome::Failed);
    assert!(run.summary.starts_with("did not compile before either: "), "{run:?}");

    // No compiler for it: not run, and why.
    let bench = Bench::with(&[("notes.txt", "a\n")]).await;
    let suggestion = bench.suggest(&[("notes.txt", "a\n", "b\n")]).await;
    let verified = bench.verify(&suggestion).await.unwrap();
    assert_eq!(verified.verification().check, RunOutcome::NotRun);
    assert!(verified.verification().runs[0].summary.contains("no Cargo"), "{verified:?}");
}
