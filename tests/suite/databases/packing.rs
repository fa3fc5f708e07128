//! Packing: less room, nothing lost, whoever deletes or packs at the same time.

use andon::domain::settings::Retention;
use jiff::{SignedDuration, Timestamp};

use super::sample::{Sample, noisy_text};
use super::{Bed, noon, on_both};

on_both!(
    what_is_packed_takes_less_room_and_reads_back,
    what_is_young_or_alone_waits,
    several_projects_and_large_payloads_are_packed,
    who_deletes_while_others_pack_deletes_it_all,
    two_that_pack_at_once_pack_everything_once,
    an_id_that_comes_again_leaves_nothing_behind,
    what_comes_after_the_newest_were_deleted_is_packed_too,
);

/// Bytes of blocks beyond the payloads that events say are in them.
const BEYOND: &str = "SELECT COALESCE((SELECT SUM(LENGTH(bytes)) FROM blocks), 0)
    - COALESCE((SELECT SUM(payload_bytes) FROM events), 0)";
const LOST: &str = "SELECT COUNT(*) FROM events
    WHERE block_id IS NULL OR block_id NOT IN (SELECT id FROM blocks)";

fn later() -> Timestamp {
    noon() + SignedDuration::from_hours(2)
}

/// Events with much in common and something of their own.
fn samples(project: i64, first: u64, count: u64) -> Vec<Sample> {
    let shared = noisy_text(7, 3000);
    (first..first + count)
        .map(|n| {
            let sample = Sample::new(project, n, &format!("f{}", n % 3));
            let extra = format!("{shared}{}", noisy_text(n, 300));
            Sample { extra, ..sample.of_user(&format!("user{}", n % 10)) }
        })
        .collect()
}

async fn keep(bed: &Bed, samples: &[Sample]) -> Vec<i64> {
    let batch: Vec<_> = samples.iter().map(Sample::ready).collect();
    let mut rows = Vec::new();
    for part in batch.chunks(40) {
        rows.extend(bed.keep(part).await.iter().map(|stored| stored.event_row));
    }
    rows
}

async fn pack(bed: &Bed) -> u64 {
    let mut all = 0;
    loop {
        match bed.store.pack_step(later()).await.unwrap() {
            0 => return all,
            some => all += some,
        }
    }
}

async fn all_read_back(bed: &Bed, rows: &[i64], samples: &[Sample]) {
    for (row, sample) in rows.iter().zip(samples) {
        let payload = bed.store.event_payload(*row).await.unwrap().unwrap();
        assert_eq!(payload, sample.payload(), "event {}", sample.number);
    }
    assert_eq!(bed.number(LOST).await, 0);
    bed.counts_hold().await;
}

async fn what_is_packed_takes_less_room_and_reads_back(bed: Bed) {
    let project = bed.project("shop").await;
    let samples = samples(project, 0, 300);
    let rows = keep(&bed, &samples).await;
    let bytes = "SELECT SUM(LENGTH(bytes)) FROM blocks";
    let (before, beyond) = (bed.number(bytes).await, bed.number(BEYOND).await);
    // The dictionary comes after the events.
    assert!(bed.store.train_dictionary(project, None, noon()).await.unwrap());
    assert_eq!(pack(&bed).await, 300);
    let after = bed.number(bytes).await;
    assert!(after * 2 < before, "{after} of {before} bytes");
    assert!(bed.number(BEYOND).await < beyond, "in fewer blocks, with nothing left over");
    all_read_back(&bed, &rows, &samples).await;
    assert_eq!(pack(&bed).await, 0, "once");
    let event = bed.store.event_by_row(rows[5]).await.unwrap().unwrap();
    assert_eq!(event.event.message.as_ref(), Some(&samples[5].message));
    let exported = bed.store.export_events(project, Some("user3"), 0).await.unwrap();
    assert_eq!(exported[0].payload, samples[3].payload());
}

async fn what_is_young_or_alone_waits(bed: Bed) {
    let project = bed.project("shop").await;
    let at = |seconds| noon() + SignedDuration::from_secs(seconds);
    let all = samples(project, 0, 300);
    let rows = keep(&bed, &all).await;
    assert_eq!(bed.store.pack_step(at(30)).await.unwrap(), 0, "a dictionary may come");
    assert_eq!(bed.store.pack_step(at(61)).await.unwrap(), 256, "a full step");
    assert_eq!(bed.store.pack_step(at(61)).await.unwrap(), 0, "the others wait for company");
    assert_eq!(bed.store.pack_step(at(3601)).await.unwrap(), 44, "but not for ever");
    all_read_back(&bed, &rows, &all).await;
}

