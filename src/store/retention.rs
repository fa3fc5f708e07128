//! Deleting what is not kept any longer, in small transactions, so that events come in meanwhile; and
//! giving its room back.

use jiff::{SignedDuration, Timestamp};
use sqlx::FromRow;

use crate::domain::settings::Retention;

use super::blocks::{self, Place};
use super::chunks::RowStatement;
use super::sql::{Dialect, Tx};
use super::{Store, StoreError, counts, shared_facts, sql};

/// Events that one transaction deletes at most.
const MAX_DELETED: i64 = 200;

/// Issues that one transaction deletes at most.
const MAX_DELETED_ISSUES: i64 = 50;

/// An issue's first events, which stay while later ones go.
const FIRST_EVENTS: i64 = 10;

/// Hours of a day.
const DAY_HOURS: i64 = 24;

/// Pages of SQLite's file that are given back at a time, few enough for others to write in between; and
/// how many there are to give.
const GIVE_BACK: &str = "PRAGMA incremental_vacuum(512)";
const FREE_PAGES: &str = "PRAGMA freelist_count";
/// What was deleted also stands in the log until it is folded in.
const FOLD_LOG: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// What [`Found`] reads.
macro_rules! found {
    ($rest:literal) => {
        concat!(
            "SELECT id, issue_id, user_hash, received_at, block_id, slot,
                LENGTH(body) + LENGTH(payload) + payload_bytes + COALESCE((SELECT CAST(SUM(LENGTH(bytes)) AS BIGINT) FROM attachments
                            WHERE event_row = events.id), 0) AS bytes
             FROM events ",
            $rest
        )
    };
}

mod user;

const OLDEST: &str = found!("WHERE project_id = $1 ORDER BY id LIMIT $2");
const OLDEST_OF_ISSUE: &str = found!("WHERE issue_id = $1 ORDER BY id LIMIT $2 OFFSET $3");
const OF_PROJECT: &str =
    "SELECT stored_events, stored_bytes FROM project_stats WHERE project_id = $1";
const FULL_ISSUES: &str = "SELECT id, stored_events FROM issues
    WHERE project_id = $1 AND stored_events > $2 ORDER BY id LIMIT $3";
const EMPTY_ISSUES: &str = "SELECT id FROM issues WHERE project_id = $1 AND last_seen < $2
      AND stored_events = 0
      AND NOT EXISTS (SELECT 1 FROM suggestions WHERE suggestions.issue_id = issues.id)
      AND NOT EXISTS (SELECT 1 FROM issues AS part WHERE part.merged_into = issues.id)
      AND NOT EXISTS (SELECT 1 FROM issues AS whole WHERE whole.id = issues.merged_into
                      AND (whole.last_seen >= $2 OR whole.stored_events > 0))
    ORDER BY id LIMIT $3";
static DELETE_ATTACHMENTS: RowStatement =
    RowStatement::new("DELETE FROM attachments WHERE event_row IN (VALUES ", 1, ")");
static DELETE_EVENTS: RowStatement =
    RowStatement::new("DELETE FROM events WHERE id IN (VALUES ", 1, ")");
const UNCOUNT_ISSUE: &str = "UPDATE issues SET stored_events = stored_events - $2,
    stored_bytes = stored_bytes - $3 WHERE id = $1";
const UNCOUNT_PROJECT: &str = "UPDATE project_stats SET stored_events = stored_events - $2,
    stored_bytes = stored_bytes - $3 WHERE project_id = $1";
/// All that hangs on an issue without suggestions, in the order in which it can go.
const DELETE_ISSUE: [&str; 6] = [
    "DELETE FROM executions WHERE analysis_id IN (SELECT id FROM analyses WHERE issue_id = $1)",
    "DELETE FROM analyses WHERE issue_id = $1",
    "DELETE FROM rollups WHERE issue_id = $1",
    "DELETE FROM fingerprints WHERE issue_id = $1",
    "DELETE FROM dictionaries WHERE issue_id = $1",
    "DELETE FROM issues WHERE id = $1",
];

#[derive(Clone, Debug, FromRow)]
struct Found {
    id: i64,
    issue_id: i64,
    user_hash: Option<String>,
    received_at: i64,
    block_id: Option<i64>,
    slot: i64,
    bytes: i64,
}

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Events.
    pub events: u64,
    /// Issues.
    pub issues: u64,
}

impl Store {
    /// Deletes the next few events and issues of a project that are over the limits. Nothing deleted
    /// means that nothing is left to delete.
    pub async fn sweep(
        &self,
        project_id: i64,
        keep: Retention,
        now: Timestamp,
    ) -> Result<Swept, StoreError> {
        let mut tx = self.begin_write().await?;
        let doomed = over_limits(&mut tx, project_id, keep, now).await?;
        delete(&mut tx, project_id, &doomed, now).await?;
        let issues = match age_limit(keep, now) {
            Some(limit) if doomed.is_empty() => {
                delete_empty_issues(&mut tx, project_id, limit).await?
            }
            _ => 0,
        };
        tx.commit().await?;
        Ok(Swept { events: doomed.len() as u64, issues })
    }

