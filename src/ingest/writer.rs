//! The writer: many events a commit. A sender is answered after the commit that holds its event.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit, mpsc, oneshot};

use super::IngestError;
use super::quotas::{Taken, settle};
use crate::clock::Clock;
use crate::store::counts::Counts;
use crate::store::events::{NewEvent, Spikes, Stored};
use crate::store::item_counts::ItemCount;
use crate::store::{Store, StoreError};

/// Events of one commit at most.
const MAX_BATCH_EVENTS: usize = 256;

/// What may be ready or wait for the disk altogether, in KiB: events differ a thousandfold in size, so that
/// their number alone does not bound the memory.
const MAX_QUEUED_KIB: u32 = 64 * 1024;

/// Requests whose events are ready to be written, or are made so. Further ones wait as they were sent,
/// which takes less room. Far more than are made ready while a commit takes place.
const MAX_PREPARED: usize = 128;

/// When a sender is to come back once the queue is full, in seconds.
pub const RETRY_AFTER_SECONDS: u64 = 5;

type Reply = oneshot::Sender<Result<Stored, StoreError>>;

/// An event that is durable.
pub type Accepted = Stored;

/// An event's share of the memory for events that wait; given back when it is dropped.
#[derive(Debug)]
pub struct Room(
    #[expect(dead_code, reason = "held until the event is written")] OwnedSemaphorePermit,
);

fn full() -> IngestError {
    IngestError::Full { retry_after_seconds: RETRY_AFTER_SECONDS }
}

/// What waits for the disk. An event is boxed because counts are small.
#[derive(Debug)]
enum Work {
    Event(Box<NewEvent>, Vec<Taken>, Reply, Room),
    Counts(Vec<ItemCount>, Vec<Taken>, oneshot::Sender<()>),
}

/// Hands events to the task that writes them. Cheap to clone; the task ends, after writing what it
/// has, when the last clone is gone.
#[derive(Clone, Debug)]
pub struct Writer {
    queue: mpsc::Sender<Work>,
    room: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Writer {
    /// Starts the task. At most `capacity` events wait; further ones are refused. `stored` is told
    /// after each commit.
    pub fn start(
        store: Store,
        clock: Clock,
        capacity: usize,
        spikes: Spikes,
        stored: impl Fn() + Send + Sync + 'static,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(capacity.max(1));
        let task = tokio::spawn(run(store, clock, waiting, spikes, stored));
        let room = Arc::new(Semaphore::new(MAX_QUEUED_KIB as usize));
        (Self { queue, room, places: Arc::new(Semaphore::new(MAX_PREPARED)) }, task)
    }

    /// Waits until a request's events may be made ready; to be held until they are written.
    pub async fn place(&self) -> Option<SemaphorePermit<'_>> {
        // An error would mean that the semaphore was closed, which nobody does.
        self.places.acquire().await.ok()
    }

    /// Room for an event that is ready: to be taken before it waits for anything. Refuses if there is
    /// none left.
    pub fn room(&self, event: &NewEvent) -> Result<Room, IngestError> {
        let kib = u32::try_from(event.held_bytes() / 1024 + 1).unwrap_or(MAX_QUEUED_KIB);
        let room = Arc::clone(&self.room).try_acquire_many_owned(kib.min(MAX_QUEUED_KIB));
        room.map(Room).map_err(|_| full())
    }

    /// Stores an event, and in the same commit adds what it took of quotas. When this returns `Ok` the
    /// event is committed.
    pub async fn write(
        &self,
        event: NewEvent,
        taken: Vec<Taken>,
        room: Room,
    ) -> Result<Accepted, IngestError> {
        let (reply, answer) = oneshot::channel();
        let work = Work::Event(Box::new(event), taken, reply, room);
        self.queue.try_send(work).map_err(|_| full())?;
        match answer.await {
            Ok(Ok(stored)) => Ok(stored),
            Ok(Err(e)) => Err(IngestError::Store(e)),
            // The task is gone: the server is shutting down.
            Err(_) => Err(full()),
        }
    }

