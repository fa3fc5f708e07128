//! Several keys for a project.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{command, event, id, send, stored_events, text};
use crate::support::eventually;
use crate::support::server::{ProjectFacts, Server};

async fn api(server: &Server, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = server.plain(method, path).bearer_auth(&server.token);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

fn listed_key(server: &Server, project: &ProjectFacts) -> Value {
    let (_, listed, _) = command(server, &["project", "list"]);
    let found = listed.as_array().unwrap().iter().find(|p| p["id"] == project.id).unwrap().clone();
    found["key"].clone()
}

#[tokio::test]
async fn every_enabled_key_sends_and_a_disabled_one_does_not() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let other = server.create_project("other", &[]);
    let keys = format!("/api/projects/{}/keys", project.id);
    let (status, listed) = api(&server, Method::GET, &keys, None).await;
    assert_eq!(status, 200);
    assert_eq!(listed["keys"][0]["key"], project.key);
    assert_eq!(listed["keys"][0]["name"], "default");

    let (status, made) = api(&server, Method::POST, &keys, Some(json!({"name": "till"}))).await;
    assert_eq!(status, 201);
    let till = made["key"].as_str().unwrap().to_owned();
    assert_eq!(made["dsn"].as_str().unwrap(), project.dsn.replace(&project.key, &till));
    // At once, by every way of naming a key.
    assert_eq!(send(&server, project.id, &till, &[event(1)]).await.status(), StatusCode::OK);
    assert_eq!(send(&server, project.id, &project.key, &[event(2)]).await.status(), StatusCode::OK);
    assert_eq!(send(&server, other.id, &till, &[event(3)]).await.status(), StatusCode::FORBIDDEN);
    let plain = server.plain(Method::POST, "/api/events").bearer_auth(&till);
    assert_eq!(plain.body("{\"message\":\"x\"}").send().await.unwrap().status(), StatusCode::OK);
    let tunnel = server.plain(Method::POST, &format!("/api/{}/envelope/", project.id));
    let body = format!("{{\"dsn\":\"{}\"}}\n{}", made["dsn"].as_str().unwrap(), event(4));
    assert_eq!(tunnel.body(body).send().await.unwrap().status(), StatusCode::OK);

    // The first key ends: the DSN shows the other one from now on.
    let first = format!("{keys}/{}", listed["keys"][0]["id"]);
    assert_eq!(api(&server, Method::DELETE, &first, None).await.0, 204);
    assert_eq!(api(&server, Method::DELETE, &first, None).await.0, 404, "only once");
    let refused = send(&server, project.id, &project.key, &[event(5)]).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let plain = server.plain(Method::POST, "/api/events").bearer_auth(&project.key);
    assert_eq!(plain.body("{\"message\":\"x\"}").send().await.unwrap().status(), 403);
    assert_eq!(send(&server, project.id, &till, &[event(6)]).await.status(), StatusCode::OK);
    assert_eq!(listed_key(&server, &project), Value::from(till));

    let elsewhere = format!("/api/projects/{}/keys/{}", other.id, made["id"]);
    assert_eq!(api(&server, Method::DELETE, &elsewhere, None).await.0, 404);
    let nowhere = "/api/projects/999/keys";
    assert_eq!(api(&server, Method::POST, nowhere, Some(json!({"name": "x"}))).await.0, 404);
    assert_eq!(api(&server, Method::POST, &keys, Some(json!({"name": " "}))).await.0, 400);

    let trail = server.json(&format!("/api/audit?subject=project:{}", project.id)).await;
    let actions: Vec<&str> = trail["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["project_key.disabled", "project_key.created", "project.created"]);
}

#[tokio::test]
async fn the_command_line_does_the_same_and_a_running_server_hears_of_it() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let number = project.id.to_string();
    assert_eq!(send(&server, project.id, &project.key, &[event(1)]).await.status(), 200);
    let (code, made, said) = command(&server, &["project", "key", "add", &number, "--name", "ci"]);
    assert_eq!(code, Some(0), "{said}");
    let key = made["key"].as_str().unwrap().to_owned();
    eventually("the server to know the key", async || {
        let sent = send(&server, project.id, &key, &[event(2)]).await;
        (sent.status() == StatusCode::OK).then_some(())
    })
    .await;
    let (_, listed, _) = command(&server, &["project", "key", "list", &number]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let key_id = made["id"].to_string();
    assert_eq!(command(&server, &["project", "key", "disable", &number, &key_id]).0, Some(0));
    eventually("the server to refuse the key", async || {
        let sent = send(&server, project.id, &key, &[event(2)]).await;
        (sent.status() == StatusCode::FORBIDDEN).then_some(())
    })
    .await;
    let (code, _, said) = command(&server, &["project", "key", "disable", &number, &key_id]);
    assert_eq!(code, Some(1));
    assert!(said.contains("there is no key"), "{said}");
    let (code, _, said) = command(&server, &["project", "key", "add", "999"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("there is no project 999"), "{said}");
}

#[tokio::test]
async fn a_project_has_no_end_of_keys() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let keys = format!("/api/projects/{}/keys", project.id);
    for _ in 1..50 {
        assert_eq!(api(&server, Method::POST, &keys, Some(json!({"name": "x"}))).await.0, 201);
    }
    let (status, problem) = api(&server, Method::POST, &keys, Some(json!({"name": "x"}))).await;
    assert_eq!(status, 409);
    assert!(problem["detail"].as_str().unwrap().contains("disable one first"), "{problem}");
}

#[tokio::test]
async fn a_key_has_a_quota_of_its_own() {
    let server = Server::start_with(&[("ANDON_QUOTAS_KEY_EVENTS_PER_MONTH", "2")]);
    let project = server.create_project("shop", &[]);
    let keys = format!("/api/projects/{}/keys", project.id);
    let (_, made) = api(&server, Method::POST, &keys, Some(json!({"name": "till"}))).await;
    let till = made["key"].as_str().unwrap();
    for number in 1..=2 {
        assert_eq!(send(&server, project.id, &project.key, &[event(number)]).await.status(), 200);
    }
    let refused = send(&server, project.id, &project.key, &[event(3)]).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let limits = text(refused.headers(), "x-sentry-rate-limits").unwrap();
    assert!(limits.ends_with(":error;security:key:quota_month"), "{limits}");
    let problem: Value = refused.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("quotas.key_events_per_month"));
    assert_eq!(send(&server, project.id, till, &[event(3)]).await.status(), StatusCode::OK);
    assert_eq!(stored_events(&server).await, 3);
    let kept = server.get(&format!("/api/projects/{}/events/{}", project.id, id(3))).await;
    assert_eq!(kept.status(), StatusCode::OK);
}
