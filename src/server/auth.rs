//! Who may use the API: a token with the right scope, or nobody.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::problem::Problem;
use super::secrets;
use crate::domain::hash::ContentHash;
use crate::domain::project::{Principal, Scope};

/// What a route group asks for.
#[derive(Clone)]
pub(super) struct Requirement {
    /// Where tokens are looked up.
    pub app: Arc<App>,
    /// What the token must be able to do.
    pub scope: Scope,
}

/// Middleware: lets a request with a fitting token through, with its [`Principal`] as an extension.
pub(super) async fn require(
    State(requirement): State<Requirement>,
    mut request: Request,
    next: Next,
) -> Response {
    // Read before the first await: a request's body cannot be shared between threads.
    let token = bearer(&request).map(secrets::hash);
    match check(&requirement, token).await {
        Ok(principal) => {
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(problem) => {
            let unauthorised = problem.status() == StatusCode::UNAUTHORIZED;
            let mut response = problem.into_response();
            if unauthorised {
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            response
        }
    }
}

async fn check(
    requirement: &Requirement,
    token: Option<ContentHash>,
) -> Result<Principal, Problem> {
    let unauthorised = |detail: &str| Problem::new(StatusCode::UNAUTHORIZED, detail);
    let token = token.ok_or_else(|| {
        unauthorised(
            "send an API token: `Authorization: Bearer andon_…`; `andon token create` makes one",
        )
    })?;
    let principal = requirement
        .app
        .store
        .principal_by_token_hash(&token)
        .await?
        .ok_or_else(|| unauthorised("this token is not known, or was revoked"))?;
    if !principal.may(requirement.scope) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            format!("this token lacks the scope `{}`", requirement.scope),
        ));
    }
    Ok(principal)
}

fn bearer(request: &Request) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}
