//! The files in `agents/`: which agents there are, what each does and how much it may use.

use rust_embed::RustEmbed;
use serde::Deserialize;

/// The files that come with the binary.
#[derive(RustEmbed)]
#[folder = "agents/"]
#[include = "*.toml"]
struct Embedded;

/// One agent's file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentFile {
    /// Its name; unique.
    pub name: String,
    /// What it is asked to do.
    pub task: TaskType,
    /// How it works.
    pub kind: AgentKind,
    /// The built-in analyser of a `rules` agent.
    pub analyser: String,
    /// Agents of a task run from the lowest to the highest.
    pub order: u32,
    /// How much it may use.
    pub limits: AgentLimits,
}

/// What an agent is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskType {
    /// Find the cause of an error.
    ErrorAnalysis,
}

/// How an agent works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentKind {
    /// A built-in analyser: the same input gives the same answer.
    Rules,
}

/// How much an agent may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentLimits {
    /// Wall-clock seconds.
    pub seconds: u64,
}

/// What is wrong with an agent's file.
#[derive(Debug, thiserror::Error)]
#[error("agents/{file}: {reason}")]
pub struct AgentFileError {
    /// The file's name.
    pub file: String,
    /// Where and why.
    pub reason: String,
}

impl AgentFile {
    /// Reads one file.
    pub fn parse(file: &str, text: &str) -> Result<Self, AgentFileError> {
        let bad = |reason: String| AgentFileError { file: file.to_owned(), reason };
        let agent: Self = toml::from_str(text).map_err(|e| {
            let offset = e.span().map_or(0, |span| span.start).min(text.len());
            let line = text.as_bytes()[..offset].iter().filter(|b| **b == b'\n').count() + 1;
            bad(format!("line {line}: {}", e.message().trim()))
        })?;
        if agent.name.is_empty() {
            return Err(bad("the name is empty".into()));
        }
        if agent.limits.seconds == 0 {
            return Err(bad("limits.seconds must be at least 1".into()));
        }
        Ok(agent)
    }

    /// The files that come with the binary, in the order in which they run.
    pub fn embedded() -> Result<Vec<Self>, AgentFileError> {
        let mut agents = Vec::new();
        for file in Embedded::iter() {
            let Some(content) = Embedded::get(&file) else { continue };
            let text = std::str::from_utf8(&content.data).map_err(|e| AgentFileError {
                file: file.to_string(),
                reason: format!("is not UTF-8: {e}"),
            })?;
            agents.push(Self::parse(&file, text)?);
        }
        agents.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
        Ok(agents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_files_are_right_and_in_order() {
        let names: Vec<String> =
            AgentFile::embedded().unwrap().into_iter().map(|a| a.name).collect();
        assert_eq!(names, ["panic-analyst", "exception-analyst", "compiler", "style"]);
    }

    #[test]
    fn a_broken_file_is_refused_with_its_line() {
        let error = AgentFile::parse("x.toml", "name = \"x\"\ntask = \"cooking\"\n").unwrap_err();
        assert!(error.to_string().starts_with("agents/x.toml: line 2: unknown variant `cooking`"));
    }
}
