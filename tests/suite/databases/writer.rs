//! The writer of ingest over a real store.

use andon::clock::Clock;
use andon::ingest::{IngestError, Writer};
use andon::store::events::{NewEvent, Spikes};
use futures_util::future::join_all;

use super::sample::{Sample, id};
use super::{Bed, noon, on_both};

on_both!(an_event_that_is_refused_does_not_cost_the_others_of_its_batch);

async fn an_event_that_is_refused_does_not_cost_the_others_of_its_batch(bed: Bed) {
    let project = bed.project("shop").await;
    let clock = Clock::manual(noon());
    let (writer, task) = Writer::start(bed.store.clone(), clock, 1000, Spikes::OFF, || {});
    // Every fifth belongs to a project that was deleted in the meantime.
    let of = |n: u64| if n % 5 == 2 { project + 7 } else { project };
    let batch: Vec<NewEvent> = (0..30).map(|n| Sample::new(of(n), n, "a").ready()).collect();
    let answers = join_all(batch.into_iter().map(|event| {
        let room = writer.room(&event).unwrap();
        writer.write(event, Vec::new(), room)
    }))
    .await;
    for (n, answer) in (0..).zip(answers) {
        if of(n) == project {
            let stored = answer.unwrap();
            let read = bed.store.event(project, &id(n)).await.unwrap().unwrap();
            assert_eq!((stored.event_row, stored.duplicate), (read.row, false));
        } else {
            assert!(matches!(answer, Err(IngestError::Store(_))), "{answer:?}");
        }
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM events").await, 24);
    bed.counts_hold().await;
    drop(writer);
    task.await.unwrap();
}
