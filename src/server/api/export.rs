//! Taking data out, and deleting a person's.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Problem, number};
use crate::domain::project::Principal;
use crate::server::export_lines::line;
use crate::server::extract::{PathParts, QueryFields};

#[derive(Debug, Deserialize)]
pub(super) struct ExportQuery {
    /// Only this user's events.
    user: Option<String>,
    /// Only events above this row, which the last line of an export that broke off told.
    after: Option<i64>,
}

/// Where an export stands.
struct Export {
    app: Arc<App>,
    project: i64,
    user: Option<String>,
    after: i64,
}

/// Every event, one JSON object a line, the oldest first; written as it is read.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    PathParts(project): PathParts<String>,
    QueryFields(query): QueryFields<ExportQuery>,
) -> Result<Response, Problem> {
    let project = existing(&app, &project).await?;
    let export = Export { app, project, user: query.user, after: query.after.unwrap_or(0) };
    let pages = stream::try_unfold(export, next_page);
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"project-{project}-events.ndjson\""),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, Body::from_stream(pages)).into_response())
}

async fn next_page(mut export: Export) -> anyhow::Result<Option<(Bytes, Export)>> {
    let store = &export.app.store;
    let events = store.export_events(export.project, export.user.as_deref(), export.after).await;
    // The answer's beginning is out already: all that is left is to break off, and to say so here.
    let events = events.inspect_err(
        |error| tracing::error!(%error, project = export.project, "an export broke off"),
    )?;
    let Some(last) = events.last() else { return Ok(None) };
    export.after = last.row;
    let mut page = Vec::new();
    for event in &events {
        page.extend_from_slice(&line(event).map_err(std::io::Error::other)?);
    }
    Ok(Some((page.into(), export)))
}

/// Deletes all events of a user; how many there were.
pub(super) async fn delete_user(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts((project, user)): PathParts<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let project = existing(&app, &project).await?;
    let now = app.clock.now();
    let deleted = app.store.delete_events_of_user(project, &user, &principal.name, now).await?;
    Ok(Json(json!({ "deleted_events": deleted })))
}

/// The number of a project that is there.
pub(super) async fn existing(app: &App, project: &str) -> Result<i64, Problem> {
    let id = number("project", project)?;
    match app.store.project(id).await? {
        Some(project) => Ok(project.id),
        None => Err(Problem::not_found(format!("project {id}"))),
    }
}
