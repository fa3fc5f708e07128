//! What was captured and is not in the spool yet. Bounded: who finds it full does the work on the oldest
//! instead, so that nothing is lost, little is held, and who captures faster than events can be made is
//! slowed to that.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::time::from_now;

/// How long who waits for work leaves it, once it comes: who has just captured something goes on first, and
/// what comes with it is done together.
const LINGER: Duration = Duration::from_millis(1);

/// The queue.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    /// There is something to do, or nothing more will come.
    ready: Condvar,
    /// Something is done.
    done: Condvar,
    most: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<(u64, T)>,
    in_hand: Vec<u64>,
    next: u64,
    /// How many wait until all is done.
    hurrying: u32,
    stopped: bool,
}

/// Something that somebody works on; when this is dropped it is done.
#[derive(Debug)]
pub(crate) struct InHand<'a, T> {
    queue: &'a Queue<T>,
    number: u64,
    item: Option<T>,
}

impl<T> Queue<T> {
    pub(crate) fn new(most: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            in_hand: Vec::new(),
            next: 0,
            hurrying: 0,
            stopped: false,
        };
        Self { state: Mutex::new(state), ready: Condvar::new(), done: Condvar::new(), most }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has something wait; if that is one too many, gives the caller what waits longest.
    pub(crate) fn push(&self, item: T) -> Option<InHand<'_, T>> {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.waiting.push_back((number, item));
        let is_first = state.waiting.len() == 1;
        let is_full = state.waiting.len() > self.most;
        let oldest = if is_full { self.hand_out(&mut state) } else { None };
        drop(state);
        // Who is at work already looks again by itself.
        if is_first {
            self.ready.notify_all();
        }
        oldest
    }

    /// What waits longest, once there is something; `None` when nothing waits and nothing more will come.
    pub(crate) fn take(&self) -> Option<InHand<'_, T>> {
        let mut state = self.lock();
        let mut has_waited = false;
        loop {
            if has_waited && !state.waiting.is_empty() && state.hurrying == 0 && !state.stopped {
                let waited = self.ready.wait_timeout(state, LINGER);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            let oldest = self.hand_out(&mut state);
            if oldest.is_some() || state.stopped {
                return oldest;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
            has_waited = true;
        }
    }

    fn hand_out(&self, state: &mut State<T>) -> Option<InHand<'_, T>> {
        let (number, item) = state.waiting.pop_front()?;
        state.in_hand.push(number);
        Some(InHand { queue: self, number, item: Some(item) })
    }

    /// Waits until all that was pushed before is done, for so long at most.
    pub(crate) fn settle(&self, patience: Duration) -> bool {
        let until = from_now(patience);
        let mut state = self.lock();
        let next = state.next;
        state.hurrying += 1;
        self.ready.notify_all();
        let is_settled = loop {
            let first = state.waiting.front().map(|(number, _)| number);
            if state.in_hand.iter().chain(first).all(|number| *number >= next) {
                break true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break false;
            }
            let waited = self.done.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        };
        state.hurrying -= 1;
        is_settled
    }

    /// Nothing more will come.
    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.ready.notify_all();
    }
}

impl<T> InHand<'_, T> {
    /// What it is. Only the first time.
    pub(crate) fn item(&mut self) -> Option<T> {
        self.item.take()
    }
}

impl<T> Drop for InHand<'_, T> {
    fn drop(&mut self) {
        self.queue.lock().in_hand.retain(|number| *number != self.number);
        self.queue.done.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(60);

    #[test]
    fn who_finds_it_full_gets_the_oldest() {
        let queue = Queue::new(2);
        assert!(queue.push(1).is_none() && queue.push(2).is_none());
        assert_eq!(queue.push(3).and_then(|mut oldest| oldest.item()), Some(1));
        let rest: Vec<_> = (0..2).filter_map(|_| queue.take()?.item()).collect();
        assert_eq!(rest, [2, 3]);
        queue.stop();
        assert!(queue.take().is_none());
    }

    #[test]
    fn it_is_settled_when_all_before_is_done_whoever_has_it_in_hand() {
        let queue = Queue::new(10);
        assert!(queue.settle(Duration::ZERO), "there is nothing");
        queue.push(1);
        assert!(!queue.settle(Duration::ZERO));
        let first = queue.take();
        assert!(!queue.settle(Duration::ZERO), "it is in somebody's hand");
        std::thread::scope(|threads| {
            let settled = threads.spawn(|| queue.settle(SOON));
            drop(first);
            assert!(settled.join().unwrap());
        });
        let later = queue.push(2);
        assert!(later.is_none() && !queue.settle(Duration::ZERO));
    }

    #[test]
    fn nothing_is_lost_between_many() {
        let queue = Queue::new(3);
        let sum = std::sync::atomic::AtomicU64::new(0);
        let add = |mut taken: InHand<'_, u64>| {
            sum.fetch_add(taken.item().unwrap(), std::sync::atomic::Ordering::Relaxed);
        };
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while let Some(taken) = queue.take() {
                    add(taken);
                }
            });
            let pushers: Vec<_> = (0..4)
                .map(|_| threads.spawn(|| (1..=1000).for_each(|n| queue.push(n).map_or((), add))))
                .collect();
            pushers.into_iter().for_each(|pusher| pusher.join().unwrap());
            assert!(queue.settle(SOON));
            queue.stop();
        });
        assert_eq!(sum.into_inner(), 4 * 500_500);
    }
}
