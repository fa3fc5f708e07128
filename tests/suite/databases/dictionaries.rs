//! Dictionaries: what they save, and that everything reads back whatever becomes of them.

use andon::domain::job::Job;
use andon::domain::settings::Retention;
use andon::store::{Store, StoreError};
use jiff::SignedDuration;

use super::sample::{Sample, noise, several};
use super::{Bed, noon, on_both};

on_both!(
    what_an_issues_events_share_is_not_stored_again_and_all_read_back,
    a_project_has_a_dictionary_for_issues_without_one,
    training_is_asked_for_once_at_its_points,
    what_retention_deletes_and_comes_again_is_no_reason_to_train,
    a_dictionary_goes_when_it_has_a_successor_and_no_events,
    an_event_that_was_on_its_way_when_its_dictionary_went_reads_back,
);

/// Text that only who has seen it before can tell shorter.
fn word(seed: u64) -> String {
    noise(seed, 16).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An event with a long stack that all of its issue have, and something of its own.
fn alike(project: i64, n: u64, fingerprint: &str) -> Sample {
    // Every project has its own way of naming things.
    let line = |i| format!("  at {fingerprint}::{}\n", word(project.unsigned_abs() * 100 + i));
    let frames: String = (0..40).map(line).collect();
    let own: String = (0..6).map(|k| word(1_000_000 + n * 10 + k)).collect();
    let sample = Sample::new(project, n, fingerprint).of_user(&format!("user{n}"));
    Sample { extra: format!("{frames}{own}"), ..sample }
}

/// Stores an event as ingest does: against the dictionary of its fingerprint. How large it became.
async fn keep(bed: &Bed, store: &Store, sample: &Sample) -> i64 {
    let dictionary = store.dictionary_for(sample.project, &sample.fingerprint).await.unwrap();
    let event = sample.ready_with(dictionary.as_deref());
    let stored = bed.keep(&[event]).await[0];
    bed.number(&format!("SELECT payload_bytes FROM events WHERE id = {}", stored.event_row)).await
}

async fn all_read_back(store: &Store, samples: &[Sample]) {
    for sample in samples {
        let event = store.event(sample.project, &super::sample::id(sample.number)).await;
        let event = event.unwrap().unwrap();
        let payload = store.event_payload(event.row).await.unwrap().unwrap();
        assert_eq!(payload, sample.payload(), "event {}", sample.number);
        assert_eq!(event.event.message.as_ref(), Some(&sample.message));
    }
}

async fn what_an_issues_events_share_is_not_stored_again_and_all_read_back(bed: Bed) {
    let project = bed.project("shop").await;
    let mut samples: Vec<_> = (0..30).map(|n| alike(project, n, "a")).collect();
    let batch: Vec<_> = samples.iter().map(Sample::ready).collect();
    let issue = bed.keep(&batch).await[0].issue_id;
    // Known to have none, and not asked again before the training.
    assert!(bed.store.dictionary_for(project, "a").await.unwrap().is_none());
    let before = alike(project, 30, "a");
    let alone = keep(&bed, &bed.store, &before).await;
    samples.push(before);
    assert!(bed.store.train_dictionary(project, Some(issue), noon()).await.unwrap());
    let other = bed.another().await;
    for n in 31..40 {
        let sample = alike(project, n, "a");
        let store = if n % 2 == 0 { &bed.store } else { &other };
        let size = keep(&bed, store, &sample).await;
        assert!(size * 2 < alone, "{size} of {alone} bytes");
        samples.push(sample);
    }
    // An issue that it does not belong to is stored as before.
    assert!(bed.store.dictionary_for(project, "b").await.unwrap().is_none());
    all_read_back(&bed.store, &samples).await;
    // The second is made from events that were written against the first.
    assert!(bed.store.train_dictionary(project, Some(issue), noon()).await.unwrap());
    let sample = alike(project, 40, "a");
    let first = other.dictionary_for(project, "a").await.unwrap().unwrap().id();
    let second = bed.store.dictionary_for(project, "a").await.unwrap().unwrap().id();
    assert_ne!(first, second, "the newest is used; others learn of it by and by");
    assert!(keep(&bed, &bed.store, &sample).await * 2 < alone);
    samples.push(sample);
    for store in [&bed.store, &other, &bed.another().await] {
        all_read_back(store, &samples).await;
    }
    bed.counts_hold().await;
}

async fn a_project_has_a_dictionary_for_issues_without_one(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let mut samples: Vec<_> =
        (0..160).map(|n| alike(project, n, &format!("f{}", n % 40))).collect();
    let batch: Vec<_> = samples.iter().map(Sample::ready).collect();
    let issue = bed.keep(&batch).await[0].issue_id;
    assert!(bed.store.train_dictionary(project, None, noon()).await.unwrap());
    let alone = keep(&bed, &bed.store, &alike(other, 500, "f1")).await;
    let sample = alike(project, 500, "f1");
    let size = keep(&bed, &bed.store, &sample).await;
    assert!(size * 4 < alone * 3, "{size} of {alone} bytes");
    samples.push(sample);
    let of_project = bed.store.dictionary_for(project, "f0").await.unwrap().unwrap().id();
    let fresh = bed.store.dictionary_for(project, "unheard of").await.unwrap().unwrap().id();
    assert_eq!(fresh, of_project);
    assert!(bed.store.dictionary_for(other, "f0").await.unwrap().is_none(), "another project");
    let again = bed.store.train_dictionary(project, None, noon()).await.unwrap();
    assert!(!again, "as long as there are not ten times as many events");
    // An issue's own goes before it.
    assert!(bed.store.train_dictionary(project, Some(issue), noon()).await.unwrap());
    assert_ne!(bed.store.dictionary_for(project, "f0").await.unwrap().unwrap().id(), of_project);
    all_read_back(&bed.another().await, &samples).await;
    let lone = bed.store.train_dictionary(other, None, noon()).await.unwrap();
    assert!(!lone, "one event has nothing in common with others");
}

async fn training_is_asked_for_once_at_its_points(bed: Bed) {
    let project = bed.project("shop").await;
    let of_issue = "SELECT COUNT(*) FROM jobs WHERE dedup_key LIKE 'train_dictionary:1:_%'
        AND dedup_key <> 'train_dictionary:1:0'";
    let of_project = "SELECT COUNT(*) FROM jobs WHERE dedup_key = 'train_dictionary:1:0'";
    let mut next = 0;
    let mut more = async |count: u64| {
        let batch: Vec<_> =
            (next..next + count).map(|n| Sample::new(project, n, "a").ready()).collect();
        next += count;
        bed.keep(&batch).await[0].issue_id
    };
    let issue = more(23).await;
    assert_eq!(bed.number(of_issue).await, 0);
    more(10).await;
    more(10).await;
    assert_eq!((bed.number(of_issue).await, bed.number(of_project).await), (1, 0));
    let mut jobs = Vec::new();
    while let Some(claimed) = bed.store.claim_job(noon()).await.unwrap() {
        bed.store.finish_job(&claimed).await.unwrap();
        jobs.push(claimed.job);
    }
    assert!(jobs.contains(&Job::TrainDictionary { project_id: project, issue_id: Some(issue) }));
    more(190).await;
    assert_eq!(bed.number(of_issue).await, 0, "233 events");
    more(7).await;
    assert_eq!((bed.number(of_issue).await, bed.number(of_project).await), (1, 0), "240");
    more(160).await;
    assert_eq!((bed.number(of_issue).await, bed.number(of_project).await), (1, 1), "400");
}

async fn what_retention_deletes_and_comes_again_is_no_reason_to_train(bed: Bed) {
    let project = bed.project("shop").await;
    let jobs = "SELECT COUNT(*) FROM jobs WHERE dedup_key LIKE 'train_dictionary:%'";
    let keep = Retention { events_per_issue: 20, ..Retention::default() };
    bed.keep(&several(project, 0, 30, "a")).await;
    assert_eq!(bed.number(jobs).await, 1);
    bed.run("DELETE FROM jobs").await;
    for first in [100, 200, 300] {
        while bed.store.sweep(project, keep, noon()).await.unwrap() != Default::default() {}
        assert_eq!(bed.number("SELECT COUNT(*) FROM events").await, 20);
        bed.keep(&several(project, first, 10, "a")).await;
    }
    assert_eq!(bed.number(jobs).await, 0);
}

async fn a_dictionary_goes_when_it_has_a_successor_and_no_events(bed: Bed) {
    let project = bed.project("shop").await;
    let dictionaries = "SELECT COUNT(*) FROM dictionaries";
    let later = noon() + SignedDuration::from_hours(25);
    let samples: Vec<_> = (0..30).map(|n| alike(project, n, "a")).collect();
    let batch: Vec<_> = samples[..10].iter().map(Sample::ready).collect();
    let issue = bed.keep(&batch).await[0].issue_id;
    assert!(bed.store.train_dictionary(project, Some(issue), noon()).await.unwrap());
    let first = bed.store.dictionary_for(project, "a").await.unwrap().unwrap();
    keep(&bed, &bed.store, &samples[10]).await;
    let forget = async |now| bed.store.forget_old_dictionaries(project, now).await.unwrap();
    assert_eq!(forget(later).await, 0, "it is the newest");
    assert!(bed.store.train_dictionary(project, Some(issue), noon()).await.unwrap());
    for sample in &samples[11..20] {
        keep(&bed, &bed.store, sample).await;
    }
    assert_eq!(forget(later).await, 0, "it has an event");
    bed.store.delete_events_of_user(project, "user10", "ada", noon()).await.unwrap();
    assert_eq!(forget(noon()).await, 0, "it is too young");
    assert_eq!((forget(later).await, forget(later).await), (1, 0));
    assert_eq!(bed.number(dictionaries).await, 1);
    // One that was written against it all the while.
    let late = bed.keep(&[samples[20].ready_with(Some(&first))]).await;
    assert_eq!(bed.number(dictionaries).await, 2);
    assert!(!late[0].duplicate);
    let left = [&samples[..10], &samples[11..21]].concat();
    all_read_back(&bed.another().await, &left).await;
}

async fn an_event_that_was_on_its_way_when_its_dictionary_went_reads_back(bed: Bed) {
    let project = bed.project("shop").await;
    let batch: Vec<_> = (0..8).map(|n| alike(project, n, "a").ready()).collect();
    let issue = bed.keep(&batch).await[0].issue_id;
    assert!(bed.store.train_dictionary(project, Some(issue), noon()).await.unwrap());
    let late = [alike(project, 50, "a"), alike(project, 51, "a")];
    let dictionary = bed.store.dictionary_for(project, "a").await.unwrap().unwrap();
    let on_its_way = late.each_ref().map(|s| s.ready_with(Some(&dictionary)));
    let keep_none = Retention { days: 1, ..Retention::default() };
    let later = noon() + SignedDuration::from_hours(48);
    while bed.store.sweep(project, keep_none, later).await.unwrap() != Default::default() {}
    assert!(bed.store.issue(issue).await.unwrap().is_none());
    assert_eq!(bed.number("SELECT COUNT(*) FROM dictionaries").await, 0);
    let stored = bed.keep(&on_its_way).await;
    // Another dictionary is made; it must not be taken for the one that went.
    let batch: Vec<_> = (100..108).map(|n| alike(project, n, "b").ready()).collect();
    let other = bed.keep(&batch).await[0].issue_id;
    assert!(bed.store.train_dictionary(project, Some(other), noon()).await.unwrap());
    for store in [&bed.store, &bed.another().await] {
        all_read_back(store, &late).await;
    }
    // It goes with its new issue.
    let id = dictionary.id();
    let of_issue = format!(
        "SELECT COUNT(*) FROM dictionaries WHERE id = {id} AND issue_id = {}",
        stored[0].issue_id
    );
    assert_eq!(bed.number(&of_issue).await, 1);
    bed.run(&format!("DELETE FROM dictionaries WHERE id = {id}")).await;
    let event = bed.another().await.event_payload(stored[0].event_row).await;
    assert!(matches!(event, Err(StoreError::Corrupt { .. })), "never another text");
}
