//! The job queue.

use std::collections::HashSet;

use andon::domain::job::Job;
use andon::store::Store;
use andon::store::jobs::{ClaimedJob, LEASE_SECONDS, MAX_ATTEMPTS};
use jiff::{SignedDuration, Timestamp};

use super::{Bed, noon, on_both};

on_both!(
    no_job_is_handed_out_twice,
    jobs_about_the_same_thing_never_run_at_once,
    the_same_job_waits_once,
    a_lease_that_ran_out_is_no_longer_its_workers,
    a_failed_job_waits_longer_each_time_and_is_given_up,
    a_job_that_failed_and_was_asked_for_anew_is_tried_once_more_not_twice,
    a_job_whose_workers_die_says_so_by_its_attempt,
    a_job_that_cannot_be_read_does_not_stop_the_others,
);

fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

fn apply() -> Job {
    Job::Apply { suggestion_id: 7, by: "ada".into() }
}

fn verify(analysis_id: i64) -> Job {
    Job::Verify { analysis_id }
}

/// Claims until nothing is due, with four workers over two stores at once.
async fn four_workers(here: &Store, there: &Store, now: Timestamp) -> Vec<ClaimedJob> {
    let mut workers = tokio::task::JoinSet::new();
    for store in [here, there, here, there] {
        let store = store.clone();
        workers.spawn(async move {
            let mut claimed = Vec::new();
            while let Some(job) = store.claim_job(now).await.unwrap() {
                claimed.push(job);
            }
            claimed
        });
    }
    workers.join_all().await.into_iter().flatten().collect()
}

async fn no_job_is_handed_out_twice(bed: Bed) {
    let other = bed.another().await;
    for n in 0..200 {
        bed.store.enqueue(&verify(n), noon()).await.unwrap();
    }
    let claimed = four_workers(&bed.store, &other, noon()).await;
    let ids: HashSet<i64> = claimed.iter().map(|job| job.id).collect();
    assert_eq!((claimed.len(), ids.len()), (200, 200));
    assert!(claimed.iter().all(|job| job.attempt == 1));
    // Nor when their workers fell silent.
    let after = later(LEASE_SECONDS + 1);
    let claimed = four_workers(&bed.store, &other, after).await;
    let ids: HashSet<i64> = claimed.iter().map(|job| job.id).collect();
    assert_eq!((claimed.len(), ids.len()), (200, 200));
    assert!(claimed.iter().all(|job| job.attempt == 2));
}

async fn jobs_about_the_same_thing_never_run_at_once(bed: Bed) {
    let other = bed.another().await;
    for n in 0..40 {
        bed.store.enqueue(&verify(n), noon()).await.unwrap();
    }
    // Each of forty things has one job whose worker fell silent and one that waits.
    assert_eq!(four_workers(&bed.store, &other, noon()).await.len(), 40);
    for n in 0..40 {
        bed.store.enqueue(&verify(n), noon()).await.unwrap();
    }
    assert!(four_workers(&bed.store, &other, noon()).await.is_empty(), "the first ones run");
    let after = later(LEASE_SECONDS + 1);
    let claimed = four_workers(&bed.store, &other, after).await;
    let running: HashSet<String> = claimed.iter().map(|job| job.job.dedup_key()).collect();
    assert_eq!((claimed.len(), running.len()), (40, 40), "one of each");
    for job in claimed {
        bed.store.finish_job(&job).await.unwrap();
    }
    assert_eq!(four_workers(&bed.store, &other, after).await.len(), 40, "now the others");
}

async fn the_same_job_waits_once(bed: Bed) {
    let other = bed.another().await;
    for _ in 0..20 {
        let (job, again) = (apply(), apply());
        let (a, b) = tokio::join!(bed.store.enqueue(&job, noon()), other.enqueue(&again, noon()));
        a.unwrap();
        b.unwrap();
    }
    assert_eq!(bed.store.unfinished_jobs().await.unwrap(), 1);
    let first = bed.store.claim_job(noon()).await.unwrap().unwrap();
    bed.store.enqueue(&apply(), noon()).await.unwrap();
    bed.store.enqueue(&verify(1), noon()).await.unwrap();
    let next = bed.store.claim_job(noon()).await.unwrap().unwrap();
    assert_eq!(next.job, verify(1));
    assert!(bed.store.claim_job(noon()).await.unwrap().is_none());
    bed.store.finish_job(&first).await.unwrap();
    assert_eq!(bed.store.claim_job(noon()).await.unwrap().unwrap().job, apply());
}

