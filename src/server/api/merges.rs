//! Merging issues by hand, and parting them again.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Problem, number};
use crate::domain::project::Principal;
use crate::server::extract::{JsonBody, PathParts};
use crate::store::merges::MergeError;

/// Issues that one request merges at most.
const MAX_MERGED: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Merge {
    /// The issues whose events the other one is to show.
    issues: Vec<i64>,
}

pub(super) async fn merge(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
    JsonBody(merge): JsonBody<Merge>,
) -> Result<Json<Value>, Problem> {
    let id = number("issue", &id)?;
    if merge.issues.is_empty() || merge.issues.len() > MAX_MERGED {
        let given = merge.issues.len();
        return Err(Problem::bad_request(format!(
            "`issues` lists {given} issues; it must be from 1 to {MAX_MERGED}"
        )));
    }
    app.store.merge_issues(id, &merge.issues, &principal.name, app.clock.now()).await?;
    shown(&app, id).await
}

pub(super) async fn unmerge(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
) -> Result<Json<Value>, Problem> {
    let id = number("issue", &id)?;
    app.store.unmerge_issue(id, &principal.name, app.clock.now()).await?;
    shown(&app, id).await
}

async fn shown(app: &App, id: i64) -> Result<Json<Value>, Problem> {
    let issue = app.store.issue(id).await?;
    let merged = app.store.merged_issues(id).await?;
    Ok(Json(json!({ "issue": issue, "merged": merged })))
}

impl From<MergeError> for Problem {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Refused(why) => Self::new(axum::http::StatusCode::CONFLICT, why),
            MergeError::Store(inner) => inner.into(),
        }
    }
}
