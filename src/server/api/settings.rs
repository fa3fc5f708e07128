//! What is set for one project.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};

use super::export::existing;
use super::{App, Problem};
use crate::domain::project::Principal;
use crate::domain::settings::ProjectSettings;
use crate::server::extract::{JsonBody, PathParts};

pub(super) async fn show(
    State(app): State<Arc<App>>,
    PathParts(project): PathParts<String>,
) -> Result<Json<ProjectSettings>, Problem> {
    let project = existing(&app, &project).await?;
    Ok(Json(app.store.project_settings(project).await?))
}

/// Replaces all of them.
pub(super) async fn set(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(project): PathParts<String>,
    JsonBody(settings): JsonBody<ProjectSettings>,
) -> Result<Json<ProjectSettings>, Problem> {
    let project = existing(&app, &project).await?;
    settings.check().map_err(Problem::bad_request)?;
    app.store.set_project_settings(project, &settings, &principal.name, app.clock.now()).await?;
    app.forget_settings(project).await;
    Ok(Json(settings))
}
