//! Executions and their steps.

mod page;
mod steps;

use jiff::Timestamp;
use serde_json::json;
use sqlx::FromRow;

use crate::domain::execution::{Execution, ExecutionStatus, TaskType};

pub use page::{ExecutionLine, ExecutionPage};

use super::audit::{AuditEntry, append};
use super::{Store, StoreError, from_json, sql, timestamp, to_json, word};

const INSERT: &str =
    "INSERT INTO executions (parent_id, analysis_id, project_id, task, agent, status,
    input, output, error, usage, cost_micros, seconds, started_at, finished_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id";
const FINISH: &str = "UPDATE executions SET status = $2, output = $3, error = $4, usage = $5,
    cost_micros = $6, seconds = $7, finished_at = $8, analysis_id = $9 WHERE id = $1";
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, parent_id, analysis_id, project_id, task, agent, status, input, output, error,
             usage, seconds, started_at, finished_at FROM executions ",
            $rest
        )
    };
}
const BY_ID: &str = select!("WHERE id = $1");
const OF_ANALYSIS: &str = select!(
    "WHERE analysis_id = $1 AND (parent_id IS NOT NULL OR agent <> 'orchestrator') ORDER BY id"
);
const RUN_OF_ANALYSIS: &str =
    "SELECT id FROM executions WHERE analysis_id = $1 AND parent_id IS NULL
    AND agent = 'orchestrator' ORDER BY id DESC LIMIT 1";
const CHILDREN: &str = select!("WHERE parent_id = $1 ORDER BY id");
// A missing filter is an empty text, which no row has.
const LIST: &str = select!(
    "WHERE id < $1 AND ($2 = '' OR status = $2) AND ($3 = '' OR agent = $3) AND ($4 = '' OR task = $4)
     AND ($5 = 0 OR project_id = $5) ORDER BY id DESC LIMIT $6"
);
const CANCEL: &str = "UPDATE executions SET cancelled_at = $2
    WHERE id = $1 AND status = 'running' AND cancelled_at IS NULL";
const CANCELLED: &str =
    "SELECT COUNT(*) FROM executions WHERE id = $1 AND cancelled_at IS NOT NULL";
const END_CANCELLED: &str = "UPDATE executions SET status = 'cancelled', finished_at = $2
    WHERE parent_id = $1 AND status = 'running'";
const BREAK_OFF: &str = "UPDATE executions SET status = 'failed', error = $2, finished_at = $3
    WHERE status = 'running' AND analysis_id = $1";
const FORGET: &str = "DELETE FROM executions WHERE id IN
    (SELECT id FROM executions WHERE parent_id IS NULL AND analysis_id IS NULL AND started_at < $1
     ORDER BY id LIMIT $2)";
const ABANDONED: &str = "UPDATE executions SET status = 'failed', error = $2, finished_at = $3
    WHERE status = 'running' AND started_at < $1";

/// Rows deleted at once.
const FORGET_ROWS: i64 = 500;

#[derive(FromRow)]
struct Row {
    id: i64,
    parent_id: Option<i64>,
    analysis_id: Option<i64>,
    project_id: Option<i64>,
    task: String,
    agent: String,
    status: String,
    input: String,
    output: String,
    error: Option<String>,
    usage: String,
    seconds: f64,
    started_at: i64,
    finished_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Execution, StoreError> {
        Ok(Execution {
            id: self.id,
            parent_id: self.parent_id,
            analysis_id: self.analysis_id,
            project_id: self.project_id,
            task: word::<TaskType>("executions.task", &self.task)?,
            agent: self.agent,
            status: word::<ExecutionStatus>("executions.status", &self.status)?,
            input: from_json("executions.input", &self.input)?,
            output: from_json("executions.output", &self.output)?,
            error: self.error,
            usage: from_json("executions.usage", &self.usage)?,
            seconds: self.seconds,
            started_at: timestamp(self.started_at)?,
            finished_at: self.finished_at.map(timestamp).transpose()?,
        })
    }
}

/// Which executions are listed.
#[derive(Clone, Debug, Default)]
pub struct ExecutionFilter {
    /// Where they stand.
    pub status: Option<ExecutionStatus>,
    /// Whose; an agent's name.
    pub agent: Option<String>,
    /// What was asked.
    pub task: Option<TaskType>,
    /// For which project.
    pub project_id: Option<i64>,
}

