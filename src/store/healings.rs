//! The journal of healings: what was about to be done to which files, on disk before it is done.

use jiff::Timestamp;
use sqlx::FromRow;

use super::audit::{AuditEntry, append};
use super::sql::Tx;
use super::suggestions::{Decision, decide};
use super::{Store, StoreError, sql, timestamp, word};
use crate::domain::fix::SuggestionStatus;
use crate::domain::hash::ContentHash;
use crate::domain::healing::{Healing, HealingFile, HealingStep};

/// The columns that [`Row`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, suggestion_id, repo, step, actor, reason, started_at, updated_at
             FROM healings ",
            $rest
        )
    };
}

/// The steps in which a healing rests, as SQL. Checked against the words by a test.
macro_rules! finished {
    () => {
        "('kept', 'rolled_back', 'failed', 'needs_person')"
    };
}

const INSERT: &str =
    "INSERT INTO healings (suggestion_id, repo, step, actor, started_at, updated_at)
    VALUES ($1, $2, 'planned', $3, $4, $4) RETURNING id";
const INSERT_FILE: &str = "INSERT INTO healing_files
    (healing_id, position, path, before_hash, after_hash, mode) VALUES ($1, $2, $3, $4, $5, $6)";
const FILES: &str = "SELECT path, before_hash, after_hash, mode FROM healing_files
    WHERE healing_id = $1 ORDER BY position";
const BY_ID: &str = select!("WHERE id = $1");
const BY_SUGGESTION: &str = select!("WHERE suggestion_id = $1 ORDER BY id");
const UNFINISHED: &str =
    concat!(select!("WHERE ($1 = '' OR repo = $1) AND step NOT IN "), finished!(), " ORDER BY id");
const RECENT: &str = select!("WHERE id < $1 ORDER BY id DESC LIMIT $2");
const LAST_OF_FILE: &str = "SELECT h.suggestion_id, f.after_hash FROM healings h
    JOIN healing_files f ON f.healing_id = h.id
    WHERE h.repo = $1 AND f.path = $2 AND h.step = 'kept' ORDER BY h.id DESC LIMIT 1";
const ADVANCE: &str = "UPDATE healings SET step = $3, reason = $4, updated_at = $5
    WHERE id = $1 AND step = $2";
const SUGGESTION_STATUS: &str = "SELECT status FROM suggestions WHERE id = $1";
const SUGGESTION_REASON: &str =
    "UPDATE suggestions SET status_reason = $2, updated_at = $3 WHERE id = $1";

#[derive(FromRow)]
struct Row {
    id: i64,
    suggestion_id: i64,
    repo: String,
    step: String,
    actor: String,
    reason: Option<String>,
    started_at: i64,
    updated_at: i64,
}

#[derive(FromRow)]
struct FileRow {
    path: String,
    before_hash: String,
    after_hash: String,
    mode: i64,
}

impl FileRow {
    fn read(self) -> Result<HealingFile, StoreError> {
        let hash = |what: &str, text: &str| {
            ContentHash::parse(text).ok_or_else(|| StoreError::Corrupt {
                what: format!("healing_files.{what}"),
                reason: "it is not a hash".into(),
            })
        };
        Ok(HealingFile {
            before_hash: hash("before_hash", &self.before_hash)?,
            after_hash: hash("after_hash", &self.after_hash)?,
            mode: u32::try_from(self.mode).map_err(|e| StoreError::Corrupt {
                what: "healing_files.mode".into(),
                reason: e.to_string(),
            })?,
            path: self.path,
        })
    }
}

/// What a healing starts with.
#[derive(Clone, Copy, Debug)]
pub struct HealingPlan<'a> {
    /// Whose fix.
    pub suggestion_id: i64,
    /// The repository's root folder.
    pub repo: &'a str,
    /// Who let it go.
    pub actor: &'a str,
    /// The files, in the order in which they will be replaced.
    pub files: &'a [HealingFile],
}

/// From which step to which, and why.
#[derive(Clone, Copy, Debug)]
pub struct StepChange<'a> {
    /// Where the healing must stand.
    pub from: HealingStep,
    /// Where it goes.
    pub to: HealingStep,
    /// Why, if there is more to say than the step.
    pub reason: Option<&'a str>,
}

