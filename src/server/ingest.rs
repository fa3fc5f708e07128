//! The door for events: the only routes, beside `/health` and the sign-in, that take no token but a
//! project key.

mod cors;
mod receive;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::handler::Handler;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, post};
use jiff::Timestamp;
use serde_json::{Value, json};

use self::receive::{decode, receive};
use super::app::App;
use super::extract::{PathParts, QueryFields};
use super::problem::Problem;
use super::run::wrong_method;
use super::secrets;
use crate::domain::event::Dropped;
use crate::domain::event::read::read;
use crate::domain::fingerprint;
use crate::domain::project::Project;
use crate::ingest::items::{self, AttachmentCaps};
use crate::ingest::{
    Accepted, IngestError, Parsed, credentials, envelope, event, legacy, plain, security,
};
use crate::store::attachments::NewAttachment;
use crate::store::events::NewEvent;
use crate::store::item_counts::ItemCount;

/// The name of an attachment that came without one.
const UNNAMED: &str = "attachment";

/// The routes. A browser may send to them from any page; to nothing else of Andon's.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/{project}/envelope/", door(post_envelope))
        .route("/api/{project}/envelope", door(post_envelope))
        .route("/api/{project}/store/", door(post_store))
        .route("/api/{project}/store", door(post_store))
        .route("/api/{project}/security/", door(post_security))
        .route("/api/{project}/security", door(post_security))
        .route("/api/events", door(post_plain))
        .route_layer(from_fn(cors::open_to_pages))
}

fn door<T: 'static>(handler: impl Handler<T, Arc<App>>) -> MethodRouter<Arc<App>> {
    post(handler).options(cors::preflight).fallback(wrong_method)
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

    let limits = &app.config.ingest;
    let caps = AttachmentCaps {
        each: limits.max_attachment_bytes,
        together: limits.max_attachments_bytes_per_event,
    };
    let sorted = items::sort(&envelope.items, caps);
    let mut attachments = sorted
        .attachments
        .iter()
        .map(|item| {
            let name = item.filename.clone().unwrap_or_else(|| UNNAMED.to_owned());
            NewAttachment::new(name, item.content_type.clone(), item.payload)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut notes = envelope.dropped;
    notes.extend(sorted.dropped);
    let mut first_id = None;
    for item in sorted.events {
        let kept = std::mem::take(&mut attachments);
        let id = envelope.event_id.as_deref();
        let accepted = store(&app, &project, item.payload, kept, |now| {
            in_full(event::parse(item.payload, &app.scrubber, id, now, notes.clone())?, now)
        })
        .await?;
        first_id.get_or_insert(accepted.0);
    }
    let count = |(kind, items)| ItemCount { project_id: project.id, kind, items };
    app.writer.count(sorted.counts.into_iter().map(count).collect()).await;
    Ok(Json(match first_id.or(envelope.event_id) {
        Some(id) => json!({ "id": id }),
        None => json!({}),
    }))
}

/// The endpoint of senders from before envelopes: one event.
async fn post_store(
    State(app): State<Arc<App>>,
    PathParts(project): PathParts<String>,
    uri: Uri,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, &project, key_of(&headers, &uri))
        .await
        .map_err(Problem::with_body_unread)?;
    let sent = receive(&app, &headers, request_body).await?;
    let decoded = decode(&app, &headers, &sent)?;
    let payload = legacy::unwrap(&decoded, app.config.ingest.max_decoded_bytes)?;
    let (id, ..) = store(&app, &project, &payload, Vec::new(), |now| {
        in_full(event::parse(&payload, &app.scrubber, None, now, Vec::new())?, now)
    })
    .await?;
    Ok(Json(json!({ "id": id })))
}

/// What the address of a security report may say beside the key.
#[derive(Debug, serde::Deserialize)]
struct SecurityQuery {
    sentry_release: Option<String>,
    sentry_environment: Option<String>,
}

/// Reports that browsers send by themselves.
async fn post_security(
    State(app): State<Arc<App>>,
    PathParts(project): PathParts<String>,
    QueryFields(query): QueryFields<SecurityQuery>,
    uri: Uri,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Value>, Problem> {
    let project = authenticate(&app, &project, key_of(&headers, &uri))
        .await
        .map_err(Problem::with_body_unread)?;
    let sent = receive(&app, &headers, request_body).await?;
    let decoded = decode(&app, &headers, &sent)?;
    within_event_cap(&app, &decoded)?;
    let (release, environment) =
        (query.sentry_release.as_deref(), query.sentry_environment.as_deref());
    let reports = security::parse(&decoded, &app.scrubber, release, environment, app.clock.now())?;
    let mut ids = Vec::with_capacity(reports.len());
    for report in reports {
        let (id, ..) = store(&app, &project, &decoded, Vec::new(), |_| Ok(report)).await?;
        ids.push(id);
    }
    Ok(Json(json!({ "ids": ids })))
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
    let (event_id, accepted, dropped) = store(&app, &project, &decoded, Vec::new(), |now| {
        plain::parse(&decoded, &app.scrubber, now)
    })
    .await?;
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
    attachments: Vec<NewAttachment>,
    parse: impl FnOnce(Timestamp) -> Result<Parsed<'a>, IngestError>,
) -> Result<(String, Accepted, Vec<Dropped>), Problem> {
    within_event_cap(app, sent)?;
    let now = app.clock.now();
    let Parsed { event, payload, .. } = parse(now)?;
    let (id, dropped) = (event.event_id.clone(), event.dropped.clone());
    let fingerprint = fingerprint::fingerprint(&event);
    let culprit = fingerprint::culprit(&event);
    let new = NewEvent::new(project.id, event, fingerprint, culprit, &payload, now)?;
    let new = new.with_attachments(attachments);
    let accepted = app.writer.write(new).await?;
    Ok((id, accepted, dropped))
}

/// With all of the event, as the store keeps it.
fn in_full(parsed: Parsed<'_>, received_at: Timestamp) -> Result<Parsed<'_>, IngestError> {
    let Parsed { event: head, payload, kept_notes } = parsed;
    let event = read(&payload, Some(&head.event_id), received_at, kept_notes.clone())
        .map_err(|e| IngestError::Malformed(e.to_string()))?;
    Ok(Parsed { event, payload, kept_notes })
}

fn within_event_cap(app: &App, payload: &[u8]) -> Result<(), IngestError> {
    let limit = app.config.ingest.max_event_bytes;
    if payload.len() > limit {
        return Err(IngestError::TooLarge {
            what: "the event",
            limit,
            advice: "send less, or raise ingest.max_event_bytes",
        });
    }
    Ok(())
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
