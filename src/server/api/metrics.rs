//! The numbers that tell whether it helps, and what it costs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Problem};
use crate::server::extract::QueryFields;

/// Days that are looked at, unless asked otherwise.
const DEFAULT_DAYS: u32 = 30;

/// Days that can be looked at.
const MAX_DAYS: u32 = 366;

/// Rows of what was spent.
const MAX_SPEND_ROWS: u32 = 2_000;

#[derive(Debug, Deserialize)]
pub(super) struct Period {
    /// From today backwards.
    days: Option<u32>,
}

impl Period {
    fn since(&self, now: Timestamp) -> Result<(u32, Timestamp), Problem> {
        let days = self.days.unwrap_or(DEFAULT_DAYS);
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(Problem::bad_request(format!("days must be from 1 to {MAX_DAYS}")));
        }
        let back = SignedDuration::from_hours(i64::from(days) * 24);
        Ok((days, now.saturating_sub(back).unwrap_or(Timestamp::MIN)))
    }
}

/// What models cost, by day, agent and model.
pub(super) async fn spend(
    State(app): State<Arc<App>>,
    QueryFields(period): QueryFields<Period>,
) -> Result<Json<Value>, Problem> {
    let (days, since) = period.since(app.clock.now())?;
    let rows = app.store.spend_since(since, MAX_SPEND_ROWS).await?;
    let total: i64 = rows.iter().map(|row| row.cost_micros).sum();
    Ok(Json(json!({ "days": days, "cost_micros": total, "rows": rows })))
}

/// Time to fix, fix success, false positives, error rate, and what the agents did.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    QueryFields(period): QueryFields<Period>,
) -> Result<Json<Value>, Problem> {
    let now = app.clock.now();
    let (days, since) = period.since(now)?;
    let numbers = app.store.metrics_since(since).await?;
    let part = |part: i64, whole: i64| (whole > 0).then(|| part as f64 / whole as f64);
    let hours = f64::from(days) * 24.0;
    let spend: i64 =
        app.store.spend_since(since, MAX_SPEND_ROWS).await?.iter().map(|row| row.cost_micros).sum();
    let routes: Vec<Value> = app
        .orchestrator
        .models()
        .state()
        .iter()
        .map(|(route, model, open)| json!({ "route": route, "model": model, "available": open }))
        .collect();
    Ok(Json(json!({
        "days": days,
        "events": numbers.events,
        "error_rate_per_hour": numbers.events as f64 / hours,
        "issues": { "new": numbers.new_issues },
        "suggestions": {
            "proposed": numbers.proposed,
            "pending": numbers.pending,
            "applied": numbers.applied,
            "rejected": numbers.rejected,
            "rolled_back": numbers.rolled_back,
            "failed": numbers.failed,
        },
        // Kept, of what was applied and of what was applied and taken back or lost.
        "fix_success": part(numbers.applied, numbers.applied + numbers.rolled_back + numbers.failed),
        "false_positives": part(numbers.rejected, numbers.rejected + numbers.applied),
        "time_to_fix_seconds": numbers.mean_seconds_to_fix,
        "executions": numbers.executions,
        "models": { "cost_micros": spend, "routes": routes },
        "queue": app.store.queue_state(now).await?,
    })))
}
