//! Analyses.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::FromRow;

use crate::domain::analysis::{Analysis, AnalysisStatus, RootCause};

use super::chunks::RowStatement;
use super::{Store, StoreError, from_json, sql, timestamp, to_json, word};

const INSERT: &str = "INSERT INTO analyses (issue_id, event_row, status, notes, started_at)
    VALUES ($1, $2, $3, '[]', $4) RETURNING id";
const FINISH: &str = "UPDATE analyses SET status = $2, revision = $3, root_cause = $4, notes = $5,
    error = $6, finished_at = $7, opinions = $8 WHERE id = $1";
const FAIL_RUNNING: &str = "UPDATE analyses SET status = 'failed', error = $2, finished_at = $3
    WHERE issue_id = $1 AND status IN ('running', 'explaining')";
const BY_ID: &str =
    "SELECT id, issue_id, event_row, status, revision, root_cause, notes, opinions, error,
    started_at, finished_at FROM analyses WHERE id = $1";
const LATEST: &str =
    "SELECT id, issue_id, event_row, status, revision, root_cause, notes, opinions, error,
    started_at, finished_at FROM analyses WHERE issue_id = $1 ORDER BY id DESC LIMIT 1";
static LATEST_STATUSES: RowStatement = RowStatement::new(
    "SELECT issue_id, status FROM analyses WHERE id IN
        (SELECT MAX(id) FROM analyses WHERE issue_id IN (VALUES ",
    1,
    ") GROUP BY issue_id)",
);
#[derive(FromRow)]
struct Row {
    id: i64,
    issue_id: i64,
    event_row: Option<i64>,
    status: String,
    revision: Option<String>,
    root_cause: Option<String>,
    notes: String,
    opinions: String,
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
            opinions: from_json("analyses.opinions", &self.opinions)?,
            error: self.error,
            started_at: timestamp(self.started_at)?,
            finished_at: self.finished_at.map(timestamp).transpose()?,
        })
    }
}

/// How an analysis ended, or stands.
#[derive(Clone, Debug)]
pub struct AnalysisEnd {
    /// Where it stands.
    pub status: AnalysisStatus,
    /// The commit that was read.
    pub revision: Option<String>,
    /// The cause, if one was looked for and found (or found not to be there).
    pub root_cause: Option<RootCause>,
    /// What models make of it.
    pub opinions: Vec<RootCause>,
    /// Caveats.
    pub notes: Vec<String>,
    /// Why it failed.
    pub error: Option<String>,
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
        end: &AnalysisEnd,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let root_cause =
            end.root_cause.as_ref().map(|cause| to_json("root cause", cause)).transpose()?;
        sql::query(FINISH)
            .bind(id)
            .bind(end.status.as_str())
            .bind(&end.revision)
            .bind(root_cause)
            .bind(to_json("notes", &end.notes)?)
            .bind(&end.error)
            .bind(now.as_microsecond())
            .bind(to_json("opinions", &end.opinions)?)
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
}
