//! Signing in to the GUI: a cookie for the session, a CSRF token for every form, and a look at where
//! a form came from.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use serde::de::DeserializeOwned;

use super::pages;
use crate::domain::project::{Principal, Scope};
use crate::server::app::App;
use crate::server::executions;
use crate::server::problem::Problem;
use crate::server::secrets;

/// The cookie's name.
pub(super) const COOKIE: &str = "andon_session";

/// Bytes of a form at most.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// How long a form may take to arrive.
const FORM_TIMEOUT: Duration = Duration::from_secs(30);

/// The signed-in person of a request.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// Who it is and what they may do.
    pub(super) principal: Principal,
    /// What this session's forms carry.
    pub(super) csrf: String,
}

/// Middleware: only the signed-in go on; others are sent to the sign-in page.
pub(super) async fn require(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    match visitor(&app, request.headers()).await {
        Ok(Some(visitor)) if visitor.principal.may(Scope::Read) => {
            request.extensions_mut().insert(visitor);
            next.run(request).await
        }
        Ok(_) => {
            // After signing in again a form cannot be sent once more, but a page can be shown.
            let wanted = match *request.method() {
                Method::GET => request.uri().path_and_query().map_or("", |p| p.as_str()),
                _ => "",
            };
            let query: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
            Redirect::to(&format!("/gui/login?next={query}")).into_response()
        }
        Err(problem) => pages::error(&problem),
    }
}

/// Who the request's cookie belongs to.
pub(super) async fn visitor(app: &App, headers: &HeaderMap) -> Result<Option<Visitor>, Problem> {
    let Some(cookie) = cookie(headers) else { return Ok(None) };
    let Some(session) = app.store.session(&secrets::hash(cookie), app.clock.now()).await? else {
        return Ok(None);
    };
    // A revoked token ends its sessions.
    let principal = app.store.principal(session.token_id).await?;
    Ok(principal.map(|principal| Visitor { principal, csrf: session.csrf }))
}

pub(super) fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// Whether a form was sent from our own pages, by the headers that no page can forge: the `Origin`
/// must be ours; where a browser sends none, `Sec-Fetch-Site` must not name another site.
pub(super) fn from_our_pages(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    match text(header::ORIGIN) {
        Some(origin) => {
            let host = text(header::HOST).unwrap_or_default();
            let ours = url::Url::parse(&app.config.base_url())
                .map(|url| url.origin().ascii_serialization())
                .unwrap_or_default();
            origin == ours
                || origin.strip_prefix("http://") == Some(host)
                || origin.strip_prefix("https://") == Some(host)
        }
        None => {
            headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none")
        }
    }
}

/// A form of a signed-in person who may decide, that came from our own pages and carries the session's
/// token. There is no way to a form's fields but this and its two sisters, so no handler can forget the
/// check.
pub(super) struct CheckedForm<T>(pub(super) T);

/// The same of somebody who may stop what is under way.
pub(super) struct CancelForm<T>(pub(super) T);

/// The same of an administrator.
pub(super) struct AdminForm<T>(pub(super) T);

#[derive(serde::Deserialize)]
struct WithCsrf<T> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    fields: T,
}

impl<T: DeserializeOwned + 'static> FromRequest<Arc<App>> for CheckedForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let may = |who: &Principal| who.may(Scope::Review);
        let lacks = "your token may look, but not decide: it lacks the scope `review`";
        checked(request, app, may, lacks).await.map(Self)
    }
}

impl<T: DeserializeOwned + 'static> FromRequest<Arc<App>> for CancelForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let lacks = "your token may look, but stop nothing: it lacks the scope `execute`";
        checked(request, app, executions::may_cancel, lacks).await.map(Self)
    }
}

impl<T: DeserializeOwned + 'static> FromRequest<Arc<App>> for AdminForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let may = |who: &Principal| who.may(Scope::Admin);
        let lacks = "your token may not change agents: it lacks the scope `admin`";
        checked(request, app, may, lacks).await.map(Self)
    }
}

/// A form's fields, if it came from our own pages with the session's token, of somebody who may.
async fn checked<T: DeserializeOwned>(
    request: Request,
    app: &Arc<App>,
    may: impl Fn(&Principal) -> bool,
    lacks: &str,
) -> Result<T, Response> {
    let refused = || pages::error(&Problem::new(StatusCode::FORBIDDEN, "the form was too old"));
    if !from_our_pages(app, request.headers()) {
        return Err(refused());
    }
    let Some(visitor) = request.extensions().get::<Visitor>().cloned() else {
        return Err(refused());
    };
    let form = read_form::<WithCsrf<T>>(request, app).await?;
    if !secrets::equal(&form.csrf, &visitor.csrf) {
        return Err(refused());
    }
    if !may(&visitor.principal) {
        return Err(pages::error(&Problem::new(StatusCode::FORBIDDEN, lacks)));
    }
    Ok(form.fields)
}

/// A form's fields, bounded, unchecked: for the sign-in, which has no session yet.
pub(super) async fn read_form<T: DeserializeOwned>(
    request: Request,
    app: &Arc<App>,
) -> Result<T, Response> {
    let (parts, body) = request.into_parts();
    let read = axum::body::to_bytes(body, MAX_FORM_BYTES);
    let bytes = tokio::time::timeout(FORM_TIMEOUT, read)
        .await
        .map_err(|_| {
            pages::error(&Problem::new(StatusCode::REQUEST_TIMEOUT, "the form did not arrive"))
        })?
        .map_err(|_| {
            pages::error(&Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the form is too large"))
        })?;
    let request = Request::from_parts(parts, bytes.into());
    Form::<T>::from_request(request, app)
        .await
        .map(|Form(fields)| fields)
        .map_err(|_| pages::error(&Problem::bad_request("the form lacks a field")))
}

/// The visitor, for handlers behind [`require`].
pub(super) type SignedIn = Extension<Visitor>;
