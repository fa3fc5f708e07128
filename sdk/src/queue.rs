//! What was captured and is not in the spool yet. Bounded: who finds it full does the work on the oldest
//! instead (or waits, where that work is not for their thread), so that nothing is lost, little is held, and who captures faster than events can be made is
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
    /// How many wait until something is done.
    hurrying: u32,
    /// Whether somebody waited for room in vain, and nobody has made any since.
    stuck: bool,
    stopped: bool,
}

/// What became of something that was pushed.
#[derive(Debug)]
pub(crate) enum Pushed<'a, T> {
    /// It waits.
    Waits,
    /// So does it, and what waited longest is the caller's to do.
    Full(InHand<'a, T>),
    /// So does it, and what waited longest had to go.
    Lost(T),
    /// Nothing waits any more.
    Stopped(T),
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
            stuck: false,
            stopped: false,
        };
        Self { state: Mutex::new(state), ready: Condvar::new(), done: Condvar::new(), most }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has something wait. If that is one too many, the caller gets what waits longest, or, with patience,
    /// waits for room for so long.
    pub(crate) fn push(&self, item: T, patience: Option<Duration>) -> Pushed<'_, T> {
        let mut state = self.lock();
        if let Some(patience) = patience {
            state = self.wait_for_room(state, patience);
        }
        if state.stopped {
            return Pushed::Stopped(item);
        }
        let number = state.next;
        state.next += 1;
        state.waiting.push_back((number, item));
        let is_first = state.waiting.len() == 1;
        let is_full = state.waiting.len() > self.most;
        let pushed = if !is_full {
            Pushed::Waits
        } else if patience.is_some() {
            state.waiting.pop_front().map_or(Pushed::Waits, |(_, oldest)| Pushed::Lost(oldest))
        } else {
            self.hand_out(&mut state).map_or(Pushed::Waits, Pushed::Full)
        };
        drop(state);
        // Who is at work already looks again by itself.
        if is_first {
            self.ready.notify_all();
        }
        pushed
    }

    fn wait_for_room<'a>(
        &self,
        mut state: MutexGuard<'a, State<T>>,
        patience: Duration,
    ) -> MutexGuard<'a, State<T>> {
        let until = from_now(patience);
        while state.waiting.len() >= self.most && !state.stuck && !state.stopped {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // Only the first waits in vain.
                state.stuck = true;
                break;
            }
            state.hurrying += 1;
            let waited = self.done.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.hurrying -= 1;
        }
        state
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
            state.stuck = false;
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
        self.done.notify_all();
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
        let mut state = self.queue.lock();
        state.in_hand.retain(|number| *number != self.number);
        let is_awaited = state.hurrying > 0;
        drop(state);
        if is_awaited {
            self.queue.done.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(60);

    fn push(queue: &Queue<u64>, item: u64) {
        assert!(matches!(queue.push(item, None), Pushed::Waits));
    }

    #[test]
    fn who_finds_it_full_gets_the_oldest() {
        let queue = Queue::new(2);
        push(&queue, 1);
        push(&queue, 2);
        let Pushed::Full(mut oldest) = queue.push(3, None) else { panic!("it is full") };
        assert_eq!(oldest.item(), Some(1));
        let rest: Vec<_> = (0..2).filter_map(|_| queue.take()?.item()).collect();
        assert_eq!(rest, [2, 3]);
        queue.stop();
        assert!(queue.take().is_none());
        assert!(matches!(queue.push(4, None), Pushed::Stopped(4)), "nobody would do it");
        assert!(matches!(queue.push(4, Some(SOON)), Pushed::Stopped(4)));
    }

    #[test]
    fn who_waits_for_room_does_so_for_a_while_and_not_each_time() {
        let queue = Queue::new(1);
        push(&queue, 1);
        let begun = Instant::now();
        let patience = Duration::from_millis(50);
        assert!(matches!(queue.push(2, Some(patience)), Pushed::Lost(1)));
        assert!(begun.elapsed() >= patience);
        assert!(matches!(queue.push(3, Some(SOON)), Pushed::Lost(2)), "it is stuck");
        std::thread::scope(|threads| {
            // Once it is not, there is room a moment later.
            drop(queue.take());
            push(&queue, 4);
            let waits = threads.spawn(|| matches!(queue.push(5, Some(SOON)), Pushed::Waits));
            drop(queue.take());
            assert!(waits.join().unwrap());
        });
    }

    #[test]
    fn it_is_settled_when_all_before_is_done_whoever_has_it_in_hand() {
        let queue = Queue::new(10);
        assert!(queue.settle(Duration::ZERO), "there is nothing");
        push(&queue, 1);
        assert!(!queue.settle(Duration::ZERO));
        let first = queue.take();
        assert!(!queue.settle(Duration::ZERO), "it is in somebody's hand");
        std::thread::scope(|threads| {
            let settled = threads.spawn(|| queue.settle(SOON));
            drop(first);
            assert!(settled.join().unwrap());
        });
        push(&queue, 2);
        assert!(!queue.settle(Duration::ZERO));
    }

    #[test]
    fn nothing_is_lost_between_many() {
        let queue = Queue::new(3);
        let sum = std::sync::atomic::AtomicU64::new(0);
        let add = |mut taken: InHand<'_, u64>| {
            sum.fetch_add(taken.item().unwrap(), std::sync::atomic::Ordering::Relaxed);
        };
        let push = |n| match queue.push(n, None) {
            Pushed::Full(taken) => add(taken),
            pushed => assert!(matches!(pushed, Pushed::Waits)),
        };
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while let Some(taken) = queue.take() {
                    add(taken);
                }
            });
            let pushers: Vec<_> =
                (0..4).map(|_| threads.spawn(|| (1..=1000).for_each(&push))).collect();
            pushers.into_iter().for_each(|pusher| pusher.join().unwrap());
            assert!(queue.settle(SOON));
            queue.stop();
        });
        assert_eq!(sum.into_inner(), 4 * 500_500);
    }
}