async fn several_projects_and_large_payloads_are_packed(bed: Bed) {
    let (shop, other) = (bed.project("shop").await, bed.project("other").await);
    let mut all = Vec::new();
    for n in 0..40 {
        let project = if n % 2 == 0 { shop } else { other };
        let mut sample = samples(project, n, 1).remove(0);
        if n % 10 == 0 {
            sample.extra = noisy_text(n, 700_000);
        }
        all.push(sample);
    }
    let rows = keep(&bed, &all).await;
    assert_eq!(pack(&bed).await, 40);
    all_read_back(&bed, &rows, &all).await;
    bed.store.delete_project(other, "ada", noon()).await.unwrap();
    while bed.store.purge_project_step(other, noon()).await.unwrap() {}
    let of_other = format!("SELECT COUNT(*) FROM blocks WHERE project_id = {other}");
    assert_eq!(bed.number(&of_other).await, 0);
    let (rows, all): (Vec<_>, Vec<_>) =
        rows.into_iter().zip(all).filter(|(_, sample)| sample.project == shop).unzip();
    all_read_back(&bed, &rows, &all).await;
}

async fn who_deletes_while_others_pack_deletes_it_all(bed: Bed) {
    let project = bed.project("shop").await;
    let all = samples(project, 0, 600);
    let rows = keep(&bed, &all).await;
    let another = bed.another().await;
    let deleting = another.delete_events_of_user(project, "user4", "ada", noon());
    let (packed, deleted) = tokio::join!(pack(&bed), deleting);
    assert_eq!(deleted.unwrap(), 60);
    assert!((540..=600).contains(&packed), "{packed}");
    let (left, left_samples): (Vec<_>, Vec<_>) =
        rows.into_iter().zip(all).filter(|(_, sample)| sample.number % 10 != 4).unzip();
    all_read_back(&bed, &left, &left_samples).await;
    // A number for each slot and each block, and nothing of what was deleted.
    let slots_and_blocks = "SELECT COUNT(*) * 4 + 600 * 4 FROM blocks";
    assert!(bed.number(BEYOND).await <= bed.number(slots_and_blocks).await);
    let none = Retention { events_per_project: 1, ..Retention::default() };
    while bed.store.sweep(project, none, later()).await.unwrap() != Default::default() {}
    assert_eq!(bed.number("SELECT COUNT(*) FROM blocks").await, 1);
    all_read_back(&bed, &left[539..], &left_samples[539..]).await;
}

async fn two_that_pack_at_once_pack_everything_once(bed: Bed) {
    let project = bed.project("shop").await;
    let all = samples(project, 0, 600);
    let rows = keep(&bed, &all).await;
    let another = bed.another().await;
    let other = async {
        let mut events = 0;
        while bed.number("SELECT COUNT(*) FROM facts WHERE name = 'packed_until'").await == 0 {
            events += another.pack_step(later()).await.unwrap();
        }
        events
    };
    let (here, there) = tokio::join!(bed.store.pack_step(later()), other);
    let rest = pack(&bed).await;
    assert_eq!(here.unwrap() + there + rest, 600);
    all_read_back(&bed, &rows, &all).await;
    let exact = "SELECT COUNT(*) * 4 + 600 * 4 FROM blocks";
    assert_eq!(bed.number(BEYOND).await, bed.number(exact).await);
}

async fn an_id_that_comes_again_leaves_nothing_behind(bed: Bed) {
    let project = bed.project("shop").await;
    let all = samples(project, 0, 10);
    let rows = keep(&bed, &all).await;
    let (blocks, beyond) = ("SELECT COUNT(*) FROM blocks", bed.number(BEYOND).await);
    let again: Vec<_> = all.iter().map(Sample::ready).collect();
    assert!(bed.keep(&again).await.iter().all(|stored| stored.duplicate));
    assert_eq!((bed.number(blocks).await, bed.number(BEYOND).await), (1, beyond));
    let mixed: Vec<_> = samples(project, 5, 10).iter().map(Sample::ready).collect();
    assert_eq!(bed.keep(&mixed).await.iter().filter(|stored| stored.duplicate).count(), 5);
    // The blanks are only numbers.
    assert_eq!(bed.number(BEYOND).await, beyond + 4 + 10 * 4);
    all_read_back(&bed, &rows, &all).await;
}

async fn what_comes_after_the_newest_were_deleted_is_packed_too(bed: Bed) {
    let (shop, gone) = (bed.project("shop").await, bed.project("gone").await);
    keep(&bed, &samples(shop, 0, 40)).await;
    keep(&bed, &samples(gone, 0, 300)).await;
    assert_eq!(pack(&bed).await, 340);
    bed.store.delete_project(gone, "ada", noon()).await.unwrap();
    while bed.store.purge_project_step(gone, noon()).await.unwrap() {}
    keep(&bed, &samples(shop, 100, 300)).await;
    assert_eq!(pack(&bed).await, 300, "SQLite gives row numbers out again");

    // The same where a user's events, and those that are too many, are deleted.
    let deleted = bed.store.delete_events_of_user(shop, "user9", "ada", noon()).await.unwrap();
    assert_eq!(deleted, 34);
    keep(&bed, &samples(shop, 1000, 10)).await;
    assert_eq!(pack(&bed).await, 10);
    let one = Retention { events_per_project: 1, ..Retention::default() };
    while bed.store.sweep(shop, one, later()).await.unwrap() != Default::default() {}
    bed.store.delete_events_of_user(shop, "user9", "ada", noon()).await.unwrap();
    let last = samples(shop, 2000, 20);
    let rows = keep(&bed, &last).await;
    assert_eq!(pack(&bed).await, 20);
    all_read_back(&bed, &rows, &last).await;
}
