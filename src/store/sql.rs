//! One way to run a statement on either database. The texts are the same on both (`$n` binds); where
//! they cannot be, [`Dialect`] chooses. Values are few kinds, so that nothing is bound that one of the
//! two would store differently: whole numbers of 64 bits, floats, texts, bytes, and nothing.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::time::Duration;

use futures_util::future::Either;
use sqlx::postgres::{PgPool, PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqlitePool, SqliteRow};
use sqlx::{FromRow, Transaction};
use tokio::sync::OwnedSemaphorePermit;

/// The two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// One file in the data folder.
    Sqlite,
    /// A server, by URL.
    Postgres,
}

/// The connections to one of the two. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A transaction on one of the two; rolled back when dropped.
#[derive(Debug)]
pub enum Tx {
    /// SQLite's, and this process's turn to write.
    Sqlite(Transaction<'static, Sqlite>, OwnedSemaphorePermit),
    /// PostgreSQL's.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes everything durable that was done in it.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx, _turn) => tx.commit().await,
            Self::Postgres(tx) => answered(tx.commit()).await,
        }
    }

    /// Undoes everything that was done in it.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx, _turn) => tx.rollback().await,
            Self::Postgres(tx) => answered(tx.rollback()).await,
        }
    }

    /// Which database it is on.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(..) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }
}

/// How long an answer of PostgreSQL's is waited for, in seconds: longer than it works on a statement before
/// it gives up itself. A host that vanished without a word never answers, and sqlx has no keepalive.
pub(super) const ANSWER_TIMEOUT_SECONDS: u64 = 150;

/// Waits for PostgreSQL's answer.
pub(super) async fn answered<T>(
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let most = Duration::from_secs(ANSWER_TIMEOUT_SECONDS);
    let answer = tokio::time::timeout(most, answer).await;
    answer.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}

/// Where a statement runs: on any free connection, or inside a transaction.
pub(crate) enum On<'a> {
    Pool(&'a Pool),
    Tx(&'a mut Tx),
}

impl<'a> From<&'a Pool> for On<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a mut Tx> for On<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

/// A value that both databases store alike.
#[derive(Clone, Debug)]
pub(crate) enum Value<'q> {
    Int(Option<i64>),
    Float(f64),
    Text(Option<Cow<'q, str>>),
    Bytes(Cow<'q, [u8]>),
}

/// PostgreSQL keeps no NUL in a text; so that both keep the same, neither gets one.
pub(super) fn clean(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.as_bytes().contains(&0) { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { text }
}

macro_rules! value_from {
    ($($from:ty => |$value:ident| $make:expr;)*) => {
        $(impl<'q> From<$from> for Value<'q> {
            fn from($value: $from) -> Self {
                $make
            }
        })*
    };
}

value_from! {
    i64 => |value| Value::Int(Some(value));
    u32 => |value| Value::Int(Some(value.into()));
    Option<i64> => |value| Value::Int(value);
    f64 => |value| Value::Float(value);
    &'q str => |value| Value::Text(Some(clean(Cow::Borrowed(value))));
    &'q String => |value| Value::Text(Some(clean(Cow::Borrowed(value))));
    String => |value| Value::Text(Some(clean(Cow::Owned(value))));
    Option<&'q str> => |value| Value::Text(value.map(|text| clean(Cow::Borrowed(text))));
    &'q Option<String> => |value| Value::Text(value.as_deref().map(|text| clean(Cow::Borrowed(text))));
    Option<String> => |value| Value::Text(value.map(|text| clean(Cow::Owned(text))));
    &'q [u8] => |value| Value::Bytes(Cow::Borrowed(value));
    &'q Vec<u8> => |value| Value::Bytes(Cow::Borrowed(value));
    Vec<u8> => |value| Value::Bytes(Cow::Owned(value));
}

/// What can be read from a row of either database.
pub(crate) trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Record for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

/// A statement and what is bound to it, in order.
#[derive(Clone, Debug)]
pub(crate) struct Query<'q> {
    sql: &'static str,
    values: Vec<Value<'q>>,
}

/// A statement that answers in rows of `T`.
pub(crate) struct QueryAs<'q, T> {
    query: Query<'q>,
    rows: PhantomData<fn() -> T>,
}

/// A statement that answers in rows of one column.
pub(crate) struct QueryScalar<'q, T> {
    query: QueryAs<'q, (T,)>,
}

