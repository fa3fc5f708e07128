//! One run over a task: which agents, in which order, and what is written down of each.

use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::files::Need;
use super::registry::{Orchestrator, Registered};
use super::{AgentKind, Answer, Run, SoFar, Task};
use crate::domain::execution::{Execution, ExecutionOutput, ExecutionStatus, RUN, TaskType, Usage};
use crate::domain::suggestion::Proposal;
use crate::store::StoreError;

/// How often a run looks whether somebody asked that it stop.
const LOOK_FOR_CANCEL_EVERY: Duration = Duration::from_millis(500);

/// What a run is begun with.
#[derive(Clone, Debug)]
pub struct Begin {
    /// What is asked.
    pub task: TaskType,
    /// The project, if it is for one.
    pub project_id: Option<i64>,
    /// The analysis that it belongs to.
    pub analysis_id: Option<i64>,
    /// What was asked, in short.
    pub input: Value,
}

/// How the agents of one task are getting on. What they found is the task's.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The run's number.
    pub run_id: i64,
    begin: Begin,
    /// One an agent.
    pub executions: Vec<Execution>,
    /// Whether somebody asked that it stop.
    pub was_cancelled: bool,
}

impl Orchestrator {
    /// Writes down that a run begins.
    pub async fn begin(&self, begin: Begin) -> Result<Outcome, StoreError> {
        let execution = Execution {
            id: 0,
            parent_id: None,
            analysis_id: begin.analysis_id,
            project_id: begin.project_id,
            task: begin.task,
            agent: RUN.to_owned(),
            status: ExecutionStatus::Running,
            input: begin.input.clone(),
            output: ExecutionOutput::default(),
            error: None,
            usage: Usage::default(),
            seconds: 0.0,
            started_at: self.clock.now(),
            finished_at: None,
        };
        let run_id = self.store.record_execution(&execution).await?;
        Ok(Outcome { run_id, begin, executions: Vec::new(), was_cancelled: false })
    }

    /// Runs the agents of one kind that the task has, in the run `run_id`, which [`Self::end`] ends. What
    /// they find is added to the task, for those after them.
    pub async fn run(
        &self,
        outcome: &mut Outcome,
        kind: AgentKind,
        task: &mut Task,
    ) -> Result<(), StoreError> {
        let agents = self.agents().await?;
        let is_meant = |a: &&Registered| a.file.task == task.what && a.file.kind == kind;
        let chosen: Vec<&Registered> = agents.iter().filter(is_meant).collect();
        for stage in chosen.chunk_by(|a, b| a.file.order == b.file.order) {
            if outcome.was_cancelled {
                break;
            }
            let work = join_all(stage.iter().map(|one| self.run_one(outcome, one, task)));
            let ended = tokio::select! {
                ended = work => Some(ended),
                () = self.cancelled(outcome.run_id) => None,
            };
            // Whoever used the copy may have left something in it.
            let copy = task.copy.get_mut();
            if let Ok(one) = copy
                && let Err(e) = one.reset()
            {
                *copy = Err(format!("the private copy could not be put back: {e}"));
            }
            let Some(ended) = ended else {
                self.store.end_cancelled_executions(outcome.run_id, self.clock.now()).await?;
                outcome.was_cancelled = true;
                break;
            };
            for (one, (execution, answer)) in stage.iter().zip(ended) {
                outcome.executions.push(execution);
                take(task, one, answer);
            }
        }
        Ok(())
    }

    /// Writes down how a run ended. `results` is what is answered to whoever asked.
    pub async fn end(
        &self,
        outcome: &Outcome,
        found: &SoFar,
        results: Value,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let Some(mut execution) = self.store.execution(outcome.run_id).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        execution.status = match (outcome.was_cancelled, error) {
            (true, _) => ExecutionStatus::Cancelled,
            (false, Some(_)) => ExecutionStatus::Failed,
            (false, None) => ExecutionStatus::Done,
        };
        execution.error = error.map(str::to_owned);
        execution.output = ExecutionOutput {
            root_cause: found.root_cause.is_some(),
            proposals: found.proposals.iter().map(|p| p.title.clone()).collect(),
            results,
            ..ExecutionOutput::default()
        };
        self.scrub(&mut execution.output.results);
        for one in &outcome.executions {
            execution.usage.steps += one.usage.steps;
            execution.usage.tokens_in += one.usage.tokens_in;
            execution.usage.tokens_out += one.usage.tokens_out;
            execution.usage.cost_micros += one.usage.cost_micros;
            if execution.analysis_id.is_none() {
                execution.analysis_id = one.analysis_id;
            }
        }
        execution.seconds = now.duration_since(execution.started_at).as_secs_f64();
        execution.finished_at = Some(now);
        self.store.finish_execution(&execution).await
    }

    /// Takes out what must not be stored: an answer may quote a line with a password in it.
    fn scrub(&self, results: &mut Value) {
        self.scrubber().scrub_value(results);
    }

