//! Events: written many at once, read one at a time.

mod batch;
mod export;
mod found;
mod new;
pub(super) mod payload;
mod seen;
mod spikes;
mod sums;

use std::time::Duration;

use jiff::Timestamp;
use sqlx::FromRow;

use crate::domain::event::{Dropped, Event, read};

use super::counts::{self, Counts};
use super::usage::Usage;
use super::{Store, StoreError, from_json, inflate, releases, sql, timestamp};
use payload::with_payload;

pub use batch::Stored;
pub use export::ExportedEvent;
pub(super) use new::user_hash;
pub use new::{Incoming, NewEvent};
pub(super) use seen::Seen;
pub use spikes::Spikes;

/// The columns that [`Row`] reads.
macro_rules! select {
    ($rest:literal) => {
        with_payload!(
            "e.id, e.project_id, e.event_id, e.issue_id, e.received_at, e.body, e.notes",
            "events AS e",
            $rest
        )
    };
}

const BY_ROW: &str = select!("WHERE e.id = $1");
const BY_EVENT_ID: &str = select!("WHERE e.project_id = $1 AND e.event_id = $2");
const MEMBERS: &str = "SELECT id FROM issues WHERE id = $1 OR merged_into = $1";
const IDS: &str = "SELECT id FROM events WHERE issue_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

/// How long a batch may take. Nothing else is written meanwhile; a database that is gone without a word must
/// not stop that for ever. Longer than waiting for a connection and for one lock.
const STORE_TIMEOUT: Duration = Duration::from_secs(60);

/// Bytes of JSON after which a list of events ends early.
const MAX_LISTED_BYTES: usize = 8 * 1024 * 1024;

/// An event as it is stored.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// The row.
    pub row: i64,
    /// Whose it is.
    pub project_id: i64,
    /// Its issue.
    pub issue_id: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The event.
    pub event: Event,
}

#[derive(FromRow)]
struct Row {
    project_id: i64,
    event_id: String,
    issue_id: i64,
    received_at: i64,
    body: Vec<u8>,
    notes: Option<String>,
    #[sqlx(flatten)]
    stored: payload::Stored,
}

impl Store {
    /// Stores a batch in one transaction: all of them are durable when this returns, or none. A new
    /// issue also gets its `analyse` job. `counts` go into the same transaction; what the usage has come to
    /// is returned. [`StoreError::ProjectDeleted`] if an event's project is not there any more;
    /// [`StoreError::Unavailable`] if the database does not answer for long.
    pub async fn store_events(
        &self,
        batch: &[NewEvent],
        counts: &Counts,
        spikes: Spikes,
        now: Timestamp,
    ) -> Result<(Vec<Stored>, Vec<Usage>), StoreError> {
        let storing = async {
            let mut tx = self.begin_batch().await?;
            let projects = batch.iter().map(|new| new.project_id);
            let live = counts::live_projects(&mut tx, projects, counts).await?;
            let stored = batch::write(&mut tx, batch, spikes, now).await?;
            let releases = new::releases(batch, self.seen_releases());
            releases::note_in(&mut tx, &releases, now).await?;
            let usage = counts::add_in(&mut tx, counts, &live, now).await?;
            tx.commit().await?;
            for new in batch {
                self.seen().note(new.project_id, &new.fingerprint);
            }
            for release in &releases {
                self.seen_releases().note(release.project_id, &release.key);
            }
            Ok((stored, usage))
        };
        // What was committed all the same is a duplicate when its sender comes back with it.
        let stored = tokio::time::timeout(STORE_TIMEOUT, storing).await;
        stored.map_err(|_| StoreError::Unavailable)?
    }

    /// Where the event's issue may be new, finds what else the writer will look for: while it writes,
    /// everybody waits.
    pub fn foresee(&self, new: NewEvent) -> NewEvent {
        if self.seen().has(new.project_id, &new.fingerprint) { new } else { new.foreseen() }
    }

    /// The event in this row.
    pub async fn event_by_row(&self, row: i64) -> Result<Option<StoredEvent>, StoreError> {
        let row = sql::query_as::<Row>(BY_ROW).bind(row).fetch_optional(self.pool()).await?;
        self.read_optional(row).await
    }

