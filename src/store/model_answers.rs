//! Answers of models that need not be asked for again.

use jiff::Timestamp;
use serde_json::Value;

use super::{Store, StoreError, from_json, sql, to_json};

const BY_KEY: &str = "SELECT answer FROM model_answers WHERE key = $1 AND created_at >= $2";
const KEEP: &str =
    "INSERT INTO model_answers (key, issue_id, answer, created_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key) DO UPDATE SET answer = excluded.answer, created_at = excluded.created_at";
const FORGET: &str = "DELETE FROM model_answers WHERE created_at < $1";

impl Store {
    /// An answer that was kept since `since`.
    pub async fn model_answer(
        &self,
        key: &str,
        since: Timestamp,
    ) -> Result<Option<Value>, StoreError> {
        let found: Option<String> = sql::query_scalar(BY_KEY)
            .bind(key)
            .bind(since.as_microsecond())
            .fetch_optional(self.pool())
            .await?;
        found.map(|text| from_json("model_answers.answer", &text)).transpose()
    }

    /// Keeps an answer.
    pub async fn keep_model_answer(
        &self,
        key: &str,
        issue_id: Option<i64>,
        answer: &Value,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sql::query(KEEP)
            .bind(key)
            .bind(issue_id)
            .bind(to_json("answer", answer)?)
            .bind(now.as_microsecond())
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// Forgets the answers from before `before`.
    pub async fn forget_model_answers(&self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(sql::query(FORGET).bind(before.as_microsecond()).execute(self.pool()).await?)
    }
}
