//! Agents, their files, and the record of what they did. Which analysers there are is said by the
//! server's wiring; this room knows none of them.

mod agent;
mod agent_file;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
            let result = match tokio::time::timeout(limit, agent.run(task)).await {
                Ok(result) => result.map_err(|e| format!("{e:#}")),
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
