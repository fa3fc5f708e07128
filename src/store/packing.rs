//! Packing: events are stored as fast as they come, against the dictionary that there was; later, when
//! nobody waits, their payloads are compressed again, harder and against the newest dictionary, and laid
//! into full blocks.
//!
//! A number says up to which row packing has come, so that nothing is looked at twice. On SQLite the number
//! of a row is given out again when it was the highest and was deleted: who deletes lowers the number, and
//! who packs goes by where a payload lies, which is never the same for two events. What a batch on
//! PostgreSQL commits late, below the number, stays as it came.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sqlx::FromRow;

use super::blocks::{self, Place};
use super::chunks::RowStatement;
use super::compression::Dictionary;
use super::compression::pack::{Hasty, Packed, pack};
use super::dictionaries::{self, Needed};
use super::sql::{Dialect, Tx};
use super::{Store, StoreError, shared_facts, sql};

/// Events of one step at most: a transaction of milliseconds.
const STEP_EVENTS: u32 = 256;

/// Bytes of stored payloads of one step, beyond the first event: what a step holds in memory, twice.
const STEP_BYTES: i64 = 4 * 1024 * 1024;

/// What is younger is left alone: an issue that has just begun has no dictionary yet.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);

/// Fewer events wait for others until the oldest of them is as old as this, so that blocks become full.
const WAIT: SignedDuration = SignedDuration::from_hours(1);

/// Free pages of SQLite's file that stay for what comes next, as a part of all; and how many are never
/// worth the work of moving others into them.
const SPARE_PART: i64 = 32;
const SPARE_PAGES: i64 = 2048;

const UNPACKED: &str =
    "SELECT id, project_id, issue_id, received_at, block_id, slot, dictionary_id,
    LENGTH(payload) + payload_bytes AS bytes FROM events WHERE id > $1 ORDER BY id LIMIT $2";
const HIGHEST: &str = "SELECT COALESCE(MAX(id), 0) FROM events";
const LEGACY: &str = "SELECT payload FROM events WHERE id = $1";
const NEWEST: &str = "SELECT id FROM dictionaries
    WHERE project_id = $1 AND (issue_id IS NULL OR issue_id = $2)
    ORDER BY CASE WHEN issue_id IS NULL THEN 1 ELSE 0 END, id DESC LIMIT 1";
const BETWEEN: &str =
    "SELECT id, block_id, slot FROM events WHERE id > $1 AND id <= $2 ORDER BY id";
