//! Projects and the audit trail.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Limit, Problem, number};
use crate::domain::healing::HealingMode;
use crate::domain::project::{Principal, Project};
use crate::server::admin;
use crate::server::extract::{JsonBody, PathParts, QueryFields};

pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Value>, Problem> {
    let projects = app.store.projects().await?;
    let projects: Vec<Value> = projects.iter().map(|p| shape(&app, p)).collect();
    Ok(Json(json!({ "projects": projects })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProject {
    name: String,
    repo: Option<std::path::PathBuf>,
    healing: Option<HealingMode>,
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    JsonBody(new): JsonBody<NewProject>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let healing = new.healing.unwrap_or(HealingMode::Observe);
    let project = admin::create_project(
        &app.store,
        &app.clock,
        &new.name,
        new.repo.as_deref(),
        healing,
        &principal.name,
    )
    .await
    .map_err(refused)?;
    Ok((StatusCode::CREATED, Json(shape(&app, &project))))
}

/// Answers 202: nobody finds the project any more, and its rows go in the background.
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(project): PathParts<String>,
) -> Result<StatusCode, Problem> {
    let id = number("project", &project)?;
    admin::delete_project(&app.store, &app.clock, id, &principal.name).await.map_err(refused)?;
    app.forget_project(id).await;
    app.wake.notify_one();
    Ok(StatusCode::ACCEPTED)
}

/// What an administrator hears of what was not done.
pub(super) fn refused(error: admin::AdminError) -> Problem {
    match error {
        admin::AdminError::Store(e) => e.into(),
        admin::AdminError::Invalid(reason) => Problem::bad_request(reason),
    }
}

fn shape(app: &App, project: &Project) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "key": project.public_key,
        "dsn": admin::dsn(&app.config.base_url(), project),
        "repo": project.repo,
        "healing": project.healing,
        "created_at": project.created_at,
    })
}

/// Items that were taken and only counted, by day and type, the newest day first.
pub(super) async fn items(
    State(app): State<Arc<App>>,
    PathParts(project): PathParts<String>,
    QueryFields(limit): QueryFields<Limit>,
) -> Result<Json<Value>, Problem> {
    let id = existing(&app, &project).await?;
    let items = app.store.item_counts(id, limit.rows()?).await?;
    Ok(Json(json!({ "items": items })))
}

/// What was refused, by day, category and reason, the newest day first.
pub(super) async fn outcomes(
    State(app): State<Arc<App>>,
    PathParts(project): PathParts<String>,
    QueryFields(limit): QueryFields<Limit>,
) -> Result<Json<Value>, Problem> {
    let id = existing(&app, &project).await?;
    // What this node has not written yet belongs to it.
    app.refusals.write(&app.store).await?;
    let outcomes = app.store.outcomes(id, limit.rows()?).await?;
    Ok(Json(json!({ "outcomes": outcomes })))
}

/// The number of a project that exists.
pub(super) async fn existing(app: &App, project: &str) -> Result<i64, Problem> {
    let id = number("project", project)?;
    match app.store.project(id).await? {
        Some(_) => Ok(id),
        None => Err(Problem::not_found(format!("project {id}"))),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct AuditQuery {
    /// Only entries about this, e.g. `suggestion:7`.
    subject: Option<String>,
    limit: Option<u32>,
}

pub(super) async fn audit(
    State(app): State<Arc<App>>,
    QueryFields(query): QueryFields<AuditQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = Limit { limit: query.limit }.rows()?;
    let entries = app.store.audit_entries(query.subject.as_deref(), limit).await?;
    let entries: Vec<Value> = entries
        .into_iter()
        .map(|e| {
            // Kept as text, because the text is what was hashed.
            let detail: Value = serde_json::from_str(&e.detail).unwrap_or(Value::String(e.detail));
            json!({
                "id": e.id, "at": e.at, "actor": e.actor, "action": e.action,
                "subject": e.subject, "detail": detail, "prev_hash": e.prev_hash, "hash": e.hash,
            })
        })
        .collect();
    Ok(Json(json!({ "entries": entries })))
}
