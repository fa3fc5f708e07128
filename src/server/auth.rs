//! Who may use the API: a token with the right scope, or nobody.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

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
    /// What the token must be able to do: one of these.
    pub scopes: &'static [Scope],
    /// Whether the token may also be the user name of HTTP Basic, and whether the configuration may let in
    /// who has none: for the doors of applications, which no browser is asked to open.
    pub for_applications: bool,
}

/// Middleware: lets a request with a fitting token through, with its [`Principal`] as an extension.
pub(super) async fn require(
    State(requirement): State<Requirement>,
    mut request: Request,
    next: Next,
) -> Response {
    // Read before the first await: a request's body cannot be shared between threads.
    let token = token(&request, requirement.for_applications).map(|token| secrets::hash(&token));
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
    let Some(token) = token else {
        if requirement.for_applications && requirement.app.config.api.anonymous_execute {
            return Ok(anonymous());
        }
        return Err(unauthorised(
            "send an API token: `Authorization: Bearer andon_…`; `andon token create` makes one",
        ));
    };
    let principal = requirement
        .app
        .store
        .principal_by_token_hash(&token)
        .await?
        .ok_or_else(|| unauthorised("this token is not known, or was revoked"))?;
    if !requirement.scopes.iter().any(|scope| principal.may(*scope)) {
        let wanted: Vec<&str> = requirement.scopes.iter().map(|scope| scope.as_str()).collect();
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            format!("this token lacks the scope `{}`", wanted.join("` or `")),
        ));
    }
    Ok(principal)
}

/// Who has no token and is let in all the same, on loopback only (`api.anonymous_execute`).
fn anonymous() -> Principal {
    Principal {
        token_id: 0,
        name: "anonymous".to_owned(),
        scopes: vec![Scope::Execute],
        project_id: None,
    }
}

/// The token of a request: `Bearer TOKEN`, and where it may be, `Basic` with the token as user name.
fn token(request: &Request, basic: bool) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    let token = if scheme.eq_ignore_ascii_case("bearer") {
        rest.trim().to_owned()
    } else if basic && scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(BASE64.decode(rest.trim()).ok()?).ok()?;
        // `http://TOKEN@host` has no password; some clients put the token there.
        let (user, password) = pair.split_once(':').unwrap_or((&pair, ""));
        if user.is_empty() { password.to_owned() } else { user.to_owned() }
    } else {
        return None;
    };
    Some(token).filter(|token| !token.is_empty())
}