    /// The event with this id in a project.
    pub async fn event(
        &self,
        project_id: i64,
        event_id: &str,
    ) -> Result<Option<StoredEvent>, StoreError> {
        let row = sql::query_as::<Row>(BY_EVENT_ID)
            .bind(project_id)
            .bind(event_id)
            .fetch_optional(self.pool())
            .await?;
        self.read_optional(row).await
    }

    /// The last event of an issue, or of what was merged into it.
    pub async fn latest_event(&self, issue_id: i64) -> Result<Option<StoredEvent>, StoreError> {
        match self.event_rows(issue_id, i64::MAX, 1).await?.first() {
            Some((row, issue)) => {
                let event = self.event_by_row(*row).await?;
                Ok(event.filter(|event| event.issue_id == *issue))
            }
            None => Ok(None),
        }
    }

    /// Events of an issue and of what was merged into it, newest first, below row `before`; and whether
    /// there are more. At most `limit`, and fewer if they are large: a page of them has to fit into
    /// memory several times over.
    pub async fn events_of_issue(
        &self,
        issue_id: i64,
        before: i64,
        limit: u32,
    ) -> Result<(Vec<StoredEvent>, bool), StoreError> {
        let (mut events, mut bytes, mut before) = (Vec::new(), 0, before);
        loop {
            let mut rows = self.event_rows(issue_id, before, limit.saturating_add(1)).await?;
            let more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            let Some((last, _)) = rows.last() else { return Ok((events, more)) };
            before = *last;
            for (row, issue) in rows {
                if bytes > MAX_LISTED_BYTES {
                    return Ok((events, true));
                }
                let row =
                    sql::query_as::<Row>(BY_ROW).bind(row).fetch_optional(self.pool()).await?;
                // One that was deleted since is simply not there, and another may have its number.
                let Some(row) = row.filter(|row| row.issue_id == issue) else { continue };
                if let Some((event, size)) = self.read(row).await? {
                    bytes += size;
                    events.push(event);
                }
            }
            // All of a page may have been deleted since: that is not the end.
            if !events.is_empty() || !more {
                return Ok((events, more));
            }
        }
    }

    /// Rows of an issue's events and of what was merged into it, newest first, below row `before`, each with
    /// its own issue. Each merged issue is asked by itself, so that none of them is sorted.
    async fn event_rows(
        &self,
        issue_id: i64,
        before: i64,
        limit: u32,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        let members: Vec<i64> =
            sql::query_scalar(MEMBERS).bind(issue_id).fetch_all(self.pool()).await?;
        let mut rows = Vec::new();
        for member in members {
            let of_member: Vec<i64> = sql::query_scalar(IDS)
                .bind(member)
                .bind(before)
                .bind(limit)
                .fetch_all(self.pool())
                .await?;
            rows.extend(of_member.into_iter().map(|row| (row, member)));
        }
        rows.sort_unstable_by(|a, b| b.cmp(a));
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn read_optional(&self, row: Option<Row>) -> Result<Option<StoredEvent>, StoreError> {
        match row {
            Some(row) => Ok(self.read(row).await?.map(|(event, _)| event)),
            None => Ok(None),
        }
    }

    /// The event of a row, and how many bytes of JSON it is. `None` if it was deleted just now.
    async fn read(&self, row: Row) -> Result<Option<(StoredEvent, usize)>, StoreError> {
        let received_at = timestamp(row.received_at)?;
        let noted = |notes: &str| from_json::<Vec<Dropped>>("events.notes", notes);
        let old_notes = row.notes.as_deref().map(noted).transpose()?.unwrap_or_default();
        let (event, size) = if row.body.is_empty() {
            let Some((payload, notes)) = self.open_payload(&row.stored).await? else {
                return Ok(None);
            };
            let notes = [old_notes, notes].concat();
            let event =
                read::read(&payload, Some(&row.event_id), received_at, notes).map_err(|e| {
                    StoreError::Corrupt { what: "events.payload".into(), reason: e.to_string() }
                })?;
            (event, payload.len())
        } else {
            let body = inflate("events.body", &row.body)?;
            let mut event: Event = from_json("events.body", &String::from_utf8_lossy(&body))?;
            event.dropped.extend(old_notes);
            (event, body.len())
        };
        let stored = StoredEvent {
            row: row.stored.row(),
            project_id: row.project_id,
            issue_id: row.issue_id,
            received_at,
            event,
        };
        Ok(Some((stored, size)))
    }
}
