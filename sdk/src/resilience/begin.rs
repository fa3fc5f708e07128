//! How transactions begin.

use sqlx::{Database, Pool, Transaction};

/// How a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Begin {
    /// `BEGIN IMMEDIATE` on SQLite, the database's default elsewhere.
    ///
    /// SQLite's own default takes the lock for writing only when something is written. If somebody else
    /// has written since the transaction's first read, that fails at once, whatever time the
    /// connection is willing to wait for the lock.
    #[default]
    Writing,
    /// The database's own default. On SQLite this is for transactions that mostly only read.
    Plain,
    /// A statement, such as `BEGIN ISOLATION LEVEL SERIALIZABLE` on PostgreSQL.
    With(&'static str),
}

impl Begin {
    pub(super) async fn transaction<DB: Database>(
        self,
        pool: &Pool<DB>,
    ) -> sqlx::Result<Transaction<'static, DB>> {
        const SQLITE: &str = "SQLite";
        match self {
            Self::Writing if DB::NAME == SQLITE => pool.begin_with("BEGIN IMMEDIATE").await,
            Self::Writing | Self::Plain => pool.begin().await,
            Self::With(statement) => pool.begin_with(statement).await,
        }
    }
}
