//! Events in, by every door, good and bad.

use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::server::{ProjectFacts, Server, gzip};

fn event(id: u32, message: &str) -> Value {
    json!({
        "event_id": format!("{id:032x}"),
        "platform": "rust",
        "exception": {"values": [{
            "type": "panic",
            "value": message,
            "stacktrace": {"frames": [
                {"function": "shop::main", "abs_path": "/app/src/main.rs", "lineno": 3},
                {"function": "shop::cart::total", "abs_path": "/app/src/cart.rs", "lineno": 7},
            ]},
        }]},
    })
}

fn envelope(event: &Value) -> Vec<u8> {
    let event = event.to_string();
    format!("{{\"sdk\":{{}}}}\n{{\"type\":\"event\",\"length\":{}}}\n{event}\n", event.len())
        .into_bytes()
}

async fn stored(server: &Server, project: &ProjectFacts, id: &str) -> Value {
    server.json(&format!("/api/projects/{}/events/{id}", project.id)).await
}

/// An error with a cause, as applications have them.
#[derive(Debug, thiserror::Error)]
#[error("the order could not be read")]
struct OrderError(#[source] std::num::ParseIntError);

#[tokio::test(flavor = "multi_thread")]
async fn what_the_real_rust_sdk_sends_is_what_the_api_gives_back() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let dsn = project.dsn.clone();
    let id = tokio::task::spawn_blocking(move || {
        let options =
            sentry::ClientOptions::new().dsn(&dsn).release("shop@1.2.3").environment("test");
        let options = sentry::apply_defaults(options);
        let client = Arc::new(sentry::Client::from(options));
        let hub = Arc::new(sentry::Hub::new(Some(Arc::clone(&client)), Arc::default()));
        let id = sentry::Hub::run(hub, || {
            sentry::configure_scope(|scope| scope.set_tag("till", "3"));
            sentry::add_breadcrumb(sentry::Breadcrumb {
                category: Some("cart".into()),
                message: Some("opened".into()),
                ..Default::default()
            });
            let cause = "twelve".parse::<u32>().unwrap_err();
            sentry::capture_error(&OrderError(cause))
        });
        assert!(
            client.flush(Some(std::time::Duration::from_secs(10))),
            "the SDK sends what it has"
        );
        id.simple().to_string()
    })
    .await
    .unwrap();

    let event = stored(&server, &project, &id).await["event"].clone();
    assert_eq!(event["release"], "shop@1.2.3");
    assert_eq!(event["environment"], "test");
    assert_eq!(event["tags"]["till"], "3");
    assert_eq!(event["breadcrumbs"][0]["message"], "opened");
    let chain = event["exceptions"].as_array().unwrap();
    assert_eq!(chain.len(), 2);
    assert_eq!(chain[0]["value"], "invalid digit found in string");
    assert_eq!(chain[1]["value"], "the order could not be read");
    assert_eq!(event.get("dropped"), None);

    // Byte for byte what was sent, as well.
    let payload = server.get(&format!("/api/projects/{}/events/{id}/payload", project.id)).await;
    let payload: Value = serde_json::from_slice(&payload.bytes().await.unwrap()).unwrap();
    assert_eq!(payload["release"], "shop@1.2.3");
}

#[tokio::test]
async fn keys_by_header_and_query_bodies_plain_and_gzipped() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let path = format!("/api/{}/envelope/", project.id);
    let by_query = format!("{path}?sentry_version=7&sentry_key={}", project.key);

    let first = server.envelope(&project, envelope(&event(1, "a"))).await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(first.json::<Value>().await.unwrap()["id"], format!("{:032x}", 1));
    let zipped = server
        .plain(Method::POST, &by_query)
        .header("content-encoding", "gzip")
        .body(gzip(&envelope(&event(2, "b"))));
    assert_eq!(zipped.send().await.unwrap().status(), StatusCode::OK);
    // The same event again, as a sender does that missed the answer.
    let again = server.envelope(&project, envelope(&event(2, "b"))).await;
    assert_eq!(again.status(), StatusCode::OK);

    let issues = server.json("/api/issues").await;
    let issues = issues["issues"].as_array().unwrap();
    assert_eq!(issues.len(), 1, "messages that vary do not split an issue");
    assert_eq!(issues[0]["event_count"], 2, "an event sent twice counts once");
    assert_eq!(issues[0]["culprit"], "/app/src/cart.rs:7 in shop::cart::total");
}

