//! The forms that merge issues and part them again.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::extract::Number;
use super::pages::PageError;
use super::session::{CheckedForm, SignedIn};
use crate::domain::issue::Issue;
use crate::server::app::App;
use crate::server::problem::Problem;

#[derive(Debug, Deserialize)]
pub(super) struct MergeFields {
    /// The number of the issue that is to show this one's events, with or without a `#`.
    #[serde(default)]
    into: String,
}

pub(super) async fn merge(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CheckedForm(fields): CheckedForm<MergeFields>,
) -> Result<Response, PageError> {
    existing(&app, id).await?;
    let into = fields.into.trim();
    let into: i64 = into.strip_prefix('#').unwrap_or(into).parse().map_err(|_| {
        Problem::bad_request("Nothing was merged: give the number of an issue, such as 12.")
    })?;
    if app.store.issue(into).await?.is_none() {
        let why = format!("Nothing was merged: there is no issue {into}.");
        return Err(Problem::bad_request(why).into());
    }
    app.store.merge_issues(into, &[id], &who.principal.name, app.clock.now()).await?;
    Ok(Redirect::to(&format!("/gui/issues/{into}?done=merged")).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct PartFields {
    /// `whole` if the form stood on the page of the issue that this one was merged into.
    #[serde(default)]
    from: String,
}

pub(super) async fn part(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CheckedForm(fields): CheckedForm<PartFields>,
) -> Result<Response, PageError> {
    let whole = existing(&app, id).await?.merged_into;
    app.store.unmerge_issue(id, &who.principal.name, app.clock.now()).await?;
    let back = whole.filter(|_| fields.from == "whole").unwrap_or(id);
    Ok(Redirect::to(&format!("/gui/issues/{back}?done=parted")).into_response())
}

/// An issue whose project was not deleted.
async fn existing(app: &App, id: i64) -> Result<Issue, Problem> {
    let not_found = || Problem::not_found(format!("issue {id}"));
    let issue = app.store.issue(id).await?.ok_or_else(not_found)?;
    app.store.project(issue.project_id).await?.ok_or_else(not_found)?;
    Ok(issue)
}
