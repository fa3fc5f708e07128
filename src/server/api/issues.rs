//! Issues, their analyses and events.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Limit, Problem, number};
use crate::domain::issue::Issue;
use crate::domain::project::Principal;
use crate::server::decisions;
use crate::server::extract::{PathParts, QueryFields};
use crate::server::shapes;
use crate::store::issues::IssueCursor;
use crate::store::rollups;

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    project: Option<i64>,
    /// `microseconds-id` of the last issue of the page before, as `next` gave it.
    after: Option<String>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    QueryFields(query): QueryFields<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = Limit { limit: query.limit }.rows()?;
    let after = match query.after.as_deref() {
        None => IssueCursor::START,
        Some(text) => read_cursor(text)
            .ok_or_else(|| Problem::bad_request("after is not what a page's `next` was"))?,
    };
    let mut issues = app.store.issues(query.project, after, limit).await?;
    let full = issues.len() as u64 == u64::from(limit);
    let next = issues.last().filter(|_| full).map(write_cursor);
    // Those of a project that was deleted go in the background: a page may be shorter until they have.
    let live: BTreeSet<i64> = app.store.projects().await?.iter().map(|p| p.id).collect();
    issues.retain(|issue| live.contains(&issue.project_id));
    Ok(Json(json!({ "issues": issues, "next": next })))
}

fn write_cursor(issue: &Issue) -> String {
    format!("{}-{}", issue.last_seen.as_microsecond(), issue.id)
}

fn read_cursor(text: &str) -> Option<IssueCursor> {
    let (last_seen, id) = text.rsplit_once('-')?;
    Some(IssueCursor { last_seen: last_seen.parse().ok()?, id: id.parse().ok()? })
}

/// Answers 202: the analysis waits for its turn.
pub(super) async fn analyse_again(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
) -> Result<StatusCode, Problem> {
    let id = number("issue", &id)?;
    decisions::analyse_again(&app, id, &principal.name).await?;
    Ok(StatusCode::ACCEPTED)
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    PathParts(id): PathParts<String>,
) -> Result<Json<Value>, Problem> {
    let id = number("issue", &id)?;
    let issue = existing(&app, id).await?;
    let analysis = app.store.latest_analysis(id).await?;
    let executions = match &analysis {
        Some(analysis) => app.store.executions(analysis.id).await?,
        None => Vec::new(),
    };
    let suggestions: Vec<Value> =
        app.store.suggestions_of_issue(id).await?.iter().map(shapes::suggestion).collect();
    let latest = app.store.latest_event(id).await?.map(|stored| stored.event);
    let merged = app.store.merged_issues(id).await?;
    let came_back = app.store.recurred_patterns(id).await?;
    Ok(Json(json!({
        "issue": issue,
        "merged": merged,
        "root_cause": analysis.as_ref().and_then(|a| a.root_cause.as_ref()),
        "analysis": analysis,
        "executions": executions,
        "suggestions": suggestions,
        "came_back": came_back.iter().map(shapes::came_back).collect::<Vec<_>>(),
        "latest_event": latest,
    })))
}

/// An issue whose project was not deleted.
async fn existing(app: &App, id: i64) -> Result<Issue, Problem> {
    let not_found = || Problem::not_found(format!("issue {id}"));
    let issue = app.store.issue(id).await?.ok_or_else(not_found)?;
    app.store.project(issue.project_id).await?.ok_or_else(not_found)?;
    Ok(issue)
}

#[derive(Debug, Deserialize)]
pub(super) struct EventsQuery {
    /// Row of the last event of the page before.
    before: Option<i64>,
    limit: Option<u32>,
}

pub(super) async fn events(
    State(app): State<Arc<App>>,
    PathParts(id): PathParts<String>,
    QueryFields(query): QueryFields<EventsQuery>,
) -> Result<Json<Value>, Problem> {
    let id = number("issue", &id)?;
    let limit = Limit { limit: query.limit }.rows()?;
    existing(&app, id).await?;
    let before = query.before.unwrap_or(i64::MAX);
    let (events, more) = app.store.events_of_issue(id, before, limit).await?;
    let next = events.last().filter(|_| more).map(|e| e.row);
    let events: Vec<Value> = events.iter().map(super::events::shape).collect();
    Ok(Json(json!({ "events": events, "next": next })))
}

#[derive(Debug, Deserialize)]
pub(super) struct RollupsQuery {
    /// `minute`, `hour` or `day`.
    grain: Option<String>,
    /// From when on; by default as far back as fits on a chart.
    since: Option<jiff::Timestamp>,
}

/// Events by minute, hour or day, the oldest first; what has none is left out.
pub(super) async fn rollups(
    State(app): State<Arc<App>>,
    PathParts(id): PathParts<String>,
    QueryFields(query): QueryFields<RollupsQuery>,
) -> Result<Json<Value>, Problem> {
    let id = number("issue", &id)?;
    existing(&app, id).await?;
    // Two hours, two days, ninety days.
    let (grain, buckets) = match query.grain.as_deref().unwrap_or("hour") {
        "minute" => (rollups::MINUTE, 120),
        "hour" => (rollups::HOUR, 48),
        "day" => (rollups::DAY, 90),
        _ => return Err(Problem::bad_request("grain must be minute, hour or day")),
    };
    let back = jiff::SignedDuration::from_secs(grain * (buckets - 1));
    let since = query.since.unwrap_or(app.clock.now() - back);
    let found = app.store.rollups(id, grain, since).await?;
    Ok(Json(json!({ "grain_seconds": grain, "buckets": found })))
}
