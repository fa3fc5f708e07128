//! A project's keys.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::projects::{existing, refused};
use super::{App, Problem, number};
use crate::domain::project::{Principal, ProjectKey};
use crate::server::admin;
use crate::server::extract::{JsonBody, PathParts};

pub(super) async fn list(
    State(app): State<Arc<App>>,
    PathParts(project): PathParts<String>,
) -> Result<Json<Value>, Problem> {
    let id = existing(&app, &project).await?;
    let keys = app.store.project_keys(id).await?;
    let keys: Vec<Value> = keys.iter().map(|key| shape(&app, id, key)).collect();
    Ok(Json(json!({ "keys": keys })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    name: String,
}

pub(super) async fn add(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(project): PathParts<String>,
    JsonBody(new): JsonBody<NewKey>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let id = number("project", &project)?;
    let key = admin::add_key(&app.store, &app.clock, id, &new.name, &principal.name)
        .await
        .map_err(refused)?;
    app.forget_project(id).await;
    Ok((StatusCode::CREATED, Json(shape(&app, id, &key))))
}

pub(super) async fn disable(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts((project, key)): PathParts<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (id, key) = (number("project", &project)?, number("key", &key)?);
    admin::disable_key(&app.store, &app.clock, id, key, &principal.name).await.map_err(refused)?;
    app.forget_project(id).await;
    Ok(StatusCode::NO_CONTENT)
}

fn shape(app: &App, project_id: i64, key: &ProjectKey) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "key": key.public_key,
        "dsn": admin::dsn_with(&app.config.base_url(), project_id, &key.public_key),
        "disabled_at": key.disabled_at,
        "created_at": key.created_at,
    })
}
