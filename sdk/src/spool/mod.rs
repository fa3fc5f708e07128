//! What waits to be sent. It lies in files, in the order of capture, so that neither a server that is away
//! nor the end of the process loses it; where no file can be written it waits in memory, bounded.
//!
//! A spool is a folder for one DSN, with a folder for each process in it. A process holds the lock of its
//! own; the folders whose process is gone are taken over by whoever finds them.

mod disk;
mod folder;
mod memory;
mod segment;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::problems;
use disk::Disk;
pub(crate) use folder::usual;
use memory::Memory;

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

/// What waits to be sent.
#[derive(Debug)]
pub(crate) struct Spool {
    inner: Mutex<Inner>,
    changed: Condvar,
    /// The spool's folder, and this process's in it.
    folders: Option<(PathBuf, PathBuf)>,
}

#[derive(Debug)]
struct Inner {
    disk: Option<Disk>,
    memory: Memory,
    dropped: BTreeMap<&'static str, u64>,
    failures: u64,
    hurry: bool,
    stopped: bool,
}

impl Spool {
    /// A spool in this folder, of so many bytes; `None` for one in memory only.
    pub(crate) fn open(folder: Option<PathBuf>, max_bytes: u64, max_memory_bytes: usize) -> Self {
        let disk = folder.as_ref().and_then(|folder| match Disk::open(folder, max_bytes) {
            Ok(disk) => Some(disk),
            Err(error) => {
                let why = format!("{}: {error}; errors wait in memory", folder.display());
                problems::report("the spool cannot be used", &why);
                None
            }
        });
        let own = disk.as_ref().map(|disk| disk.own().to_owned());
        let inner = Inner {
            disk,
            memory: Memory::new(max_memory_bytes),
            dropped: BTreeMap::new(),
            failures: 0,
            hurry: false,
            stopped: false,
        };
        Self { inner: Mutex::new(inner), changed: Condvar::new(), folders: folder.zip(own) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has something wait. Never blocks for longer than a file takes to grow.
    pub(crate) fn push(&self, bytes: Vec<u8>) {
        let mut inner = self.lock();
        let written = inner.disk.as_mut().map(|disk| disk.push(&bytes));
        match written {
            Some(Ok(lost)) => inner.count("cache_overflow", lost),
            failed => {
                if let Some(Err(error)) = failed {
                    problems::report(
                        "the spool cannot be written",
                        &format!(
                            "{error}; errors wait in memory, and the oldest go when it is full"
                        ),
                    );
                }
                let lost = inner.memory.push(bytes);
                inner.count("cache_overflow", lost);
            }
        }
        drop(inner);
        self.changed.notify_all();
    }

    /// What waits longest, once there is something and `not_before` has passed or somebody is in a hurry;
    /// `None` after a while in which there is nothing, or when all is at its end.
    pub(crate) fn next(&self, not_before: Instant, patience: Duration) -> Option<Waiting> {
        let until = Instant::now() + patience;
        let mut inner = self.lock();
        loop {
            let now = Instant::now();
            if inner.stopped {
                return None;
            }
            if now >= not_before || inner.hurry {
                inner.hurry = false;
                if let Some(waiting) = inner.first() {
                    return Some(waiting);
                }
            }
            if now >= until {
                return None;
            }
            let wake = if now < not_before { not_before.min(until) } else { until };
            let waited = self.changed.wait_timeout(inner, wake.saturating_duration_since(now));
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// It is where it should be, or never will be: it waits no longer.
    pub(crate) fn done(&self, waiting: &Waiting) {
        let mut inner = self.lock();
        match waiting.place {
            Place::Memory(number) => inner.memory.done(number),
            Place::Disk(place) => {
                if let Some(Err(error)) = inner.disk.as_mut().map(|disk| disk.done(place)) {
                    problems::report("the spool cannot be written", &error.to_string());
                }
            }
        }
        drop(inner);
        self.changed.notify_all();
    }

    /// Sending was tried in vain.
    pub(crate) fn failed(&self) {
        self.lock().failures += 1;
        self.changed.notify_all();
    }

    /// Something was left out, for a reason of the protocol's.
    pub(crate) fn count(&self, reason: &'static str, count: u64) {
        self.lock().count(reason, count);
    }

    /// What was left out since it was last asked.
    pub(crate) fn take_dropped(&self) -> BTreeMap<&'static str, u64> {
        std::mem::take(&mut self.lock().dropped)
    }

    /// Says again that it was left out: saying so went wrong.
    pub(crate) fn give_back_dropped(&self, dropped: BTreeMap<&'static str, u64>) {
        let mut inner = self.lock();
        for (reason, count) in dropped {
            inner.count(reason, count);
        }
    }

    /// Takes over what processes that are gone left behind.
    pub(crate) fn adopt(&self) {
        let Some((spool, own)) = &self.folders else { return };
        let left = disk::left_behind(spool, own);
        if !left.is_empty() {
            if let Some(disk) = &mut self.lock().disk {
                disk.take_over(left);
            }
            self.changed.notify_all();
        }
    }

    #[cfg(test)]
    pub(crate) fn standing(&self) -> Standing {
        self.lock().standing()
    }

    /// Has it tried at once, and waits until nothing waits any more, until trying was in vain while all is
    /// safe on the disk, or for so long. Says whether nothing waits any more.
    pub(crate) fn flush(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut inner = self.lock();
        let before = inner.failures;
        inner.hurry = true;
        self.changed.notify_all();
        loop {
            let standing = inner.standing();
            if standing.waiting == 0 {
                return true;
            }
            let in_vain = standing.failures > before && standing.is_safe;
            let now = Instant::now();
            if in_vain || now >= until || inner.stopped {
                return false;
            }
            let waited = self.changed.wait_timeout(inner, until - now);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ends the waiting of whoever sends, and leaves what waits on the disk to the next who comes: a process
    /// that starts the SDK again, or another one.
    pub(crate) fn stop(&self) {
        let mut inner = self.lock();
        inner.stopped = true;
        inner.hurry = false;
        let disk = inner.disk.take();
        drop(inner);
        drop(disk);
        self.changed.notify_all();
    }

    /// Whether [`Spool::stop`] was called.
    pub(crate) fn is_stopped(&self) -> bool {
        self.lock().stopped
    }
}

impl Inner {
    fn count(&mut self, reason: &'static str, count: u64) {
        if count > 0 {
            *self.dropped.entry(reason).or_default() += count;
        }
    }

    fn first(&mut self) -> Option<Waiting> {
        if let Some(disk) = &mut self.disk {
            match disk.first() {
                Ok(Some((bytes, place))) => {
                    return Some(Waiting { bytes, place: Place::Disk(place) });
                }
                Ok(None) => {}
                Err(error) => problems::report("the spool cannot be read", &error.to_string()),
            }
        }
        let (bytes, number) = self.memory.first()?;
        Some(Waiting { bytes, place: Place::Memory(number) })
    }

    fn standing(&self) -> Standing {
        let in_memory = self.memory.waiting();
        let on_disk = self.disk.as_ref().map_or(0, Disk::waiting);
        Standing { waiting: in_memory + on_disk, is_safe: in_memory == 0, failures: self.failures }
    }
}

#[cfg(test)]
mod tests;
