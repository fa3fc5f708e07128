//! What was learnt. Finding it again is in [`search`], what became of it in [`outcome`].

use jiff::Timestamp;
use sqlx::FromRow;

use crate::domain::pattern::{Likeness, Pattern, PatternVerdict};
use crate::store::audit::{AuditEntry, append};
use crate::store::chunks::RowStatement;
use crate::store::events::user_hash;
use crate::store::sql::Tx;
use crate::store::{Store, StoreError, from_json, sql, timestamp, to_json, word};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, issue_id, suggestion_id, fingerprint, class, title, cause, fix, frames,
             verdict, decided_by, classification, shape, path, mended_at, fix_commit, commit_why, recurred,
             recurred_at, recurred_in, recurred_why, hits, pinned, created_at, updated_at FROM patterns ",
            $rest
        )
    };
}

mod by_text;
mod forget;
pub mod outcome;
pub mod search;

pub use search::{FoundBy, FoundPattern};

const BY_ID: &str = select!("WHERE id = $1");
const LIST: &str =
    select!("WHERE ($1 = 0 OR project_id = $1) AND id < $2 ORDER BY id DESC LIMIT $3");
const OF_CLASS: &str = select!("WHERE project_id = $1 AND class = $2 ORDER BY id DESC LIMIT $3");
const SAME: &str = "SELECT id FROM patterns WHERE project_id = $1 AND fingerprint = $2 AND fix = $3
    AND verdict = $4";
const INSERT: &str =
    "INSERT INTO patterns (project_id, issue_id, suggestion_id, fingerprint, class, title,
    cause, fix, frames, verdict, fix_commit, words, created_at, updated_at, decided_by, classification,
    shape, path, mended_at, commit_why, user_hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, $16, $17, $18, $19, $20)
    RETURNING id";
const TOUCH: &str =
    "UPDATE patterns SET issue_id = $2, suggestion_id = $3, cause = $4, updated_at = $5,
    decided_by = $6, classification = $7, mended_at = $8, fix_commit = COALESCE($9, fix_commit),
    commit_why = COALESCE($10, commit_why) WHERE id = $1";
const EDIT: &str =
    "UPDATE patterns SET cause = $2, fix = $3, pinned = $4, updated_at = $5 WHERE id = $1";
const DELETE: &str = "DELETE FROM patterns WHERE id = $1";
const HIT: &str = "UPDATE patterns SET hits = hits + 1 WHERE id = $1";
static INSERT_WORDS: RowStatement =
    RowStatement::new("INSERT INTO pattern_words (pattern_id, word, count) VALUES ", 3, "");

/// Verdicts of one class of error that are compared, the latest.
const MAX_OF_CLASS: i64 = 200;

#[derive(FromRow)]
struct Row {
    id: i64,
    project_id: i64,
    issue_id: Option<i64>,
    suggestion_id: Option<i64>,
    fingerprint: String,
    class: String,
    title: String,
    cause: String,
    fix: String,
    frames: String,
    verdict: String,
    decided_by: String,
    classification: Option<String>,
    shape: String,
    path: String,
    mended_at: Option<i64>,
    fix_commit: Option<String>,
    commit_why: Option<String>,
    recurred: i64,
    recurred_at: Option<i64>,
    recurred_in: Option<String>,
    recurred_why: Option<String>,
    hits: i64,
    pinned: i64,
    created_at: i64,
    updated_at: i64,
}

impl Row {
    fn read(self) -> Result<Pattern, StoreError> {
        Ok(Pattern {
            id: self.id,
            project_id: self.project_id,
            issue_id: self.issue_id,
            suggestion_id: self.suggestion_id,
            fingerprint: self.fingerprint,
            class: self.class,
            title: self.title,
            cause: self.cause,
            fix: self.fix,
            frames: from_json("patterns.frames", &self.frames)?,
            verdict: word::<PatternVerdict>("patterns.verdict", &self.verdict)?,
            decided_by: self.decided_by,
            classification: self
                .classification
                .map(|text| word("patterns.classification", &text))
                .transpose()?,
            shape: self.shape,
            path: self.path,
            mended_at: self.mended_at.map(timestamp).transpose()?,
            fix_commit: self.fix_commit,
            commit_why: self.commit_why,
            recurred: self.recurred != 0,
            recurrences: self.recurred,
            recurred_at: self.recurred_at.map(timestamp).transpose()?,
            recurred_in: self.recurred_in,
            recurred_why: self.recurred_why,
            hits: self.hits,
            pinned: self.pinned != 0,
            created_at: timestamp(self.created_at)?,
            updated_at: timestamp(self.updated_at)?,
        })
    }
}

