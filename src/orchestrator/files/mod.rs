//! The files that say which agents there are: `agents/*.toml`, `prompts/**/*.j2` and
//! `prompts/schemas/*.json`. They come with the binary; a folder of one's own adds to them and replaces
//! those of the same name. A broken one is refused, with its line and what is wrong.

mod agent_file;
mod load;
mod prompts;
#[cfg(test)]
mod tests;

pub use agent_file::{AgentFile, AgentKind, AgentLimits, MAX_SECONDS, MAX_STEPS, Need, OutputFile};
pub use load::{Files, Known, Origin};
pub use prompts::{Part, Prompts, Schema};

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
pub struct FileError {
    /// Its path, as a reader finds it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl FileError {
    /// An error in a line of a file.
    pub fn at(file: impl Into<String>, line: usize, reason: impl Into<String>) -> Self {
        Self { file: file.into(), line, reason: reason.into() }
    }
}