impl Store {
    /// Records an execution, at work or at its end, and says its number.
    pub async fn record_execution(&self, execution: &Execution) -> Result<i64, StoreError> {
        let cost = i64::try_from(execution.usage.cost_micros).unwrap_or(i64::MAX);
        Ok(sql::query_scalar(INSERT)
            .bind(execution.parent_id)
            .bind(execution.analysis_id)
            .bind(execution.project_id)
            .bind(execution.task.as_str())
            .bind(&execution.agent)
            .bind(execution.status.as_str())
            .bind(to_json("execution", &execution.input)?)
            .bind(to_json("execution", &execution.output)?)
            .bind(&execution.error)
            .bind(to_json("execution", &execution.usage)?)
            .bind(cost)
            .bind(execution.seconds)
            .bind(execution.started_at.as_microsecond())
            .bind(execution.finished_at.map(Timestamp::as_microsecond))
            .fetch_one(self.pool())
            .await?)
    }

    /// Writes down how a recorded execution ended.
    pub async fn finish_execution(&self, execution: &Execution) -> Result<(), StoreError> {
        let cost = i64::try_from(execution.usage.cost_micros).unwrap_or(i64::MAX);
        sql::query(FINISH)
            .bind(execution.id)
            .bind(execution.status.as_str())
            .bind(to_json("execution", &execution.output)?)
            .bind(&execution.error)
            .bind(to_json("execution", &execution.usage)?)
            .bind(cost)
            .bind(execution.seconds)
            .bind(execution.finished_at.map(Timestamp::as_microsecond))
            .bind(execution.analysis_id)
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// The execution with this number.
    pub async fn execution(&self, id: i64) -> Result<Option<Execution>, StoreError> {
        let row = sql::query_as::<Row>(BY_ID).bind(id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// The agents' executions of an analysis, in order.
    pub async fn executions(&self, analysis_id: i64) -> Result<Vec<Execution>, StoreError> {
        let rows = sql::query_as::<Row>(OF_ANALYSIS).bind(analysis_id);
        rows.fetch_all(self.pool()).await?.into_iter().map(Row::read).collect()
    }

    /// The number of an analysis's run.
    pub async fn run_of_analysis(&self, analysis_id: i64) -> Result<Option<i64>, StoreError> {
        let query = sql::query_scalar(RUN_OF_ANALYSIS).bind(analysis_id);
        Ok(query.fetch_optional(self.pool()).await?)
    }

    /// The agents' executions of a run, in order.
    pub async fn child_executions(&self, run: i64) -> Result<Vec<Execution>, StoreError> {
        let rows = sql::query_as::<Row>(CHILDREN).bind(run).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// Executions before `before` (a number), the newest first.
    pub async fn list_executions(
        &self,
        filter: &ExecutionFilter,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Execution>, StoreError> {
        let rows = sql::query_as::<Row>(LIST)
            .bind(before)
            .bind(filter.status.map_or("", ExecutionStatus::as_str))
            .bind(filter.agent.as_deref().unwrap_or_default())
            .bind(filter.task.map_or("", TaskType::as_str))
            .bind(filter.project_id.unwrap_or(0))
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// Asks that an execution stop, with its entry in the audit trail. Says whether it was at work and
    /// nobody had asked before.
    pub async fn cancel_execution(
        &self,
        id: i64,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_write().await?;
        let done = sql::query(CANCEL).bind(id).bind(now.as_microsecond()).execute(&mut tx).await?;
        if done > 0 {
            let (subject, detail) = (format!("execution:{id}"), json!({}));
            let action = "execution.cancelled";
            append(&mut tx, AuditEntry { actor, action, subject: &subject, detail: &detail }, now)
                .await?;
        }
        tx.commit().await?;
        Ok(done > 0)
    }

    /// Whether somebody asked that an execution stop.
    pub async fn is_cancelled(&self, id: i64) -> Result<bool, StoreError> {
        let count: i64 = sql::query_scalar(CANCELLED).bind(id).fetch_one(self.pool()).await?;
        Ok(count > 0)
    }

    /// Ends the agents' executions of a run that was stopped.
    pub async fn end_cancelled_executions(
        &self,
        run: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sql::query(END_CANCELLED).bind(run).bind(now.as_microsecond()).execute(self.pool()).await?;
        Ok(())
    }

    /// Ends what an earlier try of an analysis left at work.
    pub async fn break_off_executions(
        &self,
        analysis_id: i64,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sql::query(BREAK_OFF).bind(analysis_id).bind(reason).bind(now.as_microsecond());
        done.execute(self.pool()).await?;
        Ok(())
    }

    /// Ends what has been at work since before `since`: its process is gone.
    pub async fn end_abandoned_executions(
        &self,
        since: Timestamp,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let done = sql::query(ABANDONED)
            .bind(since.as_microsecond())
            .bind(reason)
            .bind(now.as_microsecond());
        Ok(done.execute(self.pool()).await?)
    }

    /// Forgets runs that belong to no issue and began before `before`; those of issues go with them.
    pub async fn forget_executions(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let done = sql::query(FORGET).bind(before.as_microsecond()).bind(FORGET_ROWS);
            match done.execute(self.pool()).await? {
                0 => return Ok(all),
                some => all += some,
            }
        }
    }
}
