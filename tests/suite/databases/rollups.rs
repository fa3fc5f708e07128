//! Events by minute, hour and day.

use andon::store::rollups::{Bucket, DAY, HOUR, MINUTE};
use jiff::{SignedDuration, Timestamp};

use super::sample::Sample;
use super::{Bed, noon, on_both};

on_both!(
    minutes_hours_and_days_add_up_to_the_events,
    old_minutes_and_hours_are_deleted_and_nothing_else,
);

async fn minutes_hours_and_days_add_up_to_the_events(bed: Bed) {
    let project = bed.project("shop").await;
    let mut issue = 0;
    // One event every 50 seconds for six hours, around midnight, in batches of 48.
    let begin: Timestamp = "2026-11-21T21:00:00Z".parse().unwrap();
    let at = |n: u64| begin + SignedDuration::from_secs((n * 50).try_into().unwrap());
    let numbers: Vec<u64> = (0..432).collect();
    for chunk in numbers.chunks(48) {
        let batch: Vec<_> =
            chunk.iter().map(|n| Sample::new(project, *n, "a").at(at(*n)).ready()).collect();
        issue = bed.keep(&batch).await[0].issue_id;
    }
    for (grain, buckets) in [(MINUTE, 360), (HOUR, 6), (DAY, 2)] {
        let found = bed.store.rollups(issue, grain, begin).await.unwrap();
        assert_eq!(found.len(), buckets, "{grain}");
        assert_eq!(found.iter().map(|bucket| bucket.events).sum::<i64>(), 432);
        assert!(found.is_sorted_by_key(|bucket| bucket.bucket));
        for Bucket { bucket, events } in found {
            let inside = |n: &&u64| (bucket..bucket + grain).contains(&at(**n).as_second());
            assert_eq!(events, i64::try_from(numbers.iter().filter(inside).count()).unwrap());
        }
    }
    let all = bed.store.rollups_of(&[issue, 999], HOUR, begin).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[&issue], bed.store.rollups(issue, HOUR, begin).await.unwrap());
    let since = begin + SignedDuration::from_mins(210);
    let found = bed.store.rollups(issue, HOUR, since).await.unwrap();
    assert_eq!(found.len(), 3, "from the hour on that the time is in");
    bed.counts_hold().await;
}

async fn old_minutes_and_hours_are_deleted_and_nothing_else(bed: Bed) {
    let project = bed.project("shop").await;
    // More issues than one step looks at, each with an event today, of last week, and of last year.
    let ages = [0, 7, 300].map(|days| noon() - SignedDuration::from_hours(24 * days));
    let batch: Vec<_> = (0..250)
        .flat_map(|n| ages.map(|at| (n, at)))
        .enumerate()
        .map(|(n, (issue, at))| Sample::new(project, n as u64, &format!("f{issue}")).at(at).ready())
        .collect();
    let issue = bed.keep(&batch).await[749].issue_id;
    let (mut after, mut steps) = (0, 0);
    while let Some(last) = bed.store.prune_rollups(after, noon()).await.unwrap() {
        (after, steps) = (last, steps + 1);
        assert!(steps < 10, "it comes to an end");
    }
    assert_eq!(steps, 2);
    for (grain, left) in [(MINUTE, 1), (HOUR, 2), (DAY, 3)] {
        assert_eq!(bed.store.rollups(issue, grain, ages[2]).await.unwrap().len(), left);
        let all = format!("SELECT COUNT(*) FROM rollups WHERE grain = {grain}");
        assert_eq!(bed.number(&all).await, 250 * i64::try_from(left).unwrap());
    }
    bed.counts_hold().await;
}
