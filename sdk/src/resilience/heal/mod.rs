//! Healing of session-like data: missing keys get their defaults, corrupted values are repaired, reset
//! or dropped.

mod coerce;
mod schema;
mod tell;

use serde_json::{Map, Value};

pub use self::coerce::Kind;
pub use self::schema::{Key, Schema};

pub(super) use self::tell::tell;

/// What was done to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Healing {
    /// It was missing and has its default now.
    Defaulted,
    /// Its value was corrupted and could be repaired.
    Repaired,
    /// Its value was corrupted and was replaced by the default.
    Reset,
    /// Its value was corrupted, and as there is no default the key was removed.
    Dropped,
}

impl Healing {
    /// As it is written in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Defaulted => "defaulted",
            Self::Repaired => "repaired",
            Self::Reset => "reset",
            Self::Dropped => "dropped",
        }
    }
}

/// A key that was healed. It does not hold the value, neither the old nor the new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The key, as it is in the schema.
    pub key: String,
    /// What was done.
    pub healing: Healing,
    /// What kind of value was found, if there was one: `string`, `null` and so on.
    pub found: Option<&'static str>,
}

/// Heals `data` by `schema` and tells what was done: nothing, if there was nothing to do. Keys that are
/// not in the schema are left alone.
///
/// Missing keys leave a breadcrumb, corrupted values a warning; values are in neither of them. A
/// validator or repair function that panics counts as one that says no.
pub fn heal(schema: &Schema, data: &mut Map<String, Value>) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for key in schema.keys() {
        let Some(healed) = key.heal(data.get(key.name())) else { continue };
        match healed.value {
            Some(value) => data.insert(key.name().to_owned(), value),
            None => data.remove(key.name()),
        };
        repairs.push(healed.repair);
    }
    tell(&repairs);
    repairs
}
