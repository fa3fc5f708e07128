//! The number of an event.

use std::fmt;

use serde::{Serialize, Serializer};

/// The number of an event: 32 hexadecimal digits, made here, so that the application knows it at once and
/// the server keeps what is sent twice only once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(u128);

impl EventId {
    /// The number of nothing: what a capture answers that was not taken (no client, or not sampled).
    pub const NONE: Self = Self(0);

    /// A new one. Random, as a version 4 UUID is.
    #[must_use]
    pub fn random() -> Self {
        const VERSION: u128 = 0x4 << 76;
        const VARIANT: u128 = 0b10 << 62;
        let mut bytes = [0; 16];
        // From the system: what is made in the process is the same in a forked one, or a copy of a machine.
        let bits = match getrandom::fill(&mut bytes) {
            Ok(()) => u128::from_ne_bytes(bytes),
            Err(_) => fastrand::u128(..),
        };
        let bits = bits & !(0xf << 76) & !(0b11 << 62);
        Self(bits | VERSION | VARIANT)
    }

    /// Whether something was captured under it.
    #[must_use]
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_4() {
        let ids: std::collections::HashSet<_> = (0..1000).map(|_| EventId::random()).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            let text = id.to_string();
            assert_eq!(text.len(), 32);
            assert_eq!(&text[12..13], "4", "{text}");
            assert!("89ab".contains(&text[16..17]), "{text}");
        }
        assert_eq!(EventId::NONE.to_string(), "0".repeat(32));
    }
}
