//! The door for events: the only routes, beside `/health` and the sign-in, that take no token but a
//! project key.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::routing::post;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::app::App;
use super::extract::PathParts;
use super::problem::Problem;
use super::secrets;
use crate::domain::event::Dropped;
use crate::domain::fingerprint;
use crate::domain::project::Project;
use crate::ingest::{Accepted, IngestError, Parsed, body, credentials, envelope, event, plain};
use crate::store::events::NewEvent;

/// Bytes over the cap that are read and thrown away before the refusal.
const MAX_DRAINED_BYTES: usize = 2 * 1024 * 1024;

/// The routes.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/{project}/envelope/", post(post_envelope))
        .route("/api/{project}/envelope", post(post_envelope))
        .route("/api/events", post(post_plain))
}

async fn post_envelope(
    State(app): State<Arc<App>>,
    PathParts(project): PathParts<String>,
    uri: Uri,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Value>, Problem> {
    // A key outside the body is looked at first: a stranger's body is not worth reading.
    let known = match key_of(&headers, &uri) {
        Some(key) => {
            Some(authenticate(&app, &project, Some(key)).await.map_err(Problem::with_body_unread)?)
        }
        None => None,
    };
    let sent = receive(&app, &headers, request_body).await?;
    let decoded = decode(&app, &headers, &sent)?;
    let envelope = envelope::parse(&decoded)?;
    let project = match known {
        Some(known) => known,
        None => {
            let key = envelope.dsn.as_deref().and_then(key_of_dsn);
            authenticate(&app, &project, key.as_deref()).await?
        }
    };

    let mut first_id = None;
    for item in envelope.items.iter().filter(|item| item.kind == "event") {
        let accepted = store(&app, &project, item.payload, |now| {
            event::parse(
                item.payload,
                &app.scrubber,
                envelope.event_id.as_deref(),
                now,
                envelope.dropped.clone(),
            )
        })
        .await?;
        first_id.get_or_insert(accepted.0);
    }
    Ok(Json(match first_id.or(envelope.event_id) {
        Some(id) => json!({ "id": id }),
        None => json!({}),
    }))
}

async fn post_plain(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Value>, Problem> {
    let key = key_of(&headers, &uri).ok_or_else(|| no_key().with_body_unread())?;
    let project = app.store.project_by_key(key).await?;
    let project = project.ok_or_else(|| unknown_key().with_body_unread())?;
    let sent = receive(&app, &headers, request_body).await?;
    let decoded = decode(&app, &headers, &sent)?;
    let (event_id, accepted, dropped) =
        store(&app, &project, &decoded, |now| plain::parse(&decoded, &app.scrubber, now)).await?;
    Ok(Json(json!({
        "id": event_id,
        "event_id": event_id,
        "issue_id": accepted.issue_id,
        "duplicate": accepted.duplicate,
        "dropped": dropped,
    })))
}

/// Parses, scrubs, groups, compresses and stores one event.
async fn store<'a>(
    app: &App,
    project: &Project,
    sent: &'a [u8],
    parse: impl FnOnce(jiff::Timestamp) -> Result<Parsed<'a>, IngestError>,
) -> Result<(String, Accepted, Vec<Dropped>), Problem> {
    let limit = app.config.ingest.max_event_bytes;
    if sent.len() > limit {
        return Err(IngestError::TooLarge {
            what: "the event",
            limit,
            advice: "send less, or raise ingest.max_event_bytes",
        }
        .into());
    }
    let now = app.clock.now();
    let Parsed { event, payload } = parse(now)?;
    let (id, dropped) = (event.event_id.clone(), event.dropped.clone());
    let fingerprint = fingerprint::fingerprint(&event);
    let culprit = fingerprint::culprit(&event);
    let new = NewEvent::new(project.id, event, fingerprint, culprit, &payload, now)?;
    let accepted = app.writer.write(new).await?;
    Ok((id, accepted, dropped))
}

/// Reads the body, bounded in size and in time.
async fn receive(app: &App, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let limits = &app.config.ingest;
    let too_large = || {
        Problem::from(IngestError::TooLarge {
            what: "the body",
            limit: limits.max_body_bytes,
            advice: "send less, or raise ingest.max_body_bytes",
        })
        .with_body_unread()
    };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    let most = limits.max_body_bytes.saturating_add(MAX_DRAINED_BYTES);
    if announced.is_some_and(|length: usize| length > most) {
        return Err(too_large());
    }
    let read = read_up_to(body, limits.max_body_bytes);
    match tokio::time::timeout(Duration::from_secs(limits.body_timeout_seconds), read).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(too_large()),
        Ok(Err(_)) => Err(Problem::bad_request("the body broke off")),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("the body did not arrive within {} s", limits.body_timeout_seconds),
        )
        .with_body_unread()),
    }
}

/// The body, or `None` if it has more than `max_bytes`. A little more than that is read and thrown
/// away: a sender that is cut off in the middle of its body may never see the answer.
async fn read_up_to(body: Body, max_bytes: usize) -> Result<Option<Bytes>, axum::Error> {
    let mut chunks = body.into_data_stream();
    let mut taken = Vec::new();
    let mut total = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        total = total.saturating_add(chunk.len());
        if total > max_bytes.saturating_add(MAX_DRAINED_BYTES) {
            return Ok(None);
        }
        if total <= max_bytes {
            taken.extend_from_slice(&chunk);
        } else {
            taken = Vec::new();
        }
    }
    Ok((total <= max_bytes).then(|| taken.into()))
}

fn decode<'a>(
    app: &App,
    headers: &HeaderMap,
    sent: &'a Bytes,
) -> Result<std::borrow::Cow<'a, [u8]>, Problem> {
    let encoding = match headers.get(header::CONTENT_ENCODING) {
        Some(value) => Some(value.to_str().map_err(|_| {
            Problem::bad_request("the header Content-Encoding is not readable text")
        })?),
        None => None,
    };
    Ok(body::decode(sent, encoding, app.config.ingest.max_decoded_bytes)?)
}

fn key_of<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    credentials::project_key(text("x-sentry-auth"), text("authorization"), uri.query())
}

fn key_of_dsn(dsn: &str) -> Option<String> {
    let url = url::Url::parse(dsn).ok()?;
    (!url.username().is_empty()).then(|| url.username().to_owned())
}

async fn authenticate(
    app: &App,
    project: &str,
    key: Option<&str>,
) -> Result<Arc<Project>, Problem> {
    let key = key.ok_or_else(no_key)?;
    let id: i64 = project.parse().map_err(|_| {
        Problem::not_found(format!(
            "project `{}`; a DSN ends in the project's number",
            short(project)
        ))
    })?;
    let project = app.project(id).await?.ok_or_else(unknown_key)?;
    if !secrets::equal(&project.public_key, key) {
        return Err(unknown_key());
    }
    Ok(project)
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

/// The same for a project that does not exist and a key that is not its own: nobody learns which.
fn unknown_key() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "this key is not a key of this project; `andon project list` shows the DSNs",
    )
}
