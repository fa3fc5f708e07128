//! Scrubbing: secrets and personal data leave an event before it is stored, and a mark stays where
//! they stood. Pure: JSON or text in, the same without secrets out.
//!
//! Three kinds of rules: the name of a key ([`keys`]), the shape of a value ([`text`] and what it
//! uses), and paths that the operator names ([`path`]).

mod addresses;
mod assignments;
pub mod keys;
mod look;
mod mark;
mod needles;
mod numbers;
pub mod path;
mod places;
mod quick;
mod report;
mod rules;
mod shapes;
#[cfg(test)]
mod tests;
pub mod text;
mod walk;

use std::borrow::Cow;

use regex::Regex;
use serde_json::Value;

use super::json::Doc;

pub use quick::Quick;
pub use report::{Removed, Report};
pub use rules::{PatternRule, ScrubError, ScrubRules};

use keys::OwnKeys;
use mark::Marks;
use needles::Needles;
use path::PathPattern;
use shapes::Shapes;

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
    needles: Needles,
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
            needles: Needles::new()?,
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

    /// Does what [`Self::scrub_value`] does to a text of JSON, where that can be done quickly; `None`
    /// where it cannot.
    pub fn scrub_doc(&self, doc: &mut Doc<'_>) -> Option<Quick> {
        if self.enabled { quick::scrub(self, doc) } else { Some(Quick::default()) }
    }

    /// Removes what the rules name from a text that stands alone; `None` if there is nothing.
    pub fn scrub_text(&self, text: &str) -> Option<(String, Vec<Cow<'_, str>>)> {
        if !self.enabled {
            return None;
        }
        text::scrub(self, text, text::Kind::Prose)
            .map(|(text, rules)| (text, rules.into_iter().map(Cow::Borrowed).collect()))
    }

    /// Where in a text something stands that the rules name: start, end and rule, in order and apart.
    pub fn places(&self, text: &str) -> Vec<(usize, usize, &str)> {
        if self.enabled { text::places(self, text) } else { Vec::new() }
    }
}