    /// Ends when somebody asks that the run stop, on this node or another.
    async fn cancelled(&self, run_id: i64) {
        loop {
            tokio::time::sleep(LOOK_FOR_CANCEL_EVERY).await;
            match self.store.is_cancelled(run_id).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, run_id, "whether a run is to stop is not known")
                }
            }
        }
    }

    /// One agent's part, written down from its beginning to its end.
    async fn run_one(
        &self,
        outcome: &Outcome,
        one: &Registered,
        task: &Task,
    ) -> (Execution, Answer) {
        let begun = &outcome.begin;
        let mut execution = Execution {
            id: 0,
            parent_id: Some(outcome.run_id),
            analysis_id: begun.analysis_id,
            project_id: begun.project_id,
            task: begun.task,
            agent: one.file.name.clone(),
            status: ExecutionStatus::Running,
            input: json!({}),
            output: ExecutionOutput::default(),
            error: None,
            usage: Usage::default(),
            seconds: 0.0,
            started_at: self.clock.now(),
            finished_at: None,
        };
        match self.store.record_execution(&execution).await {
            Ok(id) => execution.id = id,
            Err(error) => {
                tracing::error!(%error, agent = %one.file.name, "an agent was not run");
                execution.status = ExecutionStatus::Failed;
                execution.error = Some("its run could not be written down".to_owned());
                return (execution, Answer::default());
            }
        }
        let begin = Instant::now();
        let run = Run {
            execution_id: execution.id,
            agent: one.file.name.clone(),
            limits: one.file.limits,
            store: self.store.clone(),
            clock: self.clock.clone(),
            usage: Mutex::default(),
        };
        let result = match why_not(one, task) {
            Some(why) => Ok(Answer::skipped(why)),
            None => attempt(one, task, &run).await,
        };
        execution.usage = run.usage.into_inner().unwrap_or_else(PoisonError::into_inner);
        let answer = match result {
            Ok(answer) => {
                execution.status = match answer.skipped {
                    Some(_) => ExecutionStatus::Skipped,
                    None => ExecutionStatus::Done,
                };
                execution.output = output(&answer);
                self.scrub(&mut execution.output.results);
                answer
            }
            Err(reason) => {
                tracing::warn!(agent = %one.file.name, execution = execution.id, %reason, "an agent failed");
                execution.status = ExecutionStatus::Failed;
                execution.error = Some(match &one.file.fallback {
                    Some(other) => format!("{reason}; what {other} says stands"),
                    None => reason,
                });
                Answer::default()
            }
        };
        execution.seconds = begin.elapsed().as_secs_f64();
        execution.finished_at = Some(self.clock.now());
        if let Err(error) = self.store.finish_execution(&execution).await {
            tracing::error!(%error, execution = execution.id, "how an agent's run ended was not written down");
        }
        (execution, answer)
    }
}

/// Why an agent is not to run.
fn why_not(one: &Registered, task: &Task) -> Option<&'static str> {
    if !one.file.enabled {
        return Some("it is switched off");
    }
    one.file.needs.iter().find_map(|need| match need {
        Need::Repository if task.release.paths().is_empty() => {
            Some("there is no repository to read")
        }
        Need::Proposals if task.so_far.proposals.is_empty() => Some("nothing was proposed"),
        _ => None,
    })
}

/// One try under the agent's time. An agent reads what strangers wrote; if it panics, that is its failure
/// and no one else's.
async fn attempt(one: &Registered, task: &Task, run: &Run) -> Result<Answer, String> {
    let limit = Duration::from_secs(one.file.limits.seconds);
    let work = AssertUnwindSafe(one.agent.run(task, run)).catch_unwind();
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(result)) => result.map_err(|e| format!("{e:#}")),
        Ok(Err(_)) => Err("it panicked; the log says where".to_owned()),
        Err(_) => Err(format!("took longer than its {} s", one.file.limits.seconds)),
    }
}

fn output(answer: &Answer) -> ExecutionOutput {
    ExecutionOutput {
        root_cause: answer.root_cause.is_some(),
        proposals: answer.proposals.iter().map(|p| p.title.clone()).collect(),
        notes: answer.skipped.iter().chain(&answer.notes).cloned().collect(),
        struck_out: answer.struck_out.clone(),
        results: answer.results.clone(),
    }
}

/// Adds what an agent found to what the next ones see.
fn take(task: &mut Task, one: &Registered, answer: Answer) {
    let so_far = &mut task.so_far;
    if let Some(cause) = answer.root_cause {
        if one.file.kind == AgentKind::Model {
            so_far.opinions.push(cause.clone());
        }
        // What nothing supports is shown as an opinion, and is nobody's root cause.
        if one.file.kind == AgentKind::Rules || !cause.evidence.is_empty() {
            so_far.root_cause.get_or_insert(cause);
        }
    }
    // A proposal is its agent's, whatever the analyser behind it calls itself.
    let signed = |proposal| Proposal { agent: one.file.name.clone(), ..proposal };
    so_far.proposals.extend(answer.proposals.into_iter().map(signed));
    if !answer.results.is_null() {
        so_far.results.push((one.file.name.clone(), answer.results));
    }
}
