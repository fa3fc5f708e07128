//! What one project has taken in the windows that are under way.

use std::collections::HashMap;

use crate::domain::category::Category;
use crate::domain::quota::Window;
use crate::store::usage::Usage;

const MICROS_PER_MINUTE: i64 = 60 * 1_000_000;

/// By category and window: both are closed lists, so that a project's counters are bounded.
#[derive(Debug, Default)]
pub(super) struct Counters(HashMap<(Category, Window), Counter>);

/// One window of one category. The keys of a project are few.
#[derive(Debug)]
pub(super) struct Counter {
    bucket: i64,
    keys: Vec<KeyCount>,
}

#[derive(Clone, Copy, Debug)]
struct KeyCount {
    key_id: i64,
    /// What is in the database, by the last that was heard of it. It only ever grows.
    known: i64,
    /// What was taken here and is not committed yet.
    waiting: i64,
}

impl KeyCount {
    fn sum(self) -> i64 {
        self.known.saturating_add(self.waiting)
    }
}

impl Counters {
    /// The counter of the window that began at `bucket`. An older window's counts are forgotten. A request
    /// that is late by less than a window counts for the newer one: two threads read the clock just before
    /// and just after the turn.
    pub(super) fn at(&mut self, category: Category, window: Window, bucket: i64) -> &mut Counter {
        let counter = self
            .0
            .entry((category, window))
            .or_insert_with(|| Counter { bucket, keys: Vec::new() });
        if counter.is_over(window, bucket) {
            *counter = Counter { bucket, keys: Vec::new() };
        }
        counter
    }

    /// Hears of a sum in the database.
    pub(super) fn learn(&mut self, total: &Usage) {
        let counter = self.at(total.category, total.window, total.bucket);
        if counter.bucket == total.bucket {
            let key = counter.key(total.key_id);
            key.known = key.known.max(total.quantity);
        }
    }

    /// What was taken is committed, or is given back.
    pub(super) fn release(&mut self, taken: &Usage) {
        if let Some(counter) = self.0.get_mut(&(taken.category, taken.window))
            && counter.bucket == taken.bucket
        {
            let key = counter.key(taken.key_id);
            key.waiting = key.waiting.saturating_sub(taken.quantity).max(0);
        }
    }

    /// Whether something was taken that is neither committed nor given back.
    pub(super) fn are_waited_for(&self) -> bool {
        self.0.values().any(|counter| counter.keys.iter().any(|key| key.waiting > 0))
    }
}

impl Counter {
    fn is_over(&self, window: Window, bucket: i64) -> bool {
        // Going back by more than that, the clock was set back; by less, it is the other thread's reading.
        let slack = match window {
            Window::Minute => 2 * MICROS_PER_MINUTE,
            Window::Hour => 2 * 60 * MICROS_PER_MINUTE,
            Window::Month => 62 * 24 * 60 * MICROS_PER_MINUTE,
        };
        self.bucket < bucket || self.bucket.saturating_sub(bucket) >= slack
    }

    pub(super) fn bucket(&self) -> i64 {
        self.bucket
    }

    pub(super) fn all(&self) -> i64 {
        self.keys.iter().fold(0, |sum, key| sum.saturating_add(key.sum()))
    }

    pub(super) fn of(&self, key_id: i64) -> i64 {
        self.keys.iter().find(|key| key.key_id == key_id).map_or(0, |key| key.sum())
    }

    pub(super) fn take(&mut self, key_id: i64, quantity: i64) {
        let key = self.key(key_id);
        key.waiting = key.waiting.saturating_add(quantity);
    }

    fn key(&mut self, key_id: i64) -> &mut KeyCount {
        let index = self.keys.iter().position(|key| key.key_id == key_id).unwrap_or_else(|| {
            self.keys.push(KeyCount { key_id, known: 0, waiting: 0 });
            self.keys.len() - 1
        });
        &mut self.keys[index]
    }
}
