//! Transactions on PostgreSQL that are in each other's way.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use andon_sdk::resilience::{Begin, CommitError, CommitPolicy, commit_with_retry};
use sqlx::postgres::PgPool;
use sqlx::{Executor as _, PgConnection};
use tokio::sync::Barrier;

use crate::support::postgres::Postgres;
use crate::support::{assert_send, eventually, in_time, quick};

async fn accounts(pool: &PgPool) {
    pool.execute("CREATE TABLE accounts (id INT PRIMARY KEY, credit INT NOT NULL)").await.unwrap();
    pool.execute("INSERT INTO accounts VALUES (1, 100), (2, 100)").await.unwrap();
}

async fn credit(pool: &PgPool) -> Vec<i32> {
    let credit = sqlx::query_scalar("SELECT credit FROM accounts ORDER BY id");
    credit.fetch_all(pool).await.unwrap()
}

async fn pay(connection: &mut PgConnection, id: i32) -> sqlx::Result<()> {
    let update = sqlx::query("UPDATE accounts SET credit = credit - 10 WHERE id = $1").bind(id);
    update.execute(connection).await.map(|_| ())
}

#[tokio::test]
async fn a_serialisation_failure_runs_the_whole_transaction_again() {
    let postgres = Postgres::shared().await;
    let pool = postgres.database().await;
    accounts(&pool).await;
    let seen = Cell::new(Vec::new());
    let begin = Begin::With("BEGIN ISOLATION LEVEL REPEATABLE READ");
    let policy = CommitPolicy::new().retry(quick(5)).begin(begin);
    let commit = policy.run(&pool, async |mut transaction| {
        let read = sqlx::query_scalar("SELECT credit FROM accounts WHERE id = 1");
        let read: i32 = read.fetch_one(&mut *transaction).await?;
        let mut so_far = seen.take();
        if so_far.is_empty() {
            // Somebody else pays after this transaction's read: its own update fails with 40001.
            pay(&mut *pool.acquire().await?, 1).await?;
        }
        so_far.push(read);
        seen.set(so_far);
        let write = sqlx::query("UPDATE accounts SET credit = $1 WHERE id = 1").bind(read - 10);
        write.execute(&mut *transaction).await?;
        Ok::<_, sqlx::Error>((transaction, ()))
    });
    in_time(commit).await.unwrap();
    assert_eq!(seen.take(), [100, 90]);
    assert_eq!(credit(&pool).await, [80, 100]);
}

#[tokio::test]
async fn a_conflict_at_the_commit_itself_is_run_again_too() {
    let postgres = Postgres::shared().await;
    let pool = postgres.database().await;
    accounts(&pool).await;
    let both_have_read = Arc::new(Barrier::new(2));
    let attempts = Arc::new(AtomicU32::new(0));
    let begin = Begin::With("BEGIN ISOLATION LEVEL SERIALIZABLE");
    // Each reads what the other writes: not both can be committed as they are.
    let transfer = |read: i32, write: i32| {
        let (pool, barrier, attempts) = (pool.clone(), both_have_read.clone(), attempts.clone());
        let is_first = AtomicBool::new(true);
        tokio::spawn(async move {
            let policy = CommitPolicy::new().retry(quick(20)).begin(begin);
            let commit = policy.run(&pool, async |mut transaction| {
                attempts.fetch_add(1, Ordering::SeqCst);
                let there = sqlx::query_scalar("SELECT credit FROM accounts WHERE id = $1");
                let there: i32 = there.bind(read).fetch_one(&mut *transaction).await?;
                if is_first.swap(false, Ordering::SeqCst) {
                    barrier.wait().await;
                }
                let here = sqlx::query("UPDATE accounts SET credit = $1 WHERE id = $2");
                here.bind(there + 1).bind(write).execute(&mut *transaction).await?;
                Ok::<_, sqlx::Error>((transaction, ()))
            });
            assert_send(commit).await
        })
    };
    let (one, other) = (transfer(1, 2), transfer(2, 1));
    in_time(one).await.unwrap().unwrap();
    in_time(other).await.unwrap().unwrap();
    assert!(attempts.load(Ordering::SeqCst) >= 3);
    // One after the other, whichever was first.
    let credit = credit(&pool).await;
    assert!(credit == [102, 101] || credit == [101, 102], "{credit:?}");
}

