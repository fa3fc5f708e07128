//! What waits to be sent. It lies in files, in the order of capture, so that neither a server that is away
//! nor the end of the process loses it; where no file can be written it waits in memory, bounded.
//!
//! A spool is a folder for one DSN, with a folder for each process in it. A process holds the lock of its
//! own; the folders whose process is gone are taken over by whoever finds them.

mod disk;
mod folder;
mod inner;
mod memory;
mod segment;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::problems;
use crate::time::from_now;
use disk::Disk;
pub(crate) use folder::usual;
#[cfg(test)]
pub(crate) use inner::Standing;
pub(crate) use inner::Waiting;
use inner::{Inner, Problem};

/// When something may be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    /// From then on, or sooner if somebody is in a hurry.
    From(Instant),
    /// Not before the time that the server named, however great the hurry.
    NotBefore(Instant),
}

/// What waits to be sent.
#[derive(Debug)]
pub(crate) struct Spool {
    inner: Mutex<Inner>,
    changed: Condvar,
    /// The spool's folder.
    folder: Option<PathBuf>,
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
        let folder = folder.filter(|_| disk.is_some());
        let inner = Inner::new(disk, max_memory_bytes);
        Self { inner: Mutex::new(inner), changed: Condvar::new(), folder }
    }

    /// Where it is, if it is on the disk.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of the lock, has those who wait look again, and tells what went wrong meanwhile.
    fn leave(&self, inner: MutexGuard<'_, Inner>) {
        self.changed.notify_all();
        self.tell(inner);
    }

    /// Lets go of the lock, and tells what went wrong meanwhile.
    fn tell(&self, mut inner: MutexGuard<'_, Inner>) {
        let problems = inner.take_problems();
        drop(inner);
        for (what, why) in problems {
            problems::report(what, &why);
        }
    }

    /// Has something wait. Never blocks for longer than a file takes to grow.
    pub(crate) fn push(&self, bytes: Vec<u8>) {
        let mut inner = self.lock();
        inner.push(bytes);
        let awaited = std::mem::take(&mut inner.awaited);
        self.tell(inner);
        // Whoever waits for a time to come need not wake for each.
        if awaited {
            self.changed.notify_all();
        }
    }

    /// What waits longest, once there is something and it is time; `None` after a while in which there is
    /// nothing, or when all is at its end.
    pub(crate) fn next(&self, when: When, patience: Duration) -> Option<Waiting> {
        let until = from_now(patience);
        let mut inner = self.lock();
        let mut has_told = false;
        loop {
            let now = Instant::now();
            if inner.stopped {
                return None;
            }
            let (not_before, is_time) = match when {
                When::From(at) => (at, now >= at || inner.hurry),
                When::NotBefore(at) => (at, now >= at),
            };
            if is_time {
                inner.hurry = false;
                let first = inner.first();
                if first.is_some() || (!has_told && inner.has_problems()) {
                    self.leave(inner);
                    if first.is_some() {
                        return first;
                    }
                    // Once: what cannot be read is not read the better for it.
                    has_told = true;
                    inner = self.lock();
                    continue;
                }
            } else if inner.hurry {
                // Whoever is in a hurry need not wait for what is not tried.
                inner.hurry = false;
                inner.failures += 1;
                self.changed.notify_all();
            }
            if now >= until {
                return None;
            }
            inner.awaited = is_time;
            let wake = if now < not_before { not_before.min(until) } else { until };
            let waited = self.changed.wait_timeout(inner, wake.saturating_duration_since(now));
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// It is where it should be, or never will be: it waits no longer.
    pub(crate) fn done(&self, waiting: &Waiting) {
        let mut inner = self.lock();
        inner.done(waiting);
        self.leave(inner);
    }

    /// Others go first, if there are any, and none has to go for it.
    pub(crate) fn put_back(&self, waiting: &Waiting) {
        let mut inner = self.lock();
        let has_room = |disk: &Disk| disk.has_room(waiting.bytes.len() as u64);
        if inner.standing().waiting > 1 && inner.disk.as_ref().is_none_or(has_room) {
            // In this order, or a crash in between would lose it.
            inner.push(waiting.bytes.clone());
            inner.done(waiting);
        }
        self.leave(inner);
    }

    /// Sending was tried in vain.
    pub(crate) fn failed(&self) {
        let mut inner = self.lock();
        inner.failures += 1;
        inner.lent = None;
        self.leave(inner);
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
        let own = self.lock().disk.as_ref().map(|disk| disk.own().to_owned());
        let Some((spool, own)) = self.folder.as_ref().zip(own) else { return };
        disk::left_behind(spool, &own, |left| {
            let mut inner = self.lock();
            if let Some(disk) = &mut inner.disk {
                disk.take_over(left);
            }
            self.leave(inner);
        });
    }

    #[cfg(test)]
    pub(crate) fn standing(&self) -> Standing {
        self.lock().standing()
    }

    /// Has it tried at once, and waits until nothing waits any more, until trying was in vain while all is
    /// safe on the disk, or for so long. Says whether nothing waits any more.
    pub(crate) fn flush(&self, patience: Duration) -> bool {
        let until = from_now(patience);
        let mut inner = self.lock();
        inner.move_to_disk();
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

#[cfg(test)]
mod harm;
#[cfg(test)]
mod tests;
