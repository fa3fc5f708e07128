//! The guard on free disk: events are refused while there is still room for those that were accepted, for
//! the database's log and for backups.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a reading is believed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

type Read = Box<dyn Fn() -> std::io::Result<u64> + Send + Sync>;

/// Says whether there is too little room.
pub struct DiskGuard {
    min_free_bytes: u64,
    read: Read,
    seen: Mutex<Option<Seen>>,
}

#[derive(Clone, Copy)]
struct Seen {
    at: Instant,
    low: bool,
}

impl DiskGuard {
    /// Over the file system that holds `folder`; with `min_free_bytes` 0 it never looks.
    pub fn over(folder: &Path, min_free_bytes: u64) -> Self {
        let folder = folder.to_owned();
        Self::reading(min_free_bytes, move || {
            let found = rustix::fs::statvfs(&folder)?;
            Ok(found.f_bavail.saturating_mul(found.f_frsize))
        })
    }

    /// With another way of knowing how many bytes are free.
    pub fn reading(
        min_free_bytes: u64,
        read: impl Fn() -> std::io::Result<u64> + Send + Sync + 'static,
    ) -> Self {
        Self { min_free_bytes, read: Box::new(read), seen: Mutex::new(None) }
    }

    /// Bytes that are free, if that can be told.
    pub fn free_bytes(&self) -> Option<u64> {
        (self.read)().ok()
    }

    /// Whether less is free than there should be. Looks at most once a second, however often it is asked.
    pub fn is_low(&self, now: Instant) -> bool {
        if self.min_free_bytes == 0 {
            return false;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = *seen
            && now.saturating_duration_since(seen.at) < LOOK_EVERY
        {
            return seen.low;
        }
        let was_low = seen.is_some_and(|seen| seen.low);
        let low = match (self.read)() {
            Ok(free) => {
                let low = free < self.min_free_bytes;
                if low != was_low {
                    let needed = self.min_free_bytes;
                    tracing::warn!(free, needed, low, "free bytes on the data folder's disk");
                }
                low
            }
            // What cannot be known is left to the database, which refuses as well when it is full.
            Err(error) => {
                tracing::warn!(%error, "how much is free on the data folder's disk cannot be read");
                false
            }
        };
        *seen = Some(Seen { at: now, low });
        low
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn it_looks_once_a_second_and_opens_again_when_there_is_room() {
        let (free, looks) = (Arc::new(AtomicU64::new(99)), Arc::new(AtomicU64::new(0)));
        let (read, looked) = (Arc::clone(&free), Arc::clone(&looks));
        let guard = DiskGuard::reading(100, move || {
            looked.fetch_add(1, Ordering::Relaxed);
            Ok(read.load(Ordering::Relaxed))
        });
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        assert!(guard.is_low(start));
        free.store(100, Ordering::Relaxed);
        assert!((0..1000).all(|millis| guard.is_low(after(millis))));
        assert_eq!(looks.load(Ordering::Relaxed), 1);
        assert!(!guard.is_low(after(1000)));
        free.store(0, Ordering::Relaxed);
        assert!(!guard.is_low(after(1999)));
        assert!(guard.is_low(after(2000)));
        assert_eq!(looks.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn a_disk_that_cannot_be_asked_and_a_guard_that_is_off_refuse_nothing() {
        let broken = || Err(std::io::Error::other("no"));
        assert!(!DiskGuard::reading(100, broken).is_low(Instant::now()));
        assert!(!DiskGuard::reading(0, || Ok(0)).is_low(Instant::now()));
        let folder = tempfile::tempdir().unwrap();
        assert!(!DiskGuard::over(folder.path(), 1).is_low(Instant::now()));
        assert!(DiskGuard::over(folder.path(), u64::MAX).is_low(Instant::now()));
    }
}
