//! What was captured is what arrives.

use std::time::Duration;

use andon_sdk::{
    Breadcrumb, Event, EventId, Level, Request, SharedScope, User, add_breadcrumb, capture_error,
    capture_event, capture_message, configure_scope, in_scope, with_scope,
};
use serde_json::json;

use super::sdk::Sdk;
use super::server::{PATIENCE, Server};

#[derive(Debug, thiserror::Error)]
#[error("order {0} was not paid")]
struct NotPaid(u32, #[source] std::num::ParseIntError);

#[inline(never)]
fn pay() -> EventId {
    capture_error(&NotPaid(7, "x".parse::<u8>().unwrap_err()))
}

#[test]
fn an_error_arrives_with_its_sources_its_stack_and_what_is_known() {
    let server = Server::start();
    let sdk = Sdk::start_with(&server.dsn(), |options| {
        options.release("0123abc").environment("test").server_name("till 3").scrub_key("pin")
    });
    assert!(sdk.guard().is_enabled());
    configure_scope(|scope| {
        scope.set_tag("shop", "north");
        scope.set_tag("api_key", "hush");
        scope.set_user(Some(User::with_id("ada")));
        scope.set_context("order", json!({"id": 7, "pin": "hush", "lines": [1, 2]}));
        scope.set_transaction(Some("pay"));
        scope.set_request(Some(Request {
            method: Some("POST".into()),
            url: Some("http://shop/pay".into()),
            ..Request::default()
        }));
    });
    for n in 0..120 {
        add_breadcrumb(Breadcrumb::new(format!("step {n}")).category("till").data("n", n));
    }
    let id = pay();
    let event = server.one();
    assert_eq!(event["event_id"], id.to_string());
    assert_eq!(event["platform"], "rust");
    assert_eq!(event["level"], "error");
    assert_eq!(event["release"], "0123abc");
    assert_eq!(event["environment"], "test");
    assert_eq!(event["server_name"], "till 3");
    assert_eq!(event["transaction"], "pay");
    assert_eq!(event["user"], json!({"id": "ada"}));
    assert_eq!(event["tags"], json!({"shop": "north", "api_key": "[Filtered]"}));
    assert_eq!(event["contexts"]["order"], json!({"id": 7, "pin": "[Filtered]", "lines": [1, 2]}));
    assert_eq!(event["contexts"]["os"]["name"], std::env::consts::OS);
    assert!(event["contexts"]["thread"]["name"].as_str().unwrap().contains("an_error_arrives"));
    assert_eq!(event["request"]["url"], "http://shop/pay");
    let crumbs = event["breadcrumbs"]["values"].as_array().unwrap();
    assert_eq!(crumbs.len(), 100);
    assert_eq!(crumbs[99]["message"], "step 119");
    assert_eq!(crumbs[99]["data"]["n"], 119);
    let chain = event["exception"]["values"].as_array().unwrap();
    assert_eq!(
        (&chain[0]["type"], &chain[1]["type"]),
        (&json!("ParseIntError"), &json!("NotPaid"))
    );
    assert_eq!(chain[1]["value"], "order 7 was not paid");
    assert_eq!(chain[1]["mechanism"], json!({"type": "generic", "handled": true}));
    let frames = chain[1]["stacktrace"]["frames"].as_array().unwrap();
    let last = frames.last().unwrap();
    assert_eq!(last["function"], "capture::what_arrives::pay", "{frames:#?}");
    assert_eq!(last["in_app"], true);
    assert!(last["abs_path"].as_str().unwrap().ends_with("what_arrives.rs"));
    assert!(last["lineno"].as_u64().unwrap() > 10);
    assert!(frames.iter().any(|frame| frame["in_app"] == false), "what is not the application's");
    let age = andon_now() - event["timestamp"].as_f64().unwrap();
    assert!((0.0..PATIENCE.as_secs_f64()).contains(&age), "{age}");
}

fn andon_now() -> f64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
}

