//! Writing many events in one transaction. The number of statements does not grow with the events of
//! a batch, only, slowly, with the issues that they belong to; and nothing is looked up event by event.
//!
//! On PostgreSQL several nodes do this at once. Rows are therefore written in one order everywhere
//! (fingerprints, events, issues, rollups, projects; each sorted by its key), so that no two
//! transactions wait for each other.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sqlx::FromRow;

use super::new::NewEvent;
use super::spikes::Spikes;
use crate::domain::fingerprint::CURRENT;
use crate::domain::job::Job;
use crate::store::chunks::RowStatement;
use crate::store::dictionaries::{Trained, passed};
use crate::store::rollups::{self, IssueCount};
use crate::store::sql::{self, Dialect, Tx};
use crate::store::{StoreError, attachments, jobs};

static INSERT_EVENTS: RowStatement = RowStatement::new(
    "INSERT INTO events (project_id, event_id, issue_id, timestamp, received_at, release,
        environment, level, body, payload, dictionary_id, notes, user_hash) VALUES ",
    13,
    " ON CONFLICT (project_id, event_id) DO NOTHING RETURNING id, project_id, event_id",
);
static COUNT_ISSUES: RowStatement = RowStatement::new(
    "UPDATE issues SET event_count = event_count + v.column2,
        stored_events = stored_events + v.column3,
        stored_bytes = stored_bytes + v.column4,
        first_seen = CASE WHEN v.column5 < first_seen THEN v.column5 ELSE first_seen END,
        last_seen = CASE WHEN v.column6 > last_seen THEN v.column6 ELSE last_seen END,
        level = v.column7
     FROM (VALUES ",
    7,
    ") AS v WHERE issues.id = v.column1 RETURNING id, stored_events, merged_into",
);
static KNOWN_FINGERPRINTS: RowStatement = RowStatement::new(
    "SELECT project_id, hash, issue_id FROM fingerprints WHERE (hash, project_id) IN (VALUES ",
    2,
    ")",
);
const LOCK_ISSUE: &str = "SELECT id FROM issues WHERE id = $1 FOR NO KEY UPDATE";
const STORED: &str = "SELECT id, issue_id FROM events WHERE project_id = $1 AND event_id = $2";
const INSERT_ISSUE: &str = "INSERT INTO issues (project_id, fingerprint, title, culprit, level,
    platform, first_seen, last_seen, event_count)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0)
    ON CONFLICT (project_id, fingerprint) DO NOTHING RETURNING id";
const ISSUE_OF: &str = "SELECT issue_id FROM fingerprints WHERE hash = $1 AND project_id = $2";
const LINK: &str = "INSERT INTO fingerprints (project_id, hash, version, issue_id)
    VALUES ($1, $2, $3, $4) ON CONFLICT (hash, project_id) DO NOTHING";
const SEEN_IN_MERGED: &str = "UPDATE issues SET
    last_seen = CASE WHEN $2 > last_seen THEN $2 ELSE last_seen END WHERE id = $1";
const COUNT_PROJECT: &str = "INSERT INTO project_stats (project_id, stored_events, stored_bytes)
    VALUES ($1, $2, $3) ON CONFLICT (project_id) DO UPDATE SET
    stored_events = project_stats.stored_events + excluded.stored_events,
    stored_bytes = project_stats.stored_bytes + excluded.stored_bytes RETURNING stored_events";

/// Where an event was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The row; 0 if the event was only counted.
    pub event_row: i64,
    /// Its issue.
    pub issue_id: i64,
    /// Whether an event with this id was there already; then nothing was written.
    pub duplicate: bool,
}

#[derive(FromRow)]
struct Known {
    project_id: i64,
    hash: String,
    issue_id: i64,
}

#[derive(FromRow)]
struct Inserted {
    id: i64,
    project_id: i64,
    event_id: String,
}

#[derive(FromRow)]
struct Counted {
    id: i64,
    stored_events: i64,
    merged_into: Option<i64>,
}

/// What a batch adds to an issue.
#[derive(Clone, Copy, Debug)]
struct Sum {
    events: i64,
    stored: i64,
    bytes: i64,
    first: i64,
    last: i64,
    level: &'static str,
}

/// An issue that a batch made.
struct Made {
    issue_id: i64,
    /// The event that it was made for, by its place in the batch.
    index: usize,
}

