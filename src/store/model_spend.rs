//! What models cost. Before a call the worst that it may cost is set aside, in a transaction in which
//! the caps are checked, so that calls at once, on several nodes too, stay below them together.

mod so_far;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sqlx::FromRow;

pub use so_far::{IssueSpend, SpentSoFar};

use super::{Store, StoreError, sql, timestamp};

const OPEN: &str = "SELECT COALESCE(CAST(SUM(worst_micros) AS BIGINT), 0) FROM model_reservations
    WHERE expires_at >= $1";
const OPEN_OF_ISSUE: &str = "SELECT COALESCE(CAST(SUM(worst_micros) AS BIGINT), 0)
    FROM model_reservations WHERE expires_at >= $1 AND issue_id = $2";
const SPENT_SINCE: &str = "SELECT COALESCE(CAST(SUM(cost_micros) AS BIGINT), 0) FROM model_spend
    WHERE day >= $1";
const SPENT_ON_ISSUE: &str = "SELECT cost_micros FROM model_spend_issues WHERE issue_id = $1";
const RESERVE: &str = "INSERT INTO model_reservations (issue_id, worst_micros, expires_at)
    VALUES ($1, $2, $3) RETURNING id";
const RELEASE: &str = "DELETE FROM model_reservations WHERE id = $1";
const FORGET_EXPIRED: &str = "DELETE FROM model_reservations WHERE expires_at < $1";
const SPEND: &str = "INSERT INTO model_spend (day, agent, model, calls, tokens_in, tokens_out,
    cost_micros) VALUES ($1, $2, $3, 1, $4, $5, $6) ON CONFLICT (day, agent, model) DO UPDATE SET
    calls = model_spend.calls + 1, tokens_in = model_spend.tokens_in + excluded.tokens_in,
    tokens_out = model_spend.tokens_out + excluded.tokens_out,
    cost_micros = model_spend.cost_micros + excluded.cost_micros";
const SPEND_ON_ISSUE: &str = "INSERT INTO model_spend_issues (issue_id, calls, cost_micros)
    SELECT id, 1, $2 FROM issues WHERE id = $1 ON CONFLICT (issue_id) DO UPDATE SET
    calls = model_spend_issues.calls + 1,
    cost_micros = model_spend_issues.cost_micros + excluded.cost_micros";
const LIST: &str =
    "SELECT day, agent, model, calls, tokens_in, tokens_out, cost_micros FROM model_spend
    WHERE day >= $1 ORDER BY day DESC, agent, model LIMIT $2";

/// How much may be spent, in millionths of a dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpendCaps {
    /// On one issue.
    pub per_issue: u64,
    /// From midnight to midnight, UTC.
    pub per_day: u64,
    /// In a month of the calendar, UTC.
    pub per_month: u64,
}

/// Which cap would be passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverCap {
    /// That of the issue.
    Issue,
    /// That of the day.
    Day,
    /// That of the month.
    Month,
}

/// Money set aside. It must be settled; one that never is, because its process died, expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation(i64);

/// What a call really cost.
#[derive(Clone, Copy, Debug)]
pub struct Spent<'a> {
    /// The agent's name.
    pub agent: &'a str,
    /// The model's name.
    pub model: &'a str,
    /// The issue, if it was for one.
    pub issue_id: Option<i64>,
    /// Tokens sent.
    pub tokens_in: u64,
    /// Tokens received.
    pub tokens_out: u64,
    /// Millionths of a dollar.
    pub cost_micros: u64,
}

/// What was spent on one day by one agent with one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpendRow {
    /// The day's beginning, UTC.
    pub day: Timestamp,
    /// The agent's name.
    pub agent: String,
    /// The model's name.
    pub model: String,
    /// Calls.
    pub calls: i64,
    /// Tokens sent.
    pub tokens_in: i64,
    /// Tokens received.
    pub tokens_out: i64,
    /// Millionths of a dollar.
    pub cost_micros: i64,
}

#[derive(FromRow)]
struct Row {
    day: i64,
    agent: String,
    model: String,
    calls: i64,
    tokens_in: i64,
    tokens_out: i64,
    cost_micros: i64,
}

