//! Signing in with a token, and out.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::extract::PageFields;
use super::pages::{PageError, page};
use super::session::{COOKIE, cookie, from_our_pages, read_form, visitor};
use super::views::login::{LoginPage, safe_next};
use super::views::parts::chrome::{Chrome, Flash};
use crate::domain::project::Scope;
use crate::server::app::App;
use crate::server::problem::Problem;
use crate::server::secrets;
use crate::store::sessions::Session;

const HOME: &str = "/gui/issues";

#[derive(Debug, Deserialize)]
pub(super) struct LoginQuery {
    next: Option<String>,
    done: Option<String>,
}

pub(super) async fn sign_in_page(
    State(app): State<Arc<App>>,
    PageFields(query): PageFields<LoginQuery>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if visitor(&app, &headers).await?.is_some() {
        let next = query.next.as_deref().and_then(safe_next).unwrap_or(HOME);
        return Ok(Redirect::to(next).into_response());
    }
    let flash = query.done.as_deref().and_then(Flash::from_word);
    let chrome = Chrome::signed_out().with_flash(flash);
    Ok(page(StatusCode::OK, &LoginPage::new(chrome, query.next.as_deref(), None)))
}

#[derive(Deserialize)]
struct LoginForm {
    token: SecretString,
    #[serde(default)]
    next: String,
}

pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, PageError> {
    if !from_our_pages(&app, request.headers()) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "the form was too old").into());
    }
    let form = match read_form::<LoginForm>(request, &app).await {
        Ok(form) => form,
        Err(response) => return Ok(response),
    };
    let hash = secrets::hash(form.token.expose_secret().trim());
    let principal = app.store.principal_by_token_hash(&hash).await?;
    let refusal = match &principal {
        None => Some("This token is not known, or was revoked. Look for spaces or a missing end."),
        Some(who) if !who.may(Scope::Read) => {
            Some("This token may not look: it lacks the scope `read`.")
        }
        Some(_) => None,
    };
    let (Some(principal), None) = (principal, refusal) else {
        let chrome = Chrome::signed_out();
        let view = LoginPage::new(chrome, Some(&form.next), refusal.map(str::to_owned));
        return Ok(page(StatusCode::UNAUTHORIZED, &view));
    };
    let secret = secrets::new_cookie();
    let session = Session { token_id: principal.token_id, csrf: secrets::new_csrf() };
    let now = app.clock.now();
    let hours = i64::from(app.config.gui.session_hours);
    let expires = now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(now);
    app.store
        .create_session(&secrets::hash(secret.expose_secret()), &session, now, expires)
        .await?;
    let cookie = cookie_header(&app, secret.expose_secret(), hours * 3600);
    let next = safe_next(&form.next).unwrap_or(HOME);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(next)).into_response())
}

#[derive(Debug, Deserialize)]
struct SignOutForm {
    #[serde(default)]
    csrf: String,
}

pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    let refused = || Problem::new(StatusCode::FORBIDDEN, "the form was too old");
    if !from_our_pages(&app, &headers) {
        return Err(refused().into());
    }
    let who = visitor(&app, &headers).await?;
    let form = match read_form::<SignOutForm>(request, &app).await {
        Ok(form) => form,
        Err(response) => return Ok(response),
    };
    if !who.is_some_and(|who| secrets::equal(&who.csrf, &form.csrf)) {
        return Err(refused().into());
    }
    if let Some(cookie) = cookie(&headers) {
        app.store.delete_session(&secrets::hash(cookie)).await?;
    }
    let gone = cookie_header(&app, "", 0);
    Ok(([(header::SET_COOKIE, gone)], Redirect::to("/gui/login?done=signed_out")).into_response())
}

fn cookie_header(app: &App, value: &str, seconds: i64) -> String {
    let secure = if app.config.base_url().starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}