    /// Adds to the counts of items that are not kept, in the commit of the next batch. Never refuses:
    /// what cannot be counted just now is left out, because no sender should come back for it.
    pub async fn count(&self, counts: Vec<ItemCount>, taken: Vec<Taken>) {
        if counts.is_empty() {
            return;
        }
        let (done, waiting) = oneshot::channel();
        match self.queue.try_send(Work::Counts(counts, taken, done)) {
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
    /// What each of the events took.
    taken: Vec<Vec<Taken>>,
    replies: Vec<Reply>,
    items: Vec<ItemCount>,
    /// What the items took.
    items_taken: Vec<Taken>,
    counted: Vec<oneshot::Sender<()>>,
    room: Vec<Room>,
}

impl Batch {
    fn gather(work: impl Iterator<Item = Work>) -> Self {
        let mut batch = Self::default();
        for one in work {
            match one {
                Work::Event(event, taken, reply, room) => {
                    batch.events.push(*event);
                    batch.taken.push(taken);
                    batch.replies.push(reply);
                    batch.room.push(room);
                }
                Work::Counts(items, taken, done) => {
                    batch.items.extend(items);
                    batch.items_taken.extend(taken);
                    batch.counted.push(done);
                }
            }
        }
        batch
    }
}

/// What is counted in one commit.
fn counts<'a>(items: &[ItemCount], taken: impl Iterator<Item = &'a Taken>) -> Counts {
    let usage = taken.flat_map(|one| one.usage().iter().copied()).collect();
    Counts { items: items.to_vec(), usage }
}

async fn run(
    store: Store,
    clock: Clock,
    mut waiting: mpsc::Receiver<Work>,
    spikes: Spikes,
    stored: impl Fn(),
) {
    let mut work = Vec::with_capacity(MAX_BATCH_EVENTS);
    while waiting.recv_many(&mut work, MAX_BATCH_EVENTS).await > 0 {
        let Batch { events, taken, replies, items, items_taken, counted, room } =
            Batch::gather(work.drain(..));
        let any = !events.is_empty();
        let all = counts(&items, taken.iter().flatten().chain(&items_taken));
        match store.store_events(&events, &all, spikes, clock.now()).await {
            Ok((places, totals)) => {
                settle(taken.into_iter().flatten().chain(items_taken).collect(), &totals);
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
                write_one_by_one(
                    &store,
                    &clock,
                    spikes,
                    events.into_iter().zip(taken).zip(replies),
                )
                .await;
                let rest = counts(&items, items_taken.iter());
                match store.store_counts(&rest, clock.now()).await {
                    Ok(totals) => settle(items_taken, &totals),
                    Err(e) => tracing::warn!(error = %e, "items were not counted"),
                }
            }
        }
        for done in counted {
            // Nobody may be waiting any more, as above.
            let _ = done.send(());
        }
        drop(room);
        if any {
            stored();
        }
    }
}

/// One event that the database refuses must not cost the others of its batch.
async fn write_one_by_one(
    store: &Store,
    clock: &Clock,
    spikes: Spikes,
    events: impl Iterator<Item = ((NewEvent, Vec<Taken>), Reply)>,
) {
    for ((event, taken), reply) in events {
        let used = counts(&[], taken.iter());
        let result = match store.store_events(&[event], &used, spikes, clock.now()).await {
            Ok((places, totals)) => {
                settle(taken, &totals);
                places.into_iter().next().ok_or(StoreError::NotFound("row".into()))
            }
            Err(e) => Err(e),
        };
        match &result {
            Ok(_) => {}
            Err(StoreError::ProjectDeleted(id)) => {
                tracing::info!(project = id, "an event came for a project that was deleted");
            }
            Err(e) => {
                tracing::error!(error = %e, "an event was not stored; its sender is told to try again");
            }
        }
        let _ = reply.send(result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fingerprint::{CURRENT, Rules, group};
    use crate::domain::healing::HealingMode;
    use crate::domain::scrub::Scrubber;
    use crate::ingest::plain;
    use crate::store::attachments::NewAttachment;
    use crate::store::events::Incoming;
    use crate::store::projects::NewProject;

    #[tokio::test]
    async fn what_waits_is_bounded_in_bytes_and_room_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let clock = Clock::system();
        let now = clock.now();
        let new = NewProject { name: "a", public_key: "k", repo: None, healing: HealingMode::Off };
        let project = store.create_project(&new, "ada", now).await.unwrap().id;
        let noise: Vec<u8> = std::iter::repeat_with(rand::random::<u8>).take(8_000_000).collect();
        let large = || {
            let scrubber = Scrubber::new(&Default::default()).unwrap();
            let event = plain::parse(br#"{"error":"boom"}"#, &scrubber, now).unwrap().event;
            let file = NewAttachment::new("noise".into(), None, &noise).unwrap();
            let incoming = Incoming {
                project_id: project,
                grouping: group(CURRENT, &event, &Rules::default()),
                event,
                rules: Default::default(),
                culprit: None,
                payload: b"{}",
                reads_back: false,
                notes: Vec::new(),
                received_at: now,
            };
            let event = NewEvent::new(incoming, None).unwrap();
            event.with_attachments(vec![file])
        };
        let (writer, _task) = Writer::start(store.clone(), clock, 1000, Spikes::OFF, || {});
        let holder = store.begin_write().await.unwrap();
        let waiting: Vec<_> = (0..12)
            .map(|_| {
                let (writer, event) = (writer.clone(), large());
                tokio::spawn(async move {
                    let room = writer.room(&event)?;
                    writer.write(event, Vec::new(), room).await
                })
            })
            .collect();
        // The refused are answered at once; the others wait for the disk.
        while waiting.iter().filter(|answer| answer.is_finished()).count() < 4 {
            tokio::task::yield_now().await;
        }
        holder.rollback().await.unwrap();
        let (mut kept, mut refused) = (0, 0);
        for answer in waiting {
            match answer.await.unwrap() {
                Ok(_) => kept += 1,
                Err(IngestError::Full { .. }) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!((kept, refused), (8, 4));
        let again = large();
        let room = writer.room(&again).unwrap();
        assert!(writer.write(again, Vec::new(), room).await.is_ok(), "the room came back");
    }
}
