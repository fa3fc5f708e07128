//! Issues.

use sqlx::FromRow;

use crate::domain::issue::Issue;

use super::{Store, StoreError, timestamp, word};

const BY_ID: &str = "SELECT id, project_id, fingerprint, title, culprit, level, platform,
    first_seen, last_seen, event_count FROM issues WHERE id = $1";
const LIST: &str = "SELECT id, project_id, fingerprint, title, culprit, level, platform,
    first_seen, last_seen, event_count FROM issues
    WHERE ($1 = 0 OR project_id = $1) AND (last_seen < $2 OR (last_seen = $2 AND id < $3))
    ORDER BY last_seen DESC, id DESC LIMIT $4";
const PAGE: &str = "SELECT id, project_id, fingerprint, title, culprit, level, platform,
    first_seen, last_seen, event_count FROM issues
    ORDER BY last_seen DESC, id DESC LIMIT $2 OFFSET $1";
const SET_CULPRIT: &str = "UPDATE issues SET culprit = $2 WHERE id = $1";

#[derive(FromRow)]
struct Row {
    id: i64,
    project_id: i64,
    fingerprint: String,
    title: String,
    culprit: Option<String>,
    level: String,
    platform: String,
    first_seen: i64,
    last_seen: i64,
    event_count: i64,
}

impl Row {
    fn read(self) -> Result<Issue, StoreError> {
        Ok(Issue {
            id: self.id,
            project_id: self.project_id,
            fingerprint: self.fingerprint,
            title: self.title,
            culprit: self.culprit,
            level: word("issues.level", &self.level)?,
            platform: self.platform,
            first_seen: timestamp(self.first_seen)?,
            last_seen: timestamp(self.last_seen)?,
            event_count: self.event_count,
        })
    }
}

/// Where a page of issues begins: below this one, in the order of the list.
#[derive(Clone, Copy, Debug)]
pub struct IssueCursor {
    /// Microseconds.
    pub last_seen: i64,
    /// Its number.
    pub id: i64,
}

impl IssueCursor {
    /// Before the first issue.
    pub const START: Self = Self { last_seen: i64::MAX, id: i64::MAX };
}

impl Store {
    /// The issue with this number.
    pub async fn issue(&self, id: i64) -> Result<Option<Issue>, StoreError> {
        let row = sqlx::query_as::<_, Row>(BY_ID).bind(id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// A page of issues, last seen first; of one project or of all.
    pub async fn issues(
        &self,
        project_id: Option<i64>,
        after: IssueCursor,
        limit: u32,
    ) -> Result<Vec<Issue>, StoreError> {
        let rows = sqlx::query_as::<_, Row>(LIST)
            .bind(project_id.unwrap_or(0))
            .bind(after.last_seen)
            .bind(after.id)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// A page of all issues by its offset, last seen first: for a list with page numbers.
    pub async fn issues_page(&self, offset: u32, limit: u32) -> Result<Vec<Issue>, StoreError> {
        let rows =
            sqlx::query_as::<_, Row>(PAGE).bind(offset).bind(limit).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// Says where an issue fails, once an analysis knows better than the frames.
    pub async fn set_culprit(&self, issue_id: i64, culprit: &str) -> Result<(), StoreError> {
        sqlx::query(SET_CULPRIT).bind(issue_id).bind(culprit).execute(self.pool()).await?;
        Ok(())
    }
}
