//! Everything that is stored of a project's events, or of one user's, in the order in which it came.

use jiff::Timestamp;
use sqlx::FromRow;

use super::new::user_hash;
use super::payload::{Stored, with_payload};
use crate::domain::event::Dropped;
use crate::store::{Store, StoreError, from_json, sql, timestamp};

/// Events of one page: a page is in memory at once.
const PAGE_EVENTS: u32 = 20;

/// What [`Row`] reads. The page is made before payloads are looked for.
macro_rules! page {
    ($of:literal) => {
        with_payload!("e.id, e.event_id, e.issue_id, e.received_at, e.notes", $of, "ORDER BY e.id")
    };
}

const OF_PROJECT: &str =
    page!("(SELECT * FROM events WHERE project_id = $1 AND id > $2 ORDER BY id LIMIT $3) AS e");
const OF_USER: &str = page!(
    "(SELECT * FROM events WHERE project_id = $1 AND user_hash = $4 AND id > $2
      ORDER BY id LIMIT $3) AS e"
);

/// An event as it leaves.
#[derive(Clone, Debug)]
pub struct ExportedEvent {
    /// Its row: where the next page goes on.
    pub row: i64,
    /// Its id.
    pub event_id: String,
    /// Its issue.
    pub issue_id: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// What was noted when it came: what could not be read, what was scrubbed.
    pub notes: Vec<Dropped>,
    /// As it was sent, scrubbed.
    pub payload: Vec<u8>,
}

#[derive(FromRow)]
struct Row {
    event_id: String,
    issue_id: i64,
    received_at: i64,
    notes: Option<String>,
    #[sqlx(flatten)]
    stored: Stored,
}

impl Store {
    /// The next events of a project above row `after`, or only those of a user (the sender's id of him,
    /// else name or e-mail). None means that there are no more.
    pub async fn export_events(
        &self,
        project_id: i64,
        user: Option<&str>,
        after: i64,
    ) -> Result<Vec<ExportedEvent>, StoreError> {
        let mut after = after;
        loop {
            let query = sql::query_as::<Row>(if user.is_some() { OF_USER } else { OF_PROJECT });
            let mut query = query.bind(project_id).bind(after).bind(PAGE_EVENTS);
            if let Some(user) = user {
                query = query.bind(user_hash(project_id, user));
            }
            let rows = query.fetch_all(self.pool()).await?;
            let Some(last) = rows.last() else { return Ok(Vec::new()) };
            after = last.stored.row();
            let events = self.exported(rows).await?;
            // All of a page may have been deleted since: that is not the end.
            if !events.is_empty() {
                return Ok(events);
            }
        }
    }

    async fn exported(&self, rows: Vec<Row>) -> Result<Vec<ExportedEvent>, StoreError> {
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            // One that was deleted since is simply not there.
            let Some((payload, notes)) = self.open_payload(&row.stored).await? else { continue };
            let old_notes = match &row.notes {
                Some(notes) => from_json("events.notes", notes)?,
                None => Vec::new(),
            };
            events.push(ExportedEvent {
                row: row.stored.row(),
                issue_id: row.issue_id,
                received_at: timestamp(row.received_at)?,
                notes: [old_notes, notes].concat(),
                payload,
                event_id: row.event_id,
            });
        }
        Ok(events)
    }
}