    /// Gives the room of what was deleted back to the file system, as far as the database does not do
    /// that by itself.
    pub async fn give_back(&self) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Sqlite {
            let mut left = i64::MAX;
            loop {
                let turn = self.turn().await?;
                sql::query(GIVE_BACK).execute(self.pool()).await?;
                sql::query(FOLD_LOG).execute(self.pool()).await?;
                drop(turn);
                let free: i64 = sql::query_scalar(FREE_PAGES).fetch_one(self.pool()).await?;
                // A file that was made before pages could be given back keeps them.
                if free == 0 || free >= left {
                    break;
                }
                left = free;
            }
        }
        Ok(())
    }
}

fn age_limit(keep: Retention, now: Timestamp) -> Option<i64> {
    let age = SignedDuration::from_hours(i64::from(keep.days) * DAY_HOURS);
    (keep.days > 0).then(|| now.saturating_sub(age).map_or(i64::MIN, Timestamp::as_microsecond))
}

/// The next events that have to go, oldest first. Only as many rows are looked at as may be deleted.
async fn over_limits(
    tx: &mut Tx,
    project_id: i64,
    keep: Retention,
    now: Timestamp,
) -> Result<Vec<Found>, StoreError> {
    let most = |limit: u64| match i64::try_from(limit) {
        Ok(0) | Err(_) => i64::MAX,
        Ok(limit) => limit,
    };
    let oldest = sql::query_as::<Found>(OLDEST)
        .bind(project_id)
        .bind(MAX_DELETED)
        .fetch_all(&mut *tx)
        .await?;
    let (events, bytes) = sql::query_as::<(i64, i64)>(OF_PROJECT)
        .bind(project_id)
        .fetch_optional(&mut *tx)
        .await?
        .unwrap_or_default();
    let mut surplus_events = events - most(keep.events_per_project).min(events);
    let mut surplus_bytes = bytes - most(keep.bytes_per_project).min(bytes);
    let too_old = age_limit(keep, now).unwrap_or(i64::MIN);
    let mut doomed = Vec::new();
    for found in oldest {
        if found.received_at >= too_old && surplus_events <= 0 && surplus_bytes <= 0 {
            break;
        }
        surplus_events -= 1;
        surplus_bytes -= found.bytes;
        doomed.push(found);
    }
    if !doomed.is_empty() || keep.events_per_issue == 0 {
        return Ok(doomed);
    }
    let limit = most(keep.events_per_issue).max(FIRST_EVENTS + 1);
    let full: Option<(i64, i64)> = sql::query_as(FULL_ISSUES)
        .bind(project_id)
        .bind(limit)
        .bind(1_i64)
        .fetch_optional(&mut *tx)
        .await?;
    let Some((issue, stored)) = full else { return Ok(doomed) };
    Ok(sql::query_as(OLDEST_OF_ISSUE)
        .bind(issue)
        .bind((stored - limit).min(MAX_DELETED))
        .bind(FIRST_EVENTS)
        .fetch_all(&mut *tx)
        .await?)
}

async fn delete(
    tx: &mut Tx,
    project_id: i64,
    doomed: &[Found],
    now: Timestamp,
) -> Result<(), StoreError> {
    if doomed.is_empty() {
        return Ok(());
    }
    for statement in [&DELETE_ATTACHMENTS, &DELETE_EVENTS] {
        for (range, text) in statement.chunks(doomed.len()) {
            let query =
                doomed[range].iter().fold(sql::query(text), |query, found| query.bind(found.id));
            query.execute(&mut *tx).await?;
        }
    }
    shared_facts::lower_packed_until(tx, now).await?;
    let place = |found: &Found| Some(Place { block: found.block_id?, slot: found.slot });
    let places: Vec<Place> = doomed.iter().filter_map(place).collect();
    blocks::forget_in(tx, &places).await?;
    let mut by_issue = std::collections::BTreeMap::<i64, (i64, i64)>::new();
    for found in doomed {
        let sum = by_issue.entry(found.issue_id).or_default();
        sum.0 += 1;
        sum.1 += found.bytes;
    }
    let (mut events, mut bytes) = (0, 0);
    for (issue, sum) in by_issue {
        sql::query(UNCOUNT_ISSUE).bind(issue).bind(sum.0).bind(sum.1).execute(&mut *tx).await?;
        events += sum.0;
        bytes += sum.1;
    }
    sql::query(UNCOUNT_PROJECT).bind(project_id).bind(events).bind(bytes).execute(&mut *tx).await?;
    Ok(())
}

/// Deletes issues that were not seen for long, have no events left and no suggestion that somebody may
/// want to look at. What a person merged stays while the whole is alive, so that new events still join it.
async fn delete_empty_issues(tx: &mut Tx, project_id: i64, limit: i64) -> Result<u64, StoreError> {
    if empty_issues(tx, project_id, limit).await?.is_empty() {
        return Ok(0);
    }
    counts::keep_batches_out(tx, project_id).await?;
    // A batch may have brought one of them an event until now.
    let empty = empty_issues(tx, project_id, limit).await?;
    for issue in &empty {
        for statement in DELETE_ISSUE {
            sql::query(statement).bind(*issue).execute(&mut *tx).await?;
        }
    }
    Ok(empty.len() as u64)
}

async fn empty_issues(tx: &mut Tx, project_id: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    Ok(sql::query_scalar(EMPTY_ISSUES)
        .bind(project_id)
        .bind(limit)
        .bind(MAX_DELETED_ISSUES)
        .fetch_all(tx)
        .await?)
}
