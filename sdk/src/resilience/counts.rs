//! Numbers by type and minute, for the health monitor. Minutes are counted from the clock's start.

use std::collections::{BTreeMap, HashMap};

use super::health::OTHER;

/// A type's name is cut to so many bytes.
const LONGEST_NAME: usize = 200;

/// A counter a type, as many as are allowed, and one for the rest.
#[derive(Debug, Default)]
pub(super) struct Counts {
    by_type: HashMap<String, Counter>,
    other: Option<Counter>,
    /// The minute in which forgotten types were last looked for.
    swept: Option<u64>,
}

impl Counts {
    /// The counter of a type, or the one of the rest if there are `most` types already.
    pub(super) fn counter(&mut self, name: &str, now: u64, kept: u64, most: usize) -> &mut Counter {
        let name = &name[..name.floor_char_boundary(LONGEST_NAME)];
        if !self.by_type.contains_key(name) {
            if !self.has_room(now, kept, most) {
                return self.other.get_or_insert_with(|| Counter::new(OTHER, kept));
            }
            self.by_type.insert(name.to_owned(), Counter::new(name, kept));
        }
        match self.by_type.get_mut(name) {
            Some(counter) => counter,
            None => self.other.get_or_insert_with(|| Counter::new(OTHER, kept)),
        }
    }

    /// The numbers of the types that have any within the last `span` minutes.
    pub(super) fn by_type(&self, now: u64, span: u64) -> BTreeMap<String, u64> {
        let mut numbers = BTreeMap::new();
        for counter in self.by_type.values().chain(&self.other) {
            let sum = counter.sum(now, span);
            if sum > 0 {
                *numbers.entry(counter.name.clone()).or_default() += sum;
            }
        }
        numbers
    }

    /// Whether there is room for another type. Types of which nothing is kept any more make room; as
    /// looking for them is slow, it is done once a minute only.
    fn has_room(&mut self, now: u64, kept: u64, most: usize) -> bool {
        if self.by_type.len() >= most && self.swept != Some(now) {
            self.by_type.retain(|_, counter| counter.sum(now, kept) > 0);
            self.swept = Some(now);
        }
        self.by_type.len() < most
    }
}

/// A ring with a number a minute.
#[derive(Debug)]
pub(super) struct Counter {
    name: String,
    ring: Box<[u32]>,
    /// The newest minute that the ring knows.
    newest: u64,
    alerted: Option<u64>,
}

impl Counter {
    fn new(name: &str, kept: u64) -> Self {
        let length = usize::try_from(kept.max(1)).unwrap_or(usize::MAX);
        Self { name: name.to_owned(), ring: vec![0; length].into(), newest: 0, alerted: None }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn add(&mut self, now: u64) {
        let length = self.ring.len() as u64;
        for minute in (self.newest + 1..=now).rev().take(self.ring.len()) {
            self.ring[(minute % length) as usize] = 0;
        }
        // A clock that goes back counts for the newest minute.
        self.newest = self.newest.max(now);
        let number = &mut self.ring[(self.newest % length) as usize];
        *number = number.saturating_add(1);
    }

    /// The number in the minute `now` and those before it, `span` in all.
    pub(super) fn sum(&self, now: u64, span: u64) -> u64 {
        let length = self.ring.len() as u64;
        let now = now.max(self.newest);
        let oldest = (now + 1).saturating_sub(span.min(length));
        // Minutes after the newest were not counted, and their places hold older ones.
        (oldest..=self.newest).map(|minute| u64::from(self.ring[(minute % length) as usize])).sum()
    }

    /// Whether an alert is due, which is then taken as given: once in `span` minutes.
    pub(super) fn may_alert(&mut self, now: u64, span: u64) -> bool {
        let due = self.alerted.is_none_or(|last| now.saturating_sub(last) >= span);
        if due {
            self.alerted = Some(now);
        }
        due
    }
}
