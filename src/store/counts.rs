//! What a batch counts beside its events, in the same commit; and that nothing is written for a project
//! that was deleted in the meantime.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::events::Spikes;
use super::item_counts::{self, ItemCount};
use super::sql::{Dialect, Tx};
use super::usage::{self, Usage};
use super::{Store, StoreError, sql};

const IS_LIVE: &str = "SELECT id FROM projects WHERE id = $1 AND deleted_at IS NULL";
/// On PostgreSQL batches go beside each other: this one keeps whoever deletes the project waiting until it
/// is through, so that no row comes after the last look for rows.
const STAYS_LIVE: &str = "SELECT id FROM projects WHERE id = $1 AND deleted_at IS NULL FOR SHARE";
/// The counterpart: it and `FOR SHARE` wait for each other, but it and foreign keys do not.
const KEEP_BATCHES_OUT: &str = "SELECT id FROM projects WHERE id = $1 FOR NO KEY UPDATE";

/// What is counted.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Items that are not kept.
    pub items: Vec<ItemCount>,
    /// What was used of the quotas.
    pub usage: Vec<Usage>,
}

impl Counts {
    fn projects(&self) -> impl Iterator<Item = i64> {
        let items = self.items.iter().map(|count| count.project_id);
        items.chain(self.usage.iter().map(|used| used.project_id))
    }
}

impl Store {
    /// Adds counts on their own; see [`Store::store_events`].
    pub async fn store_counts(
        &self,
        counts: &Counts,
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        Ok(self.store_events(&[], counts, Spikes::OFF, now).await?.1)
    }
}

/// The projects of a batch that were not deleted. [`StoreError::ProjectDeleted`] if one of `events` was:
/// its event must not become a row that nothing finds and nothing deletes.
pub(super) async fn live_projects(
    tx: &mut Tx,
    events: impl Iterator<Item = i64>,
    counts: &Counts,
) -> Result<BTreeSet<i64>, StoreError> {
    let needed: BTreeSet<i64> = events.collect();
    let mut live = needed.clone();
    live.extend(counts.projects());
    for id in live.clone() {
        if !is_live(tx, id).await? {
            if needed.contains(&id) {
                return Err(StoreError::ProjectDeleted(id));
            }
            live.remove(&id);
        }
    }
    Ok(live)
}

/// Waits until no batch writes to a project any more, and keeps others waiting until the transaction ends:
/// for what changes which issues there are and which show which. The transaction must come from
/// [`Store::begin_write`], and must not have written yet.
pub(super) async fn keep_batches_out(tx: &mut Tx, project_id: i64) -> Result<(), StoreError> {
    // On SQLite whoever writes is alone.
    if tx.dialect() == Dialect::Postgres {
        let _row: Option<i64> =
            sql::query_scalar(KEEP_BATCHES_OUT).bind(project_id).fetch_optional(tx).await?;
    }
    Ok(())
}

/// Whether there is such a project.
pub(super) async fn is_live(tx: &mut Tx, project_id: i64) -> Result<bool, StoreError> {
    let found: Option<i64> =
        sql::query_scalar(if tx.dialect() == Dialect::Postgres { STAYS_LIVE } else { IS_LIVE })
            .bind(project_id)
            .fetch_optional(&mut *tx)
            .await?;
    Ok(found.is_some())
}

/// Adds the counts of a batch, of `live` projects only. Returns what the usage has come to.
pub(super) async fn add_in(
    tx: &mut Tx,
    counts: &Counts,
    live: &BTreeSet<i64>,
    now: Timestamp,
) -> Result<Vec<Usage>, StoreError> {
    let items: Vec<ItemCount> =
        counts.items.iter().copied().filter(|count| live.contains(&count.project_id)).collect();
    item_counts::add_in(tx, &items, now).await?;
    let used = counts.usage.iter().copied().filter(|used| live.contains(&used.project_id));
    usage::add_in(tx, used).await
}
