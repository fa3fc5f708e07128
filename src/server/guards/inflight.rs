//! The guard on memory: what the bodies of all requests under way hold together is bounded, and a body is
//! charged for what has arrived of it, never for what it announces. So many slow senders with half bodies
//! cost what they sent, up to the bound, and nobody can book the bound by a header.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of one permit: the first share of a body, and the step in which it grows.
const UNIT_BYTES: usize = 16 * 1024;

/// Part of the bound that senders may use whose key was not looked at yet, because it stands in the body:
/// one in so many.
const STRANGERS_PART: usize = 4;

/// Units that are held while the door is crowded: more senders at once than a machine that is not at its
/// limit has.
const CROWD_UNITS: usize = 12;

/// How long a crowd is taken to last after it was seen: between two commits there is nobody for a moment.
const CROWD_LASTS: Duration = Duration::from_secs(2);

/// Hands out shares.
#[derive(Debug)]
pub struct Inflight {
    all: Arc<Semaphore>,
    units: usize,
    strangers: Arc<Semaphore>,
    begun: Instant,
    /// Milliseconds after `begun` at which a crowd was last seen; 0 if there was none.
    crowd_at: AtomicU64,
}

/// What one body may hold; given back when it is dropped.
#[derive(Debug)]
pub struct Share {
    permits: Vec<OwnedSemaphorePermit>,
    from: Vec<Arc<Semaphore>>,
    units: usize,
}

impl Inflight {
    /// At most `max_bytes` together, of which one body may have `max_body_bytes`.
    pub fn new(max_bytes: usize, max_body_bytes: usize) -> Self {
        let semaphore =
            |bytes: usize| Arc::new(Semaphore::new(units(bytes).min(Semaphore::MAX_PERMITS)));
        let strangers = (max_bytes / STRANGERS_PART).max(max_body_bytes).min(max_bytes);
        let all = semaphore(max_bytes);
        Self {
            units: all.available_permits(),
            all,
            strangers: semaphore(strangers),
            begun: Instant::now(),
            crowd_at: AtomicU64::new(0),
        }
    }

    /// Whether so much is under way, or was a moment ago, that what can wait should.
    pub fn is_crowded(&self, now: Instant) -> bool {
        let seen = self.crowd_at.load(Ordering::Relaxed);
        seen > 0 && self.millis(now) < seen.saturating_add(CROWD_LASTS.as_millis() as u64)
    }

    fn millis(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }

    /// A first share, if there is one left; `known` says whether the sender's key was looked at.
    pub fn begin(&self, known: bool) -> Option<Share> {
        let mut from = vec![Arc::clone(&self.all)];
        if !known {
            from.push(Arc::clone(&self.strangers));
        }
        let mut share = Share { permits: Vec::new(), from, units: 0 };
        let got = share.grow(UNIT_BYTES);
        if self.units - self.all.available_permits().min(self.units) >= CROWD_UNITS {
            self.crowd_at.store(self.millis(Instant::now()).max(1), Ordering::Relaxed);
        }
        got.then_some(share)
    }
}

impl Share {
    /// Makes the share large enough for so many bytes; says whether there was as much left.
    pub fn grow(&mut self, bytes: usize) -> bool {
        let wanted = units(bytes);
        let Ok(more) = u32::try_from(wanted.saturating_sub(self.units)) else { return false };
        if more == 0 {
            return true;
        }
        let mut got = Vec::with_capacity(self.from.len());
        for semaphore in &self.from {
            match Arc::clone(semaphore).try_acquire_many_owned(more) {
                Ok(permit) => got.push(permit),
                // What was got of the others is given back here.
                Err(_) => return false,
            }
        }
        if self.permits.is_empty() {
            self.permits = got;
        } else {
            // The same semaphores in the same order.
            self.permits.iter_mut().zip(got).for_each(|(held, new)| held.merge(new));
        }
        self.units = wanted;
        true
    }
}

fn units(bytes: usize) -> usize {
    bytes.div_ceil(UNIT_BYTES).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_charged_as_they_grow_and_give_back_what_they_held() {
        let inflight = Inflight::new(10 * UNIT_BYTES, 4 * UNIT_BYTES);
        let mut one = inflight.begin(true).unwrap();
        assert!(one.grow(1) && one.grow(UNIT_BYTES));
        assert!(one.grow(7 * UNIT_BYTES + 1), "eight of ten");
        let mut two = inflight.begin(true).unwrap();
        assert!(!two.grow(4 * UNIT_BYTES));
        assert!(two.grow(2 * UNIT_BYTES), "a refusal takes nothing");
        assert!(inflight.begin(true).is_none());
        drop(one);
        assert!(two.grow(10 * UNIT_BYTES));
        drop(two);
        assert_eq!(inflight.all.available_permits(), 10);
    }

    #[test]
    fn a_crowd_is_seen_and_ends_a_moment_after_it_has_gone() {
        let inflight = Inflight::new(100 * UNIT_BYTES, UNIT_BYTES);
        let mut shares: Vec<_> = (1..CROWD_UNITS).map(|_| inflight.begin(true).unwrap()).collect();
        assert!(!inflight.is_crowded(Instant::now()));
        shares.push(inflight.begin(true).unwrap());
        drop(shares);
        assert!(inflight.is_crowded(Instant::now()), "nobody is there just now");
        assert!(!inflight.is_crowded(Instant::now() + CROWD_LASTS * 2));
    }

    #[test]
    fn strangers_cannot_use_it_all_up() {
        let inflight = Inflight::new(40 * UNIT_BYTES, UNIT_BYTES);
        let strangers: Vec<Share> = std::iter::from_fn(|| inflight.begin(false)).collect();
        assert_eq!(strangers.len(), 10);
        assert!(inflight.begin(true).unwrap().grow(30 * UNIT_BYTES));
        drop(strangers);
        assert!(inflight.begin(false).unwrap().grow(10 * UNIT_BYTES));
        let one_large = Inflight::new(40 * UNIT_BYTES, 39 * UNIT_BYTES);
        assert!(
            one_large.begin(false).unwrap().grow(39 * UNIT_BYTES),
            "one whole body always fits"
        );
    }
}
