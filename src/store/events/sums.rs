//! What a batch adds to its issues and their projects.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use sqlx::FromRow;

use super::found::Key;
use super::new::NewEvent;
use crate::domain::job::Job;
use crate::store::chunks::RowStatement;
use crate::store::dictionaries::{Trained, passed};
use crate::store::sql::{self, Dialect, Tx};
use crate::store::{StoreError, jobs};

static COUNT_ISSUES: RowStatement = RowStatement::new(
    "UPDATE issues SET event_count = event_count + v.column2,
        stored_events = stored_events + v.column3,
        stored_bytes = stored_bytes + v.column4,
        first_seen = CASE WHEN v.column5 < first_seen THEN v.column5 ELSE first_seen END,
        last_seen = CASE WHEN v.column6 > last_seen THEN v.column6 ELSE last_seen END,
        level = CASE WHEN v.column6 >= last_seen THEN v.column7 ELSE level END
     FROM (VALUES ",
    7,
    ") AS v WHERE issues.id = v.column1 RETURNING id, event_count, merged_into, watch_from",
);
static WHOLES: RowStatement = RowStatement::new(
    "SELECT DISTINCT merged_into FROM issues WHERE merged_into IS NOT NULL AND id IN (VALUES ",
    1,
    ")",
);
static LOCK_ISSUES: RowStatement = RowStatement::new(
    "SELECT id FROM issues WHERE id IN (VALUES ",
    1,
    ") ORDER BY id FOR NO KEY UPDATE",
);
const SEEN_IN_MERGED: &str = "UPDATE issues SET
    last_seen = CASE WHEN $2 > last_seen THEN $2 ELSE last_seen END WHERE id = $1";
const COUNT_PROJECT: &str = "INSERT INTO project_stats (project_id, stored_events, stored_bytes)
    VALUES ($1, $2, $3) ON CONFLICT (project_id) DO UPDATE SET
    stored_events = project_stats.stored_events + excluded.stored_events,
    stored_bytes = project_stats.stored_bytes + excluded.stored_bytes RETURNING stored_events";

#[derive(FromRow)]
struct Counted {
    id: i64,
    event_count: i64,
    merged_into: Option<i64>,
    watch_from: Option<i64>,
}

/// What a batch adds to an issue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum {
    events: i64,
    stored: i64,
    bytes: i64,
    first: i64,
    last: i64,
    level: &'static str,
}

/// Adds an event to what its issue gets.
pub(super) fn add(sums: &mut BTreeMap<i64, Sum>, issue_id: i64, new: &NewEvent, is_stored: bool) {
    let happened = new.event.timestamp.as_microsecond();
    let sum = sums.entry(issue_id).or_insert(Sum {
        events: 0,
        stored: 0,
        bytes: 0,
        first: happened,
        last: happened,
        level: new.event.level.as_str(),
    });
    sum.events += 1;
    if is_stored {
        sum.stored += 1;
        sum.bytes += i64::try_from(new.stored_bytes()).unwrap_or(i64::MAX);
    }
    sum.first = sum.first.min(happened);
    if happened >= sum.last {
        sum.last = happened;
        sum.level = new.event.level.as_str();
    }
}

/// Locks issues and what they are merged into, all in one order: else a batch with a part would wait for
/// one with its whole, and that one for the first. Nobody merges issues of this project meanwhile.
async fn lock(tx: &mut Tx, ids: &[i64]) -> Result<(), StoreError> {
    let mut all: BTreeSet<i64> = ids.iter().copied().collect();
    for (range, text) in WHOLES.chunks(ids.len()) {
        let query = ids[range].iter().fold(sql::query_scalar(text), |query, id| query.bind(*id));
        let wholes: Vec<i64> = query.fetch_all(&mut *tx).await?;
        all.extend(wholes);
    }
    let all: Vec<i64> = all.into_iter().collect();
    for (range, text) in LOCK_ISSUES.chunks(all.len()) {
        let query = all[range].iter().fold(sql::query(text), |query, id| query.bind(*id));
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Adds to the issues and their projects what the batch brought, has dictionaries trained, and mended issues
/// looked at.
pub(super) async fn count(
    tx: &mut Tx,
    sums: &BTreeMap<i64, Sum>,
    issues: &HashMap<Key<'_>, i64>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let project_of: HashMap<i64, i64> =
        issues.iter().map(|((project_id, _), issue)| (*issue, *project_id)).collect();
    let ids: Vec<i64> = sums.keys().copied().collect();
    if tx.dialect() == Dialect::Postgres {
        lock(tx, &ids).await?;
    }
    let mut seen_in_merged = BTreeMap::<i64, i64>::new();
    for (range, text) in COUNT_ISSUES.chunks(ids.len()) {
        let mut query = sql::query_as::<Counted>(text);
        for id in &ids[range] {
            let sum = &sums[id];
            query = query
                .bind(*id)
                .bind(sum.events)
                .bind(sum.stored)
                .bind(sum.bytes)
                .bind(sum.first)
                .bind(sum.last)
                .bind(sum.level);
        }
        for counted in query.fetch_all(&mut *tx).await? {
            let sum = &sums[&counted.id];
            if let Some(whole) = counted.merged_into {
                let last = seen_in_merged.entry(whole).or_insert(sum.last);
                *last = (*last).max(sum.last);
            }
            // A mended issue: whether this is what was mended, a job looks.
            if counted.watch_from.is_some_and(|from| from <= now.as_microsecond()) {
                let job = Job::CheckRecurrence { issue_id: counted.id };
                jobs::enqueue_in(tx, &job, now).await?;
            }
            if passed(Trained::Issue, counted.event_count, sum.events)
                && let Some(project_id) = project_of.get(&counted.id)
            {
                let job =
                    Job::TrainDictionary { project_id: *project_id, issue_id: Some(counted.id) };
                jobs::enqueue_in(tx, &job, now).await?;
            }
        }
    }
    for (issue, last) in seen_in_merged {
        sql::query(SEEN_IN_MERGED).bind(issue).bind(last).execute(&mut *tx).await?;
    }
    let mut projects = BTreeMap::<i64, (i64, i64)>::new();
    for (issue, sum) in sums {
        if let Some(project_id) = project_of.get(issue) {
            let total = projects.entry(*project_id).or_default();
            total.0 += sum.stored;
            total.1 += sum.bytes;
        }
    }
    for (project_id, (events, bytes)) in projects {
        let stored: i64 = sql::query_scalar(COUNT_PROJECT)
            .bind(project_id)
            .bind(events)
            .bind(bytes)
            .fetch_one(&mut *tx)
            .await?;
        if passed(Trained::Project, stored, events) {
            let job = Job::TrainDictionary { project_id, issue_id: None };
            jobs::enqueue_in(tx, &job, now).await?;
        }
    }
    Ok(())
}
