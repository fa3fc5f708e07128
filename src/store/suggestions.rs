//! Suggestions and what became of them.

use jiff::Timestamp;
use sqlx::FromRow;

use crate::domain::fix::SuggestionStatus;
use crate::domain::job::Job;
use crate::domain::patch::Patch;
use crate::domain::suggestion::{Proposal, Suggestion};
use crate::domain::verdict::Verdict;
use crate::domain::verification::Verification;

use super::audit::{AuditEntry, append};
use super::jobs::enqueue_in;
use super::sql::Tx;
use super::{Store, StoreError, compress, from_json, inflate, sql, timestamp, to_json, word};

/// The columns that [`Row`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, issue_id, analysis_id, repo, agent, title, explanation,
             issue_type, severity, claimed_class, patch, mends, status, status_reason, decided_by,
             verdict, verification, created_at, updated_at FROM suggestions ",
            $rest
        )
    };
}

mod lists;

const INSERT: &str = "INSERT INTO suggestions (project_id, issue_id, analysis_id, repo, agent,
    title, explanation, issue_type, severity, claimed_class, patch, mends, status, created_at,
    updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'pending', $13, $13)
    RETURNING id";
const BY_ID: &str = select!("WHERE id = $1");
const BY_ISSUE: &str = select!("WHERE issue_id = $1 ORDER BY id");
const BY_ANALYSIS: &str = select!("WHERE analysis_id = $1 ORDER BY id");
const STATUS: &str = "SELECT status FROM suggestions WHERE id = $1";
const SET_STATUS: &str = "UPDATE suggestions SET status = $2, status_reason = $3, decided_by = $4,
    updated_at = $5 WHERE id = $1";
const SET_PROOF: &str = "UPDATE suggestions SET patch = $2, verdict = $3, verification = $4,
    status_reason = $5, updated_at = $6 WHERE id = $1 AND status IN ('pending', 'approved')";
const SUPERSEDE: &str = "UPDATE suggestions SET status = 'superseded', status_reason = $3,
    updated_at = $4 WHERE issue_id = $1 AND status = 'pending' AND analysis_id <> $2
    RETURNING id";
const REFUSED: &str = "SELECT COUNT(*) FROM suggestions
    WHERE repo = $1 AND title = $2 AND status IN ('rejected', 'rolled_back')";

#[derive(FromRow)]
struct Row {
    id: i64,
    project_id: Option<i64>,
    issue_id: Option<i64>,
    analysis_id: Option<i64>,
    repo: Option<String>,
    agent: String,
    title: String,
    explanation: String,
    issue_type: String,
    severity: String,
    claimed_class: String,
    patch: Vec<u8>,
    mends: Option<String>,
    status: String,
    status_reason: Option<String>,
    decided_by: Option<String>,
    verdict: Option<String>,
    verification: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl Row {
    fn read(self) -> Result<Suggestion, StoreError> {
        let patch = inflate("suggestions.patch", &self.patch)?;
        Ok(Suggestion {
            id: self.id,
            project_id: self.project_id,
            issue_id: self.issue_id,
            analysis_id: self.analysis_id,
            repo: self.repo,
            proposal: Proposal {
                agent: self.agent,
                title: self.title,
                explanation: self.explanation,
                issue_type: word("suggestions.issue_type", &self.issue_type)?,
                severity: word("suggestions.severity", &self.severity)?,
                claimed_class: word("suggestions.claimed_class", &self.claimed_class)?,
                patch: from_json("suggestions.patch", &String::from_utf8_lossy(&patch))?,
                mends: self.mends.map(|t| from_json("suggestions.mends", &t)).transpose()?,
            },
            status: word("suggestions.status", &self.status)?,
            verdict: self.verdict.map(|t| from_json("suggestions.verdict", &t)).transpose()?,
            verification: self
                .verification
                .map(|t| from_json("suggestions.verification", &t))
                .transpose()?,
            status_reason: self.status_reason,
            decided_by: self.decided_by,
            created_at: timestamp(self.created_at)?,
            updated_at: timestamp(self.updated_at)?,
        })
    }
}

/// Where a suggestion came from.
#[derive(Clone, Copy, Debug, Default)]
pub struct SuggestionOrigin<'a> {
    /// The project.
    pub project_id: Option<i64>,
    /// The issue.
    pub issue_id: Option<i64>,
    /// The analysis.
    pub analysis_id: Option<i64>,
    /// The repository's root folder.
    pub repo: Option<&'a str>,
}

/// Where a suggestion goes, why, and by whose word.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// The new status.
    pub status: SuggestionStatus,
    /// Why.
    pub reason: Option<&'a str>,
    /// Who: a token's name, or `andon`.
    pub by: Option<&'a str>,
}

/// What else a decision does.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnRecord<'a> {
    /// The work that follows from it.
    pub job: Option<&'a Job>,
    /// Whether it is refused for a suggestion that is neither pending nor approved any more.
    pub only_waiting: bool,
}

