//! The only place with SQL; one file an aggregate. Statements are constants with `$n` binds and no
//! dialect of one database where a common form exists.
//!
//! Every write that reads first runs in a transaction of [`Store::begin_write`], which waits for its turn
//! before it reads anything: one at a time over all processes and nodes, on both databases. What takes long
//! to find is found before, and looked at again in the transaction. Only the batches of events go beside it
//! on PostgreSQL ([`Store::begin_batch`]): they are written so that they need no turn.

pub mod agent_settings;
pub mod analyses;
pub mod attachments;
pub mod audit;
pub(crate) mod blocks;
pub(crate) mod chunks;
pub mod compression;
pub mod connection;
pub mod counts;
pub mod deletion;
pub mod dictionaries;
pub mod events;
pub mod executions;
pub mod healings;
pub mod issues;
pub mod item_counts;
pub mod jobs;
pub mod merges;
pub mod metrics;
pub mod model_answers;
pub mod model_spend;
pub mod outcomes;
pub mod packing;
pub mod patterns;
pub mod project_keys;
pub mod project_stats;
pub mod projects;
pub(crate) mod releases;
pub mod retention;
pub mod rollups;
pub mod rules;
pub mod sessions;
pub mod settings;
pub mod shared_facts;
pub(crate) mod sql;
pub mod suggestions;
pub mod tokens;
pub mod usage;

use jiff::Timestamp;

pub(crate) use compression::{compress, inflate};
pub use connection::{Database, Store};
pub use sql::{Dialect, Tx};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or is out of reach.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database did not do its work for others just now, so it was not asked again.
    #[error("the database is not available just now")]
    Unavailable,
    /// The schema could not be brought up to date.
    #[error("the database could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The data folder cannot be used.
    #[error("the data folder {path} cannot be used: {source}")]
    Folder {
        /// The folder.
        path: std::path::PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Something stored does not read back.
    #[error("stored {what} does not read back: {reason}")]
    Corrupt {
        /// Which column of which row.
        what: String,
        /// Why.
        reason: String,
    },
    /// A row that must be unique exists already.
    #[error("{0} exists already")]
    Exists(String),
    /// There is no such row.
    #[error("there is no {0}")]
    NotFound(String),
    /// There may be no more of them.
    #[error("{0}")]
    TooMany(String),
    /// What was to be stored belongs to a project that was deleted in the meantime.
    #[error("project {0} was deleted")]
    ProjectDeleted(i64),
    /// A status may not follow another.
    #[error("suggestion {id} is {from} and cannot become {to}")]
    IllegalTransition {
        /// The suggestion.
        id: i64,
        /// What it is.
        from: crate::domain::fix::SuggestionStatus,
        /// What was asked for.
        to: crate::domain::fix::SuggestionStatus,
    },
}

/// SQLite's result codes for what passes by itself, or once somebody made room: busy, locked, read-only,
/// I/O error, full, cannot open. The low byte of an extended code.
const SQLITE_UNAVAILABLE: [i32; 6] = [5, 6, 8, 10, 13, 14];

/// PostgreSQL's classes of the like: connection, transaction rolled back for others' sake, out of
/// resources, operator's intervention (shutting down, starting up, a statement that took too long), system
/// error, a lock that was not to be had, read-only, a transaction that stood still or took too long.
const POSTGRES_UNAVAILABLE: [&str; 9] =
    ["08", "40", "53", "57", "58", "55P03", "25006", "25P03", "25P04"];

impl StoreError {
    /// Whether the database as a whole did not do its work, so that the same may succeed later and
    /// anything else would fail now.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unavailable => true,
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| is_unavailable(&code, &**error))
            }
            Self::Database(
                sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_),
            ) => true,
            _ => false,
        }
    }
}

fn is_unavailable(code: &str, error: &dyn sqlx::error::DatabaseError) -> bool {
    if error.kind() != sqlx::error::ErrorKind::Other {
        return false;
    }
    if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        return POSTGRES_UNAVAILABLE.iter().any(|class| code.starts_with(class));
    }
    code.parse::<i32>().is_ok_and(|code| SQLITE_UNAVAILABLE.contains(&(code & 0xff)))
}

/// Reads a stored time; microseconds out of range are corruption.
pub(crate) fn timestamp(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros)
        .map_err(|e| StoreError::Corrupt { what: "time".into(), reason: e.to_string() })
}

/// Reads a stored JSON text.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(
    what: &str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|e| StoreError::Corrupt { what: what.into(), reason: e.to_string() })
}

/// Writes JSON for storing. Our own types always serialise; a failure is reported, not ignored.
pub(crate) fn to_json<T: serde::Serialize>(what: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|e| StoreError::Corrupt { what: what.into(), reason: e.to_string() })
}

/// Reads a stored word of a closed list.
pub(crate) fn word<T: std::str::FromStr<Err = crate::domain::fix::UnknownWord>>(
    what: &str,
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|e: crate::domain::fix::UnknownWord| StoreError::Corrupt {
        what: what.into(),
        reason: e.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sqlx::ConnectOptions as _;

    use super::*;

    #[tokio::test]
    async fn a_locked_database_is_unavailable_and_a_taken_name_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let holder = store.begin_write().await.unwrap();
        let mut other = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(dir.path().join("andon.db"))
            .busy_timeout(Duration::ZERO)
            .connect()
            .await
            .unwrap();
        let refused = sqlx::query("DELETE FROM sessions").execute(&mut other).await.unwrap_err();
        assert!(StoreError::from(refused).is_unavailable());
        drop(holder);
        let twice = "INSERT INTO api_tokens (name, hash, scopes, created_at)
            VALUES ('a', 'h', 'read', 1), ('b', 'h', 'read', 1)";
        let refused = sql::query(twice).execute(store.pool()).await.unwrap_err();
        assert!(!StoreError::from(refused).is_unavailable());
        store.close().await;
        assert!(store.ping().await.unwrap_err().is_unavailable());
    }
}
