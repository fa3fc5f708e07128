//! One agent's file: what it does, with what, and how much it may use.

use serde::{Deserialize, Serialize};

use super::FileError;
use crate::domain::execution::TaskType;

/// Characters of a name at most.
const MAX_NAME_CHARS: usize = 64;

/// The most that an agent may be given, in seconds: an hour.
pub const MAX_SECONDS: u64 = 60 * 60;

/// The most questions that an agent may put to a model.
pub const MAX_STEPS: u32 = 64;

/// One agent's file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentFile {
    /// Its name; unique. Small letters, digits and `-`.
    pub name: String,
    /// One sentence on what it does.
    #[serde(default)]
    pub description: String,
    /// What it is asked to do.
    pub task: TaskType,
    /// How it works.
    pub kind: AgentKind,
    /// Agents of a task run from the lowest to the highest; those with the same number at the same time.
    /// Rules agents come before model agents whatever their numbers.
    pub order: u32,
    /// Whether it runs unless somebody switches it on or off.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What there must be for it to run; without, it is skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// The built-in analyser of a `rules` agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analyser: Option<String>,
    /// The prompt of a `model` agent: the folder `prompts/NAME/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// What a `model` agent may call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// What is made of a `model` agent's answer, and its shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputFile>,
    /// The rules agent whose answer stands when this one has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// How much it may use.
    pub limits: AgentLimits,
}

/// What an agent may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Code to read.
    Repository,
    /// Fixes that agents before it proposed.
    Proposals,
}

/// How an agent works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentKind {
    /// A built-in analyser: the same input gives the same answer.
    Rules,
    /// A model, by a prompt.
    Model,
}

/// What is made of a model's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputFile {
    /// Who reads it: `root_cause`, `fixes`, `critique`, or `data` for an answer that is only kept and shown.
    pub reader: String,
    /// Its JSON schema, `prompts/schemas/NAME.json`.
    pub schema: String,
}

/// How much an agent may use.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentLimits {
    /// Wall-clock seconds.
    pub seconds: u64,
    /// Questions put to a model.
    #[serde(default)]
    pub steps: u32,
    /// Tokens, sent and received, of all questions together.
    #[serde(default)]
    pub tokens: u64,
    /// Dollars.
    #[serde(default)]
    pub cost: f64,
}

impl AgentLimits {
    /// The cost in millionths of a dollar.
    pub fn cost_micros(&self) -> u64 {
        // Checked to be a number from 0 to 1,000,000.
        (self.cost * 1_000_000.0) as u64
    }
}

fn yes() -> bool {
    true
}

impl AgentFile {
    /// Reads one file. What it names beside itself is looked up by [`super::Files::check`].
    pub fn parse(file: &str, text: &str) -> Result<Self, FileError> {
        let agent: Self = toml::from_str(text).map_err(|e| {
            let offset = e.span().map_or(0, |span| span.start).min(text.len());
            let line = text.as_bytes()[..offset].iter().filter(|b| **b == b'\n').count() + 1;
            FileError::at(file, line, e.message().trim())
        })?;
        agent.check().map_err(|(key, reason)| FileError::at(file, line_of(text, key), reason))?;
        Ok(agent)
    }

    /// What no type can say, with the key that it is about.
    fn check(&self) -> Result<(), (&'static str, String)> {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(is_name) {
            return Err((
                "name",
                format!("the name `{}` must be of small letters, digits and `-`", self.name),
            ));
        }
        if self.name.len() > MAX_NAME_CHARS {
            return Err(("name", format!("the name is longer than {MAX_NAME_CHARS} characters")));
        }
        if !(1..=MAX_SECONDS).contains(&self.limits.seconds) {
            return Err(("seconds", format!("limits.seconds must be from 1 to {MAX_SECONDS}")));
        }
        match self.kind {
            AgentKind::Rules => self.check_rules(),
            AgentKind::Model => self.check_model(),
        }
    }

    fn check_rules(&self) -> Result<(), (&'static str, String)> {
        if self.analyser.is_none() {
            return Err(("kind", "a rules agent needs `analyser`".to_owned()));
        }
        let strays = [
            ("prompt", self.prompt.is_some()),
            ("tools", !self.tools.is_empty()),
            ("output", self.output.is_some()),
            ("fallback", self.fallback.is_some()),
        ];
        match strays.iter().find(|(_, given)| *given) {
            Some((key, _)) => Err((key, format!("a rules agent has no `{key}`"))),
            None => Ok(()),
        }
    }

    fn check_model(&self) -> Result<(), (&'static str, String)> {
        if self.analyser.is_some() {
            return Err(("analyser", "a model agent has no `analyser`".to_owned()));
        }
        if self.prompt.is_none() {
            return Err(("kind", "a model agent needs `prompt`".to_owned()));
        }
        if self.output.is_none() {
            return Err(("kind", "a model agent needs `[output]`".to_owned()));
        }
        if !(1..=MAX_STEPS).contains(&self.limits.steps) {
            return Err(("steps", format!("limits.steps must be from 1 to {MAX_STEPS}")));
        }
        if self.limits.tokens == 0 {
            return Err(("tokens", "limits.tokens must be at least 1".to_owned()));
        }
        if !(0.0..=1_000_000.0).contains(&self.limits.cost) {
            return Err(("cost", "limits.cost must be dollars, from 0 on".to_owned()));
        }
        Ok(())
    }
}

/// The line in which a key stands, from 1; 1 if it is not there.
pub(super) fn line_of(text: &str, key: &str) -> usize {
    let stands = |line: &str| {
        let line = line.trim_start();
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
            || line.trim_start_matches('[').starts_with(key) && line.starts_with('[')
    };
    text.lines().position(stands).map_or(1, |at| at + 1)
}
