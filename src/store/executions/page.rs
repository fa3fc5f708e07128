//! Executions in short, a page at a time, for a list: without what came of them. A page reads a bounded
//! stretch of numbers, however few of them the filter lets through and however many there are.

use serde_json::Value;
use sqlx::FromRow;

use super::ExecutionFilter;
use crate::domain::execution::{ExecutionStatus, TaskType, Usage};
use crate::store::{Store, StoreError, from_json, sql, timestamp, word};

// A missing filter is an empty text, which no row has. Without an agent's name whole runs are meant.
const PAGE: &str =
    "SELECT e.id, e.parent_id, e.project_id, e.task, e.agent, e.status, e.input, e.error,
    e.usage, e.seconds, e.started_at, a.issue_id
    FROM executions e LEFT JOIN analyses a ON a.id = e.analysis_id
    WHERE e.id < $1 AND e.id >= $2 AND ($3 = '' OR e.status = $3)
      AND (($4 = '' AND e.parent_id IS NULL) OR e.agent = $4) AND ($5 = '' OR e.task = $5)
      AND ($6 = 0 OR e.project_id = $6) ORDER BY e.id DESC LIMIT $7";
// Two questions, because each alone is answered by the end of an index.
const ENDS: &str = "SELECT COALESCE((SELECT MIN(id) FROM executions), 0),
    COALESCE((SELECT MAX(id) FROM executions), 0)";

/// Numbers that one page looks through.
const STRETCH: i64 = 20_000;

/// An execution in short.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutionLine {
    /// Its number.
    pub id: i64,
    /// The run that it is part of.
    pub parent_id: Option<i64>,
    /// The project, if it is for one.
    pub project_id: Option<i64>,
    /// The issue, if it is about one.
    pub issue_id: Option<i64>,
    /// What was asked.
    pub task: TaskType,
    /// The agent's name.
    pub agent: String,
    /// Where it stands.
    pub status: ExecutionStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// What it used; of a run, once it has ended.
    pub usage: Usage,
    /// Wall-clock seconds, once it has ended.
    pub seconds: f64,
    /// When it began.
    pub started_at: jiff::Timestamp,
}

/// Some executions, the newest first.
#[derive(Clone, Debug, Default)]
pub struct ExecutionPage {
    /// The executions.
    pub lines: Vec<ExecutionLine>,
    /// What to go on before, if there is more to look through.
    pub next: Option<i64>,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    parent_id: Option<i64>,
    project_id: Option<i64>,
    task: String,
    agent: String,
    status: String,
    input: String,
    error: Option<String>,
    usage: String,
    seconds: f64,
    started_at: i64,
    issue_id: Option<i64>,
}

impl Row {
    fn read(self) -> Result<ExecutionLine, StoreError> {
        let input: Value = from_json("executions.input", &self.input)?;
        Ok(ExecutionLine {
            id: self.id,
            parent_id: self.parent_id,
            project_id: self.project_id,
            // A run that waits for an issue's analysis has none of its own.
            issue_id: self.issue_id.or_else(|| input["issue_id"].as_i64()),
            task: word::<TaskType>("executions.task", &self.task)?,
            agent: self.agent,
            status: word::<ExecutionStatus>("executions.status", &self.status)?,
            error: self.error,
            usage: from_json("executions.usage", &self.usage)?,
            seconds: self.seconds,
            started_at: timestamp(self.started_at)?,
        })
    }
}

impl Store {
    /// Whole runs, or with an agent's name its parts in them, before `before` (a number), the newest first.
    pub async fn executions_page(
        &self,
        filter: &ExecutionFilter,
        before: i64,
        limit: u32,
    ) -> Result<ExecutionPage, StoreError> {
        let (first, last): (i64, i64) = sql::query_as(ENDS).fetch_one(self.pool()).await?;
        let before = before.min(last.saturating_add(1));
        let from = before.saturating_sub(STRETCH);
        let rows = sql::query_as::<Row>(PAGE)
            .bind(before)
            .bind(from)
            .bind(filter.status.map_or("", ExecutionStatus::as_str))
            .bind(filter.agent.as_deref().unwrap_or_default())
            .bind(filter.task.map_or("", TaskType::as_str))
            .bind(filter.project_id.unwrap_or(0))
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        let lines = rows.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
        let is_full = lines.len() as u64 == u64::from(limit);
        let next = if is_full { lines.last().map(|line| line.id) } else { Some(from) };
        Ok(ExecutionPage { lines, next: next.filter(|next| *next > first) })
    }
}
