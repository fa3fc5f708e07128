//! Finding what was learnt again: by the same fingerprint, else by frames in common, else by words (BM25).
//! The ranking is ours and runs on either database; a question reads the rows of its own words only.

use std::collections::HashMap;

use super::Row;
use crate::domain::pattern::{Likeness, Pattern, frame_overlap};
use crate::store::chunks::RowStatement;
use crate::store::{Store, StoreError, sql};

const BY_FINGERPRINT: &str = select!(
    "WHERE project_id = $1 AND fingerprint = $2 ORDER BY pinned DESC, updated_at DESC, id DESC LIMIT 20"
);
const BY_ID: &str = super::BY_ID;
const STATS: &str = "SELECT COUNT(*), COALESCE(CAST(SUM(words) AS BIGINT), 0) FROM patterns
    WHERE project_id = $1";
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

/// What counts of the likeness of a pattern whose fix did not last.
const CAME_BACK: f64 = 0.5;

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

impl Store {
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
            let pattern = row.read()?;
            let score = trust(&pattern);
            found.push(FoundPattern { pattern, by: FoundBy::Fingerprint, score });
        }
        for (id, share) in self.patterns_by_words(project_id, likeness).await? {
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
            let score = score * trust(&pattern);
            found.push(FoundPattern { pattern, by, score });
        }
        let rank = |one: &FoundPattern| (one.by, one.pattern.pinned);
        found.sort_by(|a, b| rank(b).cmp(&rank(a)).then(b.score.total_cmp(&a.score)));
        found.truncate(MAX_FOUND);
        Ok(found)
    }

    /// Patterns by their words alone, best first: the score as a part of what the question would score against
    /// itself.
    pub async fn patterns_by_words(
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
}

/// How far a pattern's fix is to be trusted.
fn trust(pattern: &Pattern) -> f64 {
    if pattern.recurred { CAME_BACK } else { 1.0 }
}
