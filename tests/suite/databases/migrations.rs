//! Migrations over data: whatever version a database stands at, with rows in all of its tables, it can be
//! brought up to date, and nothing is lost on the way.

use std::path::{Path, PathBuf};

use andon::store::Database;
use andon::store::issues::IssueCursor;
use andon::store::rollups::{DAY, HOUR};
use jiff::SignedDuration;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use super::sample::Sample;
use super::{Bed, noon};
use crate::support::postgres::Postgres;

/// Where a fixture says bytes, and how each database does.
const BYTES: (&str, &str, &str) = ("HEX'", "X'", "'\\x");

const TABLES_OF_SQLITE: &str = "SELECT name FROM sqlite_master WHERE type = 'table'
    AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations' ORDER BY name";
const TABLES_OF_POSTGRES: &str = "SELECT table_name::text FROM information_schema.tables
    WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations' ORDER BY table_name";

fn migrations(dialect: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(dialect)
}

/// The sample rows of one migration's tables.
fn sample(version: i64, bytes: &str) -> String {
    let name = format!("tests/suite/databases/fixtures/{version:04}.sql");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("each migration has sample rows: {}: {e}", path.display()));
    text.replace(BYTES.0, bytes)
}

/// Tables that were there and have no row, or fewer than before.
fn compare(before: &[(String, i64)], after: &[(String, i64)], version: i64) {
    for (table, rows) in before {
        assert!(*rows > 0, "the sample has no row of {table}, which migration {version} knows");
        let left = after.iter().find(|(name, _)| name == table).map(|(_, rows)| *rows);
        assert!(left >= Some(*rows), "{table} had {rows} rows and has {left:?}");
    }
}

/// How many rows each table has.
macro_rules! count {
    ($connection:expr, $tables:expr) => {{
        let names: Vec<String> =
            sqlx::query_scalar($tables).fetch_all(&mut $connection).await.unwrap();
        let mut counts = Vec::new();
        for name in names {
            let query = AssertSqlSafe(format!("SELECT COUNT(*) FROM {name}"));
            let rows: i64 = sqlx::query_scalar(query).fetch_one(&mut $connection).await.unwrap();
            counts.push((name, rows));
        }
        counts
    }};
}

/// Migrates a database step by step: to `version`, the samples, then each of the rest.
macro_rules! migrate {
    ($connection:expr, $all:expr, $version:expr, $bytes:expr, $tables:expr) => {{
        $all.run_to($version, &mut $connection).await.unwrap();
        for of in $all.iter().filter(|migration| migration.version <= $version) {
            let rows = AssertSqlSafe(sample(of.version, $bytes));
            sqlx::raw_sql(rows).execute(&mut $connection).await.unwrap();
        }
        let before = count!($connection, $tables);
        compare(&before, &before, $version);
        for next in $all.iter().filter(|migration| migration.version > $version) {
            $all.run_to(next.version, &mut $connection).await.unwrap();
            compare(&before, &count!($connection, $tables), $version);
        }
    }};
}

#[tokio::test]
async fn every_version_with_data_can_be_brought_up_to_date_on_sqlite() {
    let all = Migrator::new(migrations("sqlite")).await.unwrap();
    for version in all.iter().map(|migration| migration.version) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/andon.db?mode=rwc", folder.path().display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        migrate!(connection, all, version, BYTES.1, TABLES_OF_SQLITE);
        let broken: Vec<(String,)> =
            sqlx::query_as("SELECT \"table\" FROM pragma_foreign_key_check")
                .fetch_all(&mut connection)
                .await
                .unwrap();
        assert!(broken.is_empty(), "{broken:?} refer to rows that are not there");
        connection.close().await.unwrap();
        let bed = Bed::in_folder(folder, Database::InFolder).await;
        Box::pin(the_store_goes_on(bed, version)).await;
    }
}

#[tokio::test]
async fn every_version_with_data_can_be_brought_up_to_date_on_postgres() {
    let all = Migrator::new(migrations("postgres")).await.unwrap();
    let of_sqlite = Migrator::new(migrations("sqlite")).await.unwrap();
    let names = |all: &Migrator| -> Vec<_> {
        all.iter().map(|migration| (migration.version, migration.description.clone())).collect()
    };
    assert_eq!(names(&all), names(&of_sqlite), "the same on both");
    for version in all.iter().map(|migration| migration.version) {
        let url = Postgres::shared().await.database().await;
        let mut connection = PgConnection::connect(&url).await.unwrap();
        migrate!(connection, all, version, BYTES.2, TABLES_OF_POSTGRES);
        connection.close().await.unwrap();
        let bed = Bed::over(Database::Postgres(url.into())).await;
        Box::pin(the_store_goes_on(bed, version)).await;
    }
}

