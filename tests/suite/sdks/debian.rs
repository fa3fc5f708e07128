//! The SDKs that Debian has packaged, in the versions of the Debian at hand: years old, on some (tests/sdks/go,
//! tests/sdks/ruby).

use super::{Arrived, ENVIRONMENT, RELEASE, Stand, application, installed};
use serde_json::{Value, json};

const BROKEN: &str = "Bestellung unlesbar: 🥨 ‘naïve’";

/// What both applications set.
fn has_scope(payload: &Value) {
    assert_eq!(payload["user"]["id"], "ü-17");
    assert_eq!(payload["user"]["username"], "Zoë");
    assert_eq!(payload["tags"]["größe"], "groß 🦀");
    assert_eq!(payload["extra"]["raw"], json!([1, 2.5, "三", null, true]));
    assert!(payload["contexts"]["order"]["lines"].to_string().contains("naïve-1"), "{payload}");
}

fn has_facts(event: &Value) {
    assert_eq!(event["release"], RELEASE);
    assert_eq!(event["environment"], ENVIRONMENT);
    assert_eq!(event["server_name"], "till-3");
    assert_eq!(event["tags"]["till"], "3");
    let crumbs = event["breadcrumbs"].as_array().unwrap();
    assert!(crumbs.iter().any(|crumb| crumb["message"] == "opened 🛒"), "{crumbs:?}");
}

fn types(event: &Value) -> Vec<&str> {
    let chain = event["exceptions"].as_array().unwrap();
    chain.iter().map(|e| e["type"].as_str().unwrap()).collect()
}

fn has_no_card(arrived: &Arrived) {
    let (_, note) = arrived.event("Zoë paid with 4111 1111 1111 1111 at till 3");
    assert!(!note.payload.to_string().contains("4111"), "{}", note.payload);
}

async fn go(case: &str, exit_code: i32, events: usize) -> Arrived {
    let stand = Stand::start().await;
    let mut command = stand.command(installed::go_application());
    command.arg(case);
    stand.run(command, exit_code).await;
    stand.arrived(events).await
}

#[tokio::test(flavor = "multi_thread")]
async fn go_scope_chain_message_request_and_panic() {
    let arrived = go("everything", 0, 4).await;
    let (_, stored) = arrived.event(BROKEN);
    has_scope(&stored.payload);
    has_facts(&stored.event);
    let last = "*main.orderError";
    assert_eq!(types(&stored.event).last(), Some(&last), "{}", stored.event);
    assert!(types(&stored.event).len() >= 3, "{}", stored.event);
    has_no_card(&arrived);
    let (_, message) = arrived.event("Das Lager ist leer 🦀");
    has_scope(&message.payload);
    let (_, request) = arrived.event("nobody catches this");
    assert_eq!(request.payload["request"]["method"], "POST");
    assert_eq!(request.payload["request"]["headers"]["X-Till"], "3");

    let arrived = go("panic", 2, 1).await;
    let stored = &arrived.stored[0];
    has_scope(&stored.payload);
    let text = stored.event.to_string();
    assert!(text.contains("index out of range [2] with length 0"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ruby_scope_chain_and_message() {
    let stand = Stand::start().await;
    // Debian's, not one that stands before it in the path and has none of Debian's libraries.
    let mut command = stand.command("/usr/bin/ruby");
    command.arg(application("ruby/app.rb"));
    stand.run(command, 0).await;
    let arrived = stand.arrived(3).await;
    let (_, stored) = arrived.event(BROKEN);
    has_scope(&stored.payload);
    has_facts(&stored.event);
    assert_eq!(types(&stored.event), ["ArgumentError", "OrderError"]);
    let crumbs = stored.event["breadcrumbs"].as_array().unwrap();
    assert!(crumbs.iter().any(|crumb| crumb["message"] == "few left: brötchen"), "{crumbs:?}");
    let (_, message) = arrived.event("Das Lager ist leer 🦀");
    assert_eq!(message.event["level"], "warning");
    has_no_card(&arrived);
}
