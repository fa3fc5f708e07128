//! Agents, their files, and the record of what they did. Which analysers there are is said by the
//! server's wiring; this room knows none of them.

mod agent;
mod agent_file;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;

pub use agent::{Agent, Answer, Task};
pub use agent_file::{AgentFile, AgentFileError, AgentKind, AgentLimits, TaskType};

use crate::clock::Clock;
use crate::domain::analysis::{Execution, ExecutionOutput, ExecutionStatus, RootCause};
use crate::domain::fix::ClaimedClass;
use crate::domain::suggestion::Proposal;

/// Runs the agents of a task, in order, and records what each did.
pub struct Orchestrator {
    agents: Vec<(AgentFile, Arc<dyn Agent>)>,
    clock: Clock,
}

/// What the agents of one task came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The first cause that an agent gave.
    pub root_cause: Option<RootCause>,
    /// One an agent; not stored yet.
    pub executions: Vec<Execution>,
}

/// The analysers that agents' files may name.
pub type Analysers = BTreeMap<&'static str, Arc<dyn Agent>>;

impl Orchestrator {
    /// Joins the agents' files with the analysers that they name.
    pub fn new(
        files: Vec<AgentFile>,
        analysers: &Analysers,
        clock: Clock,
    ) -> Result<Self, AgentFileError> {
        let agents = files
            .into_iter()
            .map(|file| match analysers.get(file.analyser.as_str()) {
                Some(agent) => Ok((file, Arc::clone(agent))),
                None => {
                    let known = analysers.keys().copied().collect::<Vec<_>>().join(", ");
                    Err(AgentFileError {
                        reason: format!(
                            "there is no analyser `{}`; there are {known}",
                            file.analyser
                        ),
                        file: format!("{}.toml", file.name),
                    })
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { agents, clock })
    }

    /// Runs every agent. What they propose is in `task.proposals` afterwards, in the order in which it
    /// is to be applied: what makes the code compile first, what a person must judge last.
    pub async fn run(&self, analysis_id: i64, task: &mut Task) -> Outcome {
        let mut outcome = Outcome::default();
        for (file, agent) in &self.agents {
            let started_at = self.clock.now();
            let begun = Instant::now();
            let limit = Duration::from_secs(file.limits.seconds);
            // An agent reads what strangers wrote; if it panics, that is its failure and no one else's.
            let run = AssertUnwindSafe(agent.run(task)).catch_unwind();
            let result = match tokio::time::timeout(limit, run).await {
                Ok(Ok(result)) => result.map_err(|e| format!("{e:#}")),
                Ok(Err(_)) => Err("it panicked; the log says where".to_owned()),
                Err(_) => Err(format!("took longer than its {} s", file.limits.seconds)),
            };
            if let Ok(copy) = &mut task.copy
                && let Err(e) = copy.reset()
            {
                task.copy = Err(format!("the private copy could not be put back: {e}"));
            }
            let mut execution = Execution {
                id: 0,
                analysis_id,
                agent: file.name.clone(),
                status: ExecutionStatus::Failed,
                output: ExecutionOutput::default(),
                error: None,
                seconds: begun.elapsed().as_secs_f64(),
                started_at,
            };
            match result {
                Ok(answer) => {
                    execution.status = match answer.skipped {
                        Some(_) => ExecutionStatus::Skipped,
                        None => ExecutionStatus::Done,
                    };
                    execution.output = ExecutionOutput {
                        root_cause: answer.root_cause.is_some(),
                        proposals: answer.proposals.iter().map(|p| p.title.clone()).collect(),
                        notes: answer.skipped.into_iter().chain(answer.notes).collect(),
                    };
                    outcome.root_cause = outcome.root_cause.or(answer.root_cause);
                    // A proposal is its agent's, whatever the analyser behind it calls itself.
                    let signed = |proposal| Proposal { agent: file.name.clone(), ..proposal };
                    task.proposals.extend(answer.proposals.into_iter().map(signed));
                }
                Err(reason) => {
                    tracing::warn!(agent = %file.name, analysis_id, %reason, "an agent failed");
                    execution.error = Some(reason);
                }
            }
            outcome.executions.push(execution);
        }
        task.proposals.sort_by_key(|proposal| match proposal.claimed_class {
            ClaimedClass::Import => 0,
            ClaimedClass::Style => 1,
            ClaimedClass::Logic => 2,
        });
        outcome
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::BoxFuture;

    use super::*;
    use crate::domain::event::Event;
    use crate::source::NoSources;

    struct Panics;

    impl Agent for Panics {
        fn run<'a>(&'a self, _: &'a mut Task) -> BoxFuture<'a, anyhow::Result<Answer>> {
            Box::pin(async { panic!("an agent fell over") })
        }
    }

    #[tokio::test]
    async fn an_agent_that_panics_is_recorded_and_the_next_one_runs() {
        let files = AgentFile::embedded().unwrap();
        let agent: Arc<dyn Agent> = Arc::new(Panics);
        let analysers =
            ["panics", "exceptions", "compiler", "style"].map(|name| (name, Arc::clone(&agent)));
        let count = files.len();
        let orchestrator = Orchestrator::new(files, &analysers.into(), Clock::system()).unwrap();
        let mut task = Task {
            event: Arc::new(Event::bare(String::new(), jiff::Timestamp::UNIX_EPOCH)),
            release: Arc::new(NoSources::default()),
            current: None,
            copy: Err("none".into()),
            focus: Vec::new(),
            proposals: Vec::new(),
        };
        let outcome = orchestrator.run(1, &mut task).await;
        assert_eq!(outcome.executions.len(), count);
        for execution in outcome.executions {
            assert_eq!(execution.status, ExecutionStatus::Failed);
            assert!(execution.error.unwrap().contains("panicked"));
        }
    }
}
