//! The job queue: leases, so that the work of a process that died is taken up by another.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::FromRow;

use crate::domain::job::Job;

use super::audit::AuditEntry;
use super::sql::Tx;
use super::{Store, StoreError, from_json, sql, to_json};

/// How long a claimed job belongs to its worker without a sign of life, in seconds.
pub const LEASE_SECONDS: i64 = 60;

/// How often a worker renews its lease.
pub const LEASE_RENEWAL: Duration = Duration::from_secs(20);

/// Tries before a job is given up.
pub const MAX_ATTEMPTS: i64 = 5;

/// The wait before the second try, in seconds; it doubles with each further one.
const FIRST_BACKOFF_SECONDS: i64 = 2;

/// How long a job that was given up stays to be looked at.
const KEEP_FAILED: SignedDuration = SignedDuration::from_hours(30 * 24);

const MICROS_PER_SECOND: i64 = 1_000_000;

const INSERT: &str =
    "INSERT INTO jobs (kind, payload, dedup_key, state, attempts, run_at, created_at)
    VALUES ($1, $2, $3, 'queued', 0, $4, $4)
    ON CONFLICT (dedup_key) WHERE state = 'queued' DO NOTHING";
/// The oldest that waits, by index, or the oldest whose worker fell silent; of these there are few.
const DUE: &str = "SELECT id FROM (
    SELECT * FROM (SELECT id, run_at FROM jobs AS due WHERE state = 'queued' AND run_at <= $1
          AND NOT EXISTS (SELECT 1 FROM jobs AS held
                          WHERE held.state = 'running' AND held.lease_until >= $1
                            AND held.dedup_key = due.dedup_key)
        ORDER BY run_at, id LIMIT 1) AS waiting
    UNION ALL
    SELECT * FROM (SELECT id, run_at FROM jobs AS due WHERE state = 'running' AND lease_until < $1
          AND NOT EXISTS (SELECT 1 FROM jobs AS held
                          WHERE held.state = 'running' AND held.lease_until >= $1
                            AND held.dedup_key = due.dedup_key)
        ORDER BY run_at, id LIMIT 1) AS silent
    ) AS both_kinds ORDER BY run_at, id LIMIT 1";
const CLAIM: &str = "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2
    WHERE id = $1 RETURNING id, payload, attempts";
const RENEW: &str = "UPDATE jobs SET lease_until = $3
    WHERE id = $1 AND state = 'running' AND attempts = $2";
const DONE: &str = "DELETE FROM jobs WHERE id = $1 AND state = 'running' AND attempts = $2";
const RETRY: &str = "UPDATE jobs SET state = $3, run_at = $4, last_error = $5, lease_until = NULL
    WHERE id = $1 AND state = 'running' AND attempts = $2";
const DROP: &str = "DELETE FROM jobs WHERE id = $1 AND attempts = $2";
const GIVE_UP: &str = "UPDATE jobs SET state = 'failed', last_error = $2, lease_until = NULL
    WHERE id = $1";
const FORGET: &str = "DELETE FROM jobs WHERE state = 'failed' AND run_at < $1";
const UNFINISHED: &str = "SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running')";

/// A job that this worker holds.
#[derive(Clone, Debug)]
pub struct ClaimedJob {
    /// The row.
    pub id: i64,
    /// Which try this is, from 1. Also the lease's proof: a later claim has a higher one.
    pub attempt: i64,
    /// What to do.
    pub job: Job,
}

impl ClaimedJob {
    /// Whether this is the last try, or one too many: then nobody lived to say that the last one failed.
    pub fn is_last(&self) -> bool {
        self.attempt >= MAX_ATTEMPTS
    }
}

#[derive(FromRow)]
struct Row {
    id: i64,
    payload: String,
    attempts: i64,
}