impl Store {
    /// Stores a proposal as a pending suggestion.
    pub async fn create_suggestion(
        &self,
        proposal: &Proposal,
        origin: SuggestionOrigin<'_>,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let mends = proposal.mends.as_ref().map(|m| to_json("mends", m)).transpose()?;
        Ok(sql::query_scalar(INSERT)
            .bind(origin.project_id)
            .bind(origin.issue_id)
            .bind(origin.analysis_id)
            .bind(origin.repo)
            .bind(&proposal.agent)
            .bind(&proposal.title)
            .bind(&proposal.explanation)
            .bind(proposal.issue_type.as_str())
            .bind(proposal.severity.as_str())
            .bind(proposal.claimed_class.as_str())
            .bind(compress(to_json("patch", &proposal.patch)?.as_bytes())?)
            .bind(mends)
            .bind(now.as_microsecond())
            .fetch_one(self.pool())
            .await?)
    }

    /// The suggestion with this number.
    pub async fn suggestion(&self, id: i64) -> Result<Option<Suggestion>, StoreError> {
        let row = sql::query_as::<Row>(BY_ID).bind(id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// An issue's suggestions, oldest first.
    pub async fn suggestions_of_issue(&self, issue: i64) -> Result<Vec<Suggestion>, StoreError> {
        let rows = sql::query_as::<Row>(BY_ISSUE).bind(issue).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// An analysis's suggestions, in the order in which they are to be applied.
    pub async fn suggestions_of_analysis(
        &self,
        analysis: i64,
    ) -> Result<Vec<Suggestion>, StoreError> {
        let rows = sql::query_as::<Row>(BY_ANALYSIS).bind(analysis).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// Whether a person rejected or took back a fix of this title in this repository before.
    pub async fn was_refused(&self, repo: &str, title: &str) -> Result<bool, StoreError> {
        let count: i64 =
            sql::query_scalar(REFUSED).bind(repo).bind(title).fetch_one(self.pool()).await?;
        Ok(count > 0)
    }

    /// Moves a suggestion on, if its status allows it, with the entry in the audit trail and the job that
    /// carries it out: all of them or none. Two deciders at once: the second one gets
    /// [`StoreError::IllegalTransition`].
    pub async fn decide_on_record(
        &self,
        id: i64,
        decision: Decision<'_>,
        record: OnRecord<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        if record.only_waiting {
            let current: Option<String> =
                sql::query_scalar(STATUS).bind(id).fetch_optional(&mut tx).await?;
            let from: Option<SuggestionStatus> =
                current.map(|text| word("suggestions.status", &text)).transpose()?;
            if let Some(from) = from
                && !matches!(from, SuggestionStatus::Pending | SuggestionStatus::Approved)
            {
                return Err(StoreError::IllegalTransition { id, from, to: decision.status });
            }
        }
        decide(&mut tx, id, decision, now).await?;
        let entry = AuditEntry {
            actor: decision.by.unwrap_or("andon"),
            action: &format!("suggestion.{}", decision.status),
            subject: &format!("suggestion:{id}"),
            detail: &match decision.reason {
                Some(reason) => serde_json::json!({ "reason": reason }),
                None => serde_json::json!({}),
            },
        };
        append(&mut tx, entry, now).await?;
        if let Some(job) = record.job {
            enqueue_in(&mut tx, job, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Stores what was proved and what ran, for the patch as it was carried over to today's files. Nothing
    /// is stored on a suggestion that was decided on in the meantime: the decision's reason stays.
    pub async fn record_proof(
        &self,
        id: i64,
        patch: &Patch,
        verdict: &Verdict,
        verification: &Verification,
        waits_for: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sql::query(SET_PROOF)
            .bind(id)
            .bind(compress(to_json("patch", patch)?.as_bytes())?)
            .bind(to_json("verdict", verdict)?)
            .bind(to_json("verification", verification)?)
            .bind(waits_for)
            .bind(now.as_microsecond())
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// A new analysis takes the place of an issue's older suggestions that still wait.
    pub async fn supersede_suggestions(
        &self,
        issue_id: i64,
        analysis_id: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let reason = format!("analysis {analysis_id} took its place");
        let mut tx = self.begin_write().await?;
        let superseded: Vec<i64> = sql::query_scalar(SUPERSEDE)
            .bind(issue_id)
            .bind(analysis_id)
            .bind(&reason)
            .bind(now.as_microsecond())
            .fetch_all(&mut tx)
            .await?;
        for id in superseded {
            let entry = AuditEntry {
                actor: "andon",
                action: "suggestion.superseded",
                subject: &format!("suggestion:{id}"),
                detail: &serde_json::json!({ "reason": reason }),
            };
            append(&mut tx, entry, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// [`Store::decide_on_record`] as a part of a larger transaction, which must come from
/// [`Store::begin_write`].
pub(super) async fn decide(
    tx: &mut Tx,
    id: i64,
    decision: Decision<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let current: Option<String> =
        sql::query_scalar(STATUS).bind(id).fetch_optional(&mut *tx).await?;
    let current = current.ok_or_else(|| StoreError::NotFound(format!("suggestion {id}")))?;
    let from: SuggestionStatus = word("suggestions.status", &current)?;
    if !from.may_become(decision.status) {
        return Err(StoreError::IllegalTransition { id, from, to: decision.status });
    }
    sql::query(SET_STATUS)
        .bind(id)
        .bind(decision.status.as_str())
        .bind(decision.reason)
        .bind(decision.by)
        .bind(now.as_microsecond())
        .execute(&mut *tx)
        .await?;
    Ok(())
}
