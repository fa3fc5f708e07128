//! Executions: what was run over a task, by whom, with what result and at what price.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fix::word_enum;

word_enum! {
    /// What may be asked of the agents.
    TaskType {
        /// Find the cause of an error.
        ErrorAnalysis = "error_analysis",
        /// Look over a piece of code.
        CodeAnalysis = "code_analysis",
        /// Say how Andon and the services around it are.
        HealthCheck = "health_check",
        /// Review a pull request.
        PrReview = "pr_review",
    }
}

word_enum! {
    /// Where an execution stands.
    ExecutionStatus {
        /// It is at work.
        Running = "running",
        /// It answered.
        Done = "done",
        /// It had nothing to look at, or was not to run; the reason is in its output.
        Skipped = "skipped",
        /// It could not answer.
        Failed = "failed",
        /// Somebody asked that it stop.
        Cancelled = "cancelled",
    }
}

/// A run over a task (no parent), or one agent's part in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// The run that it is part of.
    pub parent_id: Option<i64>,
    /// The analysis that it belongs to, if it is one of an issue.
    pub analysis_id: Option<i64>,
    /// The project, if it is for one.
    pub project_id: Option<i64>,
    /// What was asked.
    pub task: TaskType,
    /// The agent's name; [`RUN`] for the run itself.
    pub agent: String,
    /// Where it stands.
    pub status: ExecutionStatus,
    /// What it was asked, in short: never whole texts of a sender.
    pub input: Value,
    /// What it came to.
    pub output: ExecutionOutput,
    /// Why it failed.
    pub error: Option<String>,
    /// What it used.
    pub usage: Usage,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Execution {
    /// Whether it is a run over a task, and not one agent's part.
    pub fn is_run(&self) -> bool {
        self.agent == RUN
    }
}

/// The name under which a run over a task stands among the executions of its agents.
pub const RUN: &str = "orchestrator";

/// What an execution came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExecutionOutput {
    /// Whether it gave a root cause.
    pub root_cause: bool,
    /// The titles of its proposals.
    pub proposals: Vec<String>,
    /// What it has to say beside them.
    pub notes: Vec<String>,
    /// Claims that point at what does not exist, and so were left out of its answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub struck_out: Vec<StruckOut>,
    /// The whole answer, where it has a shape of its own.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub results: Value,
}

/// A claim that was not believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StruckOut {
    /// What was claimed.
    pub claim: String,
    /// Why it is not believed.
    pub why: String,
}

/// What an execution used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Questions put to a model.
    pub steps: u32,
    /// Tools that were called, by name, in order; refused calls among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Tokens sent.
    pub tokens_in: u64,
    /// Tokens received.
    pub tokens_out: u64,
    /// Millionths of a dollar.
    pub cost_micros: u64,
    /// The model that answered last, as its route names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The route by which it was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Whether the answer was known from before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cached: bool,
}

word_enum! {
    /// What a step was.
    StepKind {
        /// Something to know.
        Note = "note",
        /// A tool was called.
        Tool = "tool",
        /// A model was asked; the detail has what was sent and what came back.
        Model = "model",
    }
}

/// One thing that an agent did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its number; rising within the execution.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What kind of thing.
    pub kind: StepKind,
    /// One line.
    pub title: String,
    /// The whole of it.
    pub detail: Value,
}