/// The events that were stored under `version`.
async fn events_read_back(bed: &Bed, version: i64) {
    let in_a_block = (version >= 6).then_some((6, 1));
    for (n, project) in [(1, 1), (2, 1), (3, 1), (5, 2)].into_iter().chain(in_a_block) {
        let event = bed.store.event(project, &super::sample::id(n)).await.unwrap().unwrap();
        assert_eq!(event.event.message, Some(format!("number {n}")));
        let payload = bed.store.event_payload(event.row).await.unwrap().unwrap();
        assert_eq!(payload, format!("{{\"message\":\"number {n}\"}}").into_bytes());
    }
}

/// What was stored under `version` is found by today's store, also when it was packed, and new events join
/// it.
async fn the_store_goes_on(bed: Bed, version: i64) {
    let store = &bed.store;
    events_read_back(&bed, version).await;
    let later = noon() + SignedDuration::from_hours(24 * 365);
    assert!(store.pack_step(later).await.unwrap() >= 4);
    assert_eq!(bed.number("SELECT COUNT(*) FROM events WHERE block_id IS NULL").await, 0);
    events_read_back(&bed, version).await;
    for (analysis, executions, event_row) in [(1, 1, 1), (2, 2, 3), (3, 0, 5)] {
        let found = store.analysis(analysis).await.unwrap().unwrap();
        assert_eq!(found.event_row, Some(event_row));
        assert_eq!(store.executions(analysis).await.unwrap().len(), executions);
    }
    assert_eq!(store.executions(2).await.unwrap()[0].seconds, 1.25);
    assert_eq!(store.suggestion(1).await.unwrap().unwrap().analysis_id, Some(2));
    assert_eq!(store.projects().await.unwrap().len(), if version < 5 { 3 } else { 2 });
    for (key, project) in [("k1", 1), ("k2", 2)] {
        assert_eq!(store.project_id_by_key(key).await.unwrap(), Some(project), "{key}");
    }
    assert_eq!(store.tokens().await.unwrap().len(), 1);
    assert_eq!(store.base_url().await.unwrap().as_deref(), Some("http://127.0.0.1:1"));
    assert_eq!(store.unfinished_jobs().await.unwrap(), 1);
    if version >= 2 {
        assert_eq!(store.unfinished_healings(None).await.unwrap().len(), 1);
        assert_eq!(store.audit_entries(None, 9).await.unwrap().len(), 1);
    }
    if version >= 3 {
        assert_eq!(store.attachments(1).await.unwrap().len(), 2);
        assert_eq!(store.item_counts(1, 9).await.unwrap()[0].items, 7);
    }
    if version < 4 {
        new_columns_are_filled(&bed).await;
    }
}

/// What migration 4 adds, over rows from before it.
async fn new_columns_are_filled(bed: &Bed) {
    bed.counts_hold().await;
    let store = &bed.store;
    let issues = store.issues(Some(1), IssueCursor::START, 9).await.unwrap();
    let counts: Vec<_> =
        issues.iter().map(|i| (i.id, i.event_count, i.stored_events, i.merged_into)).collect();
    assert_eq!(counts, [(2, 1, 1, None), (1, 3, 3, None)]);
    for (grain, events) in [(DAY, vec![2, 1]), (HOUR, vec![2, 1])] {
        let found = store.rollups(1, grain, "2026-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
        assert_eq!(found.iter().map(|bucket| bucket.events).collect::<Vec<_>>(), events);
        assert!(found.iter().all(|bucket| bucket.bucket % grain == 0));
    }
    let versions = "SELECT COUNT(*) FROM fingerprints WHERE version = 1";
    assert_eq!(bed.number(versions).await, 3);
    for (project, n, issue) in [(1, 90, 1), (2, 90, 3)] {
        let stored = bed.keep(&[Sample::new(project, n, "f1").at(noon()).ready()]).await[0];
        assert_eq!(stored.issue_id, issue, "an old fingerprint finds its issue");
    }
    let twice = bed.keep(&[Sample::new(1, 4, "f1").ready()]).await[0];
    assert!(twice.duplicate);
    let deleted = "DELETE FROM attachments WHERE event_row = 1;
        DELETE FROM events WHERE id = 1";
    bed.run(deleted).await;
    assert_eq!(bed.store.analysis(1).await.unwrap().unwrap().event_row, None);
}
