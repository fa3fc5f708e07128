//! Events: written many at once, read one at a time.

use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use sqlx::{FromRow, Sqlite, Transaction};

use crate::domain::event::Event;
use crate::domain::job::Job;

use super::attachments::NewAttachment;
use super::counts::{self, Counts};
use super::usage::Usage;
use super::{Store, StoreError, compress, from_json, inflate, timestamp, to_json};

const STORED: &str = "SELECT id, issue_id FROM events WHERE project_id = $1 AND event_id = $2";
const ISSUE: &str = "SELECT id FROM issues WHERE project_id = $1 AND fingerprint = $2";
const INSERT_ISSUE: &str = "INSERT INTO issues (project_id, fingerprint, title, culprit, level,
    platform, first_seen, last_seen, event_count)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0) RETURNING id";
const INSERT_EVENT: &str = "INSERT INTO events (project_id, event_id, issue_id, timestamp,
    received_at, release, environment, level, body, payload)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";
const COUNT_EVENT: &str = "UPDATE issues SET event_count = event_count + 1, level = $2,
    first_seen = MIN(first_seen, $3), last_seen = MAX(last_seen, $3) WHERE id = $1";
const BY_ROW: &str = "SELECT id, project_id, issue_id, received_at, body FROM events WHERE id = $1";
const BY_EVENT_ID: &str = "SELECT id, project_id, issue_id, received_at, body FROM events
    WHERE project_id = $1 AND event_id = $2";
const LATEST: &str = "SELECT id, project_id, issue_id, received_at, body FROM events
    WHERE issue_id = $1 ORDER BY id DESC LIMIT 1";
const LIST: &str = "SELECT id, project_id, issue_id, received_at, body FROM events
    WHERE issue_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const PAYLOAD: &str = "SELECT payload FROM events WHERE id = $1";

/// Bytes of JSON after which a list of events ends early.
const MAX_LISTED_BYTES: usize = 8 * 1024 * 1024;

/// An event that is ready to be stored: parsed, grouped, compressed. Made off the writer's path.
#[derive(Debug)]
pub struct NewEvent {
    project_id: i64,
    fingerprint: String,
    title: String,
    culprit: Option<String>,
    event: Event,
    received_at: Timestamp,
    body: Vec<u8>,
    payload: Vec<u8>,
    attachments: Vec<NewAttachment>,
}

impl NewEvent {
    /// Compresses what will be stored. `payload` is the event as it was sent, scrubbed.
    pub fn new(
        project_id: i64,
        event: Event,
        fingerprint: String,
        culprit: Option<String>,
        payload: &[u8],
        received_at: Timestamp,
    ) -> Result<Self, StoreError> {
        let body = compress(to_json("event", &event)?.as_bytes())?;
        let payload = compress(payload)?;
        let title = event.title();
        Ok(Self {
            project_id,
            fingerprint,
            title,
            culprit,
            event,
            received_at,
            body,
            payload,
            attachments: Vec::new(),
        })
    }

    /// What it holds of compressed bytes.
    pub fn stored_bytes(&self) -> usize {
        let attached: usize = self.attachments.iter().map(NewAttachment::stored_bytes).sum();
        self.body.len() + self.payload.len() + attached
    }

    /// With files that are stored in the same transaction.
    pub fn with_attachments(self, attachments: Vec<NewAttachment>) -> Self {
        Self { attachments, ..self }
    }
}

/// Where an event was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The row.
    pub event_row: i64,
    /// Its issue.
    pub issue_id: i64,
    /// Whether an event with this id was there already; then nothing was written.
    pub duplicate: bool,
}

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
    id: i64,
    project_id: i64,
    issue_id: i64,
    received_at: i64,
    body: Vec<u8>,
}

impl Row {
    fn read(self) -> Result<StoredEvent, StoreError> {
        Ok(self.read_sized()?.0)
    }

    /// The event, and how many bytes of JSON it is.
    fn read_sized(self) -> Result<(StoredEvent, usize), StoreError> {
        let body = inflate("events.body", &self.body)?;
        let text = String::from_utf8_lossy(&body);
        let stored = StoredEvent {
            row: self.id,
            project_id: self.project_id,
            issue_id: self.issue_id,
            received_at: timestamp(self.received_at)?,
            event: from_json("events.body", &text)?,
        };
        Ok((stored, body.len()))
    }
}

