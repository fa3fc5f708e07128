//! What was refused, by project, category, reason and day.

use jiff::civil::Date;
use sqlx::FromRow;

use super::{Store, StoreError, counts, sql};
use crate::domain::category::Category;
use crate::domain::quota::Reason;

const ADD: &str = "INSERT INTO outcomes (project_id, category, reason, day, quantity)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (project_id, day, category, reason)
    DO UPDATE SET quantity = outcomes.quantity + excluded.quantity";
const LIST: &str = "SELECT day, category, reason, quantity FROM outcomes WHERE project_id = $1
    ORDER BY day DESC, category, reason LIMIT $2";

/// Something that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Whose.
    pub project_id: i64,
    /// What.
    pub category: Category,
    /// Why.
    pub reason: Reason,
    /// On which day, in UTC.
    pub day: Date,
}

/// What was refused on one day for one reason.
#[derive(Clone, Debug, PartialEq, Eq, FromRow, serde::Serialize)]
pub struct DayOutcome {
    /// `2026-11-21`, in UTC.
    pub day: String,
    /// A word of [`Category`].
    pub category: String,
    /// A word of [`Reason`].
    pub reason: String,
    /// How much: items, or bytes of attachments.
    pub quantity: i64,
}

impl Store {
    /// Adds what was refused; what belongs to a deleted project is left out.
    pub async fn add_outcomes(&self, refused: &[(Outcome, i64)]) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        for (outcome, quantity) in refused {
            if !counts::is_live(&mut tx, outcome.project_id).await? {
                continue;
            }
            sql::query(ADD)
                .bind(outcome.project_id)
                .bind(outcome.category.as_str())
                .bind(outcome.reason.as_str())
                .bind(outcome.day.to_string())
                .bind(*quantity)
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What was refused of a project, the newest day first, at most `limit` rows.
    pub async fn outcomes(
        &self,
        project_id: i64,
        limit: u32,
    ) -> Result<Vec<DayOutcome>, StoreError> {
        let rows = sql::query_as(LIST).bind(project_id).bind(i64::from(limit));
        Ok(rows.fetch_all(self.pool()).await?)
    }
}
