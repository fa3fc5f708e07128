//! The audit trail: who did what, when and why, each entry chained to the one before it by its hash, so
//! that none can be changed, moved or taken out unnoticed.

use jiff::Timestamp;
use sqlx::FromRow;

use super::sql::{Tx, clean};
use super::{Store, StoreError, sql, timestamp, to_json};
use crate::domain::hash::ContentHash;

/// What the first entry is chained to.
const GENESIS: &str = "genesis";

/// Entries read at a time when the chain is verified.
const VERIFY_PAGE_ENTRIES: u32 = 1000;

const LAST: &str = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1";
const INSERT: &str = "INSERT INTO audit (id, at, actor, action, subject, detail, prev_hash, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const PAGE: &str = "SELECT id, at, actor, action, subject, detail, prev_hash, hash FROM audit
    WHERE id > $1 ORDER BY id LIMIT $2";
const BY_HASH: &str = "SELECT id FROM audit WHERE hash = $1";
const RECENT: &str = "SELECT id, at, actor, action, subject, detail, prev_hash, hash FROM audit
    WHERE $1 = '' OR subject = $1 ORDER BY id DESC LIMIT $2";

/// Something that changed something.
#[derive(Clone, Copy, Debug)]
pub struct AuditEntry<'a> {
    /// Who: a token's name, or `andon`.
    pub actor: &'a str,
    /// What was done, as `noun.verb`: `healing.kept`.
    pub action: &'a str,
    /// To what, as `noun number`: `suggestion 7`.
    pub subject: &'a str,
    /// Why, and with which result. An object.
    pub detail: &'a serde_json::Value,
}

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number, from 1, without gaps.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Why, and with which result: JSON text, as it was hashed.
    pub detail: String,
    /// The hash of the entry before.
    pub prev_hash: String,
    /// This entry's hash.
    pub hash: String,
}

/// What a look over the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// Entries that hold, from the first.
    pub entries: i64,
    /// The hash of the last entry that holds. Kept elsewhere, it also shows whether the end was cut off.
    pub head: String,
    /// The first entry that does not hold, and why.
    pub broken: Option<AuditBreak>,
}

/// Where the chain breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditBreak {
    /// The entry.
    pub id: i64,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    at: i64,
    actor: String,
    action: String,
    subject: String,
    detail: String,
    prev_hash: String,
    hash: String,
}

impl Row {
    fn read(self) -> Result<AuditRecord, StoreError> {
        Ok(AuditRecord {
            id: self.id,
            at: timestamp(self.at)?,
            actor: self.actor,
            action: self.action,
            subject: self.subject,
            detail: self.detail,
            prev_hash: self.prev_hash,
            hash: self.hash,
        })
    }

    fn right_hash(&self) -> Result<String, StoreError> {
        // A JSON array of plain texts and numbers has one spelling only.
        let canonical = to_json(
            "audit entry",
            &(self.id, self.at, &self.actor, &self.action, &self.subject, &self.detail),
        )?;
        let text = format!("{}\n{canonical}", self.prev_hash);
        Ok(ContentHash::of(text.as_bytes()).as_str().to_owned())
    }
}

/// Appends an entry inside a transaction, so that the entry and what it tells of stand or fall together.
/// The transaction must come from [`Store::begin_write`]: only who holds the right to write reads the
/// chain's end, so that it cannot fork.
pub(crate) async fn append(
    tx: &mut Tx,
    entry: AuditEntry<'_>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let last: Option<(i64, String)> = sql::query_as(LAST).fetch_optional(&mut *tx).await?;
    let (last_id, prev_hash) = last.unwrap_or_else(|| (0, GENESIS.to_owned()));
    let mut row = Row {
        id: last_id + 1,
        at: now.as_microsecond(),
        // As they will be stored, or the hash would be another text's.
        actor: clean(entry.actor.into()).into_owned(),
        action: clean(entry.action.into()).into_owned(),
        subject: clean(entry.subject.into()).into_owned(),
        detail: to_json("audit detail", entry.detail)?,
        prev_hash,
        hash: String::new(),
    };
    row.hash = row.right_hash()?;
    sql::query(INSERT)
        .bind(row.id)
        .bind(row.at)
        .bind(&row.actor)
        .bind(&row.action)
        .bind(&row.subject)
        .bind(&row.detail)
        .bind(&row.prev_hash)
        .bind(&row.hash)
        .execute(&mut *tx)
        .await?;
    Ok(row.id)
}

impl Store {
    /// Appends an entry on its own.
    pub async fn audit(&self, entry: AuditEntry<'_>, now: Timestamp) -> Result<i64, StoreError> {
        let mut tx = self.begin_write().await?;
        let id = append(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The latest entries, newest first; of one subject, or of all.
    pub async fn audit_entries(
        &self,
        subject: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = sql::query_as::<Row>(RECENT)
            .bind(subject.unwrap_or(""))
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The entries after one, oldest first.
    pub async fn audit_after(&self, id: i64, limit: u32) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = sql::query_as::<Row>(PAGE).bind(id).bind(limit).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// Whether any entry has this hash.
    pub async fn has_audit_hash(&self, hash: &str) -> Result<bool, StoreError> {
        let found = sql::query_as::<(i64,)>(BY_HASH).bind(hash).fetch_optional(self.pool()).await?;
        Ok(found.is_some())
    }

    /// Checks the whole chain.
    pub async fn verify_audit(&self) -> Result<AuditReport, StoreError> {
        let mut report = AuditReport { entries: 0, head: GENESIS.to_owned(), broken: None };
        loop {
            let page = sql::query_as::<Row>(PAGE)
                .bind(report.entries)
                .bind(VERIFY_PAGE_ENTRIES)
                .fetch_all(self.pool())
                .await?;
            if page.is_empty() {
                return Ok(report);
            }
            for row in page {
                let reason = if row.id != report.entries + 1 {
                    format!("entry {} is missing", report.entries + 1)
                } else if row.prev_hash != report.head {
                    "it does not follow from the entry before it".to_owned()
                } else if row.hash != row.right_hash()? {
                    "its content was changed".to_owned()
                } else {
                    report.entries = row.id;
                    report.head = row.hash;
                    continue;
                };
                report.broken = Some(AuditBreak { id: row.id, reason });
                return Ok(report);
            }
        }
    }
}
