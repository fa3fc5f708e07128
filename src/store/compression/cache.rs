//! Dictionaries that are in use, bounded in memory; and which one a fingerprint's events are written
//! against.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use super::Dictionary;

/// What dictionaries may hold of memory together, in bytes.
const MAX_HELD_BYTES: u64 = 32 * 1024 * 1024;

/// Fingerprints whose dictionary is remembered.
const MAX_FINGERPRINTS: u64 = 20_000;

/// How long it is remembered: another process or node may train a better one. In seconds.
const REMEMBERED_SECONDS: u64 = 60;

/// The caches. Both are only short cuts to what the database holds.
#[derive(Debug)]
pub(crate) struct Dictionaries {
    /// By row.
    pub(crate) by_id: Cache<i64, Arc<Dictionary>>,
    /// By project and fingerprint: the row, or that there is none.
    pub(crate) chosen: Cache<(i64, String), Option<i64>>,
}

impl Default for Dictionaries {
    fn default() -> Self {
        Self {
            by_id: Cache::builder()
                .max_capacity(MAX_HELD_BYTES)
                .weigher(|_, dictionary: &Arc<Dictionary>| {
                    u32::try_from(dictionary.held_bytes()).unwrap_or(u32::MAX)
                })
                .build(),
            chosen: Cache::builder()
                .max_capacity(MAX_FINGERPRINTS)
                .time_to_live(Duration::from_secs(REMEMBERED_SECONDS))
                .build(),
        }
    }
}