type Key<'a> = (i64, &'a str);

/// Writes a batch; the answers are in its order.
pub(super) async fn write(
    tx: &mut Tx,
    batch: &[NewEvent],
    spikes: Spikes,
    now: Timestamp,
) -> Result<Vec<Stored>, StoreError> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let mut made = Vec::new();
    let issues = issues_of(tx, batch, &mut made).await?;
    let issue_of = |new: &NewEvent| issues[&(new.project_id, new.fingerprint.as_str())];
    let mut order: Vec<usize> = (0..batch.len()).collect();
    order.sort_unstable_by_key(|i| (batch[*i].project_id, &batch[*i].event.event_id));
    let whole = spikes.whole(tx, &order, |i| (issue_of(&batch[i]), batch[i].received_at)).await?;
    let (kept, counted): (Vec<usize>, Vec<usize>) = order.iter().partition(|i| whole[**i]);

    let rows = insert(tx, batch, &kept, issue_of).await?;
    let mut stored = vec![None; batch.len()];
    let mut sums = BTreeMap::<i64, Sum>::new();
    let mut counts = Vec::with_capacity(batch.len());
    for index in kept.into_iter().chain(counted) {
        let new = &batch[index];
        let issue_id = issue_of(new);
        let place = rows.get(&(new.project_id, new.event.event_id.as_str())).copied();
        let event_row = match (whole[index], place) {
            (true, Some((event_row, first))) if first == index => event_row,
            (true, _) => {
                let (event_row, issue_id) = sql::query_as::<(i64, i64)>(STORED)
                    .bind(new.project_id)
                    .bind(&new.event.event_id)
                    .fetch_one(&mut *tx)
                    .await?;
                stored[index] = Some(Stored { event_row, issue_id, duplicate: true });
                continue;
            }
            (false, _) => 0,
        };
        if event_row != 0 {
            attachments::insert_in(tx, event_row, &new.attachments).await?;
        }
        add(&mut sums, issue_id, new, event_row != 0);
        counts.push(IssueCount { issue_id, received_at: new.received_at, events: 1 });
        stored[index] = Some(Stored { event_row, issue_id, duplicate: false });
    }
    count(tx, &sums, &issues, now).await?;
    rollups::add_in(tx, &counts).await?;
    for Made { issue_id, index } in made {
        if let Some(Stored { event_row, .. }) = stored[index]
            && event_row != 0
        {
            jobs::enqueue_in(tx, &Job::Analyse { issue_id, event_row }, now).await?;
        }
    }
    Ok(stored.into_iter().flatten().collect())
}

fn add(sums: &mut BTreeMap<i64, Sum>, issue_id: i64, new: &NewEvent, is_stored: bool) {
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

/// The issue of each fingerprint in the batch; those that are new are made.
async fn issues_of<'b>(
    tx: &mut Tx,
    batch: &'b [NewEvent],
    made: &mut Vec<Made>,
) -> Result<HashMap<Key<'b>, i64>, StoreError> {
    let mut firsts = BTreeMap::<Key<'b>, usize>::new();
    for (index, new) in batch.iter().enumerate() {
        firsts.entry((new.project_id, &new.fingerprint)).or_insert(index);
    }
    let keys: Vec<Key<'b>> = firsts.keys().copied().collect();
    let mut issues = HashMap::with_capacity(keys.len());
    for known in known(tx, &keys).await? {
        let key = (known.project_id, known.hash.as_str());
        if let Ok(at) = keys.binary_search_by(|probe| probe.cmp(&key)) {
            issues.insert(keys[at], known.issue_id);
        }
    }
    for (key, index) in firsts {
        if let std::collections::hash_map::Entry::Vacant(vacant) = issues.entry(key) {
            vacant.insert(make(tx, &batch[index], index, made).await?);
        }
    }
    Ok(issues)
}

