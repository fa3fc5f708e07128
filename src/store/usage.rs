//! What was accepted, by project, key and category, in the minute, the hour and the month: what quotas are
//! measured against, over restarts and on all nodes. A row of a project that was deleted is not written.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sqlx::FromRow;

use super::sql::Tx;
use super::{Store, StoreError, sql, word};
use crate::domain::category::Category;
use crate::domain::quota::Window;

/// How long the rows of a window are kept after it began, in hours.
const KEPT_HOURS: [(Window, i64); 3] =
    [(Window::Minute, 2), (Window::Hour, 48), (Window::Month, 400 * 24)];

const ADD: &str = "INSERT INTO usage (project_id, key_id, category, grain, bucket, quantity)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (project_id, grain, bucket, category, key_id)
    DO UPDATE SET quantity = usage.quantity + excluded.quantity RETURNING quantity";
const OF_WINDOW: &str = "SELECT key_id, category, quantity FROM usage
    WHERE project_id = $1 AND grain = $2 AND bucket = $3";
const FORGET: &str = "DELETE FROM usage WHERE grain = $1 AND bucket < $2";

/// An amount of one category, sent with one key in one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The project.
    pub project_id: i64,
    /// The number of the key.
    pub key_id: i64,
    /// What.
    pub category: Category,
    /// How long the window is.
    pub window: Window,
    /// When it began: [`Window::start`].
    pub bucket: i64,
    /// How much: items, or bytes of attachments.
    pub quantity: i64,
}

#[derive(FromRow)]
struct Row {
    key_id: i64,
    category: String,
    quantity: i64,
}

impl Store {
    /// What a project has used of the windows that hold `now`, on all nodes.
    pub async fn usage(&self, project_id: i64, now: Timestamp) -> Result<Vec<Usage>, StoreError> {
        let mut found = Vec::new();
        for &window in Window::ALL {
            let bucket = window.start(now);
            let rows = sql::query_as::<Row>(OF_WINDOW)
                .bind(project_id)
                .bind(window.as_str())
                .bind(bucket)
                .fetch_all(self.pool())
                .await?;
            for Row { key_id, category, quantity } in rows {
                let category: Category = word("usage.category", &category)?;
                found.push(Usage { project_id, key_id, category, window, bucket, quantity });
            }
        }
        Ok(found)
    }

    /// Deletes what belongs to windows that ended long ago.
    pub async fn forget_usage(&self, now: Timestamp) -> Result<(), StoreError> {
        for (window, hours) in KEPT_HOURS {
            let Ok(oldest) = now.checked_sub(SignedDuration::from_hours(hours)) else { continue };
            sql::query(FORGET)
                .bind(window.as_str())
                .bind(oldest.as_microsecond())
                .execute(self.pool())
                .await?;
        }
        Ok(())
    }
}

/// Adds what a batch used: one statement a project, key, category and window, however many requests there
/// were. Returns what each of these has come to, with what other nodes added.
pub(super) async fn add_in(
    tx: &mut Tx,
    used: impl Iterator<Item = Usage>,
) -> Result<Vec<Usage>, StoreError> {
    let mut sums = BTreeMap::<(i64, i64, Category, Window, i64), i64>::new();
    for one in used {
        let row = (one.project_id, one.key_id, one.category, one.window, one.bucket);
        let sum = sums.entry(row).or_default();
        *sum = sum.saturating_add(one.quantity);
    }
    let mut totals = Vec::with_capacity(sums.len());
    for ((project_id, key_id, category, window, bucket), quantity) in sums {
        let quantity: i64 = sql::query_scalar(ADD)
            .bind(project_id)
            .bind(key_id)
            .bind(category.as_str())
            .bind(window.as_str())
            .bind(bucket)
            .bind(quantity)
            .fetch_one(&mut *tx)
            .await?;
        totals.push(Usage { project_id, key_id, category, window, bucket, quantity });
    }
    Ok(totals)
}
