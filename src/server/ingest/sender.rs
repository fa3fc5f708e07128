//! Who sends: a project, and the key that it is known by.

use axum::http::{HeaderMap, StatusCode, Uri};

use crate::ingest::credentials;
use crate::ingest::quotas::Sender;
use crate::server::app::App;
use crate::server::problem::Problem;

/// The key that a request names outside its body.
pub(super) fn key_of<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    credentials::project_key(text("x-sentry-auth"), text("authorization"), uri.query())
}

/// The key in a DSN.
pub(super) fn key_of_dsn(dsn: &str) -> Option<String> {
    let url = url::Url::parse(dsn).ok()?;
    (!url.username().is_empty()).then(|| url.username().to_owned())
}

/// The project that the address names, if the key is one of its own that works.
pub(super) async fn authenticate(
    app: &App,
    project: &str,
    key: Option<&str>,
) -> Result<Sender, Problem> {
    let key = key.ok_or_else(no_key)?;
    let id: i64 = project.parse().map_err(|_| {
        Problem::not_found(format!(
            "project `{}`; a DSN ends in the project's number",
            short(project)
        ))
    })?;
    let project = app.project(id).await?.ok_or_else(unknown_key)?;
    let key_id = project.key_id(key).ok_or_else(unknown_key)?;
    Ok(Sender { project_id: project.project.id, key_id })
}

/// The project that a key belongs to.
pub(super) async fn by_key(app: &App, key: Option<&str>) -> Result<Sender, Problem> {
    let key = key.ok_or_else(no_key)?;
    let id = app.store.project_id_by_key(key).await?.ok_or_else(unknown_key)?;
    let project = app.project(id).await?.ok_or_else(unknown_key)?;
    let key_id = project.key_id(key).ok_or_else(unknown_key)?;
    Ok(Sender { project_id: id, key_id })
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn no_key() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "a project key is missing: send it as `X-Sentry-Auth: Sentry sentry_key=…`, as `Authorization: Bearer …`, or as `?sentry_key=…`",
    )
}

/// The same for a project that does not exist, or not any more, and a key that is not its own: nobody
/// learns which.
fn unknown_key() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "this key is not a key of this project; `andon project list` shows the DSNs",
    )
}
