//! Several stores writing at the same time, as the nodes of one installation do.

use std::collections::HashSet;

use andon::domain::category::Category;
use andon::domain::quota::Window;
use andon::domain::settings::Retention;
use andon::store::counts::Counts;
use andon::store::events::{NewEvent, Spikes, Stored};
use andon::store::item_counts::ItemCount;
use andon::store::usage::Usage;
use andon::store::{Store, StoreError};
use jiff::SignedDuration;

use super::sample::Sample;
use super::{Bed, noon, on_both};

/// Batches that each store writes.
const ROUNDS: u64 = 25;

on_both!(
    batches_over_the_same_ids_and_fingerprints_lose_and_double_nothing,
    batches_over_merged_issues_do_not_wait_for_each_other,
    events_come_in_while_issues_are_merged_and_parted,
    events_come_in_while_old_issues_are_deleted,
);

async fn write(store: &Store, batch: &[NewEvent]) -> Result<Vec<Stored>, StoreError> {
    let project_id = 1;
    let items = ["span", "session"].map(|kind| ItemCount { project_id, kind, items: 1 }).into();
    let usage = Window::ALL
        .iter()
        .map(|&window| {
            let (key_id, category, bucket) = (0, Category::Error, window.start(noon()));
            Usage { project_id, key_id, category, window, bucket, quantity: 2 }
        })
        .collect();
    let counts = Counts { items, usage };
    store.store_events(batch, &counts, Spikes::OFF, noon()).await.map(|(stored, _)| stored)
}

async fn batches_over_the_same_ids_and_fingerprints_lose_and_double_nothing(bed: Bed) {
    let project = bed.project("shop").await;
    let other = bed.another().await;
    let mut fresh = 0;
    for round in 0..ROUNDS {
        let ids = round * 40..round * 40 + 40;
        // New issues in each round and old ones, met in opposite orders.
        let sample = |n: u64| Sample::new(project, n, &format!("f{}", round + n % 12)).ready();
        let here: Vec<_> = ids.clone().map(sample).collect();
        let there: Vec<_> = ids.rev().map(sample).collect();
        let (a, b) = tokio::join!(write(&bed.store, &here), write(&other, &there));
        let (a, mut b) = (a.unwrap(), b.unwrap());
        b.reverse();
        for (a, b) in a.iter().zip(&b) {
            assert_eq!((a.event_row, a.issue_id), (b.event_row, b.issue_id));
            assert_ne!(a.duplicate, b.duplicate, "one of the two was first");
        }
        fresh += a.len() as i64;
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM events").await, fresh);
    assert_eq!(bed.number("SELECT SUM(event_count) FROM issues").await, fresh);
    let fingerprints = ROUNDS + 11;
    let distinct = bed.number("SELECT COUNT(*) FROM issues").await;
    assert_eq!(distinct, i64::try_from(fingerprints).unwrap(), "one issue a fingerprint");
    assert_eq!(bed.number("SELECT SUM(items) FROM item_counts").await, 4 * ROUNDS as i64);
    let used = bed.store.usage(project, noon()).await.unwrap();
    assert_eq!(used.len(), Window::ALL.len());
    assert!(used.iter().all(|used| used.quantity == 4 * ROUNDS as i64), "{used:?}");
    let analyses = "SELECT COUNT(*) FROM jobs WHERE kind = 'analyse'";
    assert_eq!(bed.number(analyses).await, distinct);
    bed.counts_hold().await;
}

/// Issues `a0` to `a5`; their numbers.
async fn six_issues(bed: &Bed, project: i64) -> Vec<i64> {
    let batch: Vec<_> = (0..6).map(|n| Sample::new(project, n, &format!("a{n}")).ready()).collect();
    bed.keep(&batch).await.iter().map(|stored| stored.issue_id).collect()
}

async fn batches_over_merged_issues_do_not_wait_for_each_other(bed: Bed) {
    let project = bed.project("shop").await;
    let issues = six_issues(&bed, project).await;
    bed.store.merge_issues(issues[0], &issues[3..], "ada", noon()).await.unwrap();
    let other = bed.another().await;
    let batch = |first: u64, of: [u64; 3]| -> Vec<_> {
        let sample = |n: u64| Sample::new(project, first + n, &format!("a{}", of[n as usize % 3]));
        (0..30).map(|n| sample(n).ready()).collect()
    };
    for round in 1..=ROUNDS {
        // One has parts only and passes the time on to the whole, the other has the whole as well.
        let (parts, all) = (batch(round * 1000, [3, 4, 5]), batch(round * 1000 + 500, [0, 5, 1]));
        let (a, b) = tokio::join!(write(&bed.store, &parts), write(&other, &all));
        assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
    }
    assert_eq!(bed.number("SELECT SUM(event_count) FROM issues").await, 6 + 60 * ROUNDS as i64);
    bed.counts_hold().await;
}

async fn events_come_in_while_issues_are_merged_and_parted(bed: Bed) {
    let project = bed.project("shop").await;
    let issues = six_issues(&bed, project).await;
    let other = bed.another().await;
    let merging = async {
        for _ in 0..ROUNDS {
            other.merge_issues(issues[0], &[issues[5], issues[2]], "ada", noon()).await.unwrap();
            other.unmerge_issue(issues[5], "ada", noon()).await.unwrap();
            other.unmerge_issue(issues[2], "ada", noon()).await.unwrap();
        }
    };
    let writing = async {
        for round in 1..=2 * ROUNDS {
            let sample = |n: u64| Sample::new(project, round * 1000 + n, &format!("a{}", n % 6));
            let batch: Vec<_> = (0..12).map(|n| sample(n).ready()).collect();
            write(&bed.store, &batch).await.unwrap();
        }
    };
    tokio::join!(merging, writing);
    assert_eq!(bed.number("SELECT COUNT(merged_into) FROM issues").await, 0);
    assert_eq!(bed.number("SELECT SUM(event_count) FROM issues").await, 6 + 24 * ROUNDS as i64);
    assert!(bed.store.verify_audit().await.unwrap().broken.is_none());
    bed.counts_hold().await;
}

async fn events_come_in_while_old_issues_are_deleted(bed: Bed) {
    let project = bed.project("shop").await;
    let other = bed.another().await;
    let keep = Retention { days: 1, ..Retention::default() };
    let later = noon() + SignedDuration::from_hours(48);
    let sweeping = async {
        for _ in 0..6 * ROUNDS {
            other.sweep(project, keep, later).await.unwrap();
        }
    };
    let writing = async {
        for round in 0..2 * ROUNDS {
            let sample = |n: u64| Sample::new(project, round * 100 + n, &format!("a{}", n % 6));
            let batch: Vec<_> = (0..12).map(|n| sample(n).ready()).collect();
            let rows: HashSet<i64> =
                write(&bed.store, &batch).await.unwrap().iter().map(|s| s.event_row).collect();
            assert_eq!(rows.len(), 12);
        }
    };
    tokio::join!(sweeping, writing);
    bed.counts_hold().await;
}
