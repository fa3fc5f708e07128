//! What senders really send, by every door, whole and broken.

mod bad_input;
mod encodings;
mod items;
mod reports;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::server::{ProjectFacts, Server};

/// An event id.
fn id(number: u32) -> String {
    format!("{number:032x}")
}

/// An envelope with one event.
fn envelope(event: &Value) -> Vec<u8> {
    format!("{{}}\n{{\"type\":\"event\"}}\n{event}\n").into_bytes()
}

fn message(number: u32) -> Value {
    json!({ "event_id": id(number), "message": "disk is full" })
}

/// Posts to a door below the project, with its key in the query.
async fn post(
    server: &Server,
    project: &ProjectFacts,
    door: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Response {
    let path = format!("/api/{}/{door}?sentry_version=7&sentry_key={}", project.id, project.key);
    let mut request = server.plain(Method::POST, &path).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// The stored event with all that stands beside it.
async fn stored(server: &Server, project: &ProjectFacts, id: &str) -> Value {
    server.json(&format!("/api/projects/{}/events/{id}", project.id)).await
}

async fn is_stored(server: &Server, project: &ProjectFacts, id: &str) -> bool {
    let found = server.get(&format!("/api/projects/{}/events/{id}", project.id)).await;
    found.status() == StatusCode::OK
}
