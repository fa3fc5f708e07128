//! Transactions that are run again when the database was busy or they were in each other's way.

use std::error::Error;

use sqlx::error::DatabaseError;
use sqlx::{Database, Pool, Transaction};

use super::health::health_monitor;
use super::retry::{Retry, note_attempt};
use super::{begin::Begin, report};

/// A transaction that was not committed, as far as is known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError<E: Error + Send + Sync + 'static> {
    /// No transaction could be begun; nothing was done.
    #[error("no transaction could be begun")]
    Begin(#[source] sqlx::Error),
    /// The work failed for a reason of its own; what it wrote was rolled back.
    #[error("the transaction was rolled back, because its work failed")]
    Work(#[source] E),
    /// Whatever the attempt, the database was busy, or another transaction was in the way; what was
    /// written was rolled back.
    #[error("the database was busy in each of {attempts} attempts; nothing was written")]
    Busy {
        /// How often it was tried.
        attempts: u32,
        /// The last attempt's error: a [`sqlx::Error`], or what the work made of it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The database refused the commit; what was written was rolled back.
    #[error("the database refused the commit; nothing was written")]
    Refused(#[source] sqlx::Error),
    /// The connection broke during the commit: the transaction may have been committed. It is not run
    /// again, because that might do its work twice.
    #[error("the connection broke during the commit; it is not known whether anything was written")]
    Unknown(#[source] sqlx::Error),
}

impl<E: Error + Send + Sync + 'static> CommitError<E> {
    /// Whether it is certain that nothing was written.
    #[must_use]
    pub fn nothing_was_written(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }
}

/// Runs `work` in a transaction and commits it, with the [`CommitPolicy`]'s defaults.
///
/// `work` is given the transaction and gives it back with its result, to be committed. A transaction that
/// failed cannot go on, so all of its work is run again: `work` must do nothing that cannot be undone
/// by rolling back. It must pass on the database's errors, because PostgreSQL answers the commit of a
/// transaction in which a statement failed without an error, and writes nothing. See
/// [`CommitPolicy::run`].
///
/// ```
/// use andon_sdk::resilience::{CommitError, commit_with_retry};
/// use sqlx::PgPool;
///
/// async fn earn(pool: &PgPool, student: i64) -> Result<i64, CommitError<sqlx::Error>> {
///     commit_with_retry(pool, async |mut transaction| {
///         let xp = sqlx::query_scalar("UPDATE students SET xp = xp + 10 WHERE id = $1 RETURNING xp")
///             .bind(student)
///             .fetch_one(&mut *transaction)
///             .await?;
///         Ok((transaction, xp))
///     })
///     .await
/// }
/// ```
///
/// # Errors
/// See [`CommitError`]. In all cases but [`CommitError::Unknown`] nothing was written. The error is counted
/// by the [`health_monitor`]; reporting it is the caller's choice.
pub async fn commit_with_retry<DB, T, E, Fut>(
    pool: &Pool<DB>,
    work: impl FnMut(Transaction<'static, DB>) -> Fut,
) -> Result<T, CommitError<E>>
where
    DB: Database,
    E: Error + Send + Sync + 'static,
    Fut: Future<Output = Result<(Transaction<'static, DB>, T), E>>,
{
    CommitPolicy::new().run(pool, work).await
}

/// How transactions begin, and how often they are tried.
#[derive(Debug, Clone, Default)]
pub struct CommitPolicy {
    retry: Retry,
    begin: Begin,
}

impl CommitPolicy {
    /// [`Retry`]'s defaults; on SQLite with `BEGIN IMMEDIATE`, elsewhere with the database's default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How often to try, and the delays in between. They come on top of what the database itself waits
    /// for a lock, such as SQLite's `busy_timeout`.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// How transactions begin.
    #[must_use]
    pub fn begin(mut self, begin: Begin) -> Self {
        self.begin = begin;
        self
    }

    /// Runs `work` in a transaction and commits it. If the database is busy or locked (SQLite), or another
    /// transaction is in the way (a deadlock or a serialisation failure), all is rolled back and run
    /// again; after any other error it is rolled back.
    ///
    /// Dropping the future rolls back as well, but not during the commit itself: then it is not known whether
    /// anything was written. Where that matters, run it in a task of its own (`tokio::spawn`), which a
    /// time-out or a client that hangs up does not drop.
    ///
    /// # Errors
    /// As [`commit_with_retry`].
    pub async fn run<DB, T, E, Fut>(
        &self,
        pool: &Pool<DB>,
        mut work: impl FnMut(Transaction<'static, DB>) -> Fut,
    ) -> Result<T, CommitError<E>>
    where
        DB: Database,
        E: Error + Send + Sync + 'static,
        Fut: Future<Output = Result<(Transaction<'static, DB>, T), E>>,
    {
        let mut delays = self.retry.delays();
        let mut attempts = 0;
        let failure = loop {
            attempts += 1;
            let failure = match self.once(pool, &mut work).await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let delay = if failure.is_transient() { delays.next() } else { None };
            let Some(delay) = delay else { break failure };
            let what = "the database is busy";
            note_attempt("commit", attempts, &self.retry, what, delay);
            tokio::time::sleep(delay).await;
        };
        health_monitor().record(match &failure {
            Failure::Work(_) => report::error_type::<E>(),
            _ => report::error_type::<sqlx::Error>(),
        });
        Err(failure.into_error(attempts))
    }

    async fn once<DB, T, E, Fut>(
        &self,
        pool: &Pool<DB>,
        work: &mut impl FnMut(Transaction<'static, DB>) -> Fut,
    ) -> Result<T, Failure<E>>
    where
        DB: Database,
        Fut: Future<Output = Result<(Transaction<'static, DB>, T), E>>,
    {
        let transaction = self.begin.transaction(pool).await.map_err(Failure::Begin)?;
        // A transaction that is not given back is rolled back, before its connection is used again.
        let (transaction, value) = work(transaction).await.map_err(Failure::Work)?;
        transaction.commit().await.map_err(Failure::Commit)?;
        Ok(value)
    }
}

/// How an attempt failed.
enum Failure<E> {
    Begin(sqlx::Error),
    Work(E),
    Commit(sqlx::Error),
}

impl<E: Error + Send + Sync + 'static> Failure<E> {
    fn is_transient(&self) -> bool {
        match self {
            Self::Begin(error) | Self::Commit(error) => is_transient(error),
            Self::Work(error) => is_transient(error),
        }
    }

    fn into_error(self, attempts: u32) -> CommitError<E> {
        let transient = self.is_transient();
        match self {
            Self::Begin(error) | Self::Commit(error) if transient => {
                CommitError::Busy { attempts, source: error.into() }
            }
            Self::Work(error) if transient => {
                CommitError::Busy { attempts, source: Box::new(error) }
            }
            Self::Begin(error) => CommitError::Begin(error),
            Self::Work(error) => CommitError::Work(error),
            Self::Commit(error) if is_answer(&error) => CommitError::Refused(error),
            Self::Commit(error) => CommitError::Unknown(error),
        }
    }
}

/// Whether an error, or what it was caused by, is one of a database for which the same transaction may
/// succeed a moment later: SQLite's `BUSY` and `LOCKED` with their extended codes, and the SQL states
/// `40001` (serialisation failure) and `40P01` (deadlock).
#[must_use]
pub fn is_transient(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = database_error(error) {
            return error.code().is_some_and(|code| is_transient_code(&code));
        }
        cause = error.source();
    }
    false
}

/// The error of a database that `error` itself is. A transparent wrapper of an error of sqlx has as its
/// source what that holds.
fn database_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e dyn DatabaseError> {
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return error.as_database_error();
    }
    error.downcast_ref::<Box<dyn DatabaseError>>().map(AsRef::as_ref)
}

fn is_transient_code(code: &str) -> bool {
    const SQL_STATE_LENGTH: usize = 5;
    const PRIMARY_CODE: u32 = 0xff;
    const SQLITE_BUSY: u32 = 5;
    const SQLITE_LOCKED: u32 = 6;
    if code.len() == SQL_STATE_LENGTH {
        return matches!(code, "40001" | "40P01");
    }
    // SQLite's codes are shorter than SQL states, some of which are numbers too.
    let primary = code.parse::<u32>().map(|code| code & PRIMARY_CODE);
    matches!(primary, Ok(SQLITE_BUSY | SQLITE_LOCKED))
}

/// Whether the database has answered the commit, so that its outcome is known. The classes `08` (broken
/// connection) and `57P` (shutdown) and `40003` say the contrary.
fn is_answer(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    error.code().is_none_or(|code| {
        let unknown = code.len() == 5
            && (code.starts_with("08") || code.starts_with("57P") || code == "40003");
        !unknown
    })
}

#[cfg(test)]
mod tests {
    use super::is_transient_code;

    #[test]
    fn only_codes_that_pass_are_transient() {
        for code in ["5", "6", "261", "262", "517", "518", "773", "40001", "40P01"] {
            assert!(is_transient_code(code), "{code}");
        }
        // The number 22021, of a text that is not UTF-8, ends in SQLite's BUSY.
        for code in ["", "1", "19", "2067", "22021", "23505", "57014", "40003", "busy"] {
            assert!(!is_transient_code(code), "{code}");
        }
    }
}
