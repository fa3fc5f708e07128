//! Andon's own SDK against the real server: what was captured is what the API gives back, and its client of
//! the API reads it.

use std::time::Duration;

use andon_sdk::api::{Client, Report};
use andon_sdk::{Breadcrumb, Level, Options, Spool, User, add_breadcrumb, configure_scope};
use serde_json::json;

use crate::support::server::Server;
use crate::support::{PATIENCE, eventually};

#[derive(Debug, thiserror::Error)]
#[error("order {0} was not stored")]
struct NotStored(u32, #[source] std::io::Error);

#[inline(never)]
fn store(order: u32) -> andon_sdk::EventId {
    let full = std::io::Error::other("no room");
    andon_sdk::capture_error(&NotStored(order, full))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_own_sdk_sends_is_what_the_api_gives_back() {
    let mut server = Server::start();
    let project = server.create_project("shop", &[]);
    let spool = tempfile::tempdir().unwrap();
    let guard = Options::new(project.dsn.clone())
        .release("0123abc")
        .environment("test")
        .spool(Spool::At(spool.path().to_owned()))
        // The other tests of this process panic on purpose now and then.
        .capture_panics(false)
        .init();
    assert!(guard.is_enabled());
    configure_scope(|scope| {
        scope.set_tag("till", "3");
        scope.set_user(Some(User::with_id("ada")));
        scope.set_context("order", json!({"id": 7, "password": "hush"}));
    });
    add_breadcrumb(Breadcrumb::new("put into the cart").category("cart").data("items", 3));
    let id = store(7).to_string();
    let message = andon_sdk::capture_message("it is late", Level::Warning).to_string();
    tokio::task::block_in_place(|| assert!(guard.flush(PATIENCE)));

    let client = Client::new(&server.url).unwrap().with_token(server.token.clone());
    let event = tokio::task::block_in_place(|| client.event(project.id, &id)).unwrap();
    let event = &event["event"];
    assert_eq!(event["release"], "0123abc");
    assert_eq!(event["environment"], "test");
    assert_eq!(event["platform"], "rust");
    assert_eq!(event["tags"]["till"], "3");
    assert_eq!(event["breadcrumbs"][0]["message"], "put into the cart");
    let chain = event["exceptions"].as_array().unwrap();
    assert_eq!(chain.len(), 2);
    assert_eq!(chain[0]["value"], "no room");
    assert_eq!(chain[1]["type"], "NotStored");
    assert_eq!(chain[1]["value"], "order 7 was not stored");
    let frames = chain[1]["stacktrace"]["frames"].as_array().unwrap();
    let last = frames.last().unwrap();
    assert_eq!(last["function"], "suite::sdks::own::store", "{frames:#?}");
    assert_eq!(last["in_app"], true);
    let path = format!("/api/projects/{}/events/{id}/payload", project.id);
    let payload = server.get(&path).await.text().await.unwrap();
    assert!(payload.contains("\"id\":\"ada\"") && !payload.contains("hush"), "{payload}");
    let event = tokio::task::block_in_place(|| client.event(project.id, &message)).unwrap();
    assert_eq!(
        (&event["event"]["message"], &event["event"]["level"]),
        (&json!("it is late"), &json!("warning"))
    );

    // The server dies; what is captured meanwhile arrives once it is back.
    server.kill();
    let late = store(8).to_string();
    tokio::task::block_in_place(|| assert!(!guard.flush(Duration::from_secs(5))));
    drop(guard);
    server.restart();
    let (_, key_and_host) = project.dsn.split_once("//").unwrap();
    let (key, _) = key_and_host.split_once('@').unwrap();
    let address = server.url.trim_start_matches("http://");
    let dsn = format!("http://{key}@{address}/{}", project.id);
    let spool = Spool::At(spool.path().to_owned());
    let guard = Options::new(dsn).spool(spool).capture_panics(false).init();
    let path = format!("/api/projects/{}/events/{late}", project.id);
    let event = eventually("the late error", async || {
        let answer = server.get(&path).await;
        (answer.status() == 200).then_some(())?;
        answer.json::<serde_json::Value>().await.ok()
    })
    .await;
    assert_eq!(event["event"]["exceptions"][1]["value"], "order 8 was not stored");
    tokio::task::block_in_place(|| drop(guard));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_analysed_and_the_client_reads_the_cause() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let client = Client::new(&server.url).unwrap();
    let client = client.with_key(project.key).with_token(server.token.clone());
    tokio::task::block_in_place(|| {
        assert_eq!(client.health().unwrap().status, "healthy");
        let report = Report::new("index out of bounds: the len is 3 but the index is 5")
            .stack_trace("thread 'main' panicked at src/cart.rs:12:9:\nindex out of bounds: the len is 3 but the index is 5\nstack backtrace:\n   0: shop::total\n             at ./src/cart.rs:12:9\n")
            .release("0123abc")
            .tag("till", "3");
        let reported = client.report(&report).unwrap();
        assert!(!reported.duplicate);
        let analysis = client.wait_for_analysis(reported.issue_id, PATIENCE).unwrap();
        assert_eq!(analysis.failure(), None);
        assert_eq!(analysis.issue["id"], reported.issue_id);
        client.analyse(reported.issue_id).unwrap();
        let unknown = client.analysis(999).unwrap_err().to_string();
        assert!(unknown.contains("404") && unknown.contains("issue 999"), "{unknown}");
        let wrong = client.clone().with_token("andon_wrong").analysis(1).unwrap_err().to_string();
        assert!(wrong.contains("401"), "{wrong}");
    });
}
