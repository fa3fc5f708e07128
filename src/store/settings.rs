//! Projects' own settings.

use jiff::Timestamp;

use crate::domain::settings::ProjectSettings;

use super::audit::{AuditEntry, append};
use super::sql::{On, Tx};
use super::{Store, StoreError, from_json, sql, to_json};

const GET: &str = "SELECT settings FROM project_settings WHERE project_id = $1";
const SET: &str = "INSERT INTO project_settings (project_id, settings, updated_at)
    VALUES ($1, $2, $3)
    ON CONFLICT (project_id) DO UPDATE SET settings = excluded.settings,
        updated_at = excluded.updated_at";

impl Store {
    /// What is set for a project; the defaults if nothing is.
    pub async fn project_settings(&self, project_id: i64) -> Result<ProjectSettings, StoreError> {
        get_from(self.pool(), project_id).await
    }

    /// Sets them, with the entry in the audit trail. The project must exist.
    pub async fn set_project_settings(
        &self,
        project_id: i64,
        settings: &ProjectSettings,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        set_in(&mut tx, project_id, settings, actor, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Changes some of them and leaves the others as they are, whoever else changes them at the same time.
    /// Returns what they are now. The project must exist.
    pub async fn change_project_settings(
        &self,
        project_id: i64,
        change: impl FnOnce(&mut ProjectSettings),
        actor: &str,
        now: Timestamp,
    ) -> Result<ProjectSettings, StoreError> {
        let mut tx = self.begin_write().await?;
        let mut settings = get_from(&mut tx, project_id).await?;
        change(&mut settings);
        set_in(&mut tx, project_id, &settings, actor, now).await?;
        tx.commit().await?;
        Ok(settings)
    }
}

async fn get_from(on: impl Into<On<'_>>, project_id: i64) -> Result<ProjectSettings, StoreError> {
    let text: Option<String> = sql::query_scalar(GET).bind(project_id).fetch_optional(on).await?;
    text.map_or_else(
        || Ok(ProjectSettings::default()),
        |text| from_json("project_settings.settings", &text),
    )
}

async fn set_in(
    tx: &mut Tx,
    project_id: i64,
    settings: &ProjectSettings,
    actor: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    sql::query(SET)
        .bind(project_id)
        .bind(to_json("settings", settings)?)
        .bind(now.as_microsecond())
        .execute(&mut *tx)
        .await?;
    let entry = AuditEntry {
        actor,
        action: "project.settings",
        subject: &format!("project:{project_id}"),
        detail: &serde_json::json!({ "settings": settings }),
    };
    append(tx, entry, now).await?;
    Ok(())
}
