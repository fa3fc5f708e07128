//! One event: as it is understood, as it was sent, and the files that came with it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{App, Problem, number};
use crate::server::extract::PathParts;
use crate::store::events::StoredEvent;

/// Characters of an attachment's name that a browser is offered.
const MAX_FILENAME_CHARS: usize = 100;

pub(super) async fn show(
    State(app): State<Arc<App>>,
    PathParts((project, event_id)): PathParts<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let stored = find(&app, &project, &event_id).await?;
    let mut shown = shape(&stored);
    shown["attachments"] = json!(app.store.attachments(stored.row).await?);
    Ok(Json(shown))
}

pub(super) async fn payload(
    State(app): State<Arc<App>>,
    PathParts((project, event_id)): PathParts<(String, String)>,
) -> Result<Response, Problem> {
    let stored = find(&app, &project, &event_id).await?;
    let payload = app
        .store
        .event_payload(stored.row)
        .await?
        .ok_or_else(|| Problem::not_found("payload of this event"))?;
    Ok(download("event.json", payload))
}

pub(super) async fn attachment(
    State(app): State<Arc<App>>,
    PathParts((project, event_id, id)): PathParts<(String, String, String)>,
) -> Result<Response, Problem> {
    let stored = find(&app, &project, &event_id).await?;
    let id = number("attachment", &id)?;
    let file = app
        .store
        .attachment(stored.row, id)
        .await?
        .ok_or_else(|| Problem::not_found(format!("attachment {id} of this event")))?;
    Ok(download(&safe_filename(&file.filename), file.bytes))
}

/// Somebody else's bytes: never to be shown as a page, or guessed at.
fn download(filename: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{filename}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// A name that is safe in a header and in a folder: the sender's last part of a path, of which letters,
/// digits, `-`, `_` and inner dots stay.
fn safe_filename(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .take(MAX_FILENAME_CHARS)
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        .collect();
    match kept.trim_matches('.') {
        "" => "attachment".to_owned(),
        name => name.to_owned(),
    }
}

async fn find(app: &App, project: &str, event_id: &str) -> Result<StoredEvent, Problem> {
    let project = number("project", project)?;
    let shown: String = event_id.chars().take(40).collect();
    let event_id = uuid::Uuid::try_parse(event_id)
        .map_err(|_| {
            Problem::not_found(format!("event `{shown}`; 32 hexadecimal digits are meant"))
        })?
        .simple()
        .to_string();
    let not_found = || Problem::not_found(format!("event {event_id} in project {project}"));
    // The events of a project that was deleted go in the background.
    if app.store.project(project).await?.is_none() {
        return Err(not_found());
    }
    app.store.event(project, &event_id).await?.ok_or_else(not_found)
}

/// An event as the API shows it.
pub(super) fn shape(stored: &StoredEvent) -> Value {
    json!({
        "issue_id": stored.issue_id,
        "project_id": stored.project_id,
        "received_at": stored.received_at,
        "event": stored.event,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_strangers_are_made_safe() {
        for (sent, safe) in [
            ("log.txt", "log.txt"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a b.dmp", "a_b.dmp"),
            ("x\"; filename=\"y\r\nset-cookie: a", "x___filename__y__set-cookie__a"),
            (".bashrc", "bashrc"),
            ("..", "attachment"),
            ("", "attachment"),
            ("dir/", "attachment"),
            ("Lärm.log", "L_rm.log"),
        ] {
            assert_eq!(safe_filename(sent), safe, "{sent}");
        }
        assert_eq!(safe_filename(&"x".repeat(999)).len(), MAX_FILENAME_CHARS);
    }
}
