//! The journal of healings.

use andon::domain::fix::SuggestionStatus;
use andon::domain::hash::ContentHash;
use andon::domain::healing::{HealingFile, HealingStep};
use andon::store::StoreError;
use andon::store::audit::AuditEntry;
use andon::store::healings::{HealingPlan, StepChange, SuggestionOutcome};
use andon::store::suggestions::{OnRecord, SuggestionOrigin};
use serde_json::json;

use super::suggestions::{decision, proposal};
use super::{Bed, noon, on_both};

on_both!(
    a_journal_goes_step_by_step,
    of_two_that_end_a_healing_one_does,
    a_healing_ends_with_its_suggestion_or_not_at_all,
    what_is_unfinished_is_found,
);

const REPO: &str = "/srv/shop";

/// The steps of a healing that is kept, from the first.
const WAY: [HealingStep; 6] = [
    HealingStep::Planned,
    HealingStep::BackedUp,
    HealingStep::Applying,
    HealingStep::Applied,
    HealingStep::Verifying,
    HealingStep::Kept,
];

fn files() -> Vec<HealingFile> {
    let hash = |text: &str| ContentHash::of(text.as_bytes());
    let file = |path: &str, mode| HealingFile {
        path: path.into(),
        before_hash: hash("before"),
        after_hash: hash(path),
        mode,
    };
    // Not in the order of their names.
    vec![file("src/z.rs", 0o100_755), file("src/a.rs", 0o100_644), file("src/\u{e4}.rs", u32::MAX)]
}

async fn suggest(bed: &Bed) -> i64 {
    let origin = SuggestionOrigin { repo: Some(REPO), ..SuggestionOrigin::default() };
    bed.store.create_suggestion(&proposal("t"), origin, noon()).await.unwrap()
}

async fn plan(bed: &Bed, suggestion_id: i64, repo: &str) -> i64 {
    let files = files();
    let plan = HealingPlan { suggestion_id, repo, actor: "ada", files: &files };
    bed.store.plan_healing(plan, noon()).await.unwrap()
}

fn step(from: HealingStep, to: HealingStep) -> StepChange<'static> {
    StepChange { from, to, reason: None }
}

async fn advance_to(bed: &Bed, id: i64, to: HealingStep) {
    for pair in WAY.windows(2) {
        if bed.store.healing(id).await.unwrap().unwrap().step == to {
            return;
        }
        bed.store.advance_healing(id, step(pair[0], pair[1]), noon()).await.unwrap();
    }
}

fn entry(detail: &serde_json::Value) -> AuditEntry<'_> {
    AuditEntry { actor: "ada", action: "healing.kept", subject: "healing:1", detail }
}

async fn a_journal_goes_step_by_step(bed: Bed) {
    let id = plan(&bed, suggest(&bed).await, REPO).await;
    for pair in WAY.windows(2) {
        for (from, to) in [(pair[1], pair[0]), (HealingStep::Kept, HealingStep::RollingBack)] {
            let refused = bed.store.advance_healing(id, step(from, to), noon()).await;
            assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{from} to {to}");
        }
        bed.store.advance_healing(id, step(pair[0], pair[1]), noon()).await.unwrap();
        let healing = bed.another().await.healing(id).await.unwrap().unwrap();
        assert_eq!((healing.step, healing.files), (pair[1], files()));
    }
    assert!(bed.store.healing(999).await.unwrap().is_none());
}

