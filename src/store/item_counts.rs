//! How many items came that are only counted, by project, day and type.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sqlx::FromRow;

use super::sql::Tx;
use super::{Store, StoreError, sql};

const ADD: &str = "INSERT INTO item_counts (project_id, kind, day, items) VALUES ($1, $2, $3, $4)
    ON CONFLICT (project_id, day, kind) DO UPDATE SET items = item_counts.items + excluded.items";
const LIST: &str = "SELECT day, kind, items FROM item_counts WHERE project_id = $1
    ORDER BY day DESC, kind LIMIT $2";

/// Items of one type that one request brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemCount {
    /// Whose they are.
    pub project_id: i64,
    /// `session`, `transaction`, …: a word of a closed list.
    pub kind: &'static str,
    /// How many.
    pub items: u32,
}

/// Items of one type on one day.
#[derive(Clone, Debug, PartialEq, Eq, FromRow, serde::Serialize)]
pub struct DayCount {
    /// `2026-11-21`, in UTC.
    pub day: String,
    /// `session`, `transaction`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// How many.
    #[serde(rename = "count")]
    pub items: i64,
}

impl Store {
    /// A project's counts, the newest day first, at most `limit`.
    pub async fn item_counts(
        &self,
        project_id: i64,
        limit: u32,
    ) -> Result<Vec<DayCount>, StoreError> {
        let rows = sql::query_as(LIST).bind(project_id).bind(i64::from(limit));
        Ok(rows.fetch_all(self.pool()).await?)
    }
}

/// Adds the counts of a batch: one statement a project and type, however many requests there were.
pub(super) async fn add_in(
    tx: &mut Tx,
    counts: &[ItemCount],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut sums = BTreeMap::<(i64, &str), i64>::new();
    for count in counts {
        *sums.entry((count.project_id, count.kind)).or_default() += i64::from(count.items);
    }
    let day = now.to_zoned(TimeZone::UTC).date().to_string();
    for ((project_id, kind), items) in sums {
        sql::query(ADD)
            .bind(project_id)
            .bind(kind)
            .bind(&day)
            .bind(items)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
