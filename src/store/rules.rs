//! Rules that repeated verdicts proposed, and what people said of them.

use jiff::Timestamp;
use sqlx::FromRow;

use super::audit::{AuditEntry, append};
use super::{Store, StoreError, from_json, sql, timestamp, to_json, word};
use crate::domain::rule::{Rule, RuleStatus};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, kind, class, shape, path, sentence, cause, classification, pattern_id,
             evidence, status, decided_by, hits, last_hit_at, created_at, updated_at FROM rules ",
            $rest
        )
    };
}
const BY_ID: &str = select!("WHERE id = $1");
const LIST: &str = select!(
    "WHERE ($1 = 0 OR project_id = $1) AND ($2 = '' OR status = $2) AND id < $3
     ORDER BY id DESC LIMIT $4"
);
const IN_FORCE: &str =
    select!("WHERE project_id = $1 AND status = 'confirmed' ORDER BY id LIMIT 200");
/// Of the same kind, class and shape: whether or not it waits, nothing is proposed twice.
const SAME: &str = select!("WHERE project_id = $1 AND kind = $2 AND class = $3 AND shape = $4");
const INSERT: &str = "INSERT INTO rules (project_id, kind, class, shape, path, sentence, cause,
    classification, pattern_id, evidence, status, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'proposed', $11, $11)
    ON CONFLICT (project_id, kind, class, shape) DO NOTHING RETURNING id";
const RENEW: &str = "UPDATE rules SET path = $2, sentence = $3, cause = $4, pattern_id = $5,
    evidence = $6, updated_at = $7 WHERE id = $1 AND status = 'proposed'";
const DECIDE: &str = "UPDATE rules SET status = $2, decided_by = $3, updated_at = $4 WHERE id = $1";
const DELETE: &str = "DELETE FROM rules WHERE id = $1";
const HIT: &str = "UPDATE rules SET hits = hits + 1, last_hit_at = $2 WHERE id = $1";

#[derive(FromRow)]
struct Row {
    id: i64,
    project_id: i64,
    kind: String,
    class: String,
    shape: String,
    path: String,
    sentence: String,
    cause: String,
    classification: Option<String>,
    pattern_id: Option<i64>,
    evidence: String,
    status: String,
    decided_by: Option<String>,
    hits: i64,
    last_hit_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl Row {
    fn read(self) -> Result<Rule, StoreError> {
        Ok(Rule {
            id: self.id,
            project_id: self.project_id,
            kind: word("rules.kind", &self.kind)?,
            class: self.class,
            shape: self.shape,
            path: self.path,
            sentence: self.sentence,
            cause: self.cause,
            classification: self
                .classification
                .map(|text| word("rules.classification", &text))
                .transpose()?,
            pattern_id: self.pattern_id,
            evidence: from_json("rules.evidence", &self.evidence)?,
            status: word("rules.status", &self.status)?,
            decided_by: self.decided_by,
            hits: self.hits,
            last_hit_at: self.last_hit_at.map(timestamp).transpose()?,
            created_at: timestamp(self.created_at)?,
            updated_at: timestamp(self.updated_at)?,
        })
    }
}

impl Store {
    /// Proposes a rule, with its entry in the audit trail. One that waits already is brought up to date; one
    /// that was decided on stays as it was decided. Says its number.
    pub async fn propose_rule(&self, rule: &Rule, now: Timestamp) -> Result<i64, StoreError> {
        let mut tx = self.begin_write().await?;
        let evidence = to_json("evidence", &rule.evidence)?;
        let new: Option<i64> = sql::query_scalar(INSERT)
            .bind(rule.project_id)
            .bind(rule.kind.as_str())
            .bind(&rule.class)
            .bind(&rule.shape)
            .bind(&rule.path)
            .bind(&rule.sentence)
            .bind(&rule.cause)
            .bind(rule.classification.map(|said| said.as_str()))
            .bind(rule.pattern_id)
            .bind(&evidence)
            .bind(now.as_microsecond())
            .fetch_optional(&mut tx)
            .await?;
        if let Some(id) = new {
            let subject = format!("rule:{id}");
            let detail = serde_json::json!({
                "sentence": rule.sentence,
                "patterns": rule.evidence.iter().map(|one| one.pattern_id).collect::<Vec<_>>(),
            });
            let entry = AuditEntry {
                actor: "andon",
                action: "rule.proposed",
                subject: &subject,
                detail: &detail,
            };
            append(&mut tx, entry, now).await?;
            tx.commit().await?;
            return Ok(id);
        }
        let known = sql::query_as::<Row>(SAME)
            .bind(rule.project_id)
            .bind(rule.kind.as_str())
            .bind(&rule.class)
            .bind(&rule.shape)
            .fetch_one(&mut tx)
            .await?;
        sql::query(RENEW)
            .bind(known.id)
            .bind(&rule.path)
            .bind(&rule.sentence)
            .bind(&rule.cause)
            .bind(rule.pattern_id)
            .bind(&evidence)
            .bind(now.as_microsecond())
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(known.id)
    }

    /// The rule with this number.
    pub async fn rule(&self, id: i64) -> Result<Option<Rule>, StoreError> {
        let row = sql::query_as::<Row>(BY_ID).bind(id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// Rules before `before` (a number), the newest first; of one project or all, with one status or any.
    pub async fn rules(
        &self,
        project_id: Option<i64>,
        status: Option<RuleStatus>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Rule>, StoreError> {
        let rows = sql::query_as::<Row>(LIST)
            .bind(project_id.unwrap_or(0))
            .bind(status.map_or("", RuleStatus::as_str))
            .bind(before)
            .bind(limit);
        rows.fetch_all(self.pool()).await?.into_iter().map(Row::read).collect()
    }

    /// The rules that act in a project, the oldest first.
    pub async fn rules_in_force(&self, project_id: i64) -> Result<Vec<Rule>, StoreError> {
        let rows = sql::query_as::<Row>(IN_FORCE).bind(project_id);
        rows.fetch_all(self.pool()).await?.into_iter().map(Row::read).collect()
    }

    /// A person decides on a rule, with the entry in the audit trail. Says whether there is one.
    pub async fn decide_rule(
        &self,
        id: i64,
        status: RuleStatus,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_write().await?;
        let decide = sql::query(DECIDE).bind(id).bind(status.as_str()).bind(actor);
        let done = decide.bind(now.as_microsecond()).execute(&mut tx).await?;
        if done > 0 {
            let (subject, detail) = (format!("rule:{id}"), serde_json::json!({}));
            let action = format!("rule.{status}");
            let entry = AuditEntry { actor, action: &action, subject: &subject, detail: &detail };
            append(&mut tx, entry, now).await?;
        }
        tx.commit().await?;
        Ok(done > 0)
    }

    /// Deletes a rule, with its entry in the audit trail; further verdicts may propose it again. Says whether
    /// there was one.
    pub async fn delete_rule(
        &self,
        id: i64,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_write().await?;
        let done = sql::query(DELETE).bind(id).execute(&mut tx).await?;
        if done > 0 {
            let (subject, detail) = (format!("rule:{id}"), serde_json::json!({}));
            let entry =
                AuditEntry { actor, action: "rule.deleted", subject: &subject, detail: &detail };
            append(&mut tx, entry, now).await?;
        }
        tx.commit().await?;
        Ok(done > 0)
    }

    /// Counts that a rule acted.
    pub async fn count_rule_hit(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        sql::query(HIT).bind(id).bind(now.as_microsecond()).execute(self.pool()).await?;
        Ok(())
    }
}
