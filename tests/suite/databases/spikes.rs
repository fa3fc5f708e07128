//! Spike protection: of a flood some events are kept, and all are counted.

use andon::store::counts::Counts;
use andon::store::events::{NewEvent, Spikes, Stored};
use andon::store::rollups::HOUR;
use jiff::{SignedDuration, Timestamp};

use super::sample::{Sample, id, several};
use super::{Bed, noon, on_both};

const SPIKES: Spikes = Spikes { keep_per_issue_hour: 10, then_one_in: 5 };

on_both!(of_a_flood_some_are_kept_and_all_are_counted, what_comes_twice_in_a_flood_is_counted_once,);

async fn keep(bed: &Bed, batch: &[NewEvent], now: Timestamp) -> Vec<Stored> {
    bed.store.store_events(batch, &Counts::default(), SPIKES, now).await.unwrap().0
}

async fn of_a_flood_some_are_kept_and_all_are_counted(bed: Bed) {
    let project = bed.project("shop").await;
    let mut batch = several(project, 0, 40, "flood");
    batch.extend(several(project, 100, 5, "quiet"));
    let answers = keep(&bed, &batch, noon()).await;
    let kept = |answers: &[Stored]| answers.iter().filter(|answer| answer.event_row != 0).count();
    assert_eq!((kept(&answers[..40]), kept(&answers[40..])), (16, 5));
    assert!(answers.iter().all(|answer| !answer.duplicate));
    // The next batch of the hour goes on counting where this one ended; the next hour begins anew.
    let further = several(project, 40, 30, "flood");
    let answers = keep(&bed, &further, noon()).await;
    assert_eq!(kept(&answers), 6);
    let later = noon() + SignedDuration::from_hours(1);
    let next: Vec<_> =
        (200..210).map(|n| Sample::new(project, n, "flood").at(later).ready()).collect();
    let answers = keep(&bed, &next, later).await;
    assert_eq!(kept(&answers), 10);
    let issue = bed.store.issue(answers[0].issue_id).await.unwrap().unwrap();
    assert_eq!((issue.event_count, issue.stored_events), (80, 32));
    let hours = bed.store.rollups(issue.id, HOUR, noon()).await.unwrap();
    assert_eq!(hours.iter().map(|hour| hour.events).collect::<Vec<_>>(), [70, 10]);
    bed.counts_hold().await;
}

async fn what_comes_twice_in_a_flood_is_counted_once(bed: Bed) {
    let project = bed.project("shop").await;
    keep(&bed, &several(project, 0, 10, "a"), noon()).await;
    // Each twice: the first four are only counted, the fifth is kept; then a known one again.
    let batch: Vec<_> = [10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 3]
        .map(|n| Sample::new(project, n, "a").ready())
        .into();
    let answers = keep(&bed, &batch, noon()).await;
    let twice: Vec<bool> = answers.iter().map(|answer| answer.duplicate).collect();
    let expected = [false, true, false, true, false, true, false, true, false, true, true];
    assert_eq!(twice, expected);
    let issue = bed.store.issue(answers[0].issue_id).await.unwrap().unwrap();
    assert_eq!((issue.event_count, issue.stored_events), (15, 11));
    let known = bed.store.event(project, &id(3)).await.unwrap().unwrap();
    assert_eq!(answers[10].event_row, known.row);
    bed.counts_hold().await;
}