/// Adds a job inside a transaction that writes what the job is about.
pub(crate) async fn enqueue_in(tx: &mut Tx, job: &Job, now: Timestamp) -> Result<(), StoreError> {
    sql::query(INSERT)
        .bind(job.kind())
        .bind(to_json("job", job)?)
        .bind(job.dedup_key())
        .bind(now.as_microsecond())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

impl Store {
    /// Adds a job, unless the same one waits already.
    pub async fn enqueue(&self, job: &Job, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        enqueue_in(&mut tx, job, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Adds a job that somebody asked for, with its entry in the audit trail.
    pub async fn enqueue_on_record(
        &self,
        job: &Job,
        actor: &str,
        subject: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        enqueue_in(&mut tx, job, now).await?;
        let action = format!("{}.asked", job.kind());
        let detail = serde_json::json!({});
        let entry = AuditEntry { actor, action: &action, subject, detail: &detail };
        super::audit::append(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes the oldest job that is due, or one whose worker fell silent. Two jobs about the same thing
    /// never run at once. A job that cannot be read is given up, so that it does not stop the others.
    pub async fn claim_job(&self, now: Timestamp) -> Result<Option<ClaimedJob>, StoreError> {
        let now = now.as_microsecond();
        // Most looks find nothing; those need no turn.
        while self.due_job(now).await?.is_some() {
            let Some(row) = self.claim_due_job(now).await? else { return Ok(None) };
            match from_json("jobs.payload", &row.payload) {
                Ok(job) => {
                    return Ok(Some(ClaimedJob { id: row.id, attempt: row.attempts, job }));
                }
                Err(error) => {
                    tracing::error!(job = row.id, %error, "a job cannot be read and is given up");
                    sql::query(GIVE_UP)
                        .bind(row.id)
                        .bind(error.to_string())
                        .execute(self.pool())
                        .await?;
                }
            }
        }
        Ok(None)
    }

    async fn due_job(&self, now: i64) -> Result<Option<i64>, StoreError> {
        Ok(sql::query_scalar(DUE).bind(now).fetch_optional(self.pool()).await?)
    }

    /// Looks and takes in one turn: two that look at once would take the same job, or two jobs about the
    /// same thing.
    async fn claim_due_job(&self, now: i64) -> Result<Option<Row>, StoreError> {
        let mut tx = self.begin_write().await?;
        let due: Option<i64> = sql::query_scalar(DUE).bind(now).fetch_optional(&mut tx).await?;
        let Some(id) = due else { return Ok(None) };
        let row = sql::query_as(CLAIM)
            .bind(id)
            .bind(now + LEASE_SECONDS * MICROS_PER_SECOND)
            .fetch_one(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(Some(row))
    }

    /// Keeps a job; says whether it is still ours.
    pub async fn renew_job(&self, job: &ClaimedJob, now: Timestamp) -> Result<bool, StoreError> {
        let until = now.as_microsecond() + LEASE_SECONDS * MICROS_PER_SECOND;
        let done = sql::query(RENEW)
            .bind(job.id)
            .bind(job.attempt)
            .bind(until)
            .execute(self.pool())
            .await?;
        Ok(done > 0)
    }

    /// The job is done.
    pub async fn finish_job(&self, job: &ClaimedJob) -> Result<(), StoreError> {
        sql::query(DONE).bind(job.id).bind(job.attempt).execute(self.pool()).await?;
        Ok(())
    }

    /// The job failed: tried again later, or given up (and kept) after [`MAX_ATTEMPTS`].
    pub async fn fail_job(
        &self,
        job: &ClaimedJob,
        error: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let given_up = job.attempt >= MAX_ATTEMPTS;
        let wait = FIRST_BACKOFF_SECONDS << (job.attempt - 1).clamp(0, MAX_ATTEMPTS);
        let stored = sql::query(RETRY)
            .bind(job.id)
            .bind(job.attempt)
            .bind(if given_up { "failed" } else { "queued" })
            .bind(now.as_microsecond() + wait * MICROS_PER_SECOND)
            .bind(error)
            .execute(self.pool())
            .await;
        match stored {
            Ok(_) => Ok(()),
            // The same job was asked for anew in the meantime: that one is the next try.
            Err(sqlx::Error::Database(e)) if e.is_unique_violation() => {
                sql::query(DROP).bind(job.id).bind(job.attempt).execute(self.pool()).await?;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes jobs that were given up long ago.
    pub async fn forget_failed_jobs(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = now.saturating_sub(KEEP_FAILED).map_or(i64::MIN, Timestamp::as_microsecond);
        sql::query(FORGET).bind(before).execute(self.pool()).await?;
        Ok(())
    }

    /// Jobs that wait or run.
    pub async fn unfinished_jobs(&self) -> Result<i64, StoreError> {
        Ok(sql::query_scalar(UNFINISHED).fetch_one(self.pool()).await?)
    }
}
