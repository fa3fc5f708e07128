//! The forms under a suggestion.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::extract::Number;
use super::pages::PageError;
use super::session::{CheckedForm, SignedIn};
use super::views::parts::fix::CameFrom;
use crate::server::app::App;
use crate::server::decisions::{self, Wish};
use crate::server::problem::Problem;

#[derive(Debug, Deserialize)]
pub(super) struct Fields {
    /// The suggestion's `updated_at` when the page was made: nobody decides on what they did not see.
    #[serde(default)]
    seen: String,
    /// Which page the form stood on.
    #[serde(default)]
    from: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn approve(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CheckedForm(fields): CheckedForm<Fields>,
) -> Result<Response, PageError> {
    decide(&app, id, &Wish::Approve, &fields, &who.principal.name, "approved").await
}

pub(super) async fn reject(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CheckedForm(fields): CheckedForm<Fields>,
) -> Result<Response, PageError> {
    let wish = Wish::Reject { reason: fields.reason.clone() };
    decide(&app, id, &wish, &fields, &who.principal.name, "rejected").await
}

pub(super) async fn apply(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CheckedForm(fields): CheckedForm<Fields>,
) -> Result<Response, PageError> {
    decide(&app, id, &Wish::Apply, &fields, &who.principal.name, "approved").await
}

pub(super) async fn roll_back(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CheckedForm(fields): CheckedForm<Fields>,
) -> Result<Response, PageError> {
    decide(&app, id, &Wish::RollBack, &fields, &who.principal.name, "rolled_back").await
}

#[derive(Debug, Deserialize)]
pub(super) struct NoFields {}

pub(super) async fn analyse_again(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CheckedForm(NoFields {}): CheckedForm<NoFields>,
) -> Result<Response, PageError> {
    decisions::analyse_again(&app, id, &who.principal.name).await?;
    Ok(Redirect::to(&format!("/gui/issues/{id}?done=analysing")).into_response())
}

async fn decide(
    app: &Arc<App>,
    id: i64,
    wish: &Wish,
    fields: &Fields,
    who: &str,
    done: &str,
) -> Result<Response, PageError> {
    let suggestion = app
        .store
        .suggestion(id)
        .await?
        .ok_or_else(|| Problem::not_found(format!("suggestion {id}")))?;
    if fields.seen != suggestion.updated_at.as_microsecond().to_string() {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "Nothing was changed: the suggestion changed while you looked at it. Look at it as it stands now, and decide again.",
        )
        .into());
    }
    decisions::decide(app, id, wish, who).await?;
    let path = CameFrom::parse(&fields.from).path(id, suggestion.issue_id);
    let (path, fragment) = match path.split_once('#') {
        Some((path, fragment)) => (path.to_owned(), format!("#{fragment}")),
        None => (path, String::new()),
    };
    Ok(Redirect::to(&format!("{path}?done={done}{fragment}")).into_response())
}
