//! How much of the caps is used.

use andon::store::model_spend::{SpendCaps, Spent};
use jiff::{SignedDuration, Timestamp};

use super::sample::Sample;
use super::{Bed, noon, on_both};

on_both!(what_is_used_of_the_caps_is_told_by_day_month_and_issue);

async fn what_is_used_of_the_caps_is_told_by_day_month_and_issue(bed: Bed) {
    let (shop, other) = (bed.project("shop").await, bed.project("other").await);
    let batch = [Sample::new(shop, 1, "a").ready(), Sample::new(other, 2, "b").ready()];
    let issues: Vec<i64> = bed.keep(&batch).await.iter().map(|stored| stored.issue_id).collect();
    let caps = SpendCaps { per_issue: 1_000, per_day: 10_000, per_month: 100_000 };
    let reserve = async |issue, at: Timestamp| {
        let lifetime = SignedDuration::from_mins(5);
        bed.store.reserve_spend(caps, Some(issue), 100, lifetime, at).await.unwrap().unwrap()
    };
    let spend = async |issue, cost_micros, at: Timestamp| {
        let spent = Spent {
            agent: "root-cause",
            model: "m",
            issue_id: Some(issue),
            tokens_in: 1,
            tokens_out: 1,
            cost_micros,
        };
        bed.store.settle_spend(reserve(issue, at).await, spent, at).await.unwrap();
    };
    let last_month: Timestamp = "2026-10-31T23:59:59Z".parse().unwrap();
    let this_month: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    spend(issues[0], 7, last_month).await;
    spend(issues[0], 20, this_month).await;
    spend(issues[0], 30, noon()).await;
    spend(issues[1], 500, noon()).await;
    reserve(issues[1], noon()).await;
    let so_far = bed.store.spent_so_far(noon()).await.unwrap();
    assert_eq!((so_far.day, so_far.month, so_far.under_way), (530, 550, 100));
    let later = noon() + SignedDuration::from_mins(6);
    assert_eq!(bed.store.spent_so_far(later).await.unwrap().under_way, 0, "it expires");
    let of = async |project| {
        let found = bed.store.costliest_issues(project, 10).await.unwrap();
        found.iter().map(|one| (one.issue_id, one.calls, one.cost_micros)).collect::<Vec<_>>()
    };
    assert_eq!(of(None).await, [(issues[1], 1, 500), (issues[0], 3, 57)]);
    assert_eq!(of(Some(shop)).await, [(issues[0], 3, 57)]);
    assert_eq!(bed.store.costliest_issues(None, 1).await.unwrap().len(), 1);
}
