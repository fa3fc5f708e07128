//! Turning views into answers.

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::session::Visitor;
use super::views::error::ErrorPage;
use super::views::parts::chrome::{Chrome, Section, SignedIn};
use crate::domain::project::Scope;
use crate::server::app::App;
use crate::server::executions;
use crate::server::problem::Problem;

/// A rendered page.
pub(super) fn page(status: StatusCode, view: &impl Template) -> Response {
    match view.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page was not rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A problem as a page, for a reader who may not be signed in.
pub(super) fn error(problem: &Problem) -> Response {
    let status = problem.status();
    let chrome = Chrome::signed_out();
    let view = match status {
        StatusCode::BAD_REQUEST
        | StatusCode::CONFLICT
        | StatusCode::FORBIDDEN
        | StatusCode::UNPROCESSABLE_ENTITY
            if problem.detail() != "the form was too old" =>
        {
            let title = status.canonical_reason().unwrap_or("Not done");
            ErrorPage::new(chrome, status.as_u16(), title, problem.detail())
        }
        _ => ErrorPage::for_status(chrome, status.as_u16()),
    };
    page(status, &view)
}

/// What stands around a signed-in person's page.
pub(super) async fn chrome(
    app: &App,
    visitor: &Visitor,
    section: Section,
) -> Result<Chrome, Problem> {
    let waiting = app.store.waiting_suggestions().await?;
    let person = signed_in(visitor);
    Ok(Chrome::new(section, person, u64::try_from(waiting).unwrap_or(0)))
}

fn signed_in(visitor: &Visitor) -> SignedIn {
    SignedIn {
        who: visitor.principal.name.clone(),
        csrf: visitor.csrf.clone(),
        may_decide: visitor.principal.may(Scope::Review),
        may_cancel: executions::may_cancel(&visitor.principal),
        may_administer: visitor.principal.may(Scope::Admin),
    }
}

/// For addresses that lead nowhere.
pub(super) async fn not_found(Extension(visitor): Extension<Visitor>) -> Response {
    let person = signed_in(&visitor);
    let chrome = Chrome::new(Section::Elsewhere, person, 0);
    page(StatusCode::NOT_FOUND, &ErrorPage::for_status(chrome, 404))
}

impl From<Problem> for PageError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl<E> From<E> for PageError
where
    Problem: From<E>,
    E: std::error::Error,
{
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// A problem that a page's reader sees.
#[derive(Debug)]
pub(super) struct PageError(Problem);

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        error(&self.0)
    }
}
