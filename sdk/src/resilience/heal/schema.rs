//! What session-like data should look like.

use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use super::coerce::kind_name;
use super::{Healing, Kind, Repair};

/// The keys that data should have. A name given twice means the last one.
///
/// ```
/// use andon_sdk::resilience::{Key, Schema};
///
/// let schema = Schema::new()
///     .key(Key::integer("xp").default(0).valid(|value| value.as_i64().is_some_and(|xp| xp >= 0)))
///     .key(Key::text("name"))
///     .key(Key::array("courses").default_with(|| serde_json::json!([])));
/// # let _ = schema;
/// ```
#[derive(Debug, Default)]
pub struct Schema {
    keys: Vec<Key>,
    places: HashMap<String, usize>,
}

impl Schema {
    /// A schema without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key.
    #[must_use]
    pub fn key(mut self, key: Key) -> Self {
        match self.places.get(&key.name) {
            Some(&place) => self.keys[place] = key,
            None => {
                self.places.insert(key.name.clone(), self.keys.len());
                self.keys.push(key);
            }
        }
        self
    }

    pub(in super::super) fn keys(&self) -> &[Key] {
        &self.keys
    }
}

type Validator = Box<dyn Fn(&Value) -> bool + Send + Sync>;
type Repairer = Box<dyn Fn(&Value) -> Option<Value> + Send + Sync>;

enum Fallback {
    None,
    Value(Value),
    Made(Box<dyn Fn() -> Value + Send + Sync>),
}

/// A key: its name, the kind of its value, and what to do if that is missing or corrupted.
pub struct Key {
    name: String,
    kind: Kind,
    nullable: bool,
    default: Fallback,
    validator: Option<Validator>,
    repairer: Option<Repairer>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Key");
        shown.field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Key {
    /// A key of some kind. Without a default it may be missing, and is dropped if it is corrupted.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            nullable: false,
            default: Fallback::None,
            validator: None,
            repairer: None,
        }
    }

    /// A [`Kind::Bool`].
    pub fn bool(name: impl Into<String>) -> Self {
        Self::new(name, Kind::Bool)
    }

    /// A [`Kind::Integer`].
    pub fn integer(name: impl Into<String>) -> Self {
        Self::new(name, Kind::Integer)
    }

    /// A [`Kind::Number`].
    pub fn number(name: impl Into<String>) -> Self {
        Self::new(name, Kind::Number)
    }

    /// A [`Kind::Text`].
    pub fn text(name: impl Into<String>) -> Self {
        Self::new(name, Kind::Text)
    }

    /// A [`Kind::Array`].
    pub fn array(name: impl Into<String>) -> Self {
        Self::new(name, Kind::Array)
    }

    /// A [`Kind::Object`].
    pub fn object(name: impl Into<String>) -> Self {
        Self::new(name, Kind::Object)
    }

    /// The value for those who have none, or a corrupted one. It is valid whatever the kind and the
    /// validator say.
    #[must_use]
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = Fallback::Value(value.into());
        self
    }

    /// A function that makes the default anew each time. What it makes should be valid, or else it is
    /// replaced again and again.
    #[must_use]
    pub fn default_with(mut self, make: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        self.default = Fallback::Made(Box::new(make));
        self
    }

    /// `null` is a value like others, as for an `Option`.
    #[must_use]
    pub fn or_null(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Which values of the kind are valid.
    #[must_use]
    pub fn valid(mut self, is_valid: impl Fn(&Value) -> bool + Send + Sync + 'static) -> Self {
        self.validator = Some(Box::new(is_valid));
        self
    }

    /// A function that makes a valid value of a corrupted one, if it can. It is asked before the obvious
    /// repairs, and also about values of another kind.
    #[must_use]
    pub fn repair(
        mut self,
        repair: impl Fn(&Value) -> Option<Value> + Send + Sync + 'static,
    ) -> Self {
        self.repairer = Some(Box::new(repair));
        self
    }

    pub(in super::super) fn name(&self) -> &str {
        &self.name
    }

    /// What is to be done, if anything is.
    pub(in super::super) fn heal(&self, value: Option<&Value>) -> Option<Healed> {
        let Some(value) = value else {
            let default = self.make_default()?;
            return Some(self.healed(Healing::Defaulted, None, Some(default)));
        };
        if self.accepts(value) {
            return None;
        }
        let repaired = self.custom_repair(value).or_else(|| self.obvious_repair(value));
        let (healing, value_now) = match repaired {
            Some(value) => (Healing::Repaired, Some(value)),
            None => match self.make_default() {
                Some(default) => (Healing::Reset, Some(default)),
                None => (Healing::Dropped, None),
            },
        };
        Some(self.healed(healing, Some(value), value_now))
    }

    fn healed(&self, healing: Healing, found: Option<&Value>, value: Option<Value>) -> Healed {
        let repair = Repair { key: self.name.clone(), healing, found: found.map(kind_name) };
        Healed { value, repair }
    }

    fn accepts(&self, value: &Value) -> bool {
        if matches!(&self.default, Fallback::Value(default) if default == value) {
            return true;
        }
        if value.is_null() && self.nullable {
            return true;
        }
        let is_valid = |validator: &Validator| unless_panics(|| validator(value)).unwrap_or(false);
        self.kind.holds(value) && self.validator.as_ref().is_none_or(is_valid)
    }

    fn custom_repair(&self, value: &Value) -> Option<Value> {
        let repairer = self.repairer.as_ref()?;
        unless_panics(|| repairer(value)).flatten().filter(|repaired| self.accepts(repaired))
    }

    fn obvious_repair(&self, value: &Value) -> Option<Value> {
        self.kind.coerce(value).filter(|repaired| self.accepts(repaired))
    }

    fn make_default(&self) -> Option<Value> {
        match &self.default {
            Fallback::None => None,
            Fallback::Value(value) => Some(value.clone()),
            Fallback::Made(make) => unless_panics(make),
        }
    }
}

/// A key's new value, or none if it is to be removed.
#[derive(Debug)]
pub(in super::super) struct Healed {
    pub(in super::super) value: Option<Value>,
    pub(in super::super) repair: Repair,
}

/// Healing goes on whatever the data does to an application's functions; the panic hook has reported it.
fn unless_panics<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}
