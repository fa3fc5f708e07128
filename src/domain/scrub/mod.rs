//! Scrubbing: secrets and personal data leave an event before it is stored, and a mark stays where
//! they stood. Pure: JSON or text in, the same without secrets out.
//!
//! Three kinds of rules: the name of a key ([`keys`]), the shape of a value ([`text`] and what it
//! uses), and paths that the operator names ([`path`]).

mod addresses;
mod assignments;
pub mod keys;
mod mark;
mod numbers;
pub mod path;
mod rules;
mod shapes;
#[cfg(test)]
mod tests;
pub mod text;
mod walk;

use std::borrow::Cow;

use regex::Regex;
use serde_json::Value;

pub use rules::{PatternRule, ScrubError, ScrubRules};

use keys::OwnKeys;
use mark::Marks;
use path::PathPattern;
use shapes::Shapes;

/// Something that was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Where, e.g. `request.headers.Authorization` or `exception.values[0].value`; bounded.
    pub path: String,
    /// The rule that removed it, e.g. `card`.
    pub rule: String,
}

/// What was removed from one event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The first places.
    pub removed: Vec<Removed>,
    /// How many more there were.
    pub more: usize,
}

impl Report {
    /// Whether nothing was removed.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.more == 0
    }
}

/// The rules, compiled once.
#[derive(Debug)]
pub struct Scrubber {
    enabled: bool,
    defaults: bool,
    email: bool,
    ip: bool,
    own_keys: OwnKeys,
    own_patterns: Vec<(String, Regex)>,
    paths: Vec<PathPattern>,
    keep_paths: Vec<PathPattern>,
    shapes: Shapes,
    marks: Marks,
}

impl Scrubber {
    /// Compiles the rules; the error names the setting that is wrong.
    pub fn new(rules: &ScrubRules) -> Result<Self, ScrubError> {
        let own_patterns = rules.compile_patterns()?;
        let own_names = own_patterns.iter().map(|(name, _)| name.as_str());
        Ok(Self {
            enabled: rules.enabled,
            defaults: rules.defaults,
            email: rules.email,
            ip: rules.ip,
            own_keys: OwnKeys::new(&rules.keys)?,
            marks: Marks::new(own_names),
            own_patterns,
            paths: PathPattern::parse_all("scrub.paths", &rules.paths)?,
            keep_paths: PathPattern::parse_all("scrub.keep_paths", &rules.keep_paths)?,
            shapes: Shapes::new()?,
        })
    }

    /// Whether anything is ever removed.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Removes what the rules name from an event's JSON. Scrubbing again changes nothing.
    pub fn scrub_value(&self, value: &mut Value) -> Report {
        if self.enabled { walk::walk(self, value) } else { Report::default() }
    }

    /// Removes what the rules name from a text that stands alone; `None` if there is nothing.
    pub fn scrub_text(&self, text: &str) -> Option<(String, Vec<Cow<'_, str>>)> {
        if !self.enabled {
            return None;
        }
        text::scrub(self, text, text::Kind::Prose)
            .map(|(text, rules)| (text, rules.into_iter().map(Cow::Borrowed).collect()))
    }
}
