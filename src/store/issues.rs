//! Issues.

use sqlx::FromRow;

use crate::domain::issue::Issue;

use super::{Store, StoreError, sql, timestamp, word};

/// The columns that [`Row`] reads. What was merged into an issue counts as its own.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, fingerprint, title, culprit, level, platform, last_seen, merged_into,
                (SELECT MIN(part.first_seen) FROM issues AS part
                 WHERE part.id = issues.id OR part.merged_into = issues.id) AS first_seen,
                event_count + COALESCE((SELECT CAST(SUM(part.event_count) AS BIGINT)
                    FROM issues AS part WHERE part.merged_into = issues.id), 0) AS event_count,
                stored_events + COALESCE((SELECT CAST(SUM(part.stored_events) AS BIGINT)
                    FROM issues AS part WHERE part.merged_into = issues.id), 0) AS stored_events
             FROM issues ",
            $rest
        )
    };
}

const BY_ID: &str = select!("WHERE id = $1");
const LIST: &str = select!(
    "WHERE merged_into IS NULL AND (last_seen < $1 OR (last_seen = $1 AND id < $2))
     ORDER BY last_seen DESC, id DESC LIMIT $3"
);
const LIST_OF_PROJECT: &str = select!(
    "WHERE merged_into IS NULL AND (last_seen < $1 OR (last_seen = $1 AND id < $2))
        AND project_id = $4
     ORDER BY last_seen DESC, id DESC LIMIT $3"
);
const PAGE: &str =
    select!("WHERE merged_into IS NULL ORDER BY last_seen DESC, id DESC LIMIT $2 OFFSET $1");
const MERGED_INTO: &str = select!("WHERE merged_into = $1 ORDER BY id");
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
    stored_events: i64,
    merged_into: Option<i64>,
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
            stored_events: self.stored_events,
            merged_into: self.merged_into,
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
        let row = sql::query_as::<Row>(BY_ID).bind(id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// A page of issues, last seen first; of one project or of all.
    pub async fn issues(
        &self,
        project_id: Option<i64>,
        after: IssueCursor,
        limit: u32,
    ) -> Result<Vec<Issue>, StoreError> {
        let query = sql::query_as::<Row>(match project_id {
            Some(_) => LIST_OF_PROJECT,
            None => LIST,
        });
        let mut query = query.bind(after.last_seen).bind(after.id).bind(limit);
        if let Some(project_id) = project_id {
            query = query.bind(project_id);
        }
        let rows = query.fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// A page of all issues by its offset, last seen first: for a list with page numbers.
    pub async fn issues_page(&self, offset: u32, limit: u32) -> Result<Vec<Issue>, StoreError> {
        let rows =
            sql::query_as::<Row>(PAGE).bind(offset).bind(limit).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The issues that were merged into this one, oldest first.
    pub async fn merged_issues(&self, id: i64) -> Result<Vec<Issue>, StoreError> {
        let rows = sql::query_as::<Row>(MERGED_INTO).bind(id).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// Says where an issue fails, once an analysis knows better than the frames.
    pub async fn set_culprit(&self, issue_id: i64, culprit: &str) -> Result<(), StoreError> {
        sql::query(SET_CULPRIT).bind(issue_id).bind(culprit).execute(self.pool()).await?;
        Ok(())
    }
}
