//! Secrets in events: neither the event nor the payload that is kept holds them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::server::{ProjectFacts, Server, andon};

/// A card that its check digit fits.
const CARD: &str = "4111 1111 1111 1111";

fn event(id: u32, secret: &str, message: &str) -> Value {
    json!({
        "event_id": format!("{id:032x}"),
        "platform": "python",
        "exception": {"values": [{
            "type": "PaymentError",
            "value": format!("{message} password={secret}"),
            "stacktrace": {"frames": [{
                "function": "pay", "filename": "shop/auth_token.py", "lineno": 12, "in_app": true,
                "context_line": format!("    charge('{CARD}')"),
                "vars": {"api_key": secret, "total": "12"},
            }]},
        }]},
        "request": {
            "url": format!("https://shop:{secret}@shop.example/pay?token={secret}&page=2"),
            "query_string": [["token", secret], ["page", "2"]],
            "headers": [["Authorization", format!("Bearer {secret}")], ["Accept", "text/html"]],
            "cookies": format!("sid={secret}"),
            "data": format!("{{\"cvv\": \"{secret}\"}}"),
        },
        "tags": {"secret": secret, "author": "Ada"},
        "extra": {"nested": [{"clientSecret": secret}], "paid": CARD},
        "breadcrumbs": {"values": [{"message": format!("GET /?access_token={secret}")}]},
    })
}

/// The event as JSON and the payload, as the API gives them.
async fn kept(server: &Server, project: &ProjectFacts, id: &str) -> (Value, String) {
    let path = format!("/api/projects/{}/events/{id}", project.id);
    let payload = server.get(&format!("{path}/payload")).await;
    assert_eq!(payload.status(), StatusCode::OK);
    (server.json(&path).await, payload.text().await.unwrap())
}

async fn send(server: &Server, project: &ProjectFacts, event: &str) {
    let envelope = format!("{{}}\n{{\"type\":\"event\",\"length\":{}}}\n{event}\n", event.len());
    let sent = server.envelope(project, envelope.into_bytes()).await;
    assert_eq!(sent.status(), StatusCode::OK);
}

#[tokio::test]
async fn secrets_are_in_neither_the_event_nor_its_payload() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    send(&server, &project, &event(1, "hunter2hunter2", "no").to_string()).await;
    let (stored, payload) = kept(&server, &project, &format!("{:032x}", 1)).await;
    for text in [&stored.to_string(), &payload] {
        assert!(!text.contains("hunter2") && !text.contains(CARD), "{text}");
        for stays in
            ["shop/auth_token.py", "Ada", "[scrubbed: password]", "    charge('[scrubbed: card]')"]
        {
            assert!(text.contains(stays), "{stays}: {text}");
        }
    }
    let sent: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(
        sent["request"]["query_string"],
        json!([["token", "[scrubbed: token]"], ["page", "2"]])
    );
    assert_eq!(sent["request"]["headers"][1], json!(["Accept", "text/html"]));
    let noted = stored["event"]["dropped"].as_array().unwrap();
    let note = json!({"field": "request.headers.Authorization", "reason": "scrubbed: auth"});
    assert!(noted.contains(&note), "{noted:?}");

    // A key that comes twice: the reader takes the last, the bytes hold both.
    let twice =
        format!("{{\"event_id\":\"{:032x}\",\"message\":\"pwd=hunter2\",\"message\":\"fine\"}}", 2);
    send(&server, &project, &twice).await;
    let (stored, payload) = kept(&server, &project, &format!("{:032x}", 2)).await;
    assert_eq!(stored["event"]["message"], "fine");
    assert!(!payload.contains("hunter2"), "{payload}");

    // Nothing to remove: byte for byte what was sent.
    let clean = format!("{{ \"message\": \"fine\",\n\"event_id\": \"{:032x}\" , \"x\": 1.50}}", 3);
    send(&server, &project, &clean).await;
    assert_eq!(kept(&server, &project, &format!("{:032x}", 3)).await.1, clean);
}

