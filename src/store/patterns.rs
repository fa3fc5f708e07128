//! What was learnt, and finding it again: by the same fingerprint, else by frames in common, else by words
//! (BM25). The ranking is ours and runs on either database; a question reads the rows of its own words only.

mod search;

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::FromRow;

use super::audit::{AuditEntry, append};
use super::chunks::RowStatement;
use super::{Store, StoreError, from_json, sql, timestamp, to_json, word};
use crate::domain::pattern::{Likeness, Pattern, PatternVerdict, frame_overlap};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, issue_id, suggestion_id, fingerprint, class, title, cause, fix, frames,
             verdict, fix_commit, recurred, hits, pinned, created_at, updated_at FROM patterns ",
            $rest
        )
    };
}
const BY_ID: &str = select!("WHERE id = $1");
const BY_FINGERPRINT: &str = select!(
    "WHERE project_id = $1 AND fingerprint = $2 ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT 20"
);
const LIST: &str =
    select!("WHERE ($1 = 0 OR project_id = $1) AND id < $2 ORDER BY id DESC LIMIT $3");
const SAME: &str = "SELECT id FROM patterns WHERE project_id = $1 AND fingerprint = $2 AND fix = $3
    AND verdict = $4";
const INSERT: &str =
    "INSERT INTO patterns (project_id, issue_id, suggestion_id, fingerprint, class, title,
    cause, fix, frames, verdict, fix_commit, words, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) RETURNING id";
const TOUCH: &str =
    "UPDATE patterns SET issue_id = $2, suggestion_id = $3, cause = $4, updated_at = $5
    WHERE id = $1";
const EDIT: &str =
    "UPDATE patterns SET cause = $2, fix = $3, pinned = $4, updated_at = $5 WHERE id = $1";
const DELETE: &str = "DELETE FROM patterns WHERE id = $1";
const HIT: &str = "UPDATE patterns SET hits = hits + 1 WHERE id = $1";
const RECURRED: &str = "UPDATE patterns SET recurred = 1, updated_at = $2 WHERE suggestion_id = $1";
const STATS: &str = "SELECT COUNT(*), COALESCE(CAST(SUM(words) AS BIGINT), 0) FROM patterns
    WHERE project_id = $1";
static INSERT_WORDS: RowStatement =
    RowStatement::new("INSERT INTO pattern_words (pattern_id, word, count) VALUES ", 3, "");
static POSTINGS: RowStatement = RowStatement::new(
    "SELECT w.pattern_id, w.word, w.count, p.words, p.project_id FROM pattern_words w
     JOIN patterns p ON p.id = w.pattern_id WHERE w.word IN (VALUES ",
    1,
    ") ORDER BY w.pattern_id DESC",
);

/// How often a word must not be repeated to count much more, and how much a long text is held against it:
/// the usual values of BM25.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Patterns whose rows are read for a question.
const MAX_CANDIDATES: usize = 50;

/// Patterns given.
const MAX_FOUND: usize = 5;

/// Frames in common from which on it is likely the same place.
const ALIKE_FRAMES: f64 = 0.6;

/// The part of a question's best possible score below which words in common say nothing.
const LEAST_SHARE: f64 = 0.18;

/// Why a pattern was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// Words in common.
    Words,
    /// Frames in common.
    Frames,
    /// The same fingerprint.
    Fingerprint,
}

/// A pattern that was found.
#[derive(Clone, Debug)]
pub struct FoundPattern {
    /// The pattern.
    pub pattern: Pattern,
    /// Why.
    pub by: FoundBy,
    /// How much, among those found for the same reason.
    pub score: f64,
}

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
    fix_commit: Option<String>,
    recurred: i64,
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
            fix_commit: self.fix_commit,
            recurred: self.recurred != 0,
            hits: self.hits,
            pinned: self.pinned != 0,
            created_at: timestamp(self.created_at)?,
            updated_at: timestamp(self.updated_at)?,
        })
    }
}