static MOVE: RowStatement = RowStatement::new(
    "UPDATE events SET block_id = v.column2, slot = v.column3, payload_bytes = v.column4,
        dictionary_id = v.column5, payload = v.column6 FROM (VALUES ",
    6,
    ") AS v WHERE events.id = v.column1",
);
const SHRINK_ISSUE: &str = "UPDATE issues SET stored_bytes = stored_bytes - $2 WHERE id = $1";
const SHRINK_PROJECT: &str =
    "UPDATE project_stats SET stored_bytes = stored_bytes - $2 WHERE project_id = $1";
const PAGES: &str = "PRAGMA page_count";
const FREE_PAGES: &str = "PRAGMA freelist_count";

/// An event that was not packed yet.
#[derive(Clone, Debug, FromRow)]
struct Unpacked {
    id: i64,
    project_id: i64,
    issue_id: i64,
    received_at: i64,
    block_id: Option<i64>,
    slot: i64,
    dictionary_id: Option<i64>,
    bytes: i64,
}

impl Unpacked {
    fn place(&self) -> Option<Place> {
        Some(Place { block: self.block_id?, slot: self.slot })
    }
}

impl Store {
    /// Packs the next events; how many. 0 means that there is nothing worth it for now.
    pub async fn pack_step(&self, now: Timestamp) -> Result<u64, StoreError> {
        let told = shared_facts::packed_until(self.pool()).await?;
        let highest: i64 = sql::query_scalar(HIGHEST).fetch_one(self.pool()).await?;
        // An older version did not lower it when it deleted.
        let after = told.min(highest);
        let mut events: Vec<Unpacked> =
            sql::query_as(UNPACKED).bind(after).bind(STEP_EVENTS).fetch_all(self.pool()).await?;
        let ago = |age| now.saturating_sub(age).map_or(i64::MIN, Timestamp::as_microsecond);
        let settled = events.iter().position(|event| event.received_at > ago(SETTLED));
        events.truncate(settled.unwrap_or(events.len()));
        let mut bytes = 0;
        let fit = events.iter().position(|event| {
            bytes += event.bytes;
            bytes > STEP_BYTES
        });
        events.truncate(fit.map_or(events.len(), |fit| fit.max(1)));
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(0) };
        let is_full = fit.is_some() || events.len() == STEP_EVENTS as usize;
        if !is_full && first.received_at > ago(WAIT) {
            return Ok(0);
        }
        let range = (after, last.id);
        let hasty = self.hasty(&events).await?;
        let (ids, hasty): (Vec<i64>, Vec<Hasty>) = hasty.into_iter().unzip();
        let packed: BTreeMap<i64, Packed> = ids.into_iter().zip(pack(hasty).await?).collect();
        let mut tx = self.begin_write().await?;
        if shared_facts::packed_until(&mut tx).await? != told {
            // Another node was faster, or events were deleted.
            return Ok(0);
        }
        let left = still_there(&mut tx, &events, range).await?;
        let Some(last) = left.last() else { return Ok(0) };
        write(&mut tx, &left, &packed, now).await?;
        shared_facts::set_packed_until(&mut tx, last.id, now).await?;
        tx.commit().await?;
        Ok(left.len() as u64)
    }

    /// Gives room back after packing, if there is much more than what comes next will fill.
    pub async fn give_back_spare(&self) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Sqlite {
            let all: i64 = sql::query_scalar(PAGES).fetch_one(self.pool()).await?;
            let free: i64 = sql::query_scalar(FREE_PAGES).fetch_one(self.pool()).await?;
            if free > SPARE_PAGES && free > all / SPARE_PART {
                self.give_back().await?;
            }
        }
        Ok(())
    }

    /// Their payloads, with the dictionaries of before and after, by row. In the order of rows, which is
    /// nearly that of issues' dictionaries too.
    async fn hasty(&self, events: &[Unpacked]) -> Result<BTreeMap<i64, Hasty>, StoreError> {
        let mut newest = HashMap::<i64, Option<Arc<Dictionary>>>::new();
        let (mut hasty, mut block) = (BTreeMap::new(), None::<(i64, Option<Vec<u8>>)>);
        for event in events {
            let payload = match event.place() {
                Some(place) => {
                    // Events of one block stand together.
                    let known = block.take().filter(|(id, _)| *id == place.block);
                    let bytes = match known {
                        Some((_, bytes)) => bytes,
                        None => blocks::bytes(self.pool(), place.block).await?,
                    };
                    // Deleted since.
                    let lies = bytes.as_ref().and_then(|b| blocks::payload(b, place).ok());
                    let payload = lies.map(<[u8]>::to_vec);
                    block = Some((place.block, bytes));
                    payload
                }
                None => {
                    sql::query_scalar(LEGACY).bind(event.id).fetch_optional(self.pool()).await?
                }
            };
            let Some(payload) = payload else { continue };
            let old = match event.dictionary_id {
                Some(id) => match self.dictionary(id).await? {
                    Some(dictionary) => Some(dictionary),
                    // It goes after the last of its events.
                    None => continue,
                },
                None => None,
            };
            let new = match newest.get(&event.issue_id) {
                Some(new) => new.clone(),
                None => {
                    let new = self.newest_dictionary(event).await?;
                    newest.insert(event.issue_id, new.clone());
                    new
                }
            };
            hasty.insert(event.id, Hasty { payload, old, new });
        }
        Ok(hasty)
    }

    async fn newest_dictionary(
        &self,
        event: &Unpacked,
    ) -> Result<Option<Arc<Dictionary>>, StoreError> {
        let id: Option<i64> = sql::query_scalar(NEWEST)
            .bind(event.project_id)
            .bind(event.issue_id)
            .fetch_optional(self.pool())
            .await?;
        match id {
            Some(id) => self.dictionary(id).await,
            None => Ok(None),
        }
    }
}

