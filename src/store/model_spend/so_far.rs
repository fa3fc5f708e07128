//! How much of the caps is used, and by which issues.

use jiff::Timestamp;
use sqlx::FromRow;

use super::{OPEN, SPENT_SINCE, day_of, month_of};
use crate::store::{Store, StoreError, sql};

const COSTLIEST: &str = "SELECT s.issue_id, i.title, i.project_id, s.calls, s.cost_micros
    FROM model_spend_issues s JOIN issues i ON i.id = s.issue_id
    WHERE ($1 = 0 OR i.project_id = $1) ORDER BY s.cost_micros DESC, s.issue_id DESC LIMIT $2";

/// What was spent so far, in millionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpentSoFar {
    /// Since midnight, UTC.
    pub day: u64,
    /// Since the month of the calendar began, UTC.
    pub month: u64,
    /// What calls under way may cost at worst, which no other call may use.
    pub under_way: u64,
}

/// What models cost for one issue.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct IssueSpend {
    /// The issue.
    pub issue_id: i64,
    /// Its title.
    pub title: String,
    /// Its project.
    pub project_id: i64,
    /// Calls.
    pub calls: i64,
    /// Millionths of a dollar.
    pub cost_micros: i64,
}

impl Store {
    /// What was spent on this day and in this month, and what is set aside.
    pub async fn spent_so_far(&self, now: Timestamp) -> Result<SpentSoFar, StoreError> {
        let since = async |since: i64| -> Result<u64, StoreError> {
            let spent: i64 =
                sql::query_scalar(SPENT_SINCE).bind(since).fetch_one(self.pool()).await?;
            Ok(u64::try_from(spent).unwrap_or(0))
        };
        let at = now.as_microsecond();
        let open: i64 = sql::query_scalar(OPEN).bind(at).fetch_one(self.pool()).await?;
        Ok(SpentSoFar {
            day: since(day_of(now)).await?,
            month: since(month_of(now)).await?,
            under_way: u64::try_from(open).unwrap_or(0),
        })
    }

    /// The issues that cost most, of all projects if none is named.
    pub async fn costliest_issues(
        &self,
        project_id: Option<i64>,
        limit: u32,
    ) -> Result<Vec<IssueSpend>, StoreError> {
        let rows = sql::query_as::<IssueSpend>(COSTLIEST).bind(project_id.unwrap_or(0)).bind(limit);
        Ok(rows.fetch_all(self.pool()).await?)
    }
}
