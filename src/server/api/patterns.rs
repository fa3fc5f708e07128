//! What was learnt: looking at it, correcting it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Limit, Problem, number};
use crate::domain::analysis::Classification;
use crate::domain::project::Principal;
use crate::server::extract::{JsonBody, PathParts, QueryFields};
use crate::server::learning::{self, Correction};
use crate::server::lessons::{self, Edit, checked};

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    project: Option<i64>,
    /// Number of the last pattern of the page before; pages go from the newest on.
    before: Option<i64>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    QueryFields(query): QueryFields<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = Limit { limit: query.limit }.rows()?;
    let before = query.before.unwrap_or(i64::MAX);
    let found = app.store.patterns(query.project, before, limit).await?;
    let next = found.last().filter(|_| found.len() as u64 == u64::from(limit)).map(|p| p.id);
    Ok(Json(json!({ "patterns": found, "next": next })))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    PathParts(id): PathParts<String>,
) -> Result<Json<Value>, Problem> {
    let id = number("pattern", &id)?;
    let found = app.store.pattern(id).await?;
    Ok(Json(json!(found.ok_or_else(|| Problem::not_found(format!("pattern {id}")))?)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EditBody {
    cause: Option<String>,
    fix: Option<String>,
    pinned: Option<bool>,
}

pub(super) async fn edit(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
    JsonBody(body): JsonBody<EditBody>,
) -> Result<Json<Value>, Problem> {
    let id = number("pattern", &id)?;
    let EditBody { cause, fix, pinned } = body;
    lessons::edit(&app, &principal, id, Edit { cause, fix, pinned }).await?;
    show(State(app), PathParts(id.to_string())).await
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
) -> Result<StatusCode, Problem> {
    let id = number("pattern", &id)?;
    lessons::delete(&app, &principal, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CorrectBody {
    /// Why it really happened.
    cause: String,
    /// What was done about it, if anything.
    fix: Option<String>,
    /// The commit that mended it, if it is known.
    commit: Option<String>,
    /// What should be done about such errors: `code_fix`, `action` or `explain_only`.
    classification: Option<Classification>,
}

/// A person says why an issue really happened: it is learnt.
pub(super) async fn correct(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
    JsonBody(body): JsonBody<CorrectBody>,
) -> Result<Json<Value>, Problem> {
    let id = number("issue", &id)?;
    let cause = checked("cause", &body.cause)?;
    let fix = body.fix.map(|fix| checked("fix", &fix)).transpose()?.unwrap_or_default();
    let commit = body.commit.map(|sha| sha.to_ascii_lowercase());
    if let Some(sha) = &commit
        && !((7..=64).contains(&sha.len()) && sha.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        return Err(Problem::bad_request("commit must be a SHA of 7 to 64 hexadecimal digits"));
    }
    let said = Correction { cause, fix, commit, classification: body.classification };
    let learnt = learning::correct(&app, id, said, &principal.name).await?;
    show(State(app), PathParts(learnt.to_string())).await
}
