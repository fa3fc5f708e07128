//! The training of dictionaries, and their end.

use jiff::{SignedDuration, Timestamp};
use sqlx::FromRow;

use super::GROWN;
use crate::store::compression::train;
use crate::store::events::payload::{Stored, with_payload};
use crate::store::sql::{self, Tx};
use crate::store::{Store, StoreError, counts, shared_facts};

const INSERT: &str = "INSERT INTO dictionaries (project_id, issue_id, bytes, created_at)
    VALUES ($1, $2, $3, $4) RETURNING id";
const OF_ISSUE: &str = "SELECT id FROM events WHERE issue_id = $1 ORDER BY id DESC LIMIT $2";
const OF_PROJECT: &str = "SELECT id FROM events WHERE project_id = $1 ORDER BY id DESC LIMIT $2";
/// A sample, unless another event has its number by now.
const SAMPLE: &str = with_payload!(
    "e.id, e.user_hash",
    "events AS e",
    "WHERE e.id = $1 AND e.project_id = $2 AND ($3 = 0 OR e.issue_id = $3)"
);
const IS_ISSUE: &str = "SELECT id FROM issues WHERE id = $1 AND project_id = $2";
const EVENTS_OF_PROJECT: &str =
    "SELECT CAST(COALESCE(SUM(event_count), 0) AS BIGINT) FROM issues WHERE project_id = $1";
/// Dictionaries of issues that were trained long ago and have a successor.
const OLD: &str = "SELECT id, issue_id FROM dictionaries AS old
    WHERE project_id = $1 AND issue_id IS NOT NULL AND created_at < $2
      AND EXISTS (SELECT 1 FROM dictionaries AS newer WHERE newer.issue_id = old.issue_id
                  AND newer.id > old.id AND newer.created_at < $2)
    ORDER BY id";
const USED: &str = "SELECT DISTINCT dictionary_id FROM events
    WHERE project_id = $1 AND dictionary_id IS NOT NULL";
const USED_BY: &str = "SELECT id FROM events WHERE issue_id = $1 AND dictionary_id = $2 LIMIT 1";
const DELETE: &str = "DELETE FROM dictionaries WHERE issue_id = $1 AND id = $2";

/// Dictionaries that are deleted at a time, each in a transaction of its own.
const FORGOTTEN: usize = 50;

/// How long a dictionary stays that has a successor: events were on their way, and are packed by and by.
const KEPT_OLD: SignedDuration = SignedDuration::from_hours(24);

#[derive(FromRow)]
struct SampleRow {
    user_hash: Option<String>,
    #[sqlx(flatten)]
    stored: Stored,
}

impl Store {
    /// Trains a dictionary on the newest events of an issue, or of a whole project, and has later events
    /// written against it. Says whether there was enough to learn from.
    pub async fn train_dictionary(
        &self,
        project_id: i64,
        issue_id: Option<i64>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let grown = match issue_id {
            Some(_) => None,
            None => match self.grown(project_id).await? {
                Some(events) => Some(events),
                None => return Ok(false),
            },
        };
        let samples = self.samples(project_id, issue_id).await?;
        let trained = tokio::task::spawn_blocking(move || match issue_id {
            Some(_) => Ok(train::of_issue(samples)),
            None => train::of_project(samples),
        });
        let trained = trained.await.map_err(|e| StoreError::Corrupt {
            what: "training".into(),
            reason: e.to_string(),
        })??;
        let Some(bytes) = trained else { return Ok(false) };
        let mut tx = self.begin_write().await?;
        // What it was trained for may have been deleted meanwhile: nothing would ever delete it then.
        if !counts::is_live(&mut tx, project_id).await?
            || !is_issue(&mut tx, project_id, issue_id).await?
        {
            return Ok(false);
        }
        if let Some(events) = grown {
            shared_facts::set_trained_at(&mut tx, project_id, events, now).await?;
        }
        let _id: i64 = sql::query_scalar(INSERT)
            .bind(project_id)
            .bind(issue_id)
            .bind(bytes)
            .bind(now.as_microsecond())
            .fetch_one(&mut tx)
            .await?;
        tx.commit().await?;
        self.dictionaries().chosen.invalidate_all();
        Ok(true)
    }

