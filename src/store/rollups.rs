//! Events by minute, hour and day, counted as they come, so that no list and no chart ever counts
//! events.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sqlx::FromRow;

use super::chunks::RowStatement;
use super::sql::Tx;
use super::{Store, StoreError, sql};

/// The grains, in seconds.
pub const MINUTE: i64 = 60;
/// An hour, in seconds.
pub const HOUR: i64 = 3600;
/// A day (of UTC), in seconds.
pub const DAY: i64 = 86_400;

/// How long minutes are kept, in seconds: two days.
const KEEP_MINUTES_SECONDS: i64 = 2 * DAY;

/// How long hours are kept, in seconds: ninety days. Days are kept as long as their issue.
const KEEP_HOURS_SECONDS: i64 = 90 * DAY;

/// Issues whose old buckets are deleted at a time.
const PRUNED_ISSUES: i64 = 200;

static ADD: RowStatement = RowStatement::new(
    "INSERT INTO rollups (issue_id, grain, bucket, events) VALUES ",
    4,
    " ON CONFLICT (issue_id, grain, bucket)
      DO UPDATE SET events = rollups.events + excluded.events",
);
const OF_ISSUE: &str = "SELECT bucket, CAST(SUM(events) AS BIGINT) AS events FROM rollups
    WHERE issue_id IN (SELECT id FROM issues WHERE id = $1 OR merged_into = $1)
      AND grain = $2 AND bucket >= $3 GROUP BY bucket ORDER BY bucket";
/// The same for many issues at once; each row of binds is one of them.
static OF_ISSUES: RowStatement = RowStatement::new(
    "WITH wanted (id, grain, since) AS (VALUES ",
    3,
    "), parts (whole, part, grain, since) AS (
        SELECT id, id, grain, since FROM wanted
        UNION ALL SELECT wanted.id, issues.id, wanted.grain, wanted.since
            FROM wanted JOIN issues ON issues.merged_into = wanted.id)
     SELECT parts.whole AS issue_id, rollups.bucket, CAST(SUM(rollups.events) AS BIGINT) AS events
     FROM parts JOIN rollups ON rollups.issue_id = parts.part AND rollups.grain = parts.grain
         AND rollups.bucket >= parts.since
     GROUP BY parts.whole, rollups.bucket ORDER BY parts.whole, rollups.bucket",
);
const PRUNE: &str = "DELETE FROM rollups WHERE issue_id IN
        (SELECT id FROM issues WHERE id > $1 ORDER BY id LIMIT $2)
    AND ((grain = 60 AND bucket < $3) OR (grain = 3600 AND bucket < $4))";
const LAST_PRUNED: &str =
    "SELECT MAX(id) FROM (SELECT id FROM issues WHERE id > $1 ORDER BY id LIMIT $2) AS pruned";

/// Events of an issue that arrived together.
#[derive(Clone, Copy, Debug)]
pub(super) struct IssueCount {
    pub(super) issue_id: i64,
    pub(super) received_at: Timestamp,
    pub(super) events: i64,
}

/// Events in one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow, serde::Serialize)]
pub struct Bucket {
    /// When it begins, in seconds since 1970.
    pub bucket: i64,
    /// How many events arrived in it.
    pub events: i64,
}

#[derive(FromRow)]
struct IssueBucket {
    issue_id: i64,
    bucket: i64,
    events: i64,
}

/// The beginning of the bucket that a time is in, in seconds since 1970.
pub(super) fn bucket(at: Timestamp, grain: i64) -> i64 {
    at.as_second().div_euclid(grain) * grain
}

/// Adds the events of a batch: one row an issue, grain and bucket, however many events there were.
pub(super) async fn add_in(tx: &mut Tx, counts: &[IssueCount]) -> Result<(), StoreError> {
    let mut sums = BTreeMap::<(i64, i64, i64), i64>::new();
    for count in counts {
        for grain in [MINUTE, HOUR, DAY] {
            let key = (count.issue_id, grain, bucket(count.received_at, grain));
            *sums.entry(key).or_default() += count.events;
        }
    }
    let rows: Vec<_> = sums.into_iter().collect();
    for (range, text) in ADD.chunks(rows.len()) {
        let mut query = sql::query(text);
        for ((issue_id, grain, bucket), events) in &rows[range] {
            query = query.bind(*issue_id).bind(*grain).bind(*bucket).bind(*events);
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

impl Store {
    /// The buckets of an issue (and of what was merged into it) from `since` on, oldest first; those
    /// without events are left out. `grain` is [`MINUTE`], [`HOUR`] or [`DAY`].
    pub async fn rollups(
        &self,
        issue_id: i64,
        grain: i64,
        since: Timestamp,
    ) -> Result<Vec<Bucket>, StoreError> {
        Ok(sql::query_as(OF_ISSUE)
            .bind(issue_id)
            .bind(grain)
            .bind(bucket(since, grain))
            .fetch_all(self.pool())
            .await?)
    }

    /// [`Store::rollups`] of many different issues, as a page lists them: a few statements, however many
    /// there are. Issues without events since then are left out.
    pub async fn rollups_of(
        &self,
        issues: &[i64],
        grain: i64,
        since: Timestamp,
    ) -> Result<HashMap<i64, Vec<Bucket>>, StoreError> {
        let since = bucket(since, grain);
        let mut found = HashMap::<i64, Vec<Bucket>>::new();
        for (range, text) in OF_ISSUES.chunks(issues.len()) {
            let query =
                issues[range].iter().fold(sql::query_as::<IssueBucket>(text), |query, id| {
                    query.bind(*id).bind(grain).bind(since)
                });
            for row in query.fetch_all(self.pool()).await? {
                let bucket = Bucket { bucket: row.bucket, events: row.events };
                found.entry(row.issue_id).or_default().push(bucket);
            }
        }
        Ok(found)
    }

    /// Deletes old minutes and hours of the next issues above number `after`; the last issue that was
    /// looked at, or `None` at the end.
    pub async fn prune_rollups(
        &self,
        after: i64,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let last: Option<i64> = sql::query_scalar(LAST_PRUNED)
            .bind(after)
            .bind(PRUNED_ISSUES)
            .fetch_one(self.pool())
            .await?;
        sql::query(PRUNE)
            .bind(after)
            .bind(PRUNED_ISSUES)
            .bind(now.as_second() - KEEP_MINUTES_SECONDS)
            .bind(now.as_second() - KEEP_HOURS_SECONDS)
            .execute(self.pool())
            .await?;
        Ok(last)
    }
}
