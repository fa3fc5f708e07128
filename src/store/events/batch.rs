//! Writing many events in one transaction. The number of statements does not grow with the events of
//! a batch, only, slowly, with the issues that they belong to; and nothing is looked up event by event.
//!
//! On PostgreSQL several nodes do this at once. Rows are therefore written in one order everywhere
//! (fingerprints, dictionaries, events, issues, projects, rollups; each sorted by its key), so that no two
//! transactions wait for each other. Whoever changes which issues there are keeps batches out.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use sqlx::FromRow;

use super::found::{self, Key};
use super::new::NewEvent;
use super::spikes::Spikes;
use super::sums::{self, Sum};
use crate::domain::job::Job;
use crate::store::blocks::Place;
use crate::store::chunks::RowStatement;
use crate::store::dictionaries::{self, Needed};
use crate::store::rollups::{self, IssueCount};
use crate::store::sql::{self, Tx};
use crate::store::{StoreError, attachments, blocks, jobs};

static INSERT_EVENTS: RowStatement = RowStatement::new(
    "INSERT INTO events (project_id, event_id, issue_id, timestamp, received_at, release,
        environment, level, body, payload, block_id, slot, payload_bytes, dictionary_id,
        user_hash) VALUES ",
    15,
    " ON CONFLICT (project_id, event_id) DO NOTHING RETURNING id, project_id, event_id",
);
static KNOWN_EVENTS: RowStatement = RowStatement::new(
    "SELECT id, project_id, event_id, issue_id FROM events
     WHERE (project_id, event_id) IN (VALUES ",
    2,
    ")",
);

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
struct Inserted {
    id: i64,
    project_id: i64,
    event_id: String,
}

/// An event that was there already.
#[derive(FromRow)]
struct Known {
    id: i64,
    project_id: i64,
    event_id: String,
    issue_id: i64,
}

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
    let issues = found::issues_of(tx, batch, &mut made).await?;
    let issue_of = |new: &NewEvent| issues[&(new.project_id, new.fingerprint.as_str())];
    // Of events with one id the first counts.
    let mut firsts: Vec<usize> = (0..batch.len()).collect();
    firsts.sort_unstable_by_key(|index| (key(&batch[*index]), *index));
    firsts.dedup_by_key(|index| key(&batch[*index]));

    // Where some are only counted, one has to know before what is there already.
    let mut known = match spikes.is_off() {
        true => HashMap::new(),
        false => known_events(tx, batch, &firsts).await?,
    };
    let mut fresh: Vec<usize> =
        firsts.iter().copied().filter(|index| !known.contains_key(&key(&batch[*index]))).collect();
    fresh.sort_unstable();
    let whole = spikes.whole(tx, &fresh, |i| (issue_of(&batch[i]), batch[i].received_at)).await?;
    let mut kept: Vec<usize> =
        fresh.iter().zip(&whole).filter(|(_, whole)| **whole).map(|(index, _)| *index).collect();
    kept.sort_unstable_by_key(|index| key(&batch[*index]));
    dictionaries::restore_in(tx, &needed(batch, &kept, issue_of), now).await?;
    let payloads: Vec<_> =
        kept.iter().map(|i| (batch[*i].project_id, batch[*i].payload.as_slice())).collect();
    let places = blocks::insert_in(tx, &payloads).await?;
    let rows = insert(tx, batch, &kept, &places, issue_of).await?;
    let unused = kept.iter().zip(&places).filter(|(i, _)| !rows.contains_key(&key(&batch[**i])));
    blocks::forget_in(tx, &unused.map(|(_, place)| *place).collect::<Vec<_>>()).await?;
    kept.retain(|index| !rows.contains_key(&key(&batch[*index])));
    known.extend(known_events(tx, batch, &kept).await?);

    let mut answers = HashMap::<Key<'_>, Stored>::with_capacity(firsts.len());
    let mut sums = BTreeMap::<i64, Sum>::new();
    let mut counts = Vec::with_capacity(firsts.len());
    let mut files = Vec::new();
    for index in &firsts {
        let new = &batch[*index];
        let issue_id = issue_of(new);
        let answer = match (known.get(&key(new)), rows.get(&key(new)).copied()) {
            (Some((event_row, issue_id)), _) => {
                Stored { event_row: *event_row, issue_id: *issue_id, duplicate: true }
            }
            // It was there when we came to write it, and was deleted before we could look.
            (None, None) if kept.contains(index) => {
                Stored { event_row: 0, issue_id, duplicate: true }
            }
            (None, row) => {
                if let Some(event_row) = row {
                    files.extend(new.attachments.iter().map(|file| (event_row, file)));
                }
                sums::add(&mut sums, issue_id, new, row.is_some());
                counts.push(IssueCount { issue_id, received_at: new.received_at, events: 1 });
                Stored { event_row: row.unwrap_or(0), issue_id, duplicate: false }
            }
        };
        answers.insert(key(new), answer);
    }
    attachments::insert_in(tx, &files).await?;
    sums::count(tx, &sums, &issues, now).await?;
    rollups::add_in(tx, &counts).await?;
    let answers: Vec<Stored> = (0..batch.len())
        .map(|index| {
            let answer = answers[&key(&batch[index])];
            let first = firsts.binary_search_by_key(&(key(&batch[index]), index), |first| {
                (key(&batch[*first]), *first)
            });
            Stored { duplicate: answer.duplicate || first.is_err(), ..answer }
        })
        .collect();
    for issue_id in made {
        let first = |answer: &&Stored| answer.issue_id == issue_id && answer.event_row != 0;
        if !sums.contains_key(&issue_id) {
            found::unmake(tx, issue_id).await?;
        } else if let Some(Stored { event_row, .. }) = answers.iter().find(first) {
            let job = Job::Analyse { issue_id, event_row: *event_row };
            jobs::enqueue_in(tx, &job, now).await?;
        }
    }
    Ok(answers)
}