/// What becomes of the suggestion when its healing ends.
#[derive(Clone, Copy, Debug)]
pub enum SuggestionOutcome<'a> {
    /// It must take this status; if it may not, the healing does not end this way either.
    Must(Decision<'a>),
    /// It takes this status if it may; else only the reason is noted.
    IfItMay(Decision<'a>),
    /// It stays what it is, with this reason.
    Note(&'a str),
}

impl Store {
    /// Journals a new healing. Fails if the suggestion may not be applied (any more).
    pub async fn plan_healing(
        &self,
        plan: HealingPlan<'_>,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin_write().await?;
        let from = suggestion_status(&mut tx, plan.suggestion_id).await?;
        if !from.may_become(SuggestionStatus::Applied) {
            let (id, to) = (plan.suggestion_id, SuggestionStatus::Applied);
            return Err(StoreError::IllegalTransition { id, from, to });
        }
        let id: i64 = sql::query_scalar(INSERT)
            .bind(plan.suggestion_id)
            .bind(plan.repo)
            .bind(plan.actor)
            .bind(now.as_microsecond())
            .fetch_one(&mut tx)
            .await?;
        for (position, file) in (0_i64..).zip(plan.files) {
            sql::query(INSERT_FILE)
                .bind(id)
                .bind(position)
                .bind(&file.path)
                .bind(file.before_hash.as_str())
                .bind(file.after_hash.as_str())
                .bind(i64::from(file.mode))
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Journals the next step of a healing.
    pub async fn advance_healing(
        &self,
        id: i64,
        change: StepChange<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        advance(&mut tx, id, change, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Journals a healing's last step, what becomes of its suggestion and the entry in the audit trail:
    /// all of them or none.
    pub async fn finish_healing(
        &self,
        healing: &Healing,
        change: StepChange<'_>,
        outcome: SuggestionOutcome<'_>,
        entry: AuditEntry<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        advance(&mut tx, healing.id, change, now).await?;
        let suggestion = healing.suggestion_id;
        let note = match outcome {
            SuggestionOutcome::Must(decision) => {
                decide(&mut tx, suggestion, decision, now).await?;
                None
            }
            SuggestionOutcome::IfItMay(decision) => {
                let from = suggestion_status(&mut tx, suggestion).await?;
                if from.may_become(decision.status) {
                    decide(&mut tx, suggestion, decision, now).await?;
                    None
                } else {
                    decision.reason
                }
            }
            SuggestionOutcome::Note(reason) => Some(reason),
        };
        if let Some(reason) = note {
            sql::query(SUGGESTION_REASON)
                .bind(suggestion)
                .bind(reason)
                .bind(now.as_microsecond())
                .execute(&mut tx)
                .await?;
        }
        append(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The healing with this number.
    pub async fn healing(&self, id: i64) -> Result<Option<Healing>, StoreError> {
        let row = sql::query_as::<Row>(BY_ID).bind(id).fetch_optional(self.pool()).await?;
        match row {
            Some(row) => self.with_files(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// A suggestion's healings, oldest first.
    pub async fn healings_of_suggestion(
        &self,
        suggestion: i64,
    ) -> Result<Vec<Healing>, StoreError> {
        let rows =
            sql::query_as::<Row>(BY_SUGGESTION).bind(suggestion).fetch_all(self.pool()).await?;
        self.all_with_files(rows).await
    }

    /// Healings below number `before`, newest first.
    pub async fn healings(&self, before: i64, limit: u32) -> Result<Vec<Healing>, StoreError> {
        let rows =
            sql::query_as::<Row>(RECENT).bind(before).bind(limit).fetch_all(self.pool()).await?;
        self.all_with_files(rows).await
    }

    /// Healings that are under way or were interrupted, oldest first; of one repository, or of all.
    pub async fn unfinished_healings(
        &self,
        repo: Option<&str>,
    ) -> Result<Vec<Healing>, StoreError> {
        let rows = sql::query_as::<Row>(UNFINISHED)
            .bind(repo.unwrap_or(""))
            .fetch_all(self.pool())
            .await?;
        self.all_with_files(rows).await
    }

    /// Andon's own last kept healing of a file: whose fix it was and what it left there.
    pub async fn last_healing_of_file(
        &self,
        repo: &str,
        path: &str,
    ) -> Result<Option<(i64, ContentHash)>, StoreError> {
        let last: Option<(i64, String)> =
            sql::query_as(LAST_OF_FILE).bind(repo).bind(path).fetch_optional(self.pool()).await?;
        Ok(last.and_then(|(id, hash)| Some((id, ContentHash::parse(&hash)?))))
    }

    async fn all_with_files(&self, rows: Vec<Row>) -> Result<Vec<Healing>, StoreError> {
        let mut healings = Vec::with_capacity(rows.len());
        for row in rows {
            healings.push(self.with_files(row).await?);
        }
        Ok(healings)
    }

    async fn with_files(&self, row: Row) -> Result<Healing, StoreError> {
        let files = sql::query_as::<FileRow>(FILES).bind(row.id).fetch_all(self.pool()).await?;
        Ok(Healing {
            id: row.id,
            suggestion_id: row.suggestion_id,
            repo: row.repo,
            step: word("healings.step", &row.step)?,
            actor: row.actor,
            reason: row.reason,
            files: files.into_iter().map(FileRow::read).collect::<Result<_, _>>()?,
            started_at: timestamp(row.started_at)?,
            updated_at: timestamp(row.updated_at)?,
        })
    }
}

async fn suggestion_status(tx: &mut Tx, id: i64) -> Result<SuggestionStatus, StoreError> {
    let status: Option<String> =
        sql::query_scalar(SUGGESTION_STATUS).bind(id).fetch_optional(&mut *tx).await?;
    let status = status.ok_or_else(|| StoreError::NotFound(format!("suggestion {id}")))?;
    word("suggestions.status", &status)
}

async fn advance(
    tx: &mut Tx,
    id: i64,
    change: StepChange<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let StepChange { from, to, reason } = change;
    let moved = if from.may_become(to) {
        sql::query(ADVANCE)
            .bind(id)
            .bind(from.as_str())
            .bind(to.as_str())
            .bind(reason)
            .bind(now.as_microsecond())
            .execute(&mut *tx)
            .await?
    } else {
        0
    };
    if moved == 1 {
        Ok(())
    } else {
        Err(StoreError::Corrupt {
            what: format!("the journal of healing {id}"),
            reason: format!("it cannot go from {from} to {to}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finished_steps_in_sql_are_those_of_the_words() {
        let words: Vec<_> = HealingStep::ALL
            .iter()
            .filter(|step| step.is_finished())
            .map(|step| format!("'{step}'"))
            .collect();
        assert_eq!(finished!(), format!("({})", words.join(", ")));
    }
}
