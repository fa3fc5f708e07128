//! Suggestions by the page, and how many there are of which status.

use std::collections::HashMap;

use super::Row;
use crate::domain::fix::SuggestionStatus;
use crate::domain::suggestion::Suggestion;
use crate::store::chunks::RowStatement;
use crate::store::{Store, StoreError, sql, word};

const BY_STATUS: &str = select!("WHERE ($1 = '' OR status = $1) AND id > $2 ORDER BY id LIMIT $3");
const WAITING: &str = "SELECT COUNT(*) FROM suggestions WHERE status IN ('pending', 'approved')";
const QUEUE: &str =
    select!("WHERE status IN ('pending', 'approved') ORDER BY id LIMIT $2 OFFSET $1");
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
    /// A page of suggestions above number `after`, oldest first; with one status or with any.
    pub async fn suggestions(
        &self,
        status: Option<SuggestionStatus>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Suggestion>, StoreError> {
        let rows = sql::query_as::<Row>(BY_STATUS)
            .bind(status.map_or("", SuggestionStatus::as_str))
            .bind(after)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// How many suggestions wait for a person.
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

    /// A page of what waits for a person, oldest first.
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