#[test]
fn what_is_made_ready_once_is_the_same_as_what_a_hook_sees() {
    let server = Server::start();
    let sdk = Sdk::start_with(&server.dsn(), |options| options.scrub_key("pin"));
    configure_scope(|scope| scope.set_tag("shop", "north"));
    let crumb = Breadcrumb::new("\"paid\" \u{1}").data("pin", "hush").data("api_key", "hush");
    add_breadcrumb(crumb);
    let captured = || (0..2).for_each(|_| assert!(pay().is_some()));
    captured();
    assert!(sdk.guard().flush(PATIENCE));
    // With other words, and then with a hook, over the same breadcrumbs.
    let again = |set: fn(andon_sdk::Options) -> andon_sdk::Options| {
        let options = andon_sdk::Options::new(server.dsn()).spool(andon_sdk::Spool::MemoryOnly);
        let guard = set(options).init();
        captured();
        assert!(guard.flush(PATIENCE));
    };
    again(|options| options.scrub_key("shop"));
    again(|options| options.before_send(Some).scrub_key("pin"));
    drop(sdk);
    let events = server.events();
    assert_eq!(events.len(), 6);
    let parts = |event: &serde_json::Value| {
        let mut event = event.clone();
        for varies in ["event_id", "timestamp"] {
            event[varies].take();
        }
        // The calls between differ from one start to the next.
        let frames = &mut event["exception"]["values"][1]["stacktrace"]["frames"];
        *frames = frames.as_array().unwrap().last().unwrap().clone();
        event
    };
    assert_eq!(parts(&events[0]), parts(&events[1]));
    assert_eq!(parts(&events[0]), parts(&events[4]));
    assert_eq!(events[0]["breadcrumbs"]["values"][0]["data"]["pin"], "[Filtered]");
    assert_eq!(events[2]["breadcrumbs"]["values"][0]["data"]["pin"], "hush");
    assert_eq!(events[2]["tags"]["shop"], "[Filtered]");
    assert_eq!(events[5]["breadcrumbs"]["values"][0]["message"], "\"paid\" \u{1}");
}

#[test]
fn messages_events_and_scopes() {
    let server = Server::start();
    let _sdk = Sdk::start(&server.dsn());
    capture_message("it is late", Level::Warning);
    with_scope(
        |scope| {
            scope.set_level(Some(Level::Fatal));
            scope.set_fingerprint(vec!["one".into(), "two".into()]);
        },
        || capture_message("inside", Level::Info),
    );
    let mut own = Event::message("own", Level::Debug);
    own.tags.insert("mine".into(), "1".into());
    configure_scope(|scope| scope.set_tag("mine", "2"));
    let id = capture_event(own);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let scope = SharedScope::of_here();
    scope.configure(|scope| scope.set_tag("request", "9"));
    let work = in_scope(scope, async {
        tokio::task::yield_now().await;
        capture_message("in a future", Level::Error)
    });
    runtime.block_on(async { tokio::spawn(work).await.unwrap() });
    server.wait_for(4);
    let events = server.events();
    assert_eq!(
        (&events[0]["message"], &events[0]["level"]),
        (&json!("it is late"), &json!("warning"))
    );
    assert_eq!(events[1]["level"], "fatal");
    assert_eq!(events[1]["fingerprint"], json!(["one", "two"]));
    assert_eq!(events[2]["event_id"], id.to_string());
    assert_eq!(events[2]["tags"]["mine"], "1", "the event's own goes first");
    assert_eq!(events[2]["fingerprint"], json!(null), "the scope ended");
    assert_eq!(events[3]["tags"], json!({"mine": "2", "request": "9"}));
}

#[test]
fn before_send_changes_and_keeps_back_and_sampling_counts() {
    let server = Server::start();
    let sdk = Sdk::start_with(&server.dsn(), |options| {
        options.before_send(|mut event| {
            if event.message.as_deref() == Some("keep this back") {
                return None;
            }
            event.tags.insert("seen".into(), "yes".into());
            Some(event)
        })
    });
    capture_message("keep this back", Level::Info);
    capture_message("let this through", Level::Info);
    assert_eq!(server.one()["tags"]["seen"], "yes");
    assert_eq!(server.left_out()["before_send"], 1);
    drop(sdk);
    let sdk = Sdk::start_with(&server.dsn(), |options| options.sample_rate(0.25));
    let taken = (0..1000).filter(|_| capture_message("one of many", Level::Info).is_some()).count();
    assert!((150..350).contains(&taken), "{taken}");
    assert!(sdk.guard().flush(PATIENCE));
    assert_eq!(server.count(), 1 + taken);
    // What is left out after the last event was sent is told with the next.
    capture_event_for_sure();
    assert!(sdk.guard().flush(PATIENCE));
    assert!(server.left_out()["sample_rate"] >= 1000 - taken as u64);
}

/// Until one is taken.
fn capture_event_for_sure() {
    while !capture_message("one more", Level::Info).is_some() {}
}

#[test]
fn without_a_dsn_nothing_happens() {
    let sdk = Sdk::start("  ");
    assert!(!sdk.guard().is_enabled());
    assert_eq!(capture_message("nobody hears this", Level::Error), EventId::NONE);
    assert!(andon_sdk::flush(Duration::ZERO));
    assert_eq!(sdk.problems(), Vec::<String>::new());
}