/// A statement that changes something.
pub(crate) fn query<'q>(sql: &'static str) -> Query<'q> {
    Query { sql, values: Vec::new() }
}

/// A statement that answers in rows.
pub(crate) fn query_as<'q, T>(sql: &'static str) -> QueryAs<'q, T> {
    QueryAs { query: query(sql), rows: PhantomData }
}

/// A statement that answers in rows of one column.
pub(crate) fn query_scalar<'q, T>(sql: &'static str) -> QueryScalar<'q, T> {
    QueryScalar { query: query_as(sql) }
}

/// Binds the values to a statement of sqlx's, whichever database it is for.
macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::Float(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value.into_owned()),
            };
        }
        query
    }};
}

/// Runs a statement, bound as sqlx needs it, on whatever `$on` is.
macro_rules! run {
    ($on:expr, $values:expr, $make:expr, $method:ident) => {
        match $on {
            On::Pool(Pool::Sqlite(pool)) => bound!($make, $values).$method(pool).await,
            On::Pool(Pool::Postgres(pool)) => answered(bound!($make, $values).$method(pool)).await,
            On::Tx(Tx::Sqlite(tx, _)) => bound!($make, $values).$method(&mut **tx).await,
            On::Tx(Tx::Postgres(tx)) => answered(bound!($make, $values).$method(&mut **tx)).await,
        }
    };
}

impl<'q> Query<'q> {
    pub(crate) fn bind(mut self, value: impl Into<Value<'q>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// How many rows it changed.
    pub(crate) async fn execute(self, on: impl Into<On<'_>>) -> Result<u64, sqlx::Error> {
        let Self { sql, values } = self;
        let done = match on.into() {
            On::Pool(Pool::Sqlite(pool)) => {
                Either::Left(bound!(sqlx::query(sql), values).execute(pool).await?)
            }
            On::Pool(Pool::Postgres(pool)) => {
                Either::Right(answered(bound!(sqlx::query(sql), values).execute(pool)).await?)
            }
            On::Tx(Tx::Sqlite(tx, _)) => {
                Either::Left(bound!(sqlx::query(sql), values).execute(&mut **tx).await?)
            }
            On::Tx(Tx::Postgres(tx)) => {
                let done = bound!(sqlx::query(sql), values).execute(&mut **tx);
                Either::Right(answered(done).await?)
            }
        };
        Ok(match done {
            Either::Left(done) => done.rows_affected(),
            Either::Right(done) => done.rows_affected(),
        })
    }
}

impl<'q, T: Record> QueryAs<'q, T> {
    pub(crate) fn bind(mut self, value: impl Into<Value<'q>>) -> Self {
        self.query.values.push(value.into());
        self
    }

    pub(crate) async fn fetch_one(self, on: impl Into<On<'_>>) -> Result<T, sqlx::Error> {
        let Query { sql, values } = self.query;
        run!(on.into(), values, sqlx::query_as::<_, T>(sql), fetch_one)
    }

    pub(crate) async fn fetch_optional(
        self,
        on: impl Into<On<'_>>,
    ) -> Result<Option<T>, sqlx::Error> {
        let Query { sql, values } = self.query;
        run!(on.into(), values, sqlx::query_as::<_, T>(sql), fetch_optional)
    }

    pub(crate) async fn fetch_all(self, on: impl Into<On<'_>>) -> Result<Vec<T>, sqlx::Error> {
        let Query { sql, values } = self.query;
        run!(on.into(), values, sqlx::query_as::<_, T>(sql), fetch_all)
    }
}

impl<'q, T> QueryScalar<'q, T>
where
    (T,): Record,
{
    pub(crate) fn bind(self, value: impl Into<Value<'q>>) -> Self {
        Self { query: self.query.bind(value) }
    }

    pub(crate) async fn fetch_one(self, on: impl Into<On<'_>>) -> Result<T, sqlx::Error> {
        self.query.fetch_one(on).await.map(|(value,)| value)
    }

    pub(crate) async fn fetch_optional(
        self,
        on: impl Into<On<'_>>,
    ) -> Result<Option<T>, sqlx::Error> {
        Ok(self.query.fetch_optional(on).await?.map(|(value,)| value))
    }

    pub(crate) async fn fetch_all(self, on: impl Into<On<'_>>) -> Result<Vec<T>, sqlx::Error> {
        Ok(self.query.fetch_all(on).await?.into_iter().map(|(value,)| value).collect())
    }
}