impl Store {
    /// Sets aside what a call may cost at worst, for `lifetime`, unless that would pass a cap.
    pub async fn reserve_spend(
        &self,
        caps: SpendCaps,
        issue_id: Option<i64>,
        worst_micros: u64,
        lifetime: SignedDuration,
        now: Timestamp,
    ) -> Result<Result<Reservation, OverCap>, StoreError> {
        let worst = signed(worst_micros);
        let at = now.as_microsecond();
        let mut tx = self.begin_write().await?;
        sql::query(FORGET_EXPIRED).bind(at).execute(&mut tx).await?;
        let open: i64 = sql::query_scalar(OPEN).bind(at).fetch_one(&mut tx).await?;
        let (day, month) = (day_of(now), month_of(now));
        for (since, cap, over) in
            [(day, caps.per_day, OverCap::Day), (month, caps.per_month, OverCap::Month)]
        {
            let spent: i64 = sql::query_scalar(SPENT_SINCE).bind(since).fetch_one(&mut tx).await?;
            if spent.saturating_add(open).saturating_add(worst) > signed(cap) {
                return Ok(Err(over));
            }
        }
        if let Some(issue) = issue_id {
            let open: i64 =
                sql::query_scalar(OPEN_OF_ISSUE).bind(at).bind(issue).fetch_one(&mut tx).await?;
            let spent: Option<i64> =
                sql::query_scalar(SPENT_ON_ISSUE).bind(issue).fetch_optional(&mut tx).await?;
            let all = spent.unwrap_or(0).saturating_add(open).saturating_add(worst);
            if all > signed(caps.per_issue) {
                return Ok(Err(OverCap::Issue));
            }
        }
        let expires = now.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        let id: i64 = sql::query_scalar(RESERVE)
            .bind(issue_id)
            .bind(worst)
            .bind(expires.as_microsecond())
            .fetch_one(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(Ok(Reservation(id)))
    }

    /// Writes down what a call really cost, in place of what was set aside for it.
    pub async fn settle_spend(
        &self,
        reservation: Reservation,
        spent: Spent<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        sql::query(RELEASE).bind(reservation.0).execute(&mut tx).await?;
        let cost = signed(spent.cost_micros);
        sql::query(SPEND)
            .bind(day_of(now))
            .bind(spent.agent)
            .bind(spent.model)
            .bind(signed(spent.tokens_in))
            .bind(signed(spent.tokens_out))
            .bind(cost)
            .execute(&mut tx)
            .await?;
        if let Some(issue) = spent.issue_id {
            sql::query(SPEND_ON_ISSUE).bind(issue).bind(cost).execute(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Lets go of what was set aside for a call that never went out.
    pub async fn release_spend(&self, reservation: Reservation) -> Result<(), StoreError> {
        sql::query(RELEASE).bind(reservation.0).execute(self.pool()).await?;
        Ok(())
    }

    /// What was spent since the day of `since`, the newest first.
    pub async fn spend_since(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<SpendRow>, StoreError> {
        let rows = sql::query_as::<Row>(LIST)
            .bind(day_of(since))
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(SpendRow {
                    day: timestamp(row.day)?,
                    agent: row.agent,
                    model: row.model,
                    calls: row.calls,
                    tokens_in: row.tokens_in,
                    tokens_out: row.tokens_out,
                    cost_micros: row.cost_micros,
                })
            })
            .collect()
    }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The beginning of a day, UTC, in microseconds.
fn day_of(at: Timestamp) -> i64 {
    const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
    at.as_microsecond().div_euclid(DAY_MICROS) * DAY_MICROS
}

/// The beginning of a month of the calendar, UTC, in microseconds.
fn month_of(at: Timestamp) -> i64 {
    let date = at.to_zoned(jiff::tz::TimeZone::UTC).date().first_of_month();
    let begin = date.to_zoned(jiff::tz::TimeZone::UTC);
    begin.map_or_else(|_| day_of(at), |begin| begin.timestamp().as_microsecond())
}
