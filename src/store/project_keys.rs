//! The keys that a project's applications send with. A key is never deleted while its project stands: what
//! was sent with it stays countable.

use jiff::Timestamp;
use sqlx::FromRow;

use super::audit::{AuditEntry, append};
use super::sql::Tx;
use super::{Store, StoreError, counts, sql, timestamp};
use crate::domain::project::ProjectKey;

const INSERT: &str = "INSERT INTO project_keys (project_id, public_key, name, created_at)
    VALUES ($1, $2, $3, $4) RETURNING id, public_key, name, disabled_at, created_at";
const OF_PROJECT: &str = "SELECT id, public_key, name, disabled_at, created_at FROM project_keys
    WHERE project_id = $1 ORDER BY id";
const ENABLED: &str = "SELECT id, public_key, name, disabled_at, created_at FROM project_keys
    WHERE project_id = $1 AND disabled_at IS NULL ORDER BY id";
const COUNT_ENABLED: &str = "SELECT COUNT(*) FROM project_keys
    WHERE project_id = $1 AND disabled_at IS NULL";
const DISABLE: &str = "UPDATE project_keys SET disabled_at = $3
    WHERE project_id = $1 AND id = $2 AND disabled_at IS NULL RETURNING public_key";
/// A DSN should show a key that works.
const SHOW_ANOTHER: &str = "UPDATE projects SET public_key = (SELECT k.public_key
        FROM project_keys k WHERE k.project_id = $1 AND k.disabled_at IS NULL ORDER BY k.id LIMIT 1)
    WHERE id = $1 AND public_key = $2 AND EXISTS (SELECT 1 FROM project_keys k
        WHERE k.project_id = $1 AND k.disabled_at IS NULL)";

/// Keys of one project that may be enabled at once: each request is compared with all of them.
pub const MAX_ENABLED_KEYS: i64 = 50;

/// What a project's first key is called.
pub(super) const FIRST_KEY_NAME: &str = "default";

#[derive(FromRow)]
struct Row {
    id: i64,
    public_key: String,
    name: String,
    disabled_at: Option<i64>,
    created_at: i64,
}

impl Row {
    fn read(self) -> Result<ProjectKey, StoreError> {
        Ok(ProjectKey {
            id: self.id,
            public_key: self.public_key,
            name: self.name,
            disabled_at: self.disabled_at.map(timestamp).transpose()?,
            created_at: timestamp(self.created_at)?,
        })
    }
}

/// Stores a key in the transaction of whoever makes it.
pub(super) async fn insert_in(
    tx: &mut Tx,
    project_id: i64,
    public_key: &str,
    name: &str,
    now: Timestamp,
) -> Result<ProjectKey, StoreError> {
    let row = sql::query_as::<Row>(INSERT)
        .bind(project_id)
        .bind(public_key)
        .bind(name)
        .bind(now.as_microsecond())
        .fetch_one(&mut *tx)
        .await?;
    row.read()
}

impl Store {
    /// Gives a project a further key, with its entry in the audit trail. [`StoreError::NotFound`] if there
    /// is no such project, [`StoreError::TooMany`] if it has [`MAX_ENABLED_KEYS`].
    pub async fn add_project_key(
        &self,
        project_id: i64,
        public_key: &str,
        name: &str,
        actor: &str,
        now: Timestamp,
    ) -> Result<ProjectKey, StoreError> {
        let mut tx = self.begin_write().await?;
        if !counts::is_live(&mut tx, project_id).await? {
            return Err(StoreError::NotFound(format!("project {project_id}")));
        }
        let enabled: i64 =
            sql::query_scalar(COUNT_ENABLED).bind(project_id).fetch_one(&mut tx).await?;
        if enabled >= MAX_ENABLED_KEYS {
            return Err(StoreError::TooMany(format!(
                "project {project_id} has {enabled} keys that work, which is as many as it may have; disable one first"
            )));
        }
        let key = insert_in(&mut tx, project_id, public_key, name, now).await?;
        let subject = format!("project:{project_id}");
        let detail = serde_json::json!({ "key": key.id, "name": key.name });
        let action = "project_key.created";
        append(&mut tx, AuditEntry { actor, action, subject: &subject, detail: &detail }, now)
            .await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Ends a key, with its entry in the audit trail; the DSN then shows the oldest that still works, if
    /// one does. Says whether there was one to end.
    pub async fn disable_project_key(
        &self,
        project_id: i64,
        key_id: i64,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_write().await?;
        if !counts::is_live(&mut tx, project_id).await? {
            return Ok(false);
        }
        let ended: Option<String> = sql::query_scalar(DISABLE)
            .bind(project_id)
            .bind(key_id)
            .bind(now.as_microsecond())
            .fetch_optional(&mut tx)
            .await?;
        let Some(ended) = ended else { return Ok(false) };
        sql::query(SHOW_ANOTHER).bind(project_id).bind(&ended).execute(&mut tx).await?;
        let subject = format!("project:{project_id}");
        let detail = serde_json::json!({ "key": key_id });
        let action = "project_key.disabled";
        append(&mut tx, AuditEntry { actor, action, subject: &subject, detail: &detail }, now)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A project's keys, oldest first, those that were disabled too.
    pub async fn project_keys(&self, project_id: i64) -> Result<Vec<ProjectKey>, StoreError> {
        self.keys(OF_PROJECT, project_id).await
    }

    /// A project's keys that work, oldest first.
    pub async fn enabled_project_keys(
        &self,
        project_id: i64,
    ) -> Result<Vec<ProjectKey>, StoreError> {
        self.keys(ENABLED, project_id).await
    }

    async fn keys(
        &self,
        sql: &'static str,
        project_id: i64,
    ) -> Result<Vec<ProjectKey>, StoreError> {
        let rows = sql::query_as::<Row>(sql).bind(project_id).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    #[tokio::test]
    async fn keys_that_were_there_before_work_on() {
        let mut database = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
        for sql in [
            include_str!("../../migrations/sqlite/0001_base.sql"),
            "INSERT INTO projects (name, public_key, healing, created_at)
                VALUES ('a', 'ka', 'off', 1), ('b', 'kb', 'off', 2)",
            include_str!("../../migrations/sqlite/0005_limits.sql"),
        ] {
            sqlx::raw_sql(sql).execute(&mut database).await.unwrap();
        }
        let keys: Vec<(i64, String, String, Option<i64>, i64)> = sqlx::query_as(
            "SELECT project_id, public_key, name, disabled_at, created_at FROM project_keys ORDER BY id",
        )
        .fetch_all(&mut database)
        .await
        .unwrap();
        let key = |project, key: &str| {
            (project, key.to_owned(), super::FIRST_KEY_NAME.to_owned(), None, project)
        };
        assert_eq!(keys, [key(1, "ka"), key(2, "kb")]);
    }
}
