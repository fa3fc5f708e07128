//! Transactions on SQLite, in a file that others lock.

use std::cell::Cell;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use andon_sdk::resilience::{Begin, CommitError, CommitPolicy, commit_with_retry, is_transient};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
};
use sqlx::{Connection as _, Executor as _, Sqlite, Transaction};
use tempfile::TempDir;
use tokio::sync::{Mutex, Notify};

use crate::support::{PATIENCE, assert_send, counted, in_time, quick};

/// A database in a file, without any patience of its own.
struct File {
    pool: SqlitePool,
    options: SqliteConnectOptions,
    _folder: TempDir,
}

impl File {
    async fn new() -> Self {
        Self::with(SqliteJournalMode::Wal).await
    }

    async fn with(journal: SqliteJournalMode) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("test.sqlite"))
            .create_if_missing(true)
            .journal_mode(journal)
            .busy_timeout(Duration::ZERO);
        let pool = SqlitePoolOptions::new().acquire_timeout(PATIENCE);
        let pool = pool.connect_with(options.clone()).await.unwrap();
        let table = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)";
        sqlx::query(table).execute(&pool).await.unwrap();
        Self { pool, options, _folder: folder }
    }

    /// Another connection, which holds the lock for writing.
    async fn lock(&self) -> SqliteConnection {
        let mut other = SqliteConnection::connect_with(&self.options).await.unwrap();
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        other
    }

    async fn notes(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT text FROM notes ORDER BY id")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

type Tx = Transaction<'static, Sqlite>;

async fn note(mut transaction: Tx, text: &str) -> sqlx::Result<(Tx, ())> {
    let insert = sqlx::query("INSERT INTO notes (text) VALUES ($1)").bind(text);
    insert.execute(&mut *transaction).await?;
    Ok((transaction, ()))
}

#[tokio::test]
async fn a_transaction_waits_for_a_lock_that_is_released() {
    let file = File::new().await;
    let other = Mutex::new(file.lock().await);
    let patient = quick(u32::MAX).longest_delay(Duration::from_millis(5));
    let policy = CommitPolicy::new().retry(patient).begin(Begin::Plain);
    let attempts = Cell::new(0);
    let commit = policy.run(&file.pool, async |transaction| {
        attempts.set(attempts.get() + 1);
        if attempts.get() == 3 {
            // Two attempts have failed by now.
            other.lock().await.execute("ROLLBACK").await.unwrap();
        }
        note(transaction, "written").await
    });
    in_time(commit).await.unwrap();
    assert_eq!(attempts.get(), 3);
    assert_eq!(file.notes().await, ["written"]);
}

#[tokio::test]
async fn a_lock_that_is_never_released_is_a_typed_error_and_nothing_is_written() {
    let file = File::new().await;
    let _other = file.lock().await;
    for begin in [Begin::Writing, Begin::Plain] {
        let policy = CommitPolicy::new().retry(quick(4)).begin(begin);
        let commit = policy.run(&file.pool, async |transaction| note(transaction, "lost").await);
        let error = in_time(commit).await.unwrap_err();
        assert!(matches!(error, CommitError::Busy { attempts: 4, .. }), "{error:?}");
        assert!(error.nothing_was_written());
        let source = error.source().unwrap().downcast_ref::<sqlx::Error>().unwrap();
        assert_eq!(source.as_database_error().unwrap().code().unwrap(), "5");
    }
    assert_eq!(file.notes().await, [""; 0]);
    assert!(counted("sqlx_core::error::Error") >= 2);
}

#[tokio::test]
async fn a_read_that_is_overtaken_is_run_again_as_a_whole() {
    let file = File::new().await;
    let other = Mutex::new(SqliteConnection::connect_with(&file.options).await.unwrap());
    let seen = Cell::new(Vec::new());
    let policy = CommitPolicy::new().retry(quick(5)).begin(Begin::Plain);
    let commit = policy.run(&file.pool, async |mut transaction| {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(&mut *transaction).await?;
        let mut so_far = seen.take();
        if so_far.is_empty() {
            // Somebody else writes between the read and the write: that is BUSY_SNAPSHOT at once.
            other.lock().await.execute("INSERT INTO notes (text) VALUES ('other')").await?;
        }
        so_far.push(count);
        seen.set(so_far);
        note(transaction, &format!("after {count}")).await
    });
    in_time(commit).await.unwrap();
    assert_eq!(seen.take(), [0, 1]);
    assert_eq!(file.notes().await, ["other", "after 1"]);
}

#[tokio::test]
async fn a_transaction_for_writing_is_not_overtaken() {
    let file = File::new().await;
    let other = Mutex::new(SqliteConnection::connect_with(&file.options).await.unwrap());
    let attempts = Cell::new(0);
    let commit = commit_with_retry(&file.pool, async |transaction| {
        attempts.set(attempts.get() + 1);
        let refused = other.lock().await.execute("INSERT INTO notes (text) VALUES ('other')").await;
        assert!(is_transient(&refused.unwrap_err()));
        note(transaction, "mine").await
    });
    in_time(commit).await.unwrap();
    assert_eq!(attempts.get(), 1);
    assert_eq!(file.notes().await, ["mine"]);
}

#[tokio::test]
async fn a_reader_that_blocks_the_commit_itself_is_waited_for() {
    // Without a write-ahead log, a commit has to wait for those who read.
    let file = File::with(SqliteJournalMode::Delete).await;
    let reader = Mutex::new(SqliteConnection::connect_with(&file.options).await.unwrap());
    let read = "BEGIN; SELECT count(*) FROM notes";
    reader.lock().await.execute(sqlx::raw_sql(read)).await.unwrap();
    let attempts = Cell::new(0);
    let policy = CommitPolicy::new().retry(quick(5));
    let commit = policy.run(&file.pool, async |transaction| {
        attempts.set(attempts.get() + 1);
        if attempts.get() == 3 {
            reader.lock().await.execute("ROLLBACK").await.unwrap();
        }
        // The work succeeds each time; it is the commit that does not.
        let done = note(transaction, "written").await;
        assert!(done.is_ok());
        done
    });
    in_time(commit).await.unwrap();
    assert_eq!(attempts.get(), 3);
    assert_eq!(file.notes().await, ["written"]);
}

#[tokio::test]
async fn work_that_fails_is_rolled_back_and_not_run_again() {
    #[derive(Debug, thiserror::Error)]
    enum WorkError {
        #[error("not enough credit")]
        Credit,
        #[error(transparent)]
        Database(#[from] sqlx::Error),
    }
    let file = File::new().await;
    let attempts = Cell::new(0);
    let refused: Result<(), _> = commit_with_retry(&file.pool, async |transaction| {
        attempts.set(attempts.get() + 1);
        let _half = note(transaction, "half").await?;
        Err(WorkError::Credit)
    })
    .await;
    assert!(matches!(refused, Err(CommitError::Work(WorkError::Credit))));
    let twice: Result<(), _> = commit_with_retry(&file.pool, async |transaction| {
        attempts.set(attempts.get() + 1);
        let (transaction, ()) = note(transaction, "same").await?;
        Ok::<_, WorkError>(note(transaction, "same").await?)
    })
    .await;
    assert!(matches!(twice, Err(CommitError::Work(WorkError::Database(_)))));
    assert_eq!(attempts.get(), 2);
    assert_eq!(file.notes().await, [""; 0]);
    // The connection is as good as new.
    commit_with_retry(&file.pool, async |transaction| note(transaction, "next").await)
        .await
        .unwrap();
    assert_eq!(file.notes().await, ["next"]);
}

#[tokio::test]
async fn a_busy_database_is_seen_through_errors_that_wrap_it() {
    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Transparent(#[from] sqlx::Error);

    #[derive(Debug, thiserror::Error)]
    #[error("no note was made")]
    struct Wrapped(#[source] Transparent);

    let file = File::new().await;
    let other = Mutex::new(file.lock().await);
    let attempts = Cell::new(0);
    let policy = CommitPolicy::new().retry(quick(5)).begin(Begin::Plain);
    let commit = policy.run(&file.pool, async |transaction| {
        attempts.set(attempts.get() + 1);
        if attempts.get() == 2 {
            other.lock().await.execute("ROLLBACK").await.unwrap();
        }
        note(transaction, "written").await.map_err(|error| Wrapped(error.into()))
    });
    in_time(commit).await.unwrap();
    assert_eq!(attempts.get(), 2);
}

#[tokio::test]
async fn work_that_panics_or_is_cancelled_leaves_nothing_behind() {
    let file = File::new().await;
    let pool = file.pool.clone();
    let task = tokio::spawn(async move {
        let work = async |transaction: Tx| -> sqlx::Result<(Tx, ())> {
            let _held = note(transaction, "half").await?;
            panic!("on purpose");
        };
        commit_with_retry(&pool, work).await
    });
    assert!(task.await.unwrap_err().is_panic());

    let reached = Arc::new(Notify::new());
    let (pool, reaches) = (file.pool.clone(), reached.clone());
    let task = tokio::spawn(async move {
        commit_with_retry(&pool, async |transaction| {
            let _held = note(transaction, "half").await?;
            reaches.notify_one();
            std::future::pending::<sqlx::Result<(Tx, ())>>().await
        })
        .await
    });
    in_time(reached.notified()).await;
    task.abort();
    let _ = task.await;

    // The lock is free again.
    let policy = CommitPolicy::new().retry(quick(1_000).longest_delay(Duration::from_millis(20)));
    let commit = policy.run(&file.pool, async |transaction| note(transaction, "next").await);
    in_time(commit).await.unwrap();
    assert_eq!(file.notes().await, ["next"]);
}

#[tokio::test]
async fn a_pool_that_is_closed_is_told_as_such() {
    let file = File::new().await;
    file.pool.close().await;
    let commit = commit_with_retry(&file.pool, async |transaction| note(transaction, "lost").await);
    assert!(matches!(commit.await, Err(CommitError::Begin(sqlx::Error::PoolClosed))));
}

#[tokio::test]
async fn a_handler_of_axum_can_commit() {
    async fn handler(pool: SqlitePool, text: String) -> &'static str {
        let commit = commit_with_retry(&pool, async |mut transaction| {
            let id: i64 = sqlx::query_scalar("SELECT count(*) FROM notes")
                .fetch_one(&mut *transaction)
                .await?;
            note(transaction, &format!("{text} {id}")).await
        });
        match assert_send(commit).await {
            Ok(()) => "saved",
            Err(_) => "please try again",
        }
    }
    let file = File::new().await;
    let pool = file.pool.clone();
    let app: axum::Router = axum::Router::new().route(
        "/",
        axum::routing::post(move |text: String| assert_send(handler(pool.clone(), text))),
    );
    let request = http::Request::post("/").body(axum::body::Body::from("note")).unwrap();
    let answer = tower::ServiceExt::oneshot(app, request).await.unwrap();
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    assert_eq!(body, "saved");
    assert_eq!(file.notes().await, ["note 0"]);
}
