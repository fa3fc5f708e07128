//! What goes by itself and what waits for a person, and that the tokens cannot be mixed up.

use andon::domain::fix::{ClaimedClass, IssueType, ProvedClass, Severity};
use andon::domain::healing::HealingMode;
use andon::domain::suggestion::{Mends, Proposal};
use andon::healing::healer::{Authority, HealError, Healed};
use andon::healing::journal::Unwatched;
use andon::healing::policy::{PolicyDecision, PolicySettings, decide};
use andon::healing::prove::Verified;

use super::bench::{Bench, LIBRARY, commit_all, proposal};

const UGLY: &str = "pub fn one( )->u32{1}\n";
const NEAT: &str = "pub fn one() -> u32 {\n    1\n}\n";

fn formatting(path: &str, before: &str, after: &str) -> Proposal {
    Proposal {
        issue_type: IssueType::Formatting,
        severity: Severity::Low,
        claimed_class: ClaimedClass::Style,
        ..proposal(&[(path, before, after)])
    }
}

fn settings(mode: HealingMode) -> PolicySettings {
    PolicySettings { mode, allow_dirty: false, again: false }
}

async fn decision(
    bench: &Bench,
    proposal: Proposal,
    mode: HealingMode,
) -> (Verified, PolicyDecision) {
    let suggestion = bench.suggest_as(proposal).await;
    let verified = bench.verify(&suggestion).await.unwrap();
    let repository = bench.repository();
    let decision =
        decide(&bench.store, &repository, &suggestion, &verified, settings(mode)).await.unwrap();
    (verified, decision)
}

/// The rule that makes a fix wait.
async fn rule(bench: &Bench, proposal: Proposal) -> &'static str {
    match decision(bench, proposal, HealingMode::InPlace).await.1 {
        PolicyDecision::Wait { rule, .. } => rule,
        other => panic!("it does not wait: {other:?}"),
    }
}

#[tokio::test]
async fn proved_formatting_goes_where_the_mode_lets_it() {
    let bench = Bench::with_library(UGLY).await;
    let fix = formatting("src/lib.rs", UGLY, NEAT);
    let (verified, observed) = decision(&bench, fix.clone(), HealingMode::Observe).await;
    assert_eq!(verified.verdict().proved_class, ProvedClass::Style);
    assert!(matches!(observed, PolicyDecision::WouldGo { .. }), "{observed:?}");
    let (_, off) = decision(&bench, fix.clone(), HealingMode::Off).await;
    assert!(matches!(off, PolicyDecision::Wait { rule: "mode.off", .. }), "{off:?}");

    let (other, _) = decision(&bench, fix.clone(), HealingMode::Observe).await;
    let (verified, go) = decision(&bench, fix, HealingMode::InPlace).await;
    let PolicyDecision::Go { permission, .. } = go else { panic!("{go:?}") };
    let authority = Authority::Policy(permission);
    let mut copy = bench.copy().await;
    // The permission of one suggestion opens no other, though the change is the same.
    let mixed = bench.healer.heal(&mut copy, &other, &authority, &Unwatched).await;
    assert!(matches!(mixed, Err(HealError::NotAllowed(_))), "{mixed:?}");
    assert_eq!(bench.read("src/lib.rs"), UGLY.as_bytes());
    let healed = bench.healer.heal(&mut copy, &verified, &authority, &Unwatched).await.unwrap();
    assert!(matches!(healed, Healed::Kept { .. }), "{healed:?}");
    assert_eq!(bench.read("src/lib.rs"), NEAT.as_bytes());
    let stored = bench.store.suggestion(verified.suggestion_id()).await.unwrap().unwrap();
    assert_eq!(stored.decided_by.as_deref(), Some("andon"));
    assert!(stored.status_reason.unwrap().starts_with("verified, and proved style"));
}

#[tokio::test]
async fn each_rule_holds_back_what_it_is_for() {
    let bench = Bench::with_library(UGLY).await;
    let fix = formatting("src/lib.rs", UGLY, NEAT);
    let logic = Proposal { claimed_class: ClaimedClass::Logic, ..fix.clone() };
    assert_eq!(rule(&bench, logic).await, "claim.harmless");
    let bug = Proposal { issue_type: IssueType::Bug, ..fix.clone() };
    assert_eq!(rule(&bench, bug).await, "issue_type.harmless");
    let high = Proposal { severity: Severity::High, ..fix.clone() };
    assert_eq!(rule(&bench, high).await, "severity.low_or_medium");
    let lie = formatting("src/lib.rs", UGLY, &NEAT.replace('1', "2"));
    assert_eq!(rule(&bench, lie).await, "class.proved");
    let mends = Mends {
        code: "unused_imports".into(),
        message: "unused import: `std::fmt`".into(),
        file: "src/lib.rs".into(),
    };
    let useless = Proposal { mends: Some(mends), ..fix.clone() };
    assert_eq!(rule(&bench, useless).await, "diagnostic.gone");

    bench.write("src/lib.rs", UGLY.replace("one", "uno"));
    let dirty = formatting("src/lib.rs", &UGLY.replace("one", "uno"), &NEAT.replace("one", "uno"));
    assert_eq!(rule(&bench, dirty.clone()).await, "tree.clean");
    let suggestion = bench.suggest_as(dirty).await;
    let verified = bench.verify(&suggestion).await.unwrap();
    let allowed = PolicySettings { allow_dirty: true, ..settings(HealingMode::InPlace) };
    let repository = bench.repository();
    let decision = decide(&bench.store, &repository, &suggestion, &verified, allowed).await;
    assert!(matches!(decision, Ok(PolicyDecision::Go { .. })));
}

#[tokio::test]
async fn protected_files_and_trees_that_do_not_compile_wait() {
    let bench = Bench::with_library(UGLY).await;
    let manifest = String::from_utf8(bench.read("Cargo.toml")).unwrap();
    bench.write("Cargo.toml", format!("{manifest}[lib]\nproc-macro = true\n"));
    let bare = "fn one( )->u32{1}\n";
    bench.write("src/lib.rs", bare);
    commit_all(&bench.repo);
    let fix = formatting("src/lib.rs", bare, &NEAT.replace("pub ", ""));
    assert_eq!(rule(&bench, fix).await, "path.not_protected");
    bench.write("Cargo.toml", manifest);

    let broken = "pub fn two( )->u32{two_of_them}\n";
    bench.write("src/lib.rs", broken);
    commit_all(&bench.repo);
    let neat = "pub fn two() -> u32 {\n    two_of_them\n}\n";
    let fix = formatting("src/lib.rs", broken, neat);
    assert_eq!(rule(&bench, fix).await, "verification.passed");
}

#[tokio::test]
async fn what_our_own_fix_left_is_not_dirty_but_an_edit_on_it_is() {
    let text = format!("{LIBRARY}{}", UGLY.replace("one", "two"));
    let bench = Bench::with_library(&text).await;
    let fixed = text.replace("    1\n", "    10 - 9\n");
    let suggestion = bench.suggest(&[("src/lib.rs", &text, &fixed)]).await;
    bench.heal(&suggestion, &Unwatched).await.unwrap();

    let neat = fixed.replace(&UGLY.replace("one", "two"), &NEAT.replace("one", "two"));
    let fix = formatting("src/lib.rs", &fixed, &neat);
    let (_, decision) = decision(&bench, fix.clone(), HealingMode::InPlace).await;
    assert!(matches!(decision, PolicyDecision::Go { .. }), "{decision:?}");
    bench.write("src/lib.rs", format!("{fixed}// mine\n"));
    assert_eq!(rule(&bench, fix).await, "tree.clean");
}
