//! The writer: many events a commit. A sender is answered after the commit that holds its event.

use tokio::sync::{mpsc, oneshot};

use super::IngestError;
use crate::clock::Clock;
use crate::store::events::{NewEvent, Stored};
use crate::store::{Store, StoreError};

/// Events of one commit at most.
const MAX_BATCH_EVENTS: usize = 256;

/// When a sender is to come back once the queue is full, in seconds.
pub const RETRY_AFTER_SECONDS: u64 = 5;

type Reply = oneshot::Sender<Result<Stored, StoreError>>;

/// An event that is durable.
pub type Accepted = Stored;

/// Hands events to the task that writes them. Cheap to clone; the task ends, after writing what it
/// has, when the last clone is gone.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<(NewEvent, Reply)>,
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
            .try_send((event, reply))
            .map_err(|_| IngestError::Full { retry_after_seconds: RETRY_AFTER_SECONDS })?;
        match answer.await {
            Ok(Ok(stored)) => Ok(stored),
            Ok(Err(e)) => Err(IngestError::Store(e)),
            // The task is gone: the server is shutting down.
            Err(_) => Err(IngestError::Full { retry_after_seconds: RETRY_AFTER_SECONDS }),
        }
    }
}

async fn run(
    store: Store,
    clock: Clock,
    mut waiting: mpsc::Receiver<(NewEvent, Reply)>,
    stored: impl Fn(),
) {
    let mut batch = Vec::with_capacity(MAX_BATCH_EVENTS);
    while waiting.recv_many(&mut batch, MAX_BATCH_EVENTS).await > 0 {
        let (events, replies): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
        match store.store_events(&events, clock.now()).await {
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
            }
        }
        stored();
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
        let result = match store.store_events(&[event], clock.now()).await {
            Ok(places) => places.into_iter().next().ok_or(StoreError::NotFound("row".into())),
            Err(e) => Err(e),
        };
        if let Err(e) = &result {
            tracing::error!(error = %e, "an event was not stored; its sender is told to try again");
        }
        let _ = reply.send(result);
    }
}
