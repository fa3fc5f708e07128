//! `sentry-sdk`, and `raven`, which was before it (tests/sdks/python).

use serde_json::{Value, json};

use super::{Arrived, ENVIRONMENT, RELEASE, Stand, application, installed};

/// Runs one case of the application, which sends so many events.
async fn run(case: &str, exit_code: i32, events: usize) -> Arrived {
    let stand = Stand::start().await;
    let mut command = stand.command(installed::python());
    command.arg(application("python/app.py")).arg(case);
    stand.run(command, exit_code).await;
    stand.arrived(events).await
}

/// What `set_scope()` sets, in an event as the API gives it back.
fn has_scope(payload: &Value) {
    assert_eq!(payload["user"]["id"], "ü-17");
    assert_eq!(payload["user"]["shop"]["city"], "Köln");
    assert_eq!(payload["tags"]["größe"], "groß 🦀");
    assert_eq!(payload["contexts"]["order"]["lines"][0]["sku"], "naïve-1");
    assert_eq!(payload["extra"]["raw"]["deep"][2], "三");
    let crumbs = payload["breadcrumbs"]["values"].as_array().unwrap();
    assert_eq!(crumbs[0]["message"], "opened 🛒");
    assert_eq!(crumbs[0]["data"], json!({"lines": 3, "ok": true}));
    assert_eq!(crumbs[1]["category"], "shop.stock");
}

/// The chain that `total()` raises, cause first.
fn has_chain(event: &Value) {
    let chain = event["exceptions"].as_array().unwrap();
    let types: Vec<&str> = chain.iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["KeyError", "ValueError", "OrderError"]);
    let frames = chain[2]["stacktrace"]["frames"].as_array().unwrap();
    assert_eq!(frames.last().unwrap()["function"], "total");
    assert!(frames.last().unwrap()["context_line"].as_str().unwrap().contains("raise OrderError"));
}

const BROKEN: &str = "Bestellung unlesbar: 🥨 ‘naïve’ \u{202e}\t";

#[tokio::test(flavor = "multi_thread")]
async fn python_scope_chain_message_log_and_attachments() {
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
    // The SDK's stack of a message is that of the thread that it came from.
    let threads = message.payload["threads"]["values"].as_array().unwrap();
    assert_eq!(threads[0]["current"], true);
    assert!(threads[0]["stacktrace"]["frames"].as_array().unwrap().len() >= 2);

    let (_, log) = arrived.event("order %s has no address");
    assert_eq!(log.event["logger"], "shop.orders");
    assert_eq!(log.event["message"], "order A-7 has no address");
}

#[tokio::test(flavor = "multi_thread")]
async fn python_groups_threads_and_secrets() {
    let arrived = run("group", 0, 1).await;
    let payload = &arrived.stored[0].payload;
    let chain = payload["exception"]["values"].as_array().unwrap();
    let parents: Vec<&Value> = chain.iter().map(|e| &e["mechanism"]["parent_id"]).collect();
    assert_eq!(parents, [&json!(0), &json!(0), &Value::Null], "the group is a tree");

    let arrived = run("threads", 0, 1).await;
    let (_, stored) = arrived.event("the shelf is empty");
    assert_eq!(stored.event["exceptions"][0]["handled"], false);
    let frames = &stored.payload["exception"]["values"][0]["stacktrace"]["frames"];
    let thread = frames[0]["vars"]["self"].as_str().unwrap();
    assert!(thread.starts_with("<Thread(picker, "), "{thread}");

    let arrived = run("secrets", 0, 1).await;
    let stored = &arrived.stored[0];
    let text = stored.payload.to_string();
    for secret in ["4111", "eyJhbGci", "hunter2"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let message = stored.event["message"].as_str().unwrap();
    assert!(message.starts_with("Zoë paid with [scrubbed: "), "{message}");
    assert!(message.ends_with("] at till 3"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn python_what_ends_the_process_and_sessions() {
    let arrived = run("unhandled", 1, 1).await;
    let (sent, stored) = arrived.event(BROKEN);
    has_scope(&stored.payload);
    has_chain(&stored.event);
    assert_eq!(stored.event["exceptions"][2]["handled"], false);
    assert_eq!(sent.attachments.len(), 2);
    assert!(arrived.sent.counted["session"] > 0, "{:?}", arrived.sent.counted);

    let arrived = run("session", 0, 0).await;
    assert!(arrived.sent.counted["session"] > 0, "{:?}", arrived.sent.counted);
    assert_eq!(arrived.sent.counted.get("transaction"), None, "tracing is off unless it is set");
}

#[tokio::test(flavor = "multi_thread")]
async fn python_a_flask_application() {
    let arrived = run("flask", 0, 1).await;
    let (_, stored) = arrived.event(BROKEN);
    has_chain(&stored.event);
    assert_eq!(stored.event["transaction"], "order");
    assert_eq!(stored.event["exceptions"][2]["handled"], false);
    let request = &stored.payload["request"];
    assert_eq!(request["method"], "POST");
    assert!(request["url"].as_str().unwrap().ends_with("/orders/7"), "{request}");
    assert_eq!(request["headers"]["X-Till"], "3");
    assert_eq!(request["data"], json!({"articles": ["birne"]}));
    assert!(arrived.sent.counted["sessions"] > 0, "{:?}", arrived.sent.counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn python_the_client_before_envelopes() {
    let stand = Stand::start().await;
    let mut command = stand.command(installed::python());
    command.arg(application("python/old.py"));
    stand.run(command, 0).await;
    let arrived = stand.arrived(2).await;
    assert!(stand.tap.requests().iter().all(|request| request.path.contains("/store/")));
    let (_, message) = arrived.event("Das Lager ist leer 🦀");
    assert_eq!(message.payload["user"]["username"], "Zoë");
    assert_eq!(message.event["breadcrumbs"][0]["message"], "opened 🛒");
    assert_eq!(message.event["tags"]["till"], "3");
    let failed = &arrived.stored.iter().find(|s| s.event["exceptions"][0].is_object()).unwrap();
    assert_eq!(failed.event["exceptions"][0]["type"], "ValueError");
}
