//! The writer: many events a commit. A sender is answered after the commit that holds its event.

use tokio::sync::{mpsc, oneshot};

use super::IngestError;
use crate::clock::Clock;
use crate::store::events::{NewEvent, Stored};
use crate::store::item_counts::ItemCount;
use crate::store::{Store, StoreError};

/// Events of one commit at most.
const MAX_BATCH_EVENTS: usize = 256;

/// When a sender is to come back once the queue is full, in seconds.
pub const RETRY_AFTER_SECONDS: u64 = 5;

type Reply = oneshot::Sender<Result<Stored, StoreError>>;

/// An event that is durable.
pub type Accepted = Stored;

/// What waits for the disk. An event is boxed because counts are small.
#[derive(Debug)]
enum Work {
    Event(Box<NewEvent>, Reply),
    Counts(Vec<ItemCount>, oneshot::Sender<()>),
}

/// Hands events to the task that writes them. Cheap to clone; the task ends, after writing what it
/// has, when the last clone is gone.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Work>,
}

impl Writer {
    /// Starts the task. At most `capacity` events wait; further ones are refused. `stored` is told
    /// after each commit.
    pub fn start(
        store: Store,
        clock: Clock,
        capacity: usize,
        stored: impl Fn() + Send + Sync + 'static,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(capacity.max(1));
        let task = tokio::spawn(run(store, clock, waiting, stored));
        (Self { queue }, task)
    }

    /// Stores an event. When this returns `Ok` the event is committed.
    pub async fn write(&self, event: NewEvent) -> Result<Accepted, IngestError> {
        let (reply, answer) = oneshot::channel();
        self.queue
            .try_send(Work::Event(Box::new(event), reply))
            .map_err(|_| IngestError::Full { retry_after_seconds: RETRY_AFTER_SECONDS })?;
        match answer.await {
            Ok(Ok(stored)) => Ok(stored),
            Ok(Err(e)) => Err(IngestError::Store(e)),
            // The task is gone: the server is shutting down.
            Err(_) => Err(IngestError::Full { retry_after_seconds: RETRY_AFTER_SECONDS }),
        }
    }

    /// Adds to the counts of items that are not kept, in the commit of the next batch. Never refuses:
    /// what cannot be counted just now is left out, because no sender should come back for it.
    pub async fn count(&self, counts: Vec<ItemCount>) {
        if counts.is_empty() {
            return;
        }
        let (done, waiting) = oneshot::channel();
        match self.queue.try_send(Work::Counts(counts, done)) {
            // An error means that the task is gone: the server is shutting down.
            Ok(()) => drop(waiting.await),
            Err(_) => tracing::warn!("the queue is full; items were not counted"),
        }
    }
}

/// The work of one commit.
#[derive(Default)]
struct Batch {
    events: Vec<NewEvent>,
    replies: Vec<Reply>,
    counts: Vec<ItemCount>,
    counted: Vec<oneshot::Sender<()>>,
}

impl Batch {
    fn gather(work: impl Iterator<Item = Work>) -> Self {
        let mut batch = Self::default();
        for one in work {
            match one {
                Work::Event(event, reply) => {
                    batch.events.push(*event);
                    batch.replies.push(reply);
                }
                Work::Counts(counts, done) => {
                    batch.counts.extend(counts);
                    batch.counted.push(done);
                }
            }
        }
        batch
    }
}

async fn run(store: Store, clock: Clock, mut waiting: mpsc::Receiver<Work>, stored: impl Fn()) {
    let mut work = Vec::with_capacity(MAX_BATCH_EVENTS);
    while waiting.recv_many(&mut work, MAX_BATCH_EVENTS).await > 0 {
        let Batch { events, replies, counts, counted } = Batch::gather(work.drain(..));
        let any = !events.is_empty();
        match store.store_events(&events, &counts, clock.now()).await {
            Ok(places) => {
                for (reply, place) in replies.into_iter().zip(places) {
                    // A sender that hung up does not make its event less durable.
                    let _ = reply.send(Ok(place));
                }
            }
            // All would wait for the same, one after the other, while their senders hang up.
            Err(e) if e.is_unavailable() => {
                tracing::error!(error = %e, events = events.len(), "a batch was not stored; its senders are told to try again");
                for reply in replies {
                    let _ = reply.send(Err(StoreError::Unavailable));
                }
            }
            Err(e) => {
                tracing::warn!(error = %e, events = events.len(), "a batch was not stored; each event alone");
                write_one_by_one(&store, &clock, events, replies).await;
                if let Err(e) = store.store_events(&[], &counts, clock.now()).await {
                    tracing::warn!(error = %e, "items were not counted");
                }
            }
        }
        for done in counted {
            // Nobody may be waiting any more, as above.
            let _ = done.send(());
        }
        if any {
            stored();
        }
    }
}

/// One event that the database refuses must not cost the others of its batch.
async fn write_one_by_one(
    store: &Store,
    clock: &Clock,
    events: Vec<NewEvent>,
    replies: Vec<Reply>,
) {
    for (event, reply) in events.into_iter().zip(replies) {
        let result = match store.store_events(&[event], &[], clock.now()).await {
            Ok(places) => places.into_iter().next().ok_or(StoreError::NotFound("row".into())),
            Err(e) => Err(e),
        };
        if let Err(e) = &result {
            tracing::error!(error = %e, "an event was not stored; its sender is told to try again");
        }
        let _ = reply.send(result);
    }
}
