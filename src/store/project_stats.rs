//! What is stored of a project now, counted as it comes and goes.

use sqlx::FromRow;

use super::{Store, StoreError, sql};

const GET: &str = "SELECT stored_events, stored_bytes FROM project_stats WHERE project_id = $1";

/// What is stored of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow, serde::Serialize)]
pub struct ProjectStats {
    /// Events.
    pub stored_events: i64,
    /// Their bytes as stored, attachments included.
    pub stored_bytes: i64,
}

impl Store {
    /// What is stored of a project; nothing if no event ever was.
    pub async fn project_stats(&self, project_id: i64) -> Result<ProjectStats, StoreError> {
        let row = sql::query_as(GET).bind(project_id).fetch_optional(self.pool()).await?;
        Ok(row.unwrap_or_default())
    }
}
