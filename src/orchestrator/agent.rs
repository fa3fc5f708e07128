//! What an agent is, what it is given and what it answers.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::files::AgentLimits;
use crate::checks::PrivateCopy;
use crate::clock::Clock;
use crate::domain::analysis::RootCause;
use crate::domain::event::Event;
use crate::domain::execution::{StepKind, StruckOut, TaskType, Usage};
use crate::domain::fix::ClaimedClass;
use crate::domain::suggestion::Proposal;
use crate::source::{History, Sources};
use crate::store::Store;

/// What the agents of one run are given. Agents of one order run at the same time; those after them see
/// what they proposed.
pub struct Task {
    /// What is asked.
    pub what: TaskType,
    /// The project, if it is for one.
    pub project_id: Option<i64>,
    /// The issue, if it is about one.
    pub issue: Option<IssueFacts>,
    /// The error.
    pub event: Arc<Event>,
    /// The code as the release had it; without a repository, what the event itself shows.
    pub release: Arc<dyn Sources>,
    /// Its history, where there is a repository.
    pub history: Option<Arc<dyn History>>,
    /// The code as it is now, where there is a repository.
    pub current: Option<Arc<dyn Sources>>,
    /// A private copy of the code as it is now, or why there is none. Who locks it has it alone, as it was.
    pub copy: tokio::sync::Mutex<Result<PrivateCopy, String>>,
    /// The files that the in-app frames point at, innermost first.
    pub focus: Vec<String>,
    /// Earlier issues like this one and what became of them, most alike first.
    pub similar: Arc<Vec<Value>>,
    /// What was asked beside, for agents that know it.
    pub input: Value,
    /// What the agents before found.
    pub so_far: SoFar,
}

/// What is known of the issue.
#[derive(Clone, Debug)]
pub struct IssueFacts {
    /// Its number.
    pub id: i64,
    /// What groups it.
    pub fingerprint: String,
    /// How often it happened.
    pub events: i64,
}

/// What agents found.
#[derive(Clone, Debug, Default)]
pub struct SoFar {
    /// The first cause that a rules agent gave, else the first of all.
    pub root_cause: Option<RootCause>,
    /// What models make of it.
    pub opinions: Vec<RootCause>,
    /// What was proposed, in order.
    pub proposals: Vec<Proposal>,
    /// Whole answers of a shape of their own, by agent.
    pub results: Vec<(String, Value)>,
}

impl SoFar {
    /// What was proposed, in the order in which it is to be applied: what makes the code compile first,
    /// what a person must judge last.
    pub fn in_order(&self) -> Vec<Proposal> {
        let mut proposals = self.proposals.clone();
        proposals.sort_by_key(|proposal| match proposal.claimed_class {
            ClaimedClass::Import => 0,
            ClaimedClass::Style => 1,
            ClaimedClass::Logic => 2,
        });
        proposals
    }
}

impl Task {
    /// A task with nothing known but what is asked.
    pub fn bare(what: TaskType, event: Arc<Event>) -> Self {
        Self {
            what,
            project_id: None,
            issue: None,
            event,
            release: Arc::new(crate::source::NoSources::default()),
            history: None,
            current: None,
            copy: tokio::sync::Mutex::new(Err("there is no repository".to_owned())),
            focus: Vec::new(),
            similar: Arc::default(),
            input: Value::Null,
            so_far: SoFar::default(),
        }
    }
}

/// One agent's run: what it may use, and where it tells what it does.
pub struct Run {
    /// The execution's number.
    pub execution_id: i64,
    /// The agent's name.
    pub agent: String,
    /// How much it may use.
    pub limits: AgentLimits,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) usage: Mutex<Usage>,
}

impl Run {
    /// Tells a step, at once. One that cannot be written down is no reason to stop.
    pub async fn step(&self, kind: StepKind, title: &str, detail: Value) {
        let now = self.clock.now();
        if let Err(error) =
            self.store.record_step(self.execution_id, kind, title, &detail, now).await
        {
            tracing::warn!(%error, agent = %self.agent, "a step was not written down");
        }
    }

    /// Changes what was used so far.
    pub fn with_usage<T>(&self, change: impl FnOnce(&mut Usage) -> T) -> T {
        change(&mut self.usage.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What an agent answers.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The cause, if this agent looks for one and the error is of its kind.
    pub root_cause: Option<RootCause>,
    /// Fixes, in the order in which they are to be applied.
    pub proposals: Vec<Proposal>,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// Claims that were left out, because what they point at does not exist.
    pub struck_out: Vec<StruckOut>,
    /// The whole answer, where it has a shape of its own.
    pub results: Value,
    /// Why the agent had nothing to look at.
    pub skipped: Option<String>,
}

impl Answer {
    /// The answer of an agent that has nothing to look at.
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self { skipped: Some(reason.into()), ..Self::default() }
    }
}

/// Looks at a task and answers. The registry knows it by the name that agents' files use.
pub trait Agent: Send + Sync {
    /// Does the work. An error is recorded and the next agent runs.
    fn run<'a>(&'a self, task: &'a Task, run: &'a Run) -> BoxFuture<'a, anyhow::Result<Answer>>;
}

/// Makes something of a model's answer, which fits its schema.
pub trait ReadAnswer: Send + Sync {
    /// The answer, or what is wrong with it: the model is told once and may mend it. After that (`last`)
    /// what is right of it is to be taken.
    fn read(
        &self,
        agent: &str,
        answer: Value,
        task: &Task,
        last: bool,
    ) -> Result<Answer, Vec<String>>;
}
