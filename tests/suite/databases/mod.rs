//! One suite over both databases: what holds on SQLite holds on PostgreSQL.

mod smoke;

use andon::store::{Database, Store};

use crate::support::postgres::Postgres;

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

    async fn over(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::connect(folder.path(), &database).await.unwrap();
        Self { store, database, folder }
    }

    /// The same data through another store, as another process or node has it.
    pub(crate) async fn another(&self) -> Store {
        Store::connect(self.folder.path(), &self.database).await.unwrap()
    }
}

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
