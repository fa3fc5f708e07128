//! Analyses and the executions of their agents.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::FromRow;

use crate::domain::analysis::{Analysis, AnalysisStatus, Execution, ExecutionStatus, RootCause};

use super::chunks::RowStatement;
use super::{Store, StoreError, from_json, sql, timestamp, to_json, word};

const INSERT: &str = "INSERT INTO analyses (issue_id, event_row, status, notes, started_at)
    VALUES ($1, $2, $3, '[]', $4) RETURNING id";
const FINISH: &str = "UPDATE analyses SET status = $2, revision = $3, root_cause = $4, notes = $5,
    error = $6, finished_at = $7 WHERE id = $1";
const FAIL_RUNNING: &str = "UPDATE analyses SET status = 'failed', error = $2, finished_at = $3
    WHERE issue_id = $1 AND status = 'running'";
const BY_ID: &str = "SELECT id, issue_id, event_row, status, revision, root_cause, notes, error,
    started_at, finished_at FROM analyses WHERE id = $1";
const LATEST: &str = "SELECT id, issue_id, event_row, status, revision, root_cause, notes, error,
    started_at, finished_at FROM analyses WHERE issue_id = $1 ORDER BY id DESC LIMIT 1";
static LATEST_STATUSES: RowStatement = RowStatement::new(
    "SELECT issue_id, status FROM analyses WHERE id IN
        (SELECT MAX(id) FROM analyses WHERE issue_id IN (VALUES ",
    1,
    ") GROUP BY issue_id)",
);
const INSERT_EXECUTION: &str = "INSERT INTO executions (analysis_id, agent, status, output, error,
    seconds, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
const EXECUTIONS: &str = "SELECT id, analysis_id, agent, status, output, error, seconds, started_at
    FROM executions WHERE analysis_id = $1 ORDER BY id";

#[derive(FromRow)]
struct Row {
    id: i64,
    issue_id: i64,
    event_row: Option<i64>,
    status: String,
    revision: Option<String>,
    root_cause: Option<String>,
    notes: String,
    error: Option<String>,
    started_at: i64,
    finished_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Analysis, StoreError> {
        Ok(Analysis {
            id: self.id,
            issue_id: self.issue_id,
            event_row: self.event_row,
            status: word("analyses.status", &self.status)?,
            revision: self.revision,
            root_cause: self
                .root_cause
                .map(|text| from_json("analyses.root_cause", &text))
                .transpose()?,
            notes: from_json("analyses.notes", &self.notes)?,
            error: self.error,
            started_at: timestamp(self.started_at)?,
            finished_at: self.finished_at.map(timestamp).transpose()?,
        })
    }
}

#[derive(FromRow)]
struct ExecutionRow {
    id: i64,
    analysis_id: i64,
    agent: String,
    status: String,
    output: String,
    error: Option<String>,
    seconds: f64,
    started_at: i64,
}

/// How an analysis ended.
#[derive(Clone, Debug)]
pub struct AnalysisEnd<'a> {
    /// Done or failed.
    pub status: AnalysisStatus,
    /// The commit that was read.
    pub revision: Option<&'a str>,
    /// The cause, if one was looked for and found (or found not to be there).
    pub root_cause: Option<&'a RootCause>,
    /// Caveats.
    pub notes: &'a [String],
    /// Why it failed.
    pub error: Option<&'a str>,
}

impl Store {
    /// Starts an analysis.
    pub async fn start_analysis(
        &self,
        issue_id: i64,
        event_row: i64,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        Ok(sql::query_scalar(INSERT)
            .bind(issue_id)
            .bind(event_row)
            .bind(AnalysisStatus::Running.as_str())
            .bind(now.as_microsecond())
            .fetch_one(self.pool())
            .await?)
    }

    /// Ends the analyses of an issue that broke off: as failed, with the reason. Says how many there were.
    pub async fn fail_running_analyses(
        &self,
        issue_id: i64,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let done = sql::query(FAIL_RUNNING)
            .bind(issue_id)
            .bind(reason)
            .bind(now.as_microsecond())
            .execute(self.pool())
            .await?;
        Ok(done)
    }

    /// Ends an analysis.
    pub async fn finish_analysis(
        &self,
        id: i64,
        end: &AnalysisEnd<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let root_cause = end.root_cause.map(|c| to_json("root cause", c)).transpose()?;
        sql::query(FINISH)
            .bind(id)
            .bind(end.status.as_str())
            .bind(end.revision)
            .bind(root_cause)
            .bind(to_json("notes", &end.notes)?)
            .bind(end.error)
            .bind(now.as_microsecond())
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// The analysis with this number.
    pub async fn analysis(&self, id: i64) -> Result<Option<Analysis>, StoreError> {
        let row = sql::query_as::<Row>(BY_ID).bind(id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// The last analysis of an issue.
    pub async fn latest_analysis(&self, issue_id: i64) -> Result<Option<Analysis>, StoreError> {
        let row = sql::query_as::<Row>(LATEST).bind(issue_id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// Where the last analysis of each issue stands: a few statements, however many issues a page lists.
    /// Issues that were never analysed are left out.
    pub async fn latest_analysis_statuses(
        &self,
        issues: &[i64],
    ) -> Result<HashMap<i64, AnalysisStatus>, StoreError> {
        let mut found = HashMap::new();
        for (range, text) in LATEST_STATUSES.chunks(issues.len()) {
            let query = sql::query_as::<(i64, String)>(text);
            let query = issues[range].iter().fold(query, |query, id| query.bind(*id));
            for (issue_id, status) in query.fetch_all(self.pool()).await? {
                found.insert(issue_id, word("analyses.status", &status)?);
            }
        }
        Ok(found)
    }

    /// Records one agent's run.
    pub async fn record_execution(&self, execution: &Execution) -> Result<i64, StoreError> {
        Ok(sql::query_scalar(INSERT_EXECUTION)
            .bind(execution.analysis_id)
            .bind(&execution.agent)
            .bind(execution.status.as_str())
            .bind(to_json("execution", &execution.output)?)
            .bind(&execution.error)
            .bind(execution.seconds)
            .bind(execution.started_at.as_microsecond())
            .fetch_one(self.pool())
            .await?)
    }

    /// The agents' runs of an analysis, in order.
    pub async fn executions(&self, analysis_id: i64) -> Result<Vec<Execution>, StoreError> {
        let rows = sql::query_as::<ExecutionRow>(EXECUTIONS)
            .bind(analysis_id)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Execution {
                    id: row.id,
                    analysis_id: row.analysis_id,
                    agent: row.agent,
                    status: word::<ExecutionStatus>("executions.status", &row.status)?,
                    output: from_json("executions.output", &row.output)?,
                    error: row.error,
                    seconds: row.seconds,
                    started_at: timestamp(row.started_at)?,
                })
            })
            .collect()
    }
}