/// Those of the listed events that lie where they lay, up to the first row that was not listed or whose
/// payload lies elsewhere: it is another event, which came since.
async fn still_there<'e>(
    tx: &mut Tx,
    events: &'e [Unpacked],
    (after, until): (i64, i64),
) -> Result<Vec<&'e Unpacked>, StoreError> {
    let listed: HashMap<i64, &Unpacked> = events.iter().map(|event| (event.id, event)).collect();
    let rows: Vec<(i64, Option<i64>, i64)> =
        sql::query_as(BETWEEN).bind(after).bind(until).fetch_all(tx).await?;
    let known = rows.iter().map_while(|(id, block_id, slot)| {
        let event = listed.get(id).copied()?;
        (event.block_id == *block_id && event.slot == *slot).then_some(event)
    });
    Ok(known.collect())
}

/// Lays the packed payloads of events that are still there into new blocks. Nobody else moves or deletes
/// events meanwhile.
async fn write(
    tx: &mut Tx,
    left: &[&Unpacked],
    packed: &BTreeMap<i64, Packed>,
    now: Timestamp,
) -> Result<(), StoreError> {
    // What could not be read stays as it is.
    let mut moved: Vec<(&Unpacked, &Packed)> =
        left.iter().filter_map(|event| Some((*event, packed.get(&event.id)?))).collect();
    moved.sort_by_key(|(event, _)| (event.project_id, event.id));

    let mut needed = BTreeMap::new();
    let rows: Vec<_> = moved.iter().map(|(_, p)| p.dictionary.as_ref().map(|d| d.row())).collect();
    for ((event, _), row) in moved.iter().zip(&rows) {
        if let Some((id, bytes)) = row {
            let (project_id, issue_id) = (event.project_id, event.issue_id);
            needed.entry(*id).or_insert(Needed { project_id, issue_id, bytes });
        }
    }
    dictionaries::restore_in(tx, &needed, now).await?;

    let payloads: Vec<_> =
        moved.iter().map(|(event, p)| (event.project_id, p.payload.as_slice())).collect();
    let places = blocks::insert_in(tx, &payloads).await?;
    for (range, text) in MOVE.chunks(moved.len()) {
        let mut query = sql::query(text);
        for index in range {
            let ((event, packed), place) = (moved[index], places[index]);
            query = query
                .bind(event.id)
                .bind(place.block)
                .bind(place.slot)
                .bind(size(packed))
                .bind(packed.dictionary.as_ref().map(|dictionary| dictionary.id()))
                .bind(blocks::NO_PAYLOAD);
        }
        query.execute(&mut *tx).await?;
    }
    let old: Vec<Place> = moved.iter().filter_map(|(event, _)| event.place()).collect();
    blocks::forget_in(tx, &old).await?;

    let (mut issues, mut projects) = (BTreeMap::new(), BTreeMap::new());
    for (event, packed) in moved {
        let less = event.bytes - size(packed);
        *issues.entry(event.issue_id).or_insert(0) += less;
        *projects.entry(event.project_id).or_insert(0) += less;
    }
    for (sums, text) in [(issues, SHRINK_ISSUE), (projects, SHRINK_PROJECT)] {
        for (id, less) in sums {
            sql::query(text).bind(id).bind(less).execute(&mut *tx).await?;
        }
    }
    Ok(())
}

fn size(packed: &Packed) -> i64 {
    i64::try_from(packed.payload.len()).unwrap_or(i64::MAX)
}
