//! Numbers over a period, from counts and small tables; never from events.

use jiff::Timestamp;
use serde::Serialize;

use super::{Store, StoreError, sql};

/// By an index over days alone.
const EVENTS: &str = "SELECT COALESCE(CAST(SUM(events) AS BIGINT), 0) FROM rollups
    WHERE grain = 86400 AND bucket >= $1";
const NEW_ISSUES: &str = "SELECT COUNT(*) FROM issues WHERE first_seen >= $1";
const PROPOSED: &str = "SELECT COUNT(*) FROM suggestions WHERE created_at >= $1";
/// What a rule held back was decided before, with the rule.
const DECIDED: &str = "SELECT status, COUNT(*) FROM suggestions WHERE updated_at >= $1
    AND NOT (status = 'rejected' AND COALESCE(decided_by, '') LIKE 'rule %') GROUP BY status";
const TO_FIX: &str = "SELECT AVG(CAST(s.updated_at - i.first_seen AS FLOAT) / 1000000.0)
    FROM suggestions s JOIN issues i ON i.id = s.issue_id
    WHERE s.status = 'applied' AND s.updated_at >= $1";
const EXECUTIONS: &str = "SELECT agent, status, COUNT(*), AVG(seconds) FROM executions
    WHERE started_at >= $1 AND parent_id IS NOT NULL GROUP BY agent, status ORDER BY agent, status";
const QUEUE: &str =
    "SELECT COUNT(*), MIN(run_at) FROM jobs WHERE state = 'queued' AND run_at <= $1";

/// What happened in a period.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Numbers {
    /// Events that arrived, by whole days.
    pub events: i64,
    /// Issues that were first seen.
    pub new_issues: i64,
    /// Fixes that were proposed.
    pub proposed: i64,
    /// Fixes that wait.
    pub pending: i64,
    /// Fixes that are in.
    pub applied: i64,
    /// Fixes that a person did not want.
    pub rejected: i64,
    /// Fixes that were taken back.
    pub rolled_back: i64,
    /// Fixes that could not be put in.
    pub failed: i64,
    /// From an issue's first event to its fix, in seconds, on average.
    pub mean_seconds_to_fix: Option<f64>,
    /// Agents' runs.
    pub executions: Vec<AgentNumbers>,
}

/// How often an agent's runs ended in one way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgentNumbers {
    /// The agent's name.
    pub agent: String,
    /// How they ended.
    pub status: String,
    /// How many.
    pub runs: i64,
    /// Wall-clock seconds on average.
    pub mean_seconds: f64,
}

/// What waits to be done.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct QueueState {
    /// Jobs that are due.
    pub waiting: i64,
    /// How long the oldest of them has been due, in seconds.
    pub oldest_seconds: f64,
}

impl Store {
    /// What happened since `since`.
    pub async fn metrics_since(&self, since: Timestamp) -> Result<Numbers, StoreError> {
        let at = since.as_microsecond();
        let events = sql::query_scalar(EVENTS).bind(since.as_second());
        let mut numbers = Numbers {
            events: events.fetch_one(self.pool()).await?,
            new_issues: sql::query_scalar(NEW_ISSUES).bind(at).fetch_one(self.pool()).await?,
            proposed: sql::query_scalar(PROPOSED).bind(at).fetch_one(self.pool()).await?,
            mean_seconds_to_fix: sql::query_scalar(TO_FIX).bind(at).fetch_one(self.pool()).await?,
            ..Numbers::default()
        };
        let decided =
            sql::query_as::<(String, i64)>(DECIDED).bind(at).fetch_all(self.pool()).await?;
        for (status, count) in decided {
            match status.as_str() {
                "pending" => numbers.pending = count,
                "applied" => numbers.applied = count,
                "rejected" => numbers.rejected = count,
                "rolled_back" => numbers.rolled_back = count,
                "failed" => numbers.failed = count,
                _ => {}
            }
        }
        let runs = sql::query_as::<(String, String, i64, f64)>(EXECUTIONS).bind(at);
        numbers.executions = runs
            .fetch_all(self.pool())
            .await?
            .into_iter()
            .map(|(agent, status, runs, mean_seconds)| AgentNumbers {
                agent,
                status,
                runs,
                mean_seconds,
            })
            .collect();
        Ok(numbers)
    }

    /// What waits to be done.
    pub async fn queue_state(&self, now: Timestamp) -> Result<QueueState, StoreError> {
        let (waiting, oldest): (i64, Option<i64>) =
            sql::query_as(QUEUE).bind(now.as_microsecond()).fetch_one(self.pool()).await?;
        let oldest_seconds =
            oldest.map_or(0.0, |at| (now.as_microsecond() - at).max(0) as f64 / 1_000_000.0);
        Ok(QueueState { waiting, oldest_seconds })
    }
}
