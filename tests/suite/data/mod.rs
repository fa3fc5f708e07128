//! What is stored, and what becomes of it: taken out, deleted, merged, counted, kept for a while.

mod commands;
mod deletion;
mod export;
mod merging;
mod pages;
mod retention;
mod settings;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::support::gui::Gui;
use crate::support::postgres::Postgres;
use crate::support::server::{ProjectFacts, Server, andon};

/// A server over PostgreSQL. The command line does not know of its database.
async fn on_postgres(variables: &[(&str, &str)]) -> Server {
    let url = Postgres::shared().await.database().await;
    let mut all = vec![("ANDON_DATABASE_URL", url.as_str())];
    all.extend(variables);
    Server::start_with(&all)
}

/// Creates a project by the API.
async fn create(server: &Server, name: &str) -> ProjectFacts {
    let made = ask(server, Method::POST, "/api/projects", &json!({ "name": name })).await;
    assert_eq!(made.0, StatusCode::CREATED, "{}", made.1);
    serde_json::from_value(made.1).unwrap()
}

/// The id of an event.
fn id(number: u32) -> String {
    format!("{number:032x}")
}

/// Sends an event of the issue `title`, by `user`.
async fn send(server: &Server, project: &ProjectFacts, number: u32, title: &str, user: &str) {
    let event = json!({
        "event_id": id(number),
        "message": title,
        "fingerprint": [title],
        "user": { "id": user },
    });
    send_event(server, project, &event).await;
}

/// Sends an event.
async fn send_event(server: &Server, project: &ProjectFacts, event: &Value) {
    let event = event.to_string();
    let envelope = format!("{{}}\n{{\"type\":\"event\",\"length\":{}}}\n{event}\n", event.len());
    let answer = server.envelope(project, envelope.into_bytes()).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

/// A request with the administrator's token.
fn request(server: &Server, method: Method, path: &str) -> RequestBuilder {
    server.plain(method, path).bearer_auth(&server.token)
}

/// A request with JSON; the status and what was answered.
async fn ask(server: &Server, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let answer = request(server, method, path).json(body).send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or_default())
}

/// The lines of an export; `query` begins with `?` or is empty.
async fn export(server: &Server, project: &ProjectFacts, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/api/projects/{}/export{query}", project.id)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    lines(&answer.text().await.unwrap())
}

/// JSON by the line.
fn lines(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is whole");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The ids of exported events.
fn ids(lines: &[Value]) -> Vec<String> {
    lines.iter().map(|line| line["event_id"].as_str().unwrap().to_owned()).collect()
}

/// The ids of an issue's stored events, oldest first.
async fn events_of(server: &Server, issue: i64) -> Vec<String> {
    let listed = server.json(&format!("/api/issues/{issue}/events?limit=200")).await;
    let events = listed["events"].as_array().unwrap().iter().rev();
    events.map(|one| one["event"]["event_id"].as_str().unwrap().to_owned()).collect()
}

/// The number of the issue with this title, the lists' one.
async fn issue(server: &Server, title: &str) -> i64 {
    let listed = server.json("/api/issues").await;
    let issues = listed["issues"].as_array().unwrap();
    let found = issues.iter().find(|issue| issue["title"] == title);
    found.unwrap_or_else(|| panic!("no issue {title}: {listed}"))["id"].as_i64().unwrap()
}

/// A token that may only read.
fn reader(server: &Server) -> String {
    let output = andon()
        .args(["token", "create", "reader", "--scope", "read", "--json", "--data"])
        .arg(server.data())
        .output()
        .unwrap();
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    made["token"].as_str().unwrap().to_owned()
}