impl Store {
    /// Stores a batch in one transaction: all of them are durable when this returns, or none. A new
    /// issue also gets its `analyse` job. `counts` go into the same transaction; what the usage has come to
    /// is returned. [`StoreError::ProjectDeleted`] if an event's project is not there any more.
    pub async fn store_events(
        &self,
        batch: &[NewEvent],
        counts: &Counts,
        now: Timestamp,
    ) -> Result<(Vec<Stored>, Vec<Usage>), StoreError> {
        let mut tx = self.begin_write().await?;
        let projects = batch.iter().map(|new| new.project_id);
        let live = counts::live_projects(&mut tx, projects, counts).await?;
        let mut stored = Vec::with_capacity(batch.len());
        for new in batch {
            stored.push(store_one(&mut tx, new, now).await?);
        }
        let usage = counts::add_in(&mut tx, counts, &live, now).await?;
        tx.commit().await?;
        Ok((stored, usage))
    }

    /// The event in this row.
    pub async fn event_by_row(&self, row: i64) -> Result<Option<StoredEvent>, StoreError> {
        let row = sqlx::query_as::<_, Row>(BY_ROW).bind(row).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// The event with this id in a project.
    pub async fn event(
        &self,
        project_id: i64,
        event_id: &str,
    ) -> Result<Option<StoredEvent>, StoreError> {
        let row = sqlx::query_as::<_, Row>(BY_EVENT_ID)
            .bind(project_id)
            .bind(event_id)
            .fetch_optional(self.pool())
            .await?;
        row.map(Row::read).transpose()
    }

    /// The last event of an issue.
    pub async fn latest_event(&self, issue_id: i64) -> Result<Option<StoredEvent>, StoreError> {
        let row =
            sqlx::query_as::<_, Row>(LATEST).bind(issue_id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// Events of an issue, newest first, below row `before`; and whether there are more. At most `limit`,
    /// and fewer if they are large: a page of them has to fit into memory several times over.
    pub async fn events_of_issue(
        &self,
        issue_id: i64,
        before: i64,
        limit: u32,
    ) -> Result<(Vec<StoredEvent>, bool), StoreError> {
        let mut rows = sqlx::query_as::<_, Row>(LIST)
            .bind(issue_id)
            .bind(before)
            .bind(i64::from(limit) + 1)
            .fetch(self.pool());
        let (mut events, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.try_next().await? {
            if events.len() == limit as usize || bytes > MAX_LISTED_BYTES {
                return Ok((events, true));
            }
            let (event, size) = row.read_sized()?;
            bytes += size;
            events.push(event);
        }
        Ok((events, false))
    }

    /// The event as it was sent, byte for byte.
    pub async fn event_payload(&self, row: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let payload: Option<Vec<u8>> =
            sqlx::query_scalar(PAYLOAD).bind(row).fetch_optional(self.pool()).await?;
        payload.map(|bytes| inflate("events.payload", &bytes)).transpose()
    }
}

async fn store_one(
    tx: &mut Transaction<'static, Sqlite>,
    new: &NewEvent,
    now: Timestamp,
) -> Result<Stored, StoreError> {
    let event = &new.event;
    let known: Option<(i64, i64)> = sqlx::query_as(STORED)
        .bind(new.project_id)
        .bind(&event.event_id)
        .fetch_optional(&mut **tx)
        .await?;
    if let Some((event_row, issue_id)) = known {
        return Ok(Stored { event_row, issue_id, duplicate: true });
    }
    let happened = event.timestamp.as_microsecond();
    let known: Option<i64> = sqlx::query_scalar(ISSUE)
        .bind(new.project_id)
        .bind(&new.fingerprint)
        .fetch_optional(&mut **tx)
        .await?;
    let issue_id = match known {
        Some(id) => id,
        None => {
            sqlx::query_scalar(INSERT_ISSUE)
                .bind(new.project_id)
                .bind(&new.fingerprint)
                .bind(&new.title)
                .bind(&new.culprit)
                .bind(event.level.as_str())
                .bind(&event.platform)
                .bind(happened)
                .fetch_one(&mut **tx)
                .await?
        }
    };
    let event_row: i64 = sqlx::query_scalar(INSERT_EVENT)
        .bind(new.project_id)
        .bind(&event.event_id)
        .bind(issue_id)
        .bind(happened)
        .bind(new.received_at.as_microsecond())
        .bind(&event.release)
        .bind(&event.environment)
        .bind(event.level.as_str())
        .bind(&new.body)
        .bind(&new.payload)
        .fetch_one(&mut **tx)
        .await?;
    super::attachments::insert_in(tx, event_row, &new.attachments).await?;
    sqlx::query(COUNT_EVENT)
        .bind(issue_id)
        .bind(event.level.as_str())
        .bind(happened)
        .execute(&mut **tx)
        .await?;
    if known.is_none() {
        super::jobs::enqueue_in(tx, &Job::Analyse { issue_id, event_row }, now).await?;
    }
    Ok(Stored { event_row, issue_id, duplicate: false })
}