#[tokio::test]
async fn of_a_deadlock_both_get_their_turn() {
    let postgres = Postgres::shared().await;
    let pool = postgres.database().await;
    accounts(&pool).await;
    let both_hold_one = Arc::new(Barrier::new(2));
    let attempts = Arc::new(AtomicU32::new(0));
    let pay_both = |first: i32, second: i32| {
        let (pool, barrier, attempts) = (pool.clone(), both_hold_one.clone(), attempts.clone());
        let is_first = AtomicBool::new(true);
        tokio::spawn(async move {
            let policy = CommitPolicy::new().retry(quick(20));
            let commit = policy.run(&pool, async |mut transaction| {
                attempts.fetch_add(1, Ordering::SeqCst);
                pay(&mut transaction, first).await?;
                if is_first.swap(false, Ordering::SeqCst) {
                    barrier.wait().await;
                }
                pay(&mut transaction, second).await?;
                Ok::<_, sqlx::Error>((transaction, ()))
            });
            assert_send(commit).await
        })
    };
    let (one, other) = (pay_both(1, 2), pay_both(2, 1));
    in_time(one).await.unwrap().unwrap();
    in_time(other).await.unwrap().unwrap();
    assert!(attempts.load(Ordering::SeqCst) >= 3);
    assert_eq!(credit(&pool).await, [80, 80]);
}

#[tokio::test]
async fn a_conflict_that_does_not_end_is_a_typed_error() {
    let postgres = Postgres::shared().await;
    let pool = postgres.database().await;
    accounts(&pool).await;
    let policy = CommitPolicy::new().retry(quick(3));
    for state in ["40001", "40P01"] {
        let attempts = Cell::new(0);
        let commit = policy.run(&pool, async |mut transaction| {
            attempts.set(attempts.get() + 1);
            pay(&mut transaction, 1).await?;
            raise(&mut transaction, state).await?;
            Ok::<_, sqlx::Error>((transaction, ()))
        });
        let error = in_time(commit).await.unwrap_err();
        assert!(matches!(error, CommitError::Busy { attempts: 3, .. }), "{error:?}");
        assert_eq!(attempts.get(), 3);
    }
    // A number that has SQLite's BUSY in it, and an error of the application's own.
    for state in ["22021", "P0001"] {
        let attempts = Cell::new(0);
        let commit = policy.run(&pool, async |mut transaction| {
            attempts.set(attempts.get() + 1);
            pay(&mut transaction, 1).await?;
            raise(&mut transaction, state).await?;
            Ok::<_, sqlx::Error>((transaction, ()))
        });
        assert!(matches!(in_time(commit).await, Err(CommitError::Work(_))));
        assert_eq!(attempts.get(), 1);
    }
    assert_eq!(credit(&pool).await, [100, 100]);
}

#[tokio::test]
async fn a_constraint_that_is_checked_at_the_commit_refuses_it() {
    let postgres = Postgres::shared().await;
    let pool = postgres.database().await;
    pool.execute(
        "CREATE TABLE a (id INT PRIMARY KEY);
         CREATE TABLE b (a INT REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED);",
    )
    .await
    .unwrap();
    let commit = commit_with_retry(&pool, async |mut transaction| {
        transaction.execute("INSERT INTO b VALUES (7)").await?;
        Ok::<_, sqlx::Error>((transaction, ()))
    });
    let error = in_time(commit).await.unwrap_err();
    assert!(matches!(error, CommitError::Refused(_)), "{error:?}");
    assert!(error.nothing_was_written());
}

#[tokio::test]
async fn a_connection_that_breaks_is_not_taken_for_a_conflict() {
    let postgres = Postgres::shared().await;
    let pool = postgres.database().await;
    accounts(&pool).await;
    let attempts = Cell::new(0);
    let commit = commit_with_retry(&pool, async |mut transaction| {
        attempts.set(attempts.get() + 1);
        pay(&mut transaction, 1).await?;
        let own = sqlx::query_scalar("SELECT pg_backend_pid()");
        let own: i32 = own.fetch_one(&mut *transaction).await?;
        let end = sqlx::query("SELECT pg_terminate_backend($1)").bind(own);
        end.execute(&pool).await?;
        eventually("the backend is gone", async || {
            let there = sqlx::query("SELECT 1 FROM pg_stat_activity WHERE pid = $1").bind(own);
            there.fetch_optional(&pool).await.unwrap().is_none().then_some(())
        })
        .await;
        Ok::<_, sqlx::Error>((transaction, ()))
    });
    let error = in_time(commit).await.unwrap_err();
    assert!(matches!(error, CommitError::Unknown(_)), "{error:?}");
    assert!(!error.nothing_was_written());
    assert_eq!(attempts.get(), 1);
    assert_eq!(credit(&pool).await, [100, 100]);
}

/// Makes the database answer with an SQL state.
async fn raise(connection: &mut PgConnection, state: &str) -> sqlx::Result<()> {
    let block = format!("DO $$ BEGIN RAISE EXCEPTION 'told so' USING ERRCODE = '{state}'; END $$");
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(block))).await.map(|_| ())
}
