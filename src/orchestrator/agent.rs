//! What an agent is, what it is given and what it answers.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::checks::PrivateCopy;
use crate::domain::analysis::RootCause;
use crate::domain::event::Event;
use crate::domain::suggestion::Proposal;
use crate::source::Sources;

/// What the agents of one analysis are given. Agents run one after the other and see what those
/// before them proposed.
pub struct Task {
    /// The error.
    pub event: Arc<Event>,
    /// The code as the release had it; without a repository, what the event itself shows.
    pub release: Arc<dyn Sources>,
    /// The code as it is now, where there is a repository.
    pub current: Option<Arc<dyn Sources>>,
    /// A private copy of the code as it is now, or why there is none.
    pub copy: Result<PrivateCopy, String>,
    /// The files that the in-app frames point at, innermost first.
    pub focus: Vec<String>,
    /// What the agents before proposed, in order.
    pub proposals: Vec<Proposal>,
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
    fn run<'a>(&'a self, task: &'a mut Task) -> BoxFuture<'a, anyhow::Result<Answer>>;
}
