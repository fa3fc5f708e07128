//! A database that is away for a while.

use andon::store::counts::Counts;
use andon::store::events::Spikes;
use andon::store::{Database, StoreError};

use super::sample::{Sample, id, several};
use super::{Bed, noon};
use crate::support::PATIENCE;
use crate::support::postgres::Postgres;

#[tokio::test]
async fn a_store_outlives_its_postgresql() {
    let mut server = Postgres::start();
    server.until_it_answers().await;
    let url = server.database().await;
    let bed = Bed::over(Database::Postgres(url.into())).await;
    let project = bed.project("shop").await;
    bed.keep(&several(project, 0, 5, "a")).await;
    let held = bed.store.begin_write().await.unwrap();

    server.crash();
    let cut_off = held.commit().await.unwrap_err();
    assert!(StoreError::from(cut_off).is_unavailable(), "a transaction that was under way");
    let batch = [Sample::new(project, 50, "a").ready()];
    let counts = Counts::default();
    let both = async {
        tokio::join!(
            bed.store.issue(1),
            bed.store.store_events(&batch, &counts, Spikes::OFF, noon()),
        )
    };
    let (read, written) =
        tokio::time::timeout(PATIENCE, both).await.expect("it does not wait for ever");
    assert!(read.unwrap_err().is_unavailable());
    assert!(written.unwrap_err().is_unavailable());

    server.start_again();
    server.until_it_answers().await;
    let stored = bed.keep(&batch).await[0];
    assert!(!stored.duplicate, "what was refused was not stored");
    for n in (0..5).chain([50]) {
        assert!(bed.store.event(project, &id(n)).await.unwrap().is_some(), "event {n}");
    }
    bed.counts_hold().await;
}

#[tokio::test]
async fn what_a_crash_interrupts_is_unavailable_and_there_once() {
    let mut server = Postgres::start();
    server.until_it_answers().await;
    let url = server.database().await;
    let bed = Bed::over(Database::Postgres(url.into())).await;
    let project = bed.project("shop").await;
    let mut acknowledged = Vec::new();
    let mut interrupted = 0;
    for round in 0..3_u64 {
        let (sent, mut tasks) = (round * 100, tokio::task::JoinSet::new());
        for n in sent..sent + 60 {
            let (store, sample) = (bed.store.clone(), Sample::new(project, n, "a"));
            tasks.spawn(async move {
                let event = [sample.ready()];
                (n, store.store_events(&event, &Counts::default(), Spikes::OFF, noon()).await)
            });
        }
        let mut finished = 0;
        while let Some(task) = tasks.join_next().await {
            match task.unwrap() {
                (n, Ok(_)) => acknowledged.push(n),
                (n, Err(error)) => {
                    assert!(error.is_unavailable(), "event {n}: {error:?}");
                    interrupted += 1;
                }
            }
            finished += 1;
            if finished == 10 {
                server.crash();
                server.start_again();
            }
        }
    }
    server.until_it_answers().await;
    assert!(interrupted > 0, "something was under way");
    for n in &acknowledged {
        assert!(bed.store.event(project, &id(*n)).await.unwrap().is_some(), "event {n}");
    }
    let stored = bed.number("SELECT COUNT(*) FROM events").await;
    assert!(stored >= i64::try_from(acknowledged.len()).unwrap());
    bed.counts_hold().await;
}

#[tokio::test]
async fn who_waits_for_a_node_that_stands_still_gives_up() {
    let bed = Bed::postgres().await;
    let other = bed.another().await;
    let project = bed.project("shop").await;
    // It has its turn and does nothing with it.
    let held = other.begin_write().await.unwrap();
    let both = async {
        let locked = bed.run_refused("SET statement_timeout = '10ms'; SELECT pg_sleep(10)");
        tokio::join!(bed.store.begin_write(), locked)
    };
    let (turn, slow) = tokio::time::timeout(PATIENCE, both).await.expect("it gives up");
    assert!(turn.unwrap_err().is_unavailable());
    assert!(StoreError::from(slow).is_unavailable(), "a statement that takes too long");
    held.rollback().await.unwrap();
    bed.keep(&several(project, 0, 5, "a")).await;
    drop(bed.store.begin_write().await.unwrap());
}
