//! Rules that repeated verdicts propose: looking at them, and deciding on them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Limit, Problem, number};
use crate::domain::project::Principal;
use crate::domain::rule::RuleStatus;
use crate::server::extract::{JsonBody, PathParts, QueryFields};

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    project: Option<i64>,
    status: Option<String>,
    /// Number of the last rule of the page before; pages go from the newest on.
    before: Option<i64>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    QueryFields(query): QueryFields<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = Limit { limit: query.limit }.rows()?;
    let status = query
        .status
        .map(|text| text.parse::<RuleStatus>())
        .transpose()
        .map_err(|e| Problem::bad_request(format!("status: {e}")))?;
    let before = query.before.unwrap_or(i64::MAX);
    let found = app.store.rules(query.project, status, before, limit).await?;
    let next = found.last().filter(|_| found.len() as u64 == u64::from(limit)).map(|r| r.id);
    Ok(Json(json!({ "rules": found, "next": next })))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    PathParts(id): PathParts<String>,
) -> Result<Json<Value>, Problem> {
    let id = number("rule", &id)?;
    let found = app.store.rule(id).await?;
    Ok(Json(json!(found.ok_or_else(|| Problem::not_found(format!("rule {id}")))?)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecideBody {
    /// `confirmed` or `dismissed`.
    status: RuleStatus,
}

pub(super) async fn decide(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
    JsonBody(body): JsonBody<DecideBody>,
) -> Result<Json<Value>, Problem> {
    let id = number("rule", &id)?;
    if body.status == RuleStatus::Proposed {
        return Err(Problem::bad_request(
            "a rule cannot be told to be proposed; confirmed and dismissed are possible",
        ));
    }
    if !app.store.decide_rule(id, body.status, &principal.name, app.clock.now()).await? {
        return Err(Problem::not_found(format!("rule {id}")));
    }
    show(State(app), PathParts(id.to_string())).await
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
) -> Result<StatusCode, Problem> {
    let id = number("rule", &id)?;
    if app.store.delete_rule(id, &principal.name, app.clock.now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found(format!("rule {id}")))
    }
}