async fn a_lease_that_ran_out_is_no_longer_its_workers(bed: Bed) {
    bed.store.enqueue(&apply(), noon()).await.unwrap();
    let first = bed.store.claim_job(noon()).await.unwrap().unwrap();
    assert!(bed.store.renew_job(&first, later(40)).await.unwrap());
    let meanwhile = bed.store.claim_job(later(40 + LEASE_SECONDS)).await.unwrap();
    assert!(meanwhile.is_none(), "renewed");
    let after = later(41 + LEASE_SECONDS);
    let second = bed.store.claim_job(after).await.unwrap().unwrap();
    assert_eq!((second.id, second.attempt), (first.id, 2));
    assert!(!bed.store.renew_job(&first, after).await.unwrap());
    bed.store.finish_job(&first).await.unwrap();
    bed.store.fail_job(&first, "late", after).await.unwrap();
    assert!(bed.store.renew_job(&second, after).await.unwrap(), "it is the second's still");
    bed.store.finish_job(&second).await.unwrap();
    assert_eq!(bed.store.unfinished_jobs().await.unwrap(), 0);
}

async fn a_failed_job_waits_longer_each_time_and_is_given_up(bed: Bed) {
    bed.store.enqueue(&apply(), noon()).await.unwrap();
    let mut at = 0;
    for (attempt, wait) in (1..).zip([2, 4, 8, 16]) {
        let job = bed.store.claim_job(later(at)).await.unwrap().unwrap();
        assert_eq!((job.attempt, job.is_last()), (attempt, false));
        bed.store.fail_job(&job, "not yet", later(at)).await.unwrap();
        assert!(bed.store.claim_job(later(at + wait - 1)).await.unwrap().is_none());
        at += wait;
    }
    let job = bed.store.claim_job(later(at)).await.unwrap().unwrap();
    assert_eq!((job.attempt, job.is_last()), (MAX_ATTEMPTS, true));
    bed.store.fail_job(&job, "never", later(at)).await.unwrap();
    assert!(bed.store.claim_job(later(at + 100_000)).await.unwrap().is_none());
    let kept = "SELECT COUNT(*) FROM jobs WHERE state = 'failed' AND last_error = 'never'";
    assert_eq!(bed.number(kept).await, 1);
    bed.store.enqueue(&verify(1), noon()).await.unwrap();
    for (days, left) in [(29, 2), (31, 1)] {
        bed.store.forget_failed_jobs(later(days * 86_400)).await.unwrap();
        assert_eq!(bed.number("SELECT COUNT(*) FROM jobs").await, left, "after {days} days");
    }
}

async fn a_job_that_failed_and_was_asked_for_anew_is_tried_once_more_not_twice(bed: Bed) {
    bed.store.enqueue(&apply(), noon()).await.unwrap();
    let first = bed.store.claim_job(noon()).await.unwrap().unwrap();
    bed.store.enqueue(&apply(), noon()).await.unwrap();
    bed.store.fail_job(&first, "no", noon()).await.unwrap();
    assert_eq!(bed.store.unfinished_jobs().await.unwrap(), 1);
    let second = bed.store.claim_job(noon()).await.unwrap().unwrap();
    assert_eq!((second.attempt, second.job), (1, apply()));
}

async fn a_job_whose_workers_die_says_so_by_its_attempt(bed: Bed) {
    bed.store.enqueue(&apply(), noon()).await.unwrap();
    for n in 0..=MAX_ATTEMPTS {
        let claimed = bed.store.claim_job(later(n * (LEASE_SECONDS + 1))).await.unwrap().unwrap();
        assert_eq!((claimed.attempt, claimed.is_last()), (n + 1, n + 1 >= MAX_ATTEMPTS));
    }
}

async fn a_job_that_cannot_be_read_does_not_stop_the_others(bed: Bed) {
    bed.store.enqueue(&apply(), noon()).await.unwrap();
    bed.run("UPDATE jobs SET payload = '{}'").await;
    bed.store.enqueue(&verify(1), noon()).await.unwrap();
    let claimed = bed.store.claim_job(noon()).await.unwrap().unwrap();
    assert_eq!(claimed.job, verify(1));
    assert!(bed.store.claim_job(later(1000)).await.unwrap().is_some(), "the other's lease");
    assert_eq!(bed.store.unfinished_jobs().await.unwrap(), 1);
}
