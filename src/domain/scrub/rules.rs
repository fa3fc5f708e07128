//! What an operator may set, and why a setting is refused.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// Bytes that one compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 1024 * 1024;

/// Patterns, keys or paths of one list.
pub(super) const MAX_RULES: usize = 200;

/// Characters of a rule's name, which stands in every mark.
pub(super) const MAX_NAME_CHARS: usize = 40;

/// The table `[scrub]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScrubRules {
    /// Whether events are scrubbed at all.
    pub enabled: bool,
    /// Whether the built-in key names and shapes are looked for.
    pub defaults: bool,
    /// Whether e-mail addresses are removed.
    pub email: bool,
    /// Whether IP addresses are removed; loopback ones stay.
    pub ip: bool,
    /// Further key names, whose values are removed.
    pub keys: Vec<String>,
    /// Further shapes of values.
    pub patterns: Vec<PatternRule>,
    /// What is removed wholly: `extra.*.iban`; `*` stands for one key or index, `**` for any number.
    pub paths: Vec<String>,
    /// What is never touched, with all below it; comes before every other rule.
    pub keep_paths: Vec<String>,
}

/// A shape of values that an operator names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternRule {
    /// Stands in the mark: `[scrubbed: NAME]`.
    pub name: String,
    /// What is removed, in the syntax of the `regex` crate.
    pub regex: String,
}

impl Default for ScrubRules {
    fn default() -> Self {
        Self {
            enabled: true,
            defaults: true,
            email: false,
            ip: false,
            keys: Vec::new(),
            patterns: Vec::new(),
            paths: Vec::new(),
            keep_paths: Vec::new(),
        }
    }
}

/// A setting that is refused: `scrub.patterns[0].regex: …`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct ScrubError {
    /// The setting.
    pub key: String,
    /// Why.
    pub reason: String,
}

impl ScrubError {
    pub(super) fn new(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { key: key.into(), reason: reason.into() }
    }
}

impl ScrubRules {
    pub(super) fn compile_patterns(&self) -> Result<Vec<(String, Regex)>, ScrubError> {
        check_count("scrub.patterns", self.patterns.len())?;
        self.patterns.iter().enumerate().map(|(i, rule)| compile(i, rule)).collect()
    }
}

/// Refuses lists that nobody writes by hand: every rule is tried on every event.
pub(super) fn check_count(key: &str, count: usize) -> Result<(), ScrubError> {
    if count > MAX_RULES {
        return Err(ScrubError::new(key, format!("has {count} entries; {MAX_RULES} are taken")));
    }
    Ok(())
}

fn compile(index: usize, rule: &PatternRule) -> Result<(String, Regex), ScrubError> {
    let simple = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if rule.name.is_empty() || rule.name.len() > MAX_NAME_CHARS || !rule.name.chars().all(simple) {
        return Err(ScrubError::new(
            format!("scrub.patterns[{index}].name"),
            format!("must be 1 to {MAX_NAME_CHARS} letters, digits, `-` or `_`"),
        ));
    }
    let key = || format!("scrub.patterns[{index}].regex");
    let regex = RegexBuilder::new(&rule.regex)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map_err(|e| ScrubError::new(key(), e.to_string()))?;
    if regex.is_match("") {
        return Err(ScrubError::new(key(), "matches the empty text, so it would match everywhere"));
    }
    Ok((rule.name.clone(), regex))
}