fn key(new: &NewEvent) -> Key<'_> {
    (new.project_id, new.event.event_id.as_str())
}

/// The dictionaries that events are written against.
fn needed<'b>(
    batch: &'b [NewEvent],
    kept: &[usize],
    issue_of: impl Fn(&NewEvent) -> i64,
) -> BTreeMap<i64, Needed<'b>> {
    let mut needed = BTreeMap::new();
    for new in kept.iter().map(|index| &batch[*index]) {
        if let Some((id, bytes)) = &new.dictionary {
            let (project_id, issue_id) = (new.project_id, issue_of(new));
            needed.entry(*id).or_insert(Needed { project_id, issue_id, bytes });
        }
    }
    needed
}

/// Which of these events are there already: their rows and issues.
async fn known_events<'b>(
    tx: &mut Tx,
    batch: &'b [NewEvent],
    indices: &[usize],
) -> Result<HashMap<Key<'b>, (i64, i64)>, StoreError> {
    let wanted: HashMap<Key<'b>, Key<'b>> =
        indices.iter().map(|index| (key(&batch[*index]), key(&batch[*index]))).collect();
    let mut known = HashMap::with_capacity(indices.len());
    for (range, text) in KNOWN_EVENTS.chunks(indices.len()) {
        let mut query = sql::query_as::<Known>(text);
        for index in &indices[range] {
            let (project_id, event_id) = key(&batch[*index]);
            query = query.bind(project_id).bind(event_id);
        }
        for row in query.fetch_all(&mut *tx).await? {
            if let Some(key) = wanted.get(&(row.project_id, row.event_id.as_str())) {
                known.insert(*key, (row.id, row.issue_id));
            }
        }
    }
    Ok(known)
}

/// Inserts events, sorted by their keys, whose payloads lie in `places`; the rows of those that were not
/// there.
async fn insert<'b>(
    tx: &mut Tx,
    batch: &'b [NewEvent],
    sorted: &[usize],
    places: &[Place],
    issue_of: impl Fn(&NewEvent) -> i64,
) -> Result<HashMap<Key<'b>, i64>, StoreError> {
    let mut rows = HashMap::with_capacity(sorted.len());
    for (range, text) in INSERT_EVENTS.chunks(sorted.len()) {
        let mut query = sql::query_as::<Inserted>(text);
        for (index, place) in sorted[range.clone()].iter().zip(&places[range]) {
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
                .bind(blocks::NO_PAYLOAD)
                .bind(place.block)
                .bind(place.slot)
                .bind(i64::try_from(new.payload.len()).unwrap_or(i64::MAX))
                .bind(new.dictionary.as_ref().map(|(id, _)| *id))
                .bind(&new.user_hash);
        }
        for row in query.fetch_all(&mut *tx).await? {
            let written = (row.project_id, row.event_id.as_str());
            let found = sorted.binary_search_by(|index| key(&batch[*index]).cmp(&written));
            if let Ok(at) = found {
                rows.insert(key(&batch[sorted[at]]), row.id);
            }
        }
    }
    Ok(rows)
}
