//! Projects. One that was deleted is not found by anything here; see `deletion.rs`.

use jiff::Timestamp;
use sqlx::FromRow;

use crate::domain::healing::HealingMode;
use crate::domain::project::Project;

use super::audit::{AuditEntry, append};
use super::project_keys::{self, FIRST_KEY_NAME};
use super::{Store, StoreError, sql, timestamp, word};

const INSERT: &str = "INSERT INTO projects (name, public_key, repo, healing, created_at)
    VALUES ($1, $2, $3, $4, $5) RETURNING id, name, public_key, repo, healing, created_at";
const UPDATE: &str =
    "UPDATE projects SET repo = COALESCE($2, repo), healing = COALESCE($3, healing)
    WHERE id = $1 AND deleted_at IS NULL
    RETURNING id, name, public_key, repo, healing, created_at";
const BY_ID: &str = "SELECT id, name, public_key, repo, healing, created_at
    FROM projects WHERE id = $1 AND deleted_at IS NULL";
const ID_BY_KEY: &str = "SELECT p.id FROM projects p JOIN project_keys k ON k.project_id = p.id
    WHERE k.public_key = $1 AND k.disabled_at IS NULL AND p.deleted_at IS NULL";
const ALL: &str = "SELECT id, name, public_key, repo, healing, created_at
    FROM projects WHERE deleted_at IS NULL ORDER BY id";

#[derive(FromRow)]
struct Row {
    id: i64,
    name: String,
    public_key: String,
    repo: Option<String>,
    healing: String,
    created_at: i64,
}

impl Row {
    fn read(self) -> Result<Project, StoreError> {
        Ok(Project {
            id: self.id,
            name: self.name,
            public_key: self.public_key,
            repo: self.repo,
            healing: word("projects.healing", &self.healing)?,
            created_at: timestamp(self.created_at)?,
        })
    }
}

/// What a new project is made of.
#[derive(Clone, Debug)]
pub struct NewProject<'a> {
    /// Its name; must be unique.
    pub name: &'a str,
    /// The key that its application sends with.
    pub public_key: &'a str,
    /// Root folder of its repository, if it has one here.
    pub repo: Option<&'a str>,
    /// How far the healer may go.
    pub healing: HealingMode,
}

impl Store {
    /// Creates a project, with its entry in the audit trail. [`StoreError::Exists`] if the name is taken.
    pub async fn create_project(
        &self,
        new: &NewProject<'_>,
        actor: &str,
        now: Timestamp,
    ) -> Result<Project, StoreError> {
        let mut tx = self.begin_write().await?;
        let inserted = sql::query_as::<Row>(INSERT)
            .bind(new.name)
            .bind(new.public_key)
            .bind(new.repo)
            .bind(new.healing.as_str())
            .bind(now.as_microsecond())
            .fetch_one(&mut tx)
            .await;
        let project = match inserted {
            Ok(row) => row.read()?,
            Err(sqlx::Error::Database(e)) if e.is_unique_violation() => {
                return Err(StoreError::Exists(format!("a project named `{}`", new.name)));
            }
            Err(e) => return Err(e.into()),
        };
        project_keys::insert_in(&mut tx, project.id, new.public_key, FIRST_KEY_NAME, now).await?;
        let subject = format!("project:{}", project.id);
        let detail = serde_json::json!({
            "name": project.name, "repo": project.repo, "healing": project.healing,
        });
        let action = "project.created";
        append(&mut tx, AuditEntry { actor, action, subject: &subject, detail: &detail }, now)
            .await?;
        tx.commit().await?;
        Ok(project)
    }

    /// Changes a project's repository or how far the healer may go, with its entry in the audit trail;
    /// what is `None` stays. [`StoreError::NotFound`] if there is no such project.
    pub async fn update_project(
        &self,
        id: i64,
        repo: Option<&str>,
        healing: Option<HealingMode>,
        actor: &str,
        now: Timestamp,
    ) -> Result<Project, StoreError> {
        let mut tx = self.begin_write().await?;
        let row = sql::query_as::<Row>(UPDATE)
            .bind(id)
            .bind(repo)
            .bind(healing.map(HealingMode::as_str))
            .fetch_optional(&mut tx)
            .await?;
        let project = row.ok_or_else(|| StoreError::NotFound(format!("project {id}")))?.read()?;
        let subject = format!("project:{id}");
        let detail = serde_json::json!({ "repo": project.repo, "healing": project.healing });
        let action = "project.changed";
        append(&mut tx, AuditEntry { actor, action, subject: &subject, detail: &detail }, now)
            .await?;
        tx.commit().await?;
        Ok(project)
    }

    /// The project with this number.
    pub async fn project(&self, id: i64) -> Result<Option<Project>, StoreError> {
        let row = sql::query_as::<Row>(BY_ID).bind(id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// The number of the project that this key belongs to, if the key works.
    pub async fn project_id_by_key(&self, key: &str) -> Result<Option<i64>, StoreError> {
        Ok(sql::query_scalar(ID_BY_KEY).bind(key).fetch_optional(self.pool()).await?)
    }

    /// Every project, oldest first.
    pub async fn projects(&self) -> Result<Vec<Project>, StoreError> {
        let rows = sql::query_as::<Row>(ALL).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }
}
