//! Suggestions by the page, and how many there are of which status.
//!
//! A deleted project's rows go in the background ([`crate::store::deletion`]). What waits for a person is
//! not listed from the moment on in which it is deleted.

use std::collections::HashMap;

use super::Row;
use crate::domain::fix::{Severity, SuggestionStatus};
use crate::domain::suggestion::Suggestion;
use crate::store::chunks::RowStatement;
use crate::store::{Store, StoreError, sql, word};

/// Suggestions whose project was not deleted, or that belong to none.
macro_rules! of_living {
    () => {
        "NOT EXISTS (SELECT 1 FROM projects
            WHERE projects.id = suggestions.project_id AND projects.deleted_at IS NOT NULL)"
    };
}

/// What waits for a person.
macro_rules! waiting {
    () => {
        concat!("status IN ('pending', 'approved') AND ", of_living!())
    };
}

const BY_STATUS: &str = concat!(
    select!("WHERE ($1 = '' OR status = $1) AND ($4 = '' OR severity = $4) AND id > $2 AND ("),
    of_living!(),
    " OR (status NOT IN ('pending', 'approved')
          AND id IN (SELECT suggestion_id FROM healings))) ORDER BY id LIMIT $3"
);
const WAITING: &str = concat!("SELECT COUNT(*) FROM suggestions WHERE ", waiting!());
const QUEUE: &str = concat!(select!("WHERE "), waiting!(), " ORDER BY id LIMIT $2 OFFSET $1");
const HEALED: &str = select!(
    "WHERE id IN (SELECT suggestion_id FROM healings) ORDER BY updated_at DESC, id DESC
     LIMIT $2 OFFSET $1"
);
static STATUSES_OF_ISSUES: RowStatement = RowStatement::new(
    "SELECT issue_id, status, COUNT(*) FROM suggestions WHERE issue_id IN (VALUES ",
    1,
    ") GROUP BY issue_id, status",
);

impl Store {
    /// A page of suggestions above number `after`, oldest first; with one status or with any. Of a deleted
    /// project there are only those that stay: what was put into a working tree and does not wait.
    pub async fn suggestions(
        &self,
        status: Option<SuggestionStatus>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Suggestion>, StoreError> {
        self.suggestions_with(status, None, after, limit).await
    }

    /// The same with one severity or with any.
    pub async fn suggestions_with(
        &self,
        status: Option<SuggestionStatus>,
        severity: Option<Severity>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Suggestion>, StoreError> {
        let rows = sql::query_as::<Row>(BY_STATUS)
            .bind(status.map_or("", SuggestionStatus::as_str))
            .bind(after)
            .bind(limit)
            .bind(severity.map_or("", Severity::as_str))
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// How many suggestions wait for a person, but for those of deleted projects.
    pub async fn waiting_suggestions(&self) -> Result<i64, StoreError> {
        Ok(sql::query_scalar(WAITING).fetch_one(self.pool()).await?)
    }

    /// How many suggestions of each issue have each status: a few statements, however many issues a page
    /// lists. Issues without suggestions are left out.
    pub async fn suggestion_counts(
        &self,
        issues: &[i64],
    ) -> Result<HashMap<i64, Vec<(SuggestionStatus, i64)>>, StoreError> {
        let mut found = HashMap::<i64, Vec<(SuggestionStatus, i64)>>::new();
        for (range, text) in STATUSES_OF_ISSUES.chunks(issues.len()) {
            let query = sql::query_as::<(i64, String, i64)>(text);
            let query = issues[range].iter().fold(query, |query, id| query.bind(*id));
            for (issue_id, status, count) in query.fetch_all(self.pool()).await? {
                let status = word("suggestions.status", &status)?;
                found.entry(issue_id).or_default().push((status, count));
            }
        }
        Ok(found)
    }

    /// A page of what waits for a person, oldest first, but for those of deleted projects.
    pub async fn review_queue(
        &self,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Suggestion>, StoreError> {
        self.page_of(QUEUE, offset, limit).await
    }

    /// A page of what was ever put into a working tree, last changed first.
    pub async fn healed_suggestions(
        &self,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Suggestion>, StoreError> {
        self.page_of(HEALED, offset, limit).await
    }

    async fn page_of(
        &self,
        sql: &'static str,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Suggestion>, StoreError> {
        let rows =
            sql::query_as::<Row>(sql).bind(offset).bind(limit).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }
}
