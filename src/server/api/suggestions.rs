//! Suggestions: what waits, and the decisions.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Limit, Problem, number};
use crate::domain::fix::{Severity, SuggestionStatus};
use crate::domain::project::Principal;
use crate::server::decisions::{self, Decided, DecisionError, Wish};
use crate::server::extract::{JsonBody, PathParts, QueryFields};
use crate::server::shapes;

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    status: Option<String>,
    severity: Option<String>,
    /// Number of the last suggestion of the page before.
    after: Option<i64>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    QueryFields(query): QueryFields<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = Limit { limit: query.limit }.rows()?;
    let status = query
        .status
        .map(|text| text.parse::<SuggestionStatus>())
        .transpose()
        .map_err(|e| Problem::bad_request(format!("status: {e}")))?;
    let severity = query
        .severity
        .map(|text| text.parse::<Severity>())
        .transpose()
        .map_err(|e| Problem::bad_request(format!("severity: {e}")))?;
    let after = query.after.unwrap_or(0);
    let found = app.store.suggestions_with(status, severity, after, limit).await?;
    let full = found.len() as u64 == u64::from(limit);
    let next = found.last().filter(|_| full).map(|s| s.id);
    let suggestions: Vec<Value> = found.iter().map(shapes::suggestion).collect();
    Ok(Json(json!({ "suggestions": suggestions, "next": next })))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    PathParts(id): PathParts<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(current(&app, number("suggestion", &id)?).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecideBody {
    /// `approved`, `rejected`, `applied` or `rolled_back`.
    status: SuggestionStatus,
    reason: Option<String>,
}

/// Answers 200 with the suggestion as it is now; 202 for `applied`, whose checks then run.
pub(super) async fn decide(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
    JsonBody(body): JsonBody<DecideBody>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let id = number("suggestion", &id)?;
    let wish = match body.status {
        SuggestionStatus::Approved => Wish::Approve,
        SuggestionStatus::Rejected => Wish::Reject { reason: body.reason.unwrap_or_default() },
        SuggestionStatus::Applied => Wish::Apply,
        SuggestionStatus::RolledBack => Wish::RollBack,
        other => {
            return Err(Problem::bad_request(format!(
                "a suggestion cannot be told to be {other}; approved, rejected, applied and rolled_back are possible"
            )));
        }
    };
    let decided = decisions::decide(&app, id, &wish, &principal.name).await?;
    let status = match decided {
        Decided::Done => StatusCode::OK,
        Decided::UnderWay => StatusCode::ACCEPTED,
    };
    Ok((status, Json(current(&app, id).await?)))
}

async fn current(app: &App, id: i64) -> Result<Value, Problem> {
    let found = app.store.suggestion(id).await?;
    let found = found.ok_or_else(|| Problem::not_found(format!("suggestion {id}")))?;
    Ok(shapes::suggestion(&found))
}

#[derive(Debug, Deserialize)]
pub(super) struct HealingsQuery {
    /// Number of the last healing of the page before; pages go from the newest on.
    before: Option<i64>,
    limit: Option<u32>,
}

pub(super) async fn healings(
    State(app): State<Arc<App>>,
    QueryFields(query): QueryFields<HealingsQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = Limit { limit: query.limit }.rows()?;
    let healings = app.store.healings(query.before.unwrap_or(i64::MAX), limit).await?;
    Ok(Json(json!({ "healings": healings })))
}

impl From<DecisionError> for Problem {
    fn from(error: DecisionError) -> Self {
        match error {
            DecisionError::Store(inner) => inner.into(),
            DecisionError::Invalid(reason) => Self::bad_request(reason),
            DecisionError::Refused(reason) => Self::new(StatusCode::CONFLICT, reason),
        }
    }
}
