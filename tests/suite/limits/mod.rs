//! The limits at the door: what is refused, how it is said, and that nothing that was accepted suffers.

mod connections;
mod deletion;
mod guards;
mod keys;
mod quotas;

use reqwest::header::HeaderMap;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::server::{ProjectFacts, Server, andon};

/// An event id.
fn id(number: u32) -> String {
    format!("{number:032x}")
}

/// An envelope's item.
fn item(kind: &str, payload: &str) -> String {
    format!("{{\"type\":\"{kind}\",\"length\":{}}}\n{payload}\n", payload.len())
}

/// An item with an event.
fn event(number: u32) -> String {
    item("event", &json!({ "event_id": id(number), "message": "disk is full" }).to_string())
}

/// An envelope.
fn envelope(items: &[String]) -> Vec<u8> {
    format!("{{}}\n{}", items.concat()).into_bytes()
}

/// Sends items with one of a project's keys.
async fn send(server: &Server, project: i64, key: &str, items: &[String]) -> Response {
    let path = format!("/api/{project}/envelope/?sentry_key={key}");
    server.plain(Method::POST, &path).body(envelope(items)).send().await.unwrap()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

/// What was refused of a project, without the days: category, reason, quantity.
async fn outcomes(server: &Server, project: &ProjectFacts) -> Vec<(String, String, i64)> {
    let listed = server.json(&format!("/api/projects/{}/outcomes", project.id)).await;
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    listed["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            assert!(text(row, "day").parse::<jiff::civil::Date>().is_ok());
            (text(row, "category"), text(row, "reason"), row["quantity"].as_i64().unwrap())
        })
        .collect()
}

/// Events of all issues.
async fn stored_events(server: &Server) -> i64 {
    let issues = server.json("/api/issues").await;
    let issues = issues["issues"].as_array().unwrap();
    issues.iter().map(|issue| issue["event_count"].as_i64().unwrap()).sum()
}

/// Runs the command line over the server's data.
fn command(server: &Server, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let output =
        andon().args(arguments).args(["--json", "--data"]).arg(server.data()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default(), said)
}
