//! `@sentry/node`, and `raven`, which was before it (tests/sdks/node).

use serde_json::{Value, json};

use super::{Arrived, ENVIRONMENT, RELEASE, Stand, installed};

/// Runs one case of the application, which sends so many events.
async fn run(case: &str, exit_code: i32, events: usize) -> Arrived {
    let stand = Stand::start().await;
    let folder = installed::node_folder(&stand, &["node/app.mjs"]);
    let mut command = stand.command(installed::node());
    command.args(["app.mjs", case]).current_dir(folder);
    stand.run(command, exit_code).await;
    stand.arrived(events).await
}

/// What `setScope()` sets, in an event as the API gives it back.
fn has_scope(payload: &Value) {
    assert_eq!(payload["user"]["id"], "ü-17");
    assert_eq!(payload["user"]["shop"]["city"], "Köln");
    assert_eq!(payload["tags"]["größe"], "groß 🦀");
    assert_eq!(payload["contexts"]["order"]["lines"][0], "naïve-1");
    assert_eq!(payload["extra"]["raw"], json!([1, 2.5, "三", null, true]));
    let crumbs = payload["breadcrumbs"].as_array().unwrap();
    assert_eq!(crumbs[0]["message"], "opened 🛒");
    assert_eq!(crumbs[0]["data"], json!({"lines": 3, "ok": true}));
    assert_eq!(crumbs[1]["category"], "console");
}

const BROKEN: &str = "Bestellung unlesbar: 🥨 ‘naïve’ \u{202e}\t";

/// The chain that `total()` throws, cause first.
fn has_chain(event: &Value) {
    let chain = event["exceptions"].as_array().unwrap();
    let types: Vec<&str> = chain.iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["TypeError", "TypeError", "OrderError"]);
    let frames = chain[2]["stacktrace"]["frames"].as_array().unwrap();
    let last = frames.last().unwrap();
    assert_eq!(last["function"], "total");
    assert!(last["context_line"].as_str().unwrap().contains("throw new OrderError"), "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn node_scope_chain_message_and_attachments() {
    let arrived = run("everything", 0, 3).await;
    let (sent, stored) = arrived.event(BROKEN);
    assert_eq!(stored.event["release"], RELEASE);
    assert_eq!(stored.event["environment"], ENVIRONMENT);
    assert_eq!(stored.event["server_name"], "till-3");
    assert_eq!(stored.event["tags"]["till"], "3");
    has_scope(&stored.payload);
    has_chain(&stored.event);
    let names: Vec<&str> = sent.attachments.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["alle bytes.bin", "gruß.txt"]);
    assert_eq!(sent.attachments[0].1.len(), 258);

    let (_, message) = arrived.event("Das Lager ist leer 🦀");
    assert_eq!(message.event["level"], "warning");
    has_scope(&message.payload);

    let (_, many) = arrived.event("two at once");
    let chain = many.event["exceptions"].as_array().unwrap();
    let values: Vec<&str> = chain.iter().map(|e| e["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["zwei", "eins", "two at once"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn node_secrets() {
    let arrived = run("secrets", 0, 1).await;
    let stored = &arrived.stored[0];
    let text = stored.payload.to_string();
    for secret in ["4111", "eyJhbGci", "hunter2"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(stored.payload["extra"]["form"]["name"], "Zoë");
}

#[tokio::test(flavor = "multi_thread")]
async fn node_what_ends_the_process() {
    let arrived = run("unhandled", 1, 1).await;
    let (sent, stored) = arrived.event(BROKEN);
    has_scope(&stored.payload);
    has_chain(&stored.event);
    assert_eq!(stored.event["exceptions"][2]["handled"], false);
    assert_eq!(sent.attachments.len(), 2);

    // The SDK's own choice is to warn and go on.
    let arrived = run("rejection", 0, 1).await;
    let (_, stored) = arrived.event("nobody waits for this");
    has_scope(&stored.payload);
    assert_eq!(stored.event["exceptions"][0]["handled"], false);
    assert!(arrived.sent.counted["session"] > 0, "{:?}", arrived.sent.counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn node_the_client_before_envelopes() {
    let stand = Stand::start().await;
    let folder = installed::node_folder(&stand, &["node/old.cjs"]);
    let mut command = stand.command(installed::node());
    command.arg("old.cjs").current_dir(folder);
    stand.run(command, 0).await;
    let arrived = stand.arrived(2).await;
    assert!(stand.tap.requests().iter().all(|request| request.path.contains("/store/")));
    let (_, message) = arrived.event("Das Lager ist leer 🦀");
    assert_eq!(message.payload["user"]["username"], "Zoë");
    assert_eq!(message.event["breadcrumbs"][0]["message"], "opened 🛒");
    assert_eq!(message.event["tags"]["till"], "3");
    let (_, failed) = arrived.event("Bestellung unlesbar");
    assert_eq!(failed.event["exceptions"][0]["type"], "Error");
}
