//! Opening the database, one file in the data folder or PostgreSQL by URL; migrations are applied by
//! whoever comes first.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};

use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::StoreError;
use super::compression::Dictionaries;
use super::events::Seen;
use super::sql::{self, Dialect, Pool, Tx};

/// How long a statement waits for another process's write, in seconds.
const BUSY_TIMEOUT_SECONDS: u64 = 15;

/// Connections to SQLite at most. It writes one at a time; the others read.
const MAX_SQLITE_CONNECTIONS: u32 = 8;

/// Connections of one node to PostgreSQL at most.
const MAX_POSTGRES_CONNECTIONS: u32 = 12;

/// How long a statement waits for a free connection, or for a new one to be made, in seconds.
const ACQUIRE_TIMEOUT_SECONDS: u64 = 15;

/// What PostgreSQL is told on each connection: to look after clients that are silent, so that it learns soon
/// of a node that is gone.
const POSTGRES_KEEPALIVE: &str = "SET tcp_keepalives_idle = '30s';
    SET tcp_keepalives_interval = '10s';
    SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = '60s'";

/// What it is told beside that where statements are short. It gives up one that takes longer, which lets go
/// of what others wait for; one that waits longer for a lock; and a transaction of ours that does nothing,
/// as that of a node that stands still.
const POSTGRES_PATIENCE: &str = "SET statement_timeout = '120s';
    SET lock_timeout = '15s';
    SET idle_in_transaction_session_timeout = '30s'";

/// How long a connection that is put back may take to answer, in seconds: what was under way on it may have
/// been given up.
const RELEASE_TIMEOUT_SECONDS: u64 = 5;

/// The advisory lock of PostgreSQL by which whoever reads before it writes waits for its turn. The
/// number is ours by being unlikely to be anybody else's: "andon" in ASCII.
const WRITE_LOCK: i64 = 0x61_6e_64_6f_6e;

const TAKE_WRITE_LOCK: &str = "SELECT 1 FROM pg_advisory_xact_lock($1)";

/// The database file's name in the data folder.
const DATABASE_FILE: &str = "andon.db";

/// The file whose lock keeps two processes from migrating at once.
const MIGRATION_LOCK_FILE: &str = "migrate.lock";

/// Which database holds the data.
#[derive(Clone, Debug, Default)]
pub enum Database {
    /// The file `andon.db` in the data folder.
    #[default]
    InFolder,
    /// A PostgreSQL server: `postgres://user:password@host:port/name`.
    Postgres(SecretString),
}

/// The open database, and the data folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Pool,
    folder: PathBuf,
    dictionaries: Arc<Dictionaries>,
    seen: Arc<Seen>,
    seen_releases: Arc<Seen>,
    /// Who writes to SQLite next. Its own way of waiting is to look again later and later, so that
    /// whoever came first may come last.
    turns: Arc<Semaphore>,
}