#[tokio::test]
async fn plain_json() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let send = async |body: &str| {
        let request = server
            .plain(Method::POST, "/api/events")
            .bearer_auth(&project.key)
            .body(body.to_owned());
        request.send().await.unwrap()
    };
    let stack = "thread 'main' panicked at src/cart.rs:12:9:\nindex out of bounds: the len is 3 but the index is 5\nstack backtrace:\n   0: shop::cart::total\n             at ./src/cart.rs:12:9\n   1: shop::main\n             at ./src/main.rs:3:5\n";
    let body = json!({
        "error": "index out of bounds: the len is 3 but the index is 5",
        "stack_trace": stack, "release": "1.0", "tags": {"a": "b"}, "colour": "blue",
    });
    let response = send(&body.to_string()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["dropped"][0]["field"], "colour");
    let event =
        stored(&server, &project, answer["event_id"].as_str().unwrap()).await["event"].clone();
    let frames = event["exceptions"][0]["stacktrace"]["frames"].as_array().unwrap();
    assert_eq!(frames.last().unwrap()["lineno"], 12);
    assert_eq!(event["tags"]["a"], "b");

    // The panic's own message comes before what the sender calls it.
    let named = json!({"error": "it broke", "type": "Oops", "stack_trace": stack}).to_string();
    let answer: Value = send(&named).await.json().await.unwrap();
    let event =
        stored(&server, &project, answer["event_id"].as_str().unwrap()).await["event"].clone();
    assert_eq!(
        event["exceptions"][0]["value"],
        "index out of bounds: the len is 3 but the index is 5"
    );
    assert_eq!(event["message"], "it broke");

    let message = send("{\"message\": \"disk 7 is full\"}").await;
    assert_eq!(message.status(), StatusCode::OK);
    for bad in ["", "[]", "{}", "{\"error\": {}}", "nonsense"] {
        let refused = send(bad).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{bad}");
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn bad_input_is_refused_with_a_reason_and_the_server_goes_on() {
    let server = Server::start_with(&[
        ("ANDON_INGEST_MAX_BODY_BYTES", "100000"),
        ("ANDON_INGEST_MAX_DECODED_BYTES", "200000"),
        ("ANDON_INGEST_MAX_EVENT_BYTES", "50000"),
        ("ANDON_INGEST_BODY_TIMEOUT_SECONDS", "1"),
    ]);
    let project = server.create_project("shop", &[]);
    let other = server.create_project("other", &[]);
    let path = format!("/api/{}/envelope/", project.id);
    let post = async |path: &str, key: &str, encoding: &str, body: Vec<u8>| {
        let request = server
            .plain(Method::POST, path)
            .header("x-sentry-auth", format!("Sentry sentry_key={key}"))
            .header("content-encoding", encoding)
            .body(body);
        let response = request.send().await.unwrap();
        let status = response.status();
        let detail = response.json::<Value>().await.unwrap()["detail"].clone();
        (status.as_u16(), detail.as_str().unwrap_or_default().to_owned())
    };
    let good = envelope(&event(1, "x"));
    let bomb = gzip(&vec![b' '; 60_000_000]);
    let deep = format!(
        "{{}}\n{{\"type\":\"event\"}}\n{{\"a\":{}{}}}\n",
        "[".repeat(9000),
        "]".repeat(9000)
    );
    let big = envelope(&json!({"message": "x".repeat(60_000)}));
    for (path, key, encoding, body, status, words) in [
        (path.as_str(), project.key.as_str(), "", b"no json\n".to_vec(), 400, "first line"),
        (&path, &project.key, "", Vec::new(), 400, "first line"),
        (
            &path,
            &project.key,
            "",
            b"{}\n{\"type\":\"event\"}\n{\"a\":\n".to_vec(),
            400,
            "not a JSON object",
        ),
        (&path, &project.key, "", deep.into_bytes(), 400, "not a JSON object"),
        (&path, "0123", "", good.clone(), 403, "not a key of this project"),
        (&path, &other.key, "", good.clone(), 403, "not a key of this project"),
        ("/api/999/envelope/", &project.key, "", good.clone(), 403, "not a key of this project"),
        ("/api/shop/envelope/", &project.key, "", good.clone(), 404, "number"),
        (&path, "", "", good.clone(), 401, "key is missing"),
        (&path, &project.key, "", vec![b'x'; 100_001], 413, "100000"),
        (&path, &project.key, "gzip", bomb, 413, "200000"),
        (&path, &project.key, "", big, 413, "50000"),
        (&path, &project.key, "gzip", b"not gzip".to_vec(), 400, "gzip"),
        (&path, &project.key, "compress", good.clone(), 415, "compress"),
    ] {
        let (found, detail) = post(path, key, encoding, body).await;
        assert_eq!(found, status, "{detail}");
        assert!(detail.contains(words), "{status}: {detail}");
    }

    // What can be read is kept, and what was dropped is said.
    let broken = b"{}\n{\"type\":\"event\"}\n{\"event_id\":\"000000000000000000000000000000aa\",\"message\":\"caf\xff\",\"tags\":7}\n";
    assert_eq!(server.envelope(&project, broken.to_vec()).await.status(), StatusCode::OK);
    let kept = stored(&server, &project, "000000000000000000000000000000aa").await["event"].clone();
    assert_eq!(kept["message"], "caf\u{fffd}");
    let fields: Vec<&str> =
        kept["dropped"].as_array().unwrap().iter().map(|d| d["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["event", "tags"]);

    // Items of other kinds, and an envelope without any event, are taken.
    let session = b"{}\n{\"type\":\"session\"}\n{}\n".to_vec();
    assert_eq!(server.envelope(&project, session).await.status(), StatusCode::OK);
    half_a_body_is_cut_off(&server, &project).await;
    assert_eq!(server.json("/health").await["status"], "healthy");
    assert_eq!(server.json("/api/issues").await["issues"].as_array().unwrap().len(), 1);
}

/// A sender that stops in the middle does not hold the connection for ever.
async fn half_a_body_is_cut_off(server: &Server, project: &ProjectFacts) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = server.url.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/{}/envelope/?sentry_key={} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 500\r\n\r\n{{}}",
        project.id, project.key
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[tokio::test]
async fn an_event_without_repository_is_analysed_from_its_own_context() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let mut event = event(7, "index out of bounds: the len is 3 but the index is 5");
    let frame = &mut event["exception"]["values"][0]["stacktrace"]["frames"][1];
    frame["pre_context"] = json!(["fn total(prices: &[u32], last: usize) -> u32 {"]);
    frame["context_line"] = json!("    prices[last]");
    frame["post_context"] = json!(["}"]);
    assert_eq!(server.envelope(&project, envelope(&event)).await.status(), StatusCode::OK);
    let issue = eventually("the analysis", async || {
        let issue = server.json("/api/issues/1").await;
        (issue["analysis"]["status"] == "done").then_some(issue)
    })
    .await;
    let cause = &issue["root_cause"];
    assert_eq!(cause["class"], "index_out_of_bounds");
    assert_eq!(cause["confidence"], Value::Null);
    assert_eq!(cause["evidence"][0]["quote"], "    prices[last]");
    assert_eq!(issue["suggestions"].as_array().unwrap().len(), 0);
    let skipped: Vec<&str> = issue["executions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["status"] == "skipped")
        .map(|e| e["agent"].as_str().unwrap())
        .collect();
    assert_eq!(
        skipped,
        ["exception-analyst", "compiler", "style", "root-cause", "fix-writer", "fix-critic"]
    );
}

#[tokio::test]
async fn a_list_of_large_events_ends_early_and_goes_on_where_it_ended() {
    const EVENTS: usize = 8;
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let crumb = json!({ "message": "x".repeat(16_000) });
    for _ in 0..EVENTS {
        let large = json!({ "message": "large", "breadcrumbs": vec![crumb.clone(); 100] });
        assert_eq!(server.envelope(&project, envelope(&large)).await.status(), StatusCode::OK);
    }
    let (mut seen, mut pages, mut before) = (0, 0, i64::MAX);
    loop {
        let page = server.json(&format!("/api/issues/1/events?limit=200&before={before}")).await;
        let listed = page["events"].as_array().unwrap().len();
        assert!(listed > 0 && listed < EVENTS, "{listed} events on a page");
        (seen, pages) = (seen + listed, pages + 1);
        match page["next"].as_i64() {
            Some(next) => before = next,
            None => break,
        }
    }
    assert_eq!(seen, EVENTS, "on {pages} pages");
}