#[tokio::test]
async fn grouping_does_not_see_what_was_scrubbed() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    for (id, secret) in [(1, "hunter2hunter2"), (2, "correct-horse-battery")] {
        send(&server, &project, &event(id, secret, "no").to_string()).await;
        let message = json!({ "event_id": format!("{:032x}", 10 + id), "message": format!("no: password={secret}") });
        send(&server, &project, &message.to_string()).await;
    }
    let own = json!({"event_id": format!("{:032x}", 20), "message": "x", "fingerprint": ["token=a", CARD]});
    send(&server, &project, &own.to_string()).await;
    let (stored, _) = kept(&server, &project, &format!("{:032x}", 20)).await;
    assert_eq!(stored["event"]["fingerprint"], json!(["token=a", CARD]));
    let issues = server.json("/api/issues").await;
    let mut counts: Vec<i64> = issues["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["event_count"].as_i64().unwrap())
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2, 2], "{issues}");
}

#[tokio::test]
async fn plain_events_and_their_stack_traces() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let stack = "thread 'main' panicked at src/auth.rs:12:9:\nlogin failed: token=hunter2 Authorization: Bearer hunter2\nstack backtrace:\n   0: shop::auth::login\n             at ./src/auth.rs:12:9\n";
    let body = json!({"error": "login failed: token=hunter2", "stack_trace": stack, "tags": {"password": "hunter2"},
        "hunter2@example.org": 1, "context": {"cookie": "hunter2"}});
    let request = server.plain(Method::POST, "/api/events").bearer_auth(&project.key);
    let answer: Value = request.body(body.to_string()).send().await.unwrap().json().await.unwrap();
    let (stored, payload) = kept(&server, &project, answer["id"].as_str().unwrap()).await;
    let without_mail = stored.to_string().replace("hunter2@example.org", "");
    assert!(!without_mail.contains("hunter2"), "{stored}");
    assert!(!payload.replace("hunter2@example.org", "").contains("hunter2"), "{payload}");
    let frames = stored["event"]["exceptions"][0]["stacktrace"]["frames"].as_array().unwrap();
    assert_eq!(frames.last().unwrap()["lineno"], 12);
    assert_eq!(frames.last().unwrap()["function"], "shop::auth::login");
    let value = "login failed: token=[scrubbed: token] Authorization: [scrubbed: auth]";
    assert_eq!(stored["event"]["exceptions"][0]["value"], value, "the panic's own message");
}

#[tokio::test]
async fn settings() {
    let open = Server::start_with(&[("ANDON_SCRUB_ENABLED", "false")]);
    let project = open.create_project("shop", &[]);
    send(
        &open,
        &project,
        &json!({"event_id": format!("{:032x}", 1), "message": "pwd=hunter2"}).to_string(),
    )
    .await;
    assert!(kept(&open, &project, &format!("{:032x}", 1)).await.1.contains("hunter2"));

    let strict = Server::start_with(&[("ANDON_SCRUB_EMAIL", "true"), ("ANDON_SCRUB_IP", "true")]);
    let project = strict.create_project("shop", &[]);
    let user = json!({"event_id": format!("{:032x}", 1), "user": {"ip_address": "203.0.113.7", "email": "a@example.org"}});
    send(&strict, &project, &user.to_string()).await;
    let payload: Value =
        serde_json::from_str(&kept(&strict, &project, &format!("{:032x}", 1)).await.1).unwrap();
    assert_eq!(
        payload["user"],
        json!({"ip_address": "[scrubbed: ip]", "email": "[scrubbed: email]"})
    );
}

#[test]
fn wrong_settings_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("andon.toml");
    for (text, right, words) in [
        (
            "[scrub]\nkeys = [\"iban\"]\npaths = [\"extra.*.iban\"]\npatterns = [{ name = \"order\", regex = \"ORD-[0-9]+\" }]\n",
            true,
            "ORD-",
        ),
        (
            "[scrub]\npatterns = [{ name = \"order\", regex = \"(\" }]\n",
            false,
            "scrub.patterns[0].regex",
        ),
        ("[scrub]\npaths = [\"a..b\"]\n", false, "scrub.paths[0]"),
        ("[scrub]\nkey = [\"a\"]\n", false, "unknown field `key`"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = andon().args(["config", "check"]).arg(&file).output().unwrap();
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stderr),
            String::from_utf8_lossy(&output.stdout)
        );
        assert_eq!(output.status.success(), right, "{said}");
        assert!(said.contains(words), "{said}");
    }
    let output =
        andon().args(["config", "check"]).env("ANDON_SCRUB_KEYS", "iban").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("set it in andon.toml"));
}