async fn of_two_that_end_a_healing_one_does(bed: Bed) {
    let other = bed.another().await;
    for _ in 0..5 {
        let suggestion = suggest(&bed).await;
        let id = plan(&bed, suggestion, REPO).await;
        advance_to(&bed, id, HealingStep::Verifying).await;
        let healing = bed.store.healing(id).await.unwrap().unwrap();
        let detail = json!({});
        let keep = SuggestionOutcome::Must(decision(SuggestionStatus::Applied));
        let back = SuggestionOutcome::Note("taken back");
        let kept = step(HealingStep::Verifying, HealingStep::Kept);
        let rolling = step(HealingStep::Verifying, HealingStep::RollingBack);
        let entries = bed.store.verify_audit().await.unwrap().entries;
        let (a, b) = tokio::join!(
            bed.store.finish_healing(&healing, kept, keep, entry(&detail), noon()),
            other.finish_healing(&healing, rolling, back, entry(&detail), noon()),
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        let now = bed.store.healing(id).await.unwrap().unwrap().step;
        let status = bed.store.suggestion(suggestion).await.unwrap().unwrap().status;
        let expected = match a.is_ok() {
            true => (HealingStep::Kept, SuggestionStatus::Applied),
            false => (HealingStep::RollingBack, SuggestionStatus::Pending),
        };
        assert_eq!((now, status), expected);
        assert!(bed.store.verify_audit().await.unwrap().entries > entries);
    }
    assert!(bed.store.verify_audit().await.unwrap().broken.is_none());
}

async fn a_healing_ends_with_its_suggestion_or_not_at_all(bed: Bed) {
    let suggestion = suggest(&bed).await;
    let id = plan(&bed, suggestion, REPO).await;
    advance_to(&bed, id, HealingStep::Verifying).await;
    let rejected = decision(SuggestionStatus::Rejected);
    bed.store.decide_on_record(suggestion, rejected, OnRecord::default(), noon()).await.unwrap();
    let healing = bed.store.healing(id).await.unwrap().unwrap();
    let entries = bed.store.verify_audit().await.unwrap().entries;
    let detail = json!({});
    let end = |outcome| {
        let kept = step(HealingStep::Verifying, HealingStep::Kept);
        bed.store.finish_healing(&healing, kept, outcome, entry(&detail), noon())
    };
    let applied = decision(SuggestionStatus::Applied);
    let refused = end(SuggestionOutcome::Must(applied)).await.unwrap_err();
    assert!(matches!(refused, StoreError::IllegalTransition { .. }), "{refused}");
    assert_eq!(bed.store.healing(id).await.unwrap().unwrap(), healing);
    assert_eq!(bed.store.verify_audit().await.unwrap().entries, entries);
    end(SuggestionOutcome::IfItMay(applied)).await.unwrap();
    assert_eq!(bed.store.healing(id).await.unwrap().unwrap().step, HealingStep::Kept);
    let left = bed.store.suggestion(suggestion).await.unwrap().unwrap();
    assert_eq!(left.status, SuggestionStatus::Rejected);
    assert_eq!(bed.store.verify_audit().await.unwrap().entries, entries + 1);
    let files = files();
    let again = HealingPlan { suggestion_id: suggestion, repo: REPO, actor: "ada", files: &files };
    let refused = bed.store.plan_healing(again, noon()).await.unwrap_err();
    assert!(matches!(refused, StoreError::IllegalTransition { .. }), "{refused}");
    assert_eq!(bed.number("SELECT COUNT(*) FROM healing_files").await, 3);
}

async fn what_is_unfinished_is_found(bed: Bed) {
    let mut made = Vec::new();
    for (step, repo) in [
        (HealingStep::Kept, REPO),
        (HealingStep::Applying, REPO),
        (HealingStep::Planned, "/srv/other"),
        (HealingStep::Kept, REPO),
    ] {
        let suggestion = suggest(&bed).await;
        let id = plan(&bed, suggestion, repo).await;
        advance_to(&bed, id, step).await;
        made.push((id, suggestion));
    }
    let ids = |found: Vec<andon::domain::healing::Healing>| -> Vec<i64> {
        found.iter().map(|healing| healing.id).collect()
    };
    let unfinished = bed.store.unfinished_healings(None).await.unwrap();
    assert_eq!(ids(unfinished), [made[1].0, made[2].0]);
    let unfinished = bed.store.unfinished_healings(Some(REPO)).await.unwrap();
    assert_eq!(ids(unfinished), [made[1].0]);
    assert_eq!(ids(bed.store.healings(i64::MAX, 2).await.unwrap()), [made[3].0, made[2].0]);
    assert_eq!(ids(bed.store.healings(made[2].0, 9).await.unwrap()), [made[1].0, made[0].0]);
    let of_one = bed.store.healings_of_suggestion(made[0].1).await.unwrap();
    assert_eq!(ids(of_one), [made[0].0]);
    let last = bed.store.last_healing_of_file(REPO, "src/a.rs").await.unwrap();
    assert_eq!(last, Some((made[3].1, ContentHash::of(b"src/a.rs"))));
    assert_eq!(bed.store.last_healing_of_file("/srv/other", "src/a.rs").await.unwrap(), None);
    let healed = bed.store.healed_suggestions(0, 9).await.unwrap();
    assert_eq!(healed.len(), 4);
}