    /// The newest events of an issue or a project, each with its user.
    async fn samples(
        &self,
        project_id: i64,
        issue_id: Option<i64>,
    ) -> Result<Vec<(Vec<u8>, Option<String>)>, StoreError> {
        let query = match issue_id {
            Some(issue) => sql::query_scalar(OF_ISSUE).bind(issue).bind(train::ISSUE_SAMPLES),
            None => sql::query_scalar(OF_PROJECT).bind(project_id).bind(train::PROJECT_SAMPLES),
        };
        let rows: Vec<i64> = query.fetch_all(self.pool()).await?;
        let (mut samples, mut held) = (Vec::new(), 0);
        for row in rows {
            if held >= train::MAX_SAMPLES_BYTES {
                break;
            }
            let sample = sql::query_as::<SampleRow>(SAMPLE)
                .bind(row)
                .bind(project_id)
                .bind(issue_id.unwrap_or(0))
                .fetch_optional(self.pool())
                .await?;
            let Some(SampleRow { user_hash, stored }) = sample else { continue };
            if let Some((bytes, _)) = self.open_payload(&stored).await? {
                held += bytes.len();
                samples.push((bytes, user_hash));
            }
        }
        Ok(samples)
    }

    /// Deletes some of the dictionaries of a project's issues that have a newer one and that no event needs
    /// any more: how many. All of its events are looked at.
    pub async fn forget_old_dictionaries(
        &self,
        project_id: i64,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let before = now.saturating_sub(KEPT_OLD).map_or(i64::MIN, Timestamp::as_microsecond);
        let mut old: Vec<(i64, i64)> =
            sql::query_as(OLD).bind(project_id).bind(before).fetch_all(self.pool()).await?;
        if old.is_empty() {
            return Ok(0);
        }
        // Of all issues: one that was restored may serve events of two.
        let used: Vec<i64> =
            sql::query_scalar(USED).bind(project_id).fetch_all(self.pool()).await?;
        old.retain(|(id, _)| !used.contains(id));
        old.truncate(FORGOTTEN);
        let mut deleted = 0;
        for (id, issue_id) in old {
            let mut tx = self.begin_write().await?;
            // A batch that has just seen it there would not restore it.
            counts::keep_batches_out(&mut tx, project_id).await?;
            let event: Option<i64> =
                sql::query_scalar(USED_BY).bind(issue_id).bind(id).fetch_optional(&mut tx).await?;
            if event.is_none() {
                deleted += sql::query(DELETE).bind(issue_id).bind(id).execute(&mut tx).await?;
            }
            tx.commit().await?;
        }
        Ok(deleted)
    }

    /// How many events a project has had, if these are so many more than at its last training that another
    /// one is worth it.
    async fn grown(&self, project_id: i64) -> Result<Option<i64>, StoreError> {
        let events: i64 =
            sql::query_scalar(EVENTS_OF_PROJECT).bind(project_id).fetch_one(self.pool()).await?;
        let last = shared_facts::trained_at(self.pool(), project_id).await?;
        Ok(Some(events).filter(|_| last.is_none_or(|last| events >= last.saturating_mul(GROWN))))
    }
}

/// Whether there is such an issue, if one is meant.
async fn is_issue(tx: &mut Tx, project_id: i64, issue_id: Option<i64>) -> Result<bool, StoreError> {
    let Some(issue_id) = issue_id else { return Ok(true) };
    let found: Option<i64> =
        sql::query_scalar(IS_ISSUE).bind(issue_id).bind(project_id).fetch_optional(tx).await?;
    Ok(found.is_some())
}
