//! Rules of a project for grouping, in the syntax that Sentry has for fingerprint rules:
//!
//! ```text
//! # a comment
//! error.type:DatabaseUnavailable -> system-down
//! logger:"shop.*" !level:fatal -> shop {{ default }} title="Shop: {{ transaction }}"
//! ```
//!
//! The first rule that fits is taken. All matchers of a rule must hold; those about frames for one and
//! the same frame, those about exceptions for one and the same exception of the chain. A negated one
//! (`!`) about frames holds, as there, if some frame is otherwise.

mod glob;
mod matcher;
mod parse;
mod template;
#[cfg(test)]
mod tests;

pub(super) use template::{Source, Template};

use matcher::Matcher;

use super::{Parts, Version, default_parts};
use crate::domain::event::Event;

/// Rules of one project.
pub const MAX_RULES: usize = 500;

/// Bytes of one rule.
pub const MAX_LINE_BYTES: usize = 2 * 1024;

/// Matchers of one rule.
pub const MAX_MATCHERS: usize = 16;

/// Parts that one rule makes a fingerprint of.
pub const MAX_PARTS: usize = 16;

/// Characters of a title.
const MAX_TITLE_CHARS: usize = 200;

/// Keeps fingerprints made by rules apart from all others.
const DOMAIN: &str = "rule";

/// The rules of a project; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    matchers: Vec<Matcher>,
    parts: Vec<Part>,
    title: Option<Template>,
}

/// A part of the fingerprint that a rule makes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// The usual grouping.
    Default,
    /// A text, with what the event gives filled in.
    Text(Template),
}

/// Why rules cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}; {help}")]
pub struct RuleError {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub help: String,
}

impl Rules {
    /// Reads rules, one a line.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let mut rules = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let content = line.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let error = |column, problem: String, help: String| RuleError {
                line: index + 1,
                column,
                problem,
                help,
            };
            if line.len() > MAX_LINE_BYTES {
                let help = format!("write at most {MAX_LINE_BYTES} bytes a rule");
                return Err(error(1, format!("the rule has {} bytes", line.len()), help));
            }
            if rules.len() == MAX_RULES {
                let help = "take out the ones that are no longer needed".to_owned();
                return Err(error(1, format!("there are more than {MAX_RULES} rules"), help));
            }
            let rule = parse::rule(line)
                .map_err(|wrong| error(wrong.column, wrong.problem, wrong.help))?;
            rules.push(rule);
        }
        Ok(Self(rules))
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The first rule that fits `event`.
    pub(super) fn first_match(&self, event: &Event) -> Option<&Rule> {
        self.0.iter().find(|rule| matcher::all_hold(&rule.matchers, event))
    }
}

impl Rule {
    /// The fingerprint that the rule makes. Only `{{ default }}` depends on the version.
    pub(super) fn fingerprint(&self, version: Version, event: &Event) -> String {
        let mut parts = Parts::new();
        let mut domain = DOMAIN.to_owned();
        let source = Source::new(event);
        for part in &self.parts {
            match part {
                Part::Default => {
                    let of_version = default_parts(version, event, &mut parts);
                    domain = [DOMAIN, of_version].concat();
                }
                Part::Text(template) => parts.push("rule", &template.fill(&source)),
            }
        }
        parts.digest(&domain)
    }

    /// The title that the rule gives, on one line.
    pub(super) fn title(&self, event: &Event) -> Option<String> {
        let title = self.title.as_ref()?.fill(&Source::new(event));
        let words = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let title: String = words.chars().take(MAX_TITLE_CHARS).collect();
        (!title.is_empty()).then_some(title)
    }
}
