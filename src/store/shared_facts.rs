//! Facts that one process leaves for others over the same data.

use jiff::Timestamp;

use super::sql::{Dialect, On, Tx};
use super::{Store, StoreError, sql};

const SET: &str = "INSERT INTO facts (name, value, updated_at) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
const GET: &str = "SELECT value FROM facts WHERE name = $1";

/// The address by which the server was last reached.
const BASE_URL: &str = "base_url";

/// The event's row up to which packing has come.
const PACKED_UNTIL: &str = "packed_until";

/// What the name begins with by which is kept when a project's dictionary was trained.
const TRAINED_AT: &str = "trained_at:";

const FORGET: &str = "DELETE FROM facts WHERE name = $1";
const LOWER: &str = "UPDATE facts
    SET value = CAST((SELECT COALESCE(MAX(id), 0) FROM events) AS TEXT), updated_at = $2
    WHERE name = $1 AND CAST(value AS BIGINT) > (SELECT COALESCE(MAX(id), 0) FROM events)";

/// See [`Store::pack_step`].
pub(super) async fn packed_until(on: impl Into<On<'_>>) -> Result<i64, StoreError> {
    let text: Option<String> = sql::query_scalar(GET).bind(PACKED_UNTIL).fetch_optional(on).await?;
    text.map_or(Ok(0), |text| {
        let what = || format!("facts.{PACKED_UNTIL}");
        text.parse().map_err(|_| StoreError::Corrupt { what: what(), reason: text })
    })
}

/// See [`Store::pack_step`].
pub(super) async fn set_packed_until(
    tx: &mut Tx,
    row: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let value = row.to_string();
    sql::query(SET).bind(PACKED_UNTIL).bind(value).bind(now.as_microsecond()).execute(tx).await?;
    Ok(())
}

/// To be called in each transaction that deletes events. SQLite gives the numbers of the newest rows out
/// again once these are gone; what comes then is not packed yet. PostgreSQL never does.
pub(super) async fn lower_packed_until(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    if tx.dialect() == Dialect::Sqlite {
        sql::query(LOWER).bind(PACKED_UNTIL).bind(now.as_microsecond()).execute(tx).await?;
    }
    Ok(())
}

/// How many events a project had had when its dictionary was last trained.
pub(super) async fn trained_at(
    on: impl Into<On<'_>>,
    project_id: i64,
) -> Result<Option<i64>, StoreError> {
    let text: Option<String> =
        sql::query_scalar(GET).bind(trained_name(project_id)).fetch_optional(on).await?;
    Ok(text.and_then(|text| text.parse().ok()))
}

/// See [`trained_at`].
pub(super) async fn set_trained_at(
    tx: &mut Tx,
    project_id: i64,
    events: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (name, value) = (trained_name(project_id), events.to_string());
    sql::query(SET).bind(name).bind(value).bind(now.as_microsecond()).execute(tx).await?;
    Ok(())
}

/// Forgets [`trained_at`] with the project.
pub(super) async fn forget_trained_at(tx: &mut Tx, project_id: i64) -> Result<(), StoreError> {
    sql::query(FORGET).bind(trained_name(project_id)).execute(tx).await?;
    Ok(())
}

fn trained_name(project_id: i64) -> String {
    format!("{TRAINED_AT}{project_id}")
}

impl Store {
    /// Leaves the server's address for the command line, whose DSNs must carry it.
    pub async fn set_base_url(&self, url: &str, now: Timestamp) -> Result<(), StoreError> {
        sql::query(SET)
            .bind(BASE_URL)
            .bind(url)
            .bind(now.as_microsecond())
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// The address of the server that was last started over this data folder.
    pub async fn base_url(&self) -> Result<Option<String>, StoreError> {
        Ok(sql::query_scalar(GET).bind(BASE_URL).fetch_optional(self.pool()).await?)
    }
}