impl Store {
    /// Opens the database in `folder`: [`Store::connect`] with [`Database::InFolder`].
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::connect(folder, &Database::InFolder).await
    }

    /// Opens the database, creating folder and file where they are missing, and applies the
    /// migrations. Several processes may do this at once.
    pub async fn connect(folder: &Path, database: &Database) -> Result<Self, StoreError> {
        let unusable = |source| StoreError::Folder { path: folder.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
        let folder = folder.canonicalize().map_err(unusable)?;
        let pool = match database {
            Database::InFolder => Pool::Sqlite(open_sqlite(&folder).await?),
            Database::Postgres(url) => Pool::Postgres(open_postgres(url).await?),
        };
        let turns = Arc::new(Semaphore::new(1));
        Ok(Self {
            pool,
            folder,
            dictionaries: Arc::default(),
            seen: Arc::default(),
            seen_releases: Arc::default(),
            turns,
        })
    }

    /// Whether a folder holds a database already.
    pub fn exists(folder: &Path) -> bool {
        folder.join(DATABASE_FILE).is_file()
    }

    /// The pool, for single statements.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Dictionaries in use.
    pub(super) fn dictionaries(&self) -> &Dictionaries {
        &self.dictionaries
    }

    /// Fingerprints that were stored a moment ago.
    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }

    pub(super) fn seen_releases(&self) -> &Seen {
        &self.seen_releases
    }

    /// The data folder, canonical.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match self.pool {
            Pool::Sqlite(_) => Dialect::Sqlite,
            Pool::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Starts a transaction that may write, waiting for its turn before it reads anything. In SQLite a
    /// transaction that starts by reading and then writes would fail at once when another process wrote
    /// in between, however long the busy time-out; in PostgreSQL it would not see what others do.
    pub async fn begin_write(&self) -> Result<Tx, StoreError> {
        let mut tx = self.begin_batch().await?;
        if tx.dialect() == Dialect::Postgres {
            sql::query(TAKE_WRITE_LOCK).bind(WRITE_LOCK).execute(&mut tx).await?;
        }
        Ok(tx)
    }

    /// Starts a transaction for statements that are right whatever others write at the same time:
    /// upserts, and updates that add.
    pub(crate) async fn begin_batch(&self) -> Result<Tx, StoreError> {
        Ok(match &self.pool {
            Pool::Sqlite(pool) => {
                let turn = self.turn().await?;
                Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?, turn)
            }
            Pool::Postgres(pool) => Tx::Postgres(sql::answered(pool.begin()).await?),
        })
    }

    /// Waits for this process's turn to write to SQLite.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = tokio::time::timeout(Duration::from_secs(BUSY_TIMEOUT_SECONDS), turn).await;
        // An error inside would mean that the semaphore was closed, which nobody does.
        turn.map_err(|_| StoreError::Unavailable)?.map_err(|_| StoreError::Unavailable)
    }

    /// Asks the database for one value: whether it answers at all.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sql::query("SELECT 1").execute(self.pool()).await?;
        Ok(())
    }

    /// Closes the connections and folds the write-ahead log into the database.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(folder: &Path) -> Result<SqlitePool, StoreError> {
    let unusable = |source| StoreError::Folder { path: folder.to_owned(), source };
    // The database holds other people's data: no one else on the machine may read it.
    let file = private_file(&folder.join(DATABASE_FILE)).map_err(unusable)?;
    let is_new = file.metadata().map_err(unusable)?.len() == 0;
    drop(file);
    let options = SqliteConnectOptions::new()
        .filename(folder.join(DATABASE_FILE))
        .create_if_missing(true)
        // In KiB, as SQLite says with the sign: the system's cache holds the file anyway.
        .pragma("cache_size", "-1024")
        // What is deleted is gone: its bytes are overwritten.
        .pragma("secure_delete", "ON")
        .journal_mode(SqliteJournalMode::Wal)
        // An acknowledged event must survive a power cut, not only a crash.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_SECONDS));
    if is_new {
        // Pages that are free can be given back. Said once: each time it is said it is written down,
        // which a connection that only reads must not need on a full disk.
        let first = options.clone().auto_vacuum(SqliteAutoVacuum::Incremental).connect().await?;
        first.close().await?;
    }
    let pool = SqlitePoolOptions::new()
        .max_connections(MAX_SQLITE_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(ACQUIRE_TIMEOUT_SECONDS))
        // SQLite ends a transaction by itself when the disk is full; sqlx goes on believing that it is
        // open, and such a connection would refuse to begin another one for ever.
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
    Ok(pool)
}

async fn open_postgres(url: &SecretString) -> Result<PgPool, StoreError> {
    let options: PgConnectOptions = url.expose_secret().parse().map_err(StoreError::Database)?;
    let options = options.application_name("andon");
    let pool =
        || PgPoolOptions::new().acquire_timeout(Duration::from_secs(ACQUIRE_TIMEOUT_SECONDS));
    // A connection of its own: a migration, or waiting for another node's, takes as long as it needs. sqlx
    // takes a lock of PostgreSQL's for this, so that nodes may start at once.
    let migrating = pool()
        .max_connections(1)
        .after_connect(|connection, _| Box::pin(tell(connection, &[POSTGRES_KEEPALIVE])))
        .connect_with(options.clone())
        .await?;
    sqlx::migrate!("migrations/postgres").run(&migrating).await?;
    migrating.close().await;
    let told = &[POSTGRES_KEEPALIVE, POSTGRES_PATIENCE];
    let pool = pool()
        .max_connections(MAX_POSTGRES_CONNECTIONS)
        .after_connect(|connection, _| Box::pin(tell(connection, told)))
        .after_release(|connection, _| Box::pin(answers(connection)))
        .connect_with(options)
        .await?;
    Ok(pool)
}

async fn tell(
    connection: &mut PgConnection,
    settings: &'static [&'static str],
) -> Result<(), sqlx::Error> {
    for text in settings {
        sqlx::raw_sql(*text).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Whether a connection that is put back answers: one that never does would keep its place for ever.
async fn answers(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let most = Duration::from_secs(RELEASE_TIMEOUT_SECONDS);
    match tokio::time::timeout(most, connection.ping()).await {
        Ok(answer) => answer.map(|()| true),
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

/// Opens a file that only its owner may read, creating it if it is missing.
fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).read(true).mode(0o600).open(path)
}
