//! One suite over both databases: what holds on SQLite holds on PostgreSQL.

mod at_once;
mod audit;
mod deletion;
mod dictionaries;
mod events;
mod fingerprints;
mod healings;
mod issues;
mod jobs;
mod merges;
mod migrations;
mod outages;
mod packing;
mod patterns;
mod projects;
mod retention;
mod rollups;
mod sample;
mod settings;
mod spikes;
mod suggestions;
mod tokens;
mod users;
mod writer;

use std::path::Path;

use andon::domain::healing::HealingMode;
use andon::store::counts::Counts;
use andon::store::events::{NewEvent, Spikes, Stored};
use andon::store::projects::NewProject;
use andon::store::{Database, Store};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::support::postgres::Postgres;

/// When most of what these tests tell happens.
pub(crate) fn noon() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// An open store on one of the two, with what it stands on.
pub(crate) struct Bed {
    pub(crate) store: Store,
    database: Database,
    folder: tempfile::TempDir,
}

impl Bed {
    /// On a file of its own.
    pub(crate) async fn sqlite() -> Self {
        Self::over(Database::InFolder).await
    }

    /// On a database of its own.
    pub(crate) async fn postgres() -> Self {
        let url = Postgres::shared().await.database().await;
        Self::over(Database::Postgres(url.into())).await
    }

    pub(crate) async fn over(database: Database) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), database).await
    }

    /// Over what a folder or a database holds already.
    pub(crate) async fn in_folder(folder: tempfile::TempDir, database: Database) -> Self {
        let store = Store::connect(folder.path(), &database).await.unwrap();
        Self { store, database, folder }
    }

    /// The same data through another store, as another process or node has it.
    pub(crate) async fn another(&self) -> Store {
        Store::connect(self.folder.path(), &self.database).await.unwrap()
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new project's number.
    pub(crate) async fn project(&self, name: &str) -> i64 {
        let new = NewProject { name, public_key: name, repo: None, healing: HealingMode::Off };
        self.store.create_project(&new, "ada", noon()).await.unwrap().id
    }

    /// Stores a batch, keeping everything.
    pub(crate) async fn keep(&self, batch: &[NewEvent]) -> Vec<Stored> {
        let kept = self.store.store_events(batch, &Counts::default(), Spikes::OFF, noon()).await;
        kept.unwrap().0
    }

    /// Runs a statement past the store.
    pub(crate) async fn run(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match &self.database {
            Database::InFolder => {
                let mut connection = self.sqlite_connection().await;
                sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Database::Postgres(url) => {
                let mut connection =
                    sqlx::PgConnection::connect(url.expose_secret()).await.unwrap();
                sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// Why PostgreSQL refuses these statements past the store.
    pub(crate) async fn run_refused(&self, statements: &str) -> sqlx::Error {
        let Database::Postgres(url) = &self.database else { panic!("it is SQLite") };
        let mut connection = sqlx::PgConnection::connect(url.expose_secret()).await.unwrap();
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        statements.execute(&mut connection).await.unwrap_err()
    }

    /// The number that a query past the store answers.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        let query = AssertSqlSafe(format!("SELECT CAST(({query}) AS BIGINT)"));
        match &self.database {
            Database::InFolder => {
                let mut connection = self.sqlite_connection().await;
                let number = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                number
            }
            Database::Postgres(url) => {
                let mut connection =
                    sqlx::PgConnection::connect(url.expose_secret()).await.unwrap();
                let number = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                number
            }
        }
    }

    async fn sqlite_connection(&self) -> sqlx::SqliteConnection {
        sqlx::sqlite::SqliteConnectOptions::new()
            .filename(self.folder.path().join("andon.db"))
            .connect()
            .await
            .unwrap()
    }

    /// Counts everything again that is counted as it comes.
    pub(crate) async fn counts_hold(&self) {
        for (what, query) in [
            ("issues of which something else is stored", MISCOUNTED_ISSUES),
            ("projects of which something else is stored", MISCOUNTED_PROJECTS),
            ("events of projects without a count", UNCOUNTED_PROJECTS),
            ("issues whose days have other events", MISCOUNTED_DAYS),
            ("issues without a fingerprint", UNFINDABLE),
        ] {
            assert_eq!(self.number(query).await, 0, "{what}");
        }
    }
}

const MISCOUNTED_ISSUES: &str = "SELECT COUNT(*) FROM issues WHERE
    stored_events <> (SELECT COUNT(*) FROM events WHERE issue_id = issues.id)
    OR stored_bytes <> (SELECT COALESCE(SUM(LENGTH(body) + LENGTH(payload) + payload_bytes), 0) FROM events
                        WHERE issue_id = issues.id)
        + (SELECT COALESCE(SUM(LENGTH(bytes)), 0) FROM attachments
           JOIN events ON events.id = event_row WHERE issue_id = issues.id)";
const MISCOUNTED_PROJECTS: &str = "SELECT COUNT(*) FROM project_stats WHERE
    stored_events <> (SELECT COALESCE(SUM(issues.stored_events), 0) FROM issues
                      WHERE issues.project_id = project_stats.project_id)
    OR stored_bytes <> (SELECT COALESCE(SUM(issues.stored_bytes), 0) FROM issues
                        WHERE issues.project_id = project_stats.project_id)";
const UNCOUNTED_PROJECTS: &str =
    "SELECT COUNT(*) FROM events WHERE project_id NOT IN (SELECT project_id FROM project_stats)";
const MISCOUNTED_DAYS: &str = "SELECT COUNT(*) FROM issues WHERE event_count <>
    (SELECT COALESCE(SUM(events), 0) FROM rollups WHERE issue_id = issues.id AND grain = 86400)";
const UNFINDABLE: &str =
    "SELECT COUNT(*) FROM issues WHERE id NOT IN (SELECT issue_id FROM fingerprints)";

/// Runs each of these cases, `async fn(Bed)`, on both.
macro_rules! on_both {
    ($($case:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $case() {
                Box::pin(super::$case($crate::databases::Bed::sqlite().await)).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $case() {
                Box::pin(super::$case($crate::databases::Bed::postgres().await)).await;
            })+
        }
    };
}
pub(crate) use on_both;
