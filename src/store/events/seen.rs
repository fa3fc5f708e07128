//! Fingerprints that were stored a moment ago: a hint whether an event's issue may be new.

use std::sync::atomic::{AtomicU64, Ordering};

/// Fingerprints that are remembered; a newer one takes the place of an older one.
const PLACES: usize = 8192;

/// Digits of a fingerprint that are remembered. Those of two may be alike; a hint may be wrong.
const DIGITS: usize = 16;

/// Keeps the same fingerprint in two projects apart.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// What was stored a moment ago.
pub(in crate::store) struct Seen(Box<[AtomicU64]>);

impl Default for Seen {
    fn default() -> Self {
        Self(std::iter::repeat_with(AtomicU64::default).take(PLACES).collect())
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}

impl Seen {
    pub(super) fn has(&self, project_id: i64, fingerprint: &str) -> bool {
        let key = key(project_id, fingerprint);
        self.place(key).load(Ordering::Relaxed) == key
    }

    pub(super) fn note(&self, project_id: i64, fingerprint: &str) {
        let key = key(project_id, fingerprint);
        self.place(key).store(key, Ordering::Relaxed);
    }

    fn place(&self, key: u64) -> &AtomicU64 {
        &self.0[key as usize % PLACES]
    }
}

/// Never 0, which is what an empty place holds.
fn key(project_id: i64, fingerprint: &str) -> u64 {
    let digits = fingerprint.get(..DIGITS).and_then(|d| u64::from_str_radix(d, 16).ok());
    (digits.unwrap_or_default() ^ (project_id as u64).wrapping_mul(FACTOR)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_known_in_its_project() {
        let seen = Seen::default();
        let fingerprint = "00112233445566778899aabbccddeeff";
        assert!(!seen.has(1, fingerprint));
        seen.note(1, fingerprint);
        assert!(seen.has(1, fingerprint));
        assert!(!seen.has(2, fingerprint));
        assert!(!seen.has(1, "10112233445566778899aabbccddeeff"));
    }
}
