//! `answer.toml`: what a case's answer is judged by. All texts to find are regular expressions, whatever the case.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::domain::analysis::Classification;

/// What an answer is judged by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The root cause.
    pub cause: Cause,
    /// Lines that must be among the evidence that was found to be true.
    #[serde(default)]
    pub evidence: Vec<Place>,
    /// What leads astray.
    #[serde(default)]
    pub red_herrings: Vec<RedHerring>,
    /// What it may take.
    #[serde(default)]
    pub limits: Limits,
    /// What it is to propose.
    #[serde(default)]
    pub fix: Option<Fix>,
}

/// What the root cause must say.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Whether there is one that can be known. Where there is none, saying so is the right answer.
    pub found: bool,
    /// What may be said that it calls for.
    pub classification: Vec<Classification>,
    /// Where it is.
    #[serde(default)]
    pub place: Option<Place>,
    /// Of each list one must stand in the summary or the whys.
    #[serde(default)]
    pub words: Vec<Vec<Pattern>>,
    /// None of these may stand in the summary.
    #[serde(default)]
    pub forbidden: Vec<Pattern>,
}

/// A stretch of a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Below the repository's root.
    pub file: String,
    /// The first and the last line, from 1; the whole file if not given.
    #[serde(default)]
    pub lines: Option<[u32; 2]>,
}

/// What leads astray, and how to see that it did.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedHerring {
    /// What it is, for the report.
    pub what: String,
    /// The cause must not be put here.
    #[serde(default)]
    pub place: Option<Place>,
    /// None of these may stand in the summary.
    #[serde(default)]
    pub words: Vec<Pattern>,
}

/// What an answer may take, over all model agents.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Questions to the model.
    pub steps: Option<u32>,
    /// Calls of tools.
    pub tools: Option<usize>,
    /// Tokens sent and received.
    pub tokens: Option<u64>,
}

/// What is to be proposed by the model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// Whether an edit is wanted; if not, none may be proposed.
    pub wanted: bool,
    /// The file that one of the edits must change.
    #[serde(default)]
    pub file: Option<String>,
    /// None of these may stand in a line that a diff adds: they hide the fault.
    #[serde(default)]
    pub forbidden: Vec<Pattern>,
}

impl Expected {
    /// Whether it can be judged by at all; the text says what is wrong.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(!self.cause.classification.is_empty(), "cause.classification is empty");
        for herring in &self.red_herrings {
            anyhow::ensure!(
                herring.place.is_some() || !herring.words.is_empty(),
                "the red herring `{}` has neither place nor words",
                herring.what
            );
        }
        Ok(())
    }
}

impl Place {
    /// Whether a line stands in it.
    pub(super) fn holds(&self, file: &str, line: Option<u32>) -> bool {
        let inside = |[first, last]: [u32; 2]| line.is_some_and(|l| (first..=last).contains(&l));
        self.file == file && self.lines.is_none_or(inside)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.lines {
            Some([first, last]) if first == last => write!(f, "{}:{first}", self.file),
            Some([first, last]) => write!(f, "{}:{first}-{last}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// A regular expression that looks for whatever case.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(Regex);

impl Pattern {
    /// Whether it is in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = regex::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        RegexBuilder::new(&text).case_insensitive(true).build().map(Self)
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str())
    }
}