async fn known(tx: &mut Tx, keys: &[Key<'_>]) -> Result<Vec<Known>, StoreError> {
    let mut found = Vec::with_capacity(keys.len());
    for (range, text) in KNOWN_FINGERPRINTS.chunks(keys.len()) {
        let mut query = sql::query_as::<Known>(text);
        for (project_id, hash) in &keys[range] {
            query = query.bind(*hash).bind(*project_id);
        }
        found.extend(query.fetch_all(&mut *tx).await?);
    }
    Ok(found)
}

/// The issue of a fingerprint that is not known: one that an older way of grouping found, else a new one.
async fn make(
    tx: &mut Tx,
    new: &NewEvent,
    index: usize,
    made: &mut Vec<Made>,
) -> Result<i64, StoreError> {
    let event = &new.event;
    for hash in new.older_fingerprints() {
        let known: Option<i64> = sql::query_scalar(ISSUE_OF)
            .bind(&hash)
            .bind(new.project_id)
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(issue_id) = known {
            link(tx, new, issue_id).await?;
            tracing::debug!(issue_id, "an issue is known by another fingerprint now");
            return Ok(issue_id);
        }
    }
    let inserted: Option<i64> = sql::query_scalar(INSERT_ISSUE)
        .bind(new.project_id)
        .bind(&new.fingerprint)
        .bind(&new.title)
        .bind(&new.culprit)
        .bind(event.level.as_str())
        .bind(&event.platform)
        .bind(event.timestamp.as_microsecond())
        .fetch_optional(&mut *tx)
        .await?;
    match inserted {
        Some(issue_id) => {
            link(tx, new, issue_id).await?;
            made.push(Made { issue_id, index });
            Ok(issue_id)
        }
        // Another node made it since we looked; it is committed, or we would still be waiting.
        None => Ok(sql::query_scalar(ISSUE_OF)
            .bind(&new.fingerprint)
            .bind(new.project_id)
            .fetch_one(&mut *tx)
            .await?),
    }
}

/// The current version of the grouping, as stored.
fn version_number() -> i64 {
    CURRENT.as_str().parse().unwrap_or_default()
}

async fn link(tx: &mut Tx, new: &NewEvent, issue_id: i64) -> Result<(), StoreError> {
    sql::query(LINK)
        .bind(new.project_id)
        .bind(&new.fingerprint)
        .bind(version_number())
        .bind(issue_id)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Inserts events; of those with one id the first. The rows that were written, and for which event.
async fn insert<'b>(
    tx: &mut Tx,
    batch: &'b [NewEvent],
    kept: &[usize],
    issue_of: impl Fn(&NewEvent) -> i64,
) -> Result<HashMap<Key<'b>, (i64, usize)>, StoreError> {
    let key_of = |index: usize| -> Key<'b> {
        (batch[index].project_id, batch[index].event.event_id.as_str())
    };
    // They are sorted by this key.
    let mut distinct = kept.to_vec();
    distinct.dedup_by_key(|index| key_of(*index));
    let mut rows = HashMap::with_capacity(distinct.len());
    for (range, text) in INSERT_EVENTS.chunks(distinct.len()) {
        let mut query = sql::query_as::<Inserted>(text);
        for index in &distinct[range] {
            let new = &batch[*index];
            let event = &new.event;
            query = query
                .bind(new.project_id)
                .bind(&event.event_id)
                .bind(issue_of(new))
                .bind(event.timestamp.as_microsecond())
                .bind(new.received_at.as_microsecond())
                .bind(&event.release)
                .bind(&event.environment)
                .bind(event.level.as_str())
                .bind(&new.body)
                .bind(&new.payload)
                .bind(new.dictionary_id)
                .bind(&new.notes)
                .bind(&new.user_hash);
        }
        for row in query.fetch_all(&mut *tx).await? {
            let key = (row.project_id, row.event_id.as_str());
            if let Ok(at) = distinct.binary_search_by(|index| key_of(*index).cmp(&key)) {
                rows.insert(key_of(distinct[at]), (row.id, distinct[at]));
            }
        }
    }
    Ok(rows)
}

/// Adds to the issues and their projects what the batch brought, and has dictionaries trained.
async fn count(
    tx: &mut Tx,
    sums: &BTreeMap<i64, Sum>,
    issues: &HashMap<Key<'_>, i64>,
    now: Timestamp,
) -> Result<(), StoreError> {
    if tx.dialect() == Dialect::Postgres {
        for id in sums.keys() {
            sql::query(LOCK_ISSUE).bind(*id).execute(&mut *tx).await?;
        }
    }
    let project_of: HashMap<i64, i64> =
        issues.iter().map(|((project_id, _), issue)| (*issue, *project_id)).collect();
    let ids: Vec<i64> = sums.keys().copied().collect();
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
            if passed(Trained::Issue, counted.stored_events, sum.stored)
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