impl Store {
    /// Learns: what is known already of the same error, fix and verdict is brought up to date. From when it
    /// was mended on, new events of its issue are looked at. `user` is whose event the words are from. Says
    /// its number.
    pub async fn learn_pattern(
        &self,
        pattern: &Pattern,
        likeness: &Likeness,
        user: Option<&str>,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin_write().await?;
        let known: Option<i64> = sql::query_scalar(SAME)
            .bind(pattern.project_id)
            .bind(&pattern.fingerprint)
            .bind(&pattern.fix)
            .bind(pattern.verdict.as_str())
            .fetch_optional(&mut tx)
            .await?;
        let mended_at = pattern.mended_at.map(Timestamp::as_microsecond);
        let id = match known {
            Some(id) => {
                sql::query(TOUCH)
                    .bind(id)
                    .bind(pattern.issue_id)
                    .bind(pattern.suggestion_id)
                    .bind(&pattern.cause)
                    .bind(now.as_microsecond())
                    .bind(&pattern.decided_by)
                    .bind(pattern.classification.map(|c| c.as_str()))
                    .bind(mended_at)
                    .bind(&pattern.fix_commit)
                    .bind(&pattern.commit_why)
                    .execute(&mut tx)
                    .await?;
                id
            }
            None => insert(&mut tx, pattern, likeness, user, now).await?,
        };
        if let (Some(issue_id), Some(mended_at)) = (pattern.issue_id, mended_at) {
            outcome::watch(&mut tx, issue_id, Some(mended_at), i64::MAX).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// A project's verdicts on one class of error, the latest first.
    pub async fn patterns_of_class(
        &self,
        project_id: i64,
        class: &str,
    ) -> Result<Vec<Pattern>, StoreError> {
        let rows = sql::query_as::<Row>(OF_CLASS).bind(project_id).bind(class).bind(MAX_OF_CLASS);
        rows.fetch_all(self.pool()).await?.into_iter().map(Row::read).collect()
    }

    /// Counts that patterns were shown for another error.
    pub async fn count_pattern_hits(&self, ids: &[i64]) -> Result<(), StoreError> {
        for id in ids {
            sql::query(HIT).bind(*id).execute(self.pool()).await?;
        }
        Ok(())
    }

    /// The pattern with this number.
    pub async fn pattern(&self, id: i64) -> Result<Option<Pattern>, StoreError> {
        let row = sql::query_as::<Row>(BY_ID).bind(id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// Patterns before `before` (a number), the newest first; of all projects if none is named.
    pub async fn patterns(
        &self,
        project_id: Option<i64>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Pattern>, StoreError> {
        let rows =
            sql::query_as::<Row>(LIST).bind(project_id.unwrap_or(0)).bind(before).bind(limit);
        rows.fetch_all(self.pool()).await?.into_iter().map(Row::read).collect()
    }

    /// Changes a pattern, with its entry in the audit trail. Says whether there is one.
    pub async fn edit_pattern(
        &self,
        pattern: &Pattern,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_write().await?;
        let done = sql::query(EDIT)
            .bind(pattern.id)
            .bind(&pattern.cause)
            .bind(&pattern.fix)
            .bind(i64::from(pattern.pinned))
            .bind(now.as_microsecond())
            .execute(&mut tx)
            .await?;
        if done > 0 {
            let subject = format!("pattern:{}", pattern.id);
            let detail = serde_json::json!({
                "cause": pattern.cause, "fix": pattern.fix, "pinned": pattern.pinned,
            });
            let entry =
                AuditEntry { actor, action: "pattern.edited", subject: &subject, detail: &detail };
            append(&mut tx, entry, now).await?;
        }
        tx.commit().await?;
        Ok(done > 0)
    }

    /// Deletes a pattern, with its entry in the audit trail. Says whether there was one.
    pub async fn delete_pattern(
        &self,
        id: i64,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_write().await?;
        let done = sql::query(DELETE).bind(id).execute(&mut tx).await?;
        if done > 0 {
            let subject = format!("pattern:{id}");
            let detail = serde_json::json!({});
            let entry =
                AuditEntry { actor, action: "pattern.deleted", subject: &subject, detail: &detail };
            append(&mut tx, entry, now).await?;
        }
        tx.commit().await?;
        Ok(done > 0)
    }
}

async fn insert(
    tx: &mut Tx,
    pattern: &Pattern,
    likeness: &Likeness,
    user: Option<&str>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let id: i64 = sql::query_scalar(INSERT)
        .bind(pattern.project_id)
        .bind(pattern.issue_id)
        .bind(pattern.suggestion_id)
        .bind(&pattern.fingerprint)
        .bind(&pattern.class)
        .bind(&pattern.title)
        .bind(&pattern.cause)
        .bind(&pattern.fix)
        .bind(to_json("pattern", &likeness.frames)?)
        .bind(pattern.verdict.as_str())
        .bind(&pattern.fix_commit)
        .bind(likeness.length())
        .bind(now.as_microsecond())
        .bind(&pattern.decided_by)
        .bind(pattern.classification.map(|c| c.as_str()))
        .bind(&pattern.shape)
        .bind(&pattern.path)
        .bind(pattern.mended_at.map(Timestamp::as_microsecond))
        .bind(&pattern.commit_why)
        .bind(user.map(|user| user_hash(pattern.project_id, user)))
        .fetch_one(&mut *tx)
        .await?;
    insert_words(tx, id, likeness).await?;
    Ok(id)
}

async fn insert_words(tx: &mut Tx, id: i64, likeness: &Likeness) -> Result<(), StoreError> {
    let words: Vec<(&String, &u32)> = likeness.words.iter().collect();
    for (range, text) in INSERT_WORDS.chunks(words.len()) {
        let query = sql::query(text);
        let query = words[range]
            .iter()
            .fold(query, |query, (word, count)| query.bind(id).bind(*word).bind(**count));
        query.execute(&mut *tx).await?;
    }
    Ok(())
}
