//! What waits, on the disk and in memory, as one.

use std::collections::BTreeMap;

use super::disk::{self, Disk};
use super::memory::Memory;

/// What waits longest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) bytes: Vec<u8>,
    place: Place,
}

/// Where it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Disk(disk::Place),
    Memory(u64),
}

/// How things stand, for whoever waits for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// What waits, in numbers.
    pub(crate) waiting: u64,
    /// Whether all of it outlives the process.
    pub(crate) is_safe: bool,
    /// How often sending was tried in vain so far.
    pub(crate) failures: u64,
}

/// What went wrong, and why. It is told by whoever holds no lock: the application is told, and may ask back.
pub(super) type Problem = (&'static str, String);

/// What waits, and how things stand with it.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) disk: Option<Disk>,
    pub(super) memory: Memory,
    /// The one in memory that is being sent.
    pub(super) lent: Option<u64>,
    pub(super) problems: Vec<Problem>,
    pub(super) dropped: BTreeMap<&'static str, u64>,
    pub(super) failures: u64,
    pub(super) hurry: bool,
    /// Whether somebody would send what comes at once.
    pub(super) awaited: bool,
    pub(super) stopped: bool,
}

impl Inner {
    pub(super) fn new(disk: Option<Disk>, max_memory_bytes: usize) -> Self {
        Self {
            disk,
            memory: Memory::new(max_memory_bytes),
            lent: None,
            problems: Vec::new(),
            dropped: BTreeMap::new(),
            failures: 0,
            hurry: false,
            awaited: false,
            stopped: false,
        }
    }

    pub(super) fn count(&mut self, reason: &'static str, count: u64) {
        if count > 0 {
            *self.dropped.entry(reason).or_default() += count;
        }
    }

    pub(super) fn push(&mut self, bytes: Vec<u8>) {
        self.move_to_disk();
        let written = self.disk.as_mut().map(|disk| disk.push(&bytes));
        if let Some(Ok(())) = written {
            return;
        }
        if let Some(Err(error)) = written {
            let why = format!("{error}; errors wait in memory, and the oldest go when it is full");
            self.problems.push(("the spool cannot be written", why));
        }
        let lost = self.memory.push(bytes);
        self.count("cache_overflow", lost);
    }

    /// What could not be written before may find room now. What is being sent stays where it is.
    pub(super) fn move_to_disk(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        while let Some((bytes, number)) = self.memory.first()
            && self.lent != Some(number)
            && disk.push(bytes).is_ok()
        {
            self.memory.done(number);
        }
    }

    pub(super) fn first(&mut self) -> Option<Waiting> {
        match self.disk.as_mut().map(Disk::first) {
            Some(Ok(Some((bytes, place)))) => {
                return Some(Waiting { bytes, place: Place::Disk(place) });
            }
            Some(Err(error)) => {
                self.problems.push(("the spool cannot be read", error.to_string()));
            }
            _ => {}
        }
        let (bytes, number) = self.memory.first()?;
        self.lent = Some(number);
        Some(Waiting { bytes: bytes.to_vec(), place: Place::Memory(number) })
    }

    pub(super) fn done(&mut self, waiting: &Waiting) {
        self.lent = None;
        match waiting.place {
            Place::Memory(number) => self.memory.done(number),
            Place::Disk(place) => {
                if let Some(Err(error)) = self.disk.as_mut().map(|disk| disk.done(place)) {
                    self.problems.push(("the spool cannot be written", error.to_string()));
                }
            }
        }
    }

    pub(super) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
            || self.disk.as_ref().is_some_and(|disk| !disk.problems.is_empty())
    }

    /// What went wrong since this was last asked; what went with it is counted.
    pub(super) fn take_problems(&mut self) -> Vec<Problem> {
        if let Some(disk) = &mut self.disk {
            self.problems.append(&mut disk.problems);
            let lost = std::mem::take(&mut disk.lost);
            self.count("cache_overflow", lost);
        }
        std::mem::take(&mut self.problems)
    }

    pub(super) fn standing(&self) -> Standing {
        let in_memory = self.memory.waiting();
        let on_disk = self.disk.as_ref().map_or(0, Disk::waiting);
        Standing { waiting: in_memory + on_disk, is_safe: in_memory == 0, failures: self.failures }
    }
}
