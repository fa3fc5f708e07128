//! Facts that one process leaves for others over the same data.

use jiff::Timestamp;

use super::sql::{On, Tx};
use super::{Store, StoreError, sql};

const SET: &str = "INSERT INTO facts (name, value, updated_at) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
const GET: &str = "SELECT value FROM facts WHERE name = $1";

/// The address by which the server was last reached.
const BASE_URL: &str = "base_url";

/// The event's row up to which everything is packed.
const PACKED_UNTIL: &str = "packed_until";

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
