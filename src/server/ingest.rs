//! The door for events: the only routes, beside `/health` and the sign-in, that take no token but a
//! project key.

mod cors;
mod desk;
mod events;
mod head;
mod receive;
mod sender;
pub(super) mod submit;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::handler::Handler;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, post};
use serde_json::json;

use self::desk::{Answer, Desk};
use self::events::{Ready, Shape, prepare};
use self::head::Head;
use self::receive::{decode, gate, receive};
use self::sender::{authenticate, by_key, key_of_dsn};
use super::app::App;
use super::extract::{PathParts, QueryFields};
use super::problem::Problem;
use super::run::wrong_method;
use crate::domain::category::Category;
use crate::ingest::{envelope, event, legacy, plain, security};

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
    head: Head,
    request_body: Body,
) -> Result<Answer, Problem> {
    // A key outside the body is looked at first: a stranger's body is not worth reading.
    let known = match head.key() {
        Some(key) => {
            Some(authenticate(&app, &project, Some(key)).await.map_err(Problem::with_body_unread)?)
        }
        None => None,
    };
    gate(&app, known, Category::Default)?;
    let sent = receive(&app, known, Category::Default, &head, request_body).await?;
    let _place = app.writer.place().await;
    let decoding = app.decoding().await;
    let decoded = decode(&app, &head, &sent.bytes)?;
    let sender = match known {
        Some(known) => known,
        None => {
            let key = envelope::parse(&decoded)?.dsn.as_deref().and_then(key_of_dsn);
            authenticate(&app, &project, key.as_deref()).await?
        }
    };
    let mut desk = Desk::open(&app, sender).await?;
    let opened = events::open(&mut desk, &decoded).await?;
    // What waits for the disk waits without its body.
    drop(decoded);
    drop((decoding, sent));
    if opened.is_empty() && desk.refused_some() {
        return Err(desk.refusal());
    }
    let mut first_id = None;
    for ready in opened.ready {
        let (id, ..) = desk.write(ready).await?;
        first_id.get_or_insert(id);
    }
    app.writer.count(opened.counts, opened.taken).await;
    match opened.failed {
        Some(problem) => Err(problem),
        None => Ok(desk.answer(match first_id.or(opened.event_id) {
            Some(id) => json!({ "id": id }),
            None => json!({}),
        })),
    }
}

/// The endpoint of senders from before envelopes: one event.
async fn post_store(
    State(app): State<Arc<App>>,
    PathParts(project): PathParts<String>,
    head: Head,
    request_body: Body,
) -> Result<Answer, Problem> {
    let sender =
        authenticate(&app, &project, head.key()).await.map_err(Problem::with_body_unread)?;
    gate(&app, Some(sender), Category::Error)?;
    let sent = receive(&app, Some(sender), Category::Error, &head, request_body).await?;
    let mut desk = Desk::open(&app, sender).await?;
    let taken = desk.require(Category::Error)?;
    let _place = app.writer.place().await;
    let decoding = app.decoding().await;
    let decoded = decode(&app, &head, &sent.bytes)?;
    let payload = legacy::unwrap(&decoded, app.config.ingest.max_decoded_bytes)?;
    let ready = prepare(&desk, &payload, Vec::new(), vec![taken], Shape::Event, |now| {
        event::parse(&payload, &app.scrubber, None, now, Vec::new())
    })
    .await?;
    drop(payload);
    drop(decoded);
    drop((decoding, sent));
    let (id, ..) = desk.write(ready).await?;
    Ok(desk.answer(json!({ "id": id })))
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
    head: Head,
    request_body: Body,
) -> Result<Answer, Problem> {
    let sender =
        authenticate(&app, &project, head.key()).await.map_err(Problem::with_body_unread)?;
    gate(&app, Some(sender), Category::Security)?;
    let sent = receive(&app, Some(sender), Category::Security, &head, request_body).await?;
    let mut desk = Desk::open(&app, sender).await?;
    let _place = app.writer.place().await;
    let decoding = app.decoding().await;
    let decoded = decode(&app, &head, &sent.bytes)?;
    events::within_event_cap(&app, &decoded)?;
    let (release, environment) =
        (query.sentry_release.as_deref(), query.sentry_environment.as_deref());
    let reports = security::parse(&decoded, &app.scrubber, release, environment, desk.now)?;
    let mut prepared: Vec<Ready> = Vec::with_capacity(reports.len());
    for report in reports {
        let Some(taken) = desk.check(Category::Security, 1) else { continue };
        let ready =
            prepare(&desk, &decoded, Vec::new(), vec![taken], Shape::Report, |_| Ok(report))
                .await?;
        prepared.push(ready);
    }
    drop(decoded);
    drop((decoding, sent));
    if prepared.is_empty() && desk.refused_some() {
        return Err(desk.refusal());
    }
    let mut ids = Vec::with_capacity(prepared.len());
    for ready in prepared {
        let (id, ..) = desk.write(ready).await?;
        ids.push(id);
    }
    Ok(desk.answer(json!({ "ids": ids })))
}

async fn post_plain(
    State(app): State<Arc<App>>,
    head: Head,
    request_body: Body,
) -> Result<Answer, Problem> {
    let sender = by_key(&app, head.key()).await.map_err(Problem::with_body_unread)?;
    gate(&app, Some(sender), Category::Error)?;
    let sent = receive(&app, Some(sender), Category::Error, &head, request_body).await?;
    let mut desk = Desk::open(&app, sender).await?;
    let taken = desk.require(Category::Error)?;
    let _place = app.writer.place().await;
    let decoding = app.decoding().await;
    let decoded = decode(&app, &head, &sent.bytes)?;
    let ready = prepare(&desk, &decoded, Vec::new(), vec![taken], Shape::Other, |now| {
        plain::parse(&decoded, &app.scrubber, now)
    })
    .await?;
    drop(decoded);
    drop((decoding, sent));
    let (event_id, accepted, dropped) = desk.write(ready).await?;
    Ok(desk.answer(json!({
        "id": event_id,
        "event_id": event_id,
        "issue_id": accepted.issue_id,
        "duplicate": accepted.duplicate,
        "dropped": dropped,
    })))
}
