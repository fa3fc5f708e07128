//! The only place with SQL; one file an aggregate. Statements are constants with `$n` binds and no
//! dialect of one database where a common form exists.
//!
//! Every write that reads first runs in a `BEGIN IMMEDIATE` transaction ([`Store::begin_write`]): in
//! SQLite a transaction that starts by reading and then writes fails at once when another process
//! wrote in between, however long the busy time-out.

pub mod analyses;
pub mod attachments;
pub mod audit;
pub mod connection;
pub mod counts;
pub mod deletion;
pub mod events;
pub mod healings;
pub mod issues;
pub mod item_counts;
pub mod jobs;
pub mod outcomes;
pub mod project_keys;
pub mod projects;
pub mod sessions;
pub mod shared_facts;
pub mod suggestions;
pub mod tokens;
pub mod usage;

use jiff::Timestamp;

pub use connection::Store;

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

impl StoreError {
    /// Whether the database as a whole did not do its work, so that the same may succeed later and
    /// anything else would fail now.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unavailable => true,
            Self::Database(sqlx::Error::Database(error)) => error
                .code()
                .and_then(|code| code.parse::<i32>().ok())
                .is_some_and(|code| SQLITE_UNAVAILABLE.contains(&(code & 0xff))),
            Self::Database(
                sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_),
            ) => true,
            _ => false,
        }
    }
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

/// zstd level for stored bodies: the fastest that still halves JSON several times over.
const COMPRESSION_LEVEL: i32 = 3;

/// The most that a stored body may inflate to, in bytes. Far above what ingest lets in.
const MAX_INFLATED_BYTES: usize = 64 * 1024 * 1024;

/// Compresses a body for storing.
pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    zstd::bulk::compress(bytes, COMPRESSION_LEVEL)
        .map_err(|e| StoreError::Corrupt { what: "body".into(), reason: e.to_string() })
}

/// Reads a stored body back.
pub(crate) fn inflate(what: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let size = zstd::zstd_safe::get_frame_content_size(bytes)
        .ok()
        .flatten()
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(MAX_INFLATED_BYTES)
        .min(MAX_INFLATED_BYTES);
    zstd::bulk::decompress(bytes, size)
        .map_err(|e| StoreError::Corrupt { what: what.into(), reason: e.to_string() })
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
        let refused = sqlx::query(twice).execute(store.pool()).await.unwrap_err();
        assert!(!StoreError::from(refused).is_unavailable());
        store.close().await;
        assert!(store.ping().await.unwrap_err().is_unavailable());
    }
}
