//! What agents do in their executions, one thing after the other.

use jiff::Timestamp;
use serde_json::Value;
use sqlx::FromRow;

use crate::domain::execution::{Step, StepKind};
use crate::store::{Store, StoreError, from_json, sql, timestamp, to_json, word};

const INSERT_STEP: &str = "INSERT INTO execution_steps (execution_id, at, kind, title, detail)
    VALUES ($1, $2, $3, $4, $5) RETURNING id";
const STEPS: &str = "SELECT id, at, kind, title, detail FROM execution_steps
    WHERE execution_id = $1 AND id > $2 ORDER BY id LIMIT $3";
const LAST_STEPS: &str = "SELECT execution_id, MAX(id) FROM execution_steps WHERE execution_id IN
    (SELECT id FROM executions WHERE id = $1 OR parent_id = $1) GROUP BY execution_id
    ORDER BY execution_id";

#[derive(FromRow)]
struct StepRow {
    id: i64,
    at: i64,
    kind: String,
    title: String,
    detail: String,
}

impl Store {
    /// Writes down a step.
    pub async fn record_step(
        &self,
        execution_id: i64,
        kind: StepKind,
        title: &str,
        detail: &Value,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        Ok(sql::query_scalar(INSERT_STEP)
            .bind(execution_id)
            .bind(now.as_microsecond())
            .bind(kind.as_str())
            .bind(title)
            .bind(to_json("step", detail)?)
            .fetch_one(self.pool())
            .await?)
    }

    /// The number of the last step of an execution and of each below it, by execution: what changes while
    /// they are at work.
    pub async fn last_steps(&self, id: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let rows = sql::query_as::<(i64, i64)>(LAST_STEPS).bind(id).fetch_all(self.pool());
        Ok(rows.await?)
    }

    /// The steps of an execution after the one numbered `after`, in order.
    pub async fn steps(
        &self,
        execution_id: i64,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Step>, StoreError> {
        let rows = sql::query_as::<StepRow>(STEPS)
            .bind(execution_id)
            .bind(after)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Step {
                    id: row.id,
                    at: timestamp(row.at)?,
                    kind: word::<StepKind>("execution_steps.kind", &row.kind)?,
                    title: row.title,
                    detail: from_json("execution_steps.detail", &row.detail)?,
                })
            })
            .collect()
    }
}