impl Store {
    /// Learns: what is known already of the same error, fix and verdict is brought up to date. Says its
    /// number.
    pub async fn learn_pattern(
        &self,
        pattern: &Pattern,
        likeness: &Likeness,
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
        if let Some(id) = known {
            sql::query(TOUCH)
                .bind(id)
                .bind(pattern.issue_id)
                .bind(pattern.suggestion_id)
                .bind(&pattern.cause)
                .bind(now.as_microsecond())
                .execute(&mut tx)
                .await?;
            tx.commit().await?;
            return Ok(id);
        }
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
            .fetch_one(&mut tx)
            .await?;
        let words: Vec<(&String, &u32)> = likeness.words.iter().collect();
        for (range, text) in INSERT_WORDS.chunks(words.len()) {
            let query = sql::query(text);
            let query = words[range]
                .iter()
                .fold(query, |query, (word, count)| query.bind(id).bind(*word).bind(**count));
            query.execute(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// The patterns most like an error, best first: of the same fingerprint, then of the same frames, then
    /// of the same words.
    pub async fn similar_patterns(
        &self,
        project_id: i64,
        fingerprint: &str,
        likeness: &Likeness,
    ) -> Result<Vec<FoundPattern>, StoreError> {
        let mut found: Vec<FoundPattern> = Vec::new();
        let same = sql::query_as::<Row>(BY_FINGERPRINT).bind(project_id).bind(fingerprint);
        for row in same.fetch_all(self.pool()).await? {
            found.push(FoundPattern { pattern: row.read()?, by: FoundBy::Fingerprint, score: 1.0 });
        }
        for (id, share) in self.by_words(project_id, likeness).await? {
            if found.iter().any(|one| one.pattern.id == id) {
                continue;
            }
            let row = sql::query_as::<Row>(BY_ID).bind(id).fetch_optional(self.pool()).await?;
            let Some(pattern) = row.map(Row::read).transpose()? else { continue };
            if pattern.project_id != project_id {
                continue;
            }
            let overlap = frame_overlap(&likeness.frames, &pattern.frames);
            let (by, score) = if overlap >= ALIKE_FRAMES {
                (FoundBy::Frames, overlap + share)
            } else if share >= LEAST_SHARE {
                (FoundBy::Words, share + overlap / 4.0)
            } else {
                continue;
            };
            found.push(FoundPattern { pattern, by, score });
        }
        let rank = |one: &FoundPattern| (one.by, one.pattern.pinned);
        found.sort_by(|a, b| rank(b).cmp(&rank(a)).then(b.score.total_cmp(&a.score)));
        found.truncate(MAX_FOUND);
        Ok(found)
    }

    /// Patterns by their words: the score as a part of what the question would score against itself.
    async fn by_words(
        &self,
        project_id: i64,
        likeness: &Likeness,
    ) -> Result<Vec<(i64, f64)>, StoreError> {
        let (count, words): (i64, i64) =
            sql::query_as(STATS).bind(project_id).fetch_one(self.pool()).await?;
        if count == 0 || likeness.words.is_empty() {
            return Ok(Vec::new());
        }
        let (count, average) = (count as f64, (words as f64 / count as f64).max(1.0));
        let asked: Vec<&String> = likeness.words.keys().collect();
        let mut postings: HashMap<String, Vec<(i64, i64, i64)>> = HashMap::new();
        for (range, text) in POSTINGS.chunks(asked.len()) {
            let query = sql::query_as::<(i64, String, i64, i64, i64)>(text);
            let query = asked[range].iter().fold(query, |query, word| query.bind(*word));
            for (pattern, word, times, length, project) in query.fetch_all(self.pool()).await? {
                // What other projects learnt is theirs.
                if project == project_id {
                    postings.entry(word).or_default().push((pattern, times, length));
                }
            }
        }
        let weight = |times: f64, length: f64| {
            times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * length / average))
        };
        let own_length = f64::from(likeness.length());
        let mut scores: HashMap<i64, f64> = HashMap::new();
        let mut best = 0.0;
        for (word, own_times) in &likeness.words {
            let list = postings.get(word).map(Vec::as_slice).unwrap_or_default();
            let have = list.len() as f64;
            let rarity = ((count - have + 0.5).max(0.5) / (have + 0.5)).ln_1p();
            best += rarity * weight(f64::from(*own_times), own_length);
            for (pattern, times, length) in list {
                *scores.entry(*pattern).or_default() +=
                    rarity * weight(*times as f64, *length as f64);
            }
        }
        let mut ranked: Vec<(i64, f64)> = scores
            .into_iter()
            .map(|(id, score)| (id, score / f64::max(best, f64::MIN_POSITIVE)))
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        ranked.truncate(MAX_CANDIDATES);
        Ok(ranked)
    }

    /// Counts that patterns were shown for another error.
    pub async fn count_pattern_hits(&self, ids: &[i64]) -> Result<(), StoreError> {
        for id in ids {
            sql::query(HIT).bind(*id).execute(self.pool()).await?;
        }
        Ok(())
    }

    /// Notes that the error of an applied suggestion came back.
    pub async fn pattern_recurred(
        &self,
        suggestion_id: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = sql::query(RECURRED).bind(suggestion_id).bind(now.as_microsecond());
        done.execute(self.pool()).await?;
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
