//! Opening the database: one folder, one file, migrations applied by whoever comes first.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite, Transaction};

use super::StoreError;

/// How long a statement waits for another process's write, in seconds.
const BUSY_TIMEOUT_SECONDS: u64 = 15;

/// Connections at most. SQLite writes one at a time; the others read.
const MAX_CONNECTIONS: u32 = 8;

/// The database file's name in the data folder.
const DATABASE_FILE: &str = "andon.db";

/// The file whose lock keeps two processes from migrating at once.
const MIGRATION_LOCK_FILE: &str = "migrate.lock";

/// The open database of a data folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    folder: PathBuf,
}

impl Store {
    /// Opens the database in `folder`, creating folder and database where they are missing, and
    /// applies the migrations. Several processes may do this at once.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let unusable = |source| StoreError::Folder { path: folder.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
        let folder = folder.canonicalize().map_err(unusable)?;
        // The database holds other people's data: no one else on the machine may read it.
        private_file(&folder.join(DATABASE_FILE)).map_err(unusable)?;

        let options = SqliteConnectOptions::new()
            .filename(folder.join(DATABASE_FILE))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged event must survive a power cut, not only a crash.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_SECONDS));
        let pool = SqlitePoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            // SQLite ends a transaction by itself when the disk is full; sqlx goes on believing that it
            // is open, and such a connection would refuse to begin another one for ever.
            .before_acquire(|connection, _| {
                let usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(usable) })
            })
            .connect_with(options)
            .await?;

        let lock = private_file(&folder.join(MIGRATION_LOCK_FILE)).map_err(unusable)?;
        let lock = tokio::task::spawn_blocking(move || {
            rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).map(|()| lock)
        })
        .await
        .map_err(|e| unusable(std::io::Error::other(e)))?
        .map_err(|e| unusable(e.into()))?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await?;
        drop(lock);
        Ok(Self { pool, folder })
    }

    /// Whether a folder holds a database already.
    pub fn exists(folder: &Path) -> bool {
        folder.join(DATABASE_FILE).is_file()
    }

    /// The pool, for single statements.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// The data folder, canonical.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts a transaction that may write, waiting for its turn before it reads anything.
    pub async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Asks the database for one value: whether it answers at all.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes the connections and folds the write-ahead log into the database.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Opens a file that only its owner may read, creating it if it is missing.
fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).read(true).mode(0o600).open(path)
}
