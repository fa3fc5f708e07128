//! Projects' own settings.

use jiff::Timestamp;

use crate::domain::settings::ProjectSettings;

use super::audit::{AuditEntry, append};
use super::{Store, StoreError, from_json, sql, to_json};

const GET: &str = "SELECT settings FROM project_settings WHERE project_id = $1";
const SET: &str = "INSERT INTO project_settings (project_id, settings, updated_at)
    VALUES ($1, $2, $3)
    ON CONFLICT (project_id) DO UPDATE SET settings = excluded.settings,
        updated_at = excluded.updated_at";

impl Store {
    /// What is set for a project; the defaults if nothing is.
    pub async fn project_settings(&self, project_id: i64) -> Result<ProjectSettings, StoreError> {
        let text: Option<String> =
            sql::query_scalar(GET).bind(project_id).fetch_optional(self.pool()).await?;
        text.map_or_else(
            || Ok(ProjectSettings::default()),
            |text| from_json("project_settings.settings", &text),
        )
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
        sql::query(SET)
            .bind(project_id)
            .bind(to_json("settings", settings)?)
            .bind(now.as_microsecond())
            .execute(&mut tx)
            .await?;
        let entry = AuditEntry {
            actor,
            action: "project.settings",
            subject: &format!("project:{project_id}"),
            detail: &serde_json::json!({ "settings": settings }),
        };
        append(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(())
    }
}
