//! The `sentry` crate, in a process of its own: this binary, run again.

use std::error::Error;

use serde_json::{Value, json};

use super::{Arrived, ENVIRONMENT, RELEASE, Stand};

/// Which case the child runs.
const CASE: &str = "ANDON_TEST_SDK_CASE";

/// How long the child's SDK may take to send what it has.
const FLUSH: std::time::Duration = std::time::Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
#[error("Bestellung unlesbar: 🥨 ‘naïve’")]
struct OrderError(#[source] PriceError);

#[derive(Debug, thiserror::Error)]
#[error("kein Preis")]
struct PriceError(#[source] std::num::ParseIntError);

fn total(prices: &[&str]) -> Result<u32, OrderError> {
    let cents = prices.iter().map(|price| price.parse::<u32>().map_err(PriceError));
    cents.sum::<Result<u32, PriceError>>().map_err(OrderError)
}

fn set_scope() {
    sentry::configure_scope(|scope| {
        scope.set_user(Some(sentry::User {
            id: Some("ü-17".into()),
            username: Some("Zoë".into()),
            ..Default::default()
        }));
        scope.set_tag("till", 3);
        scope.set_tag("größe", "groß 🦀");
        scope.set_extra("raw", json!([1, 2.5, "三", null, true]));
        let order = [("lines".to_owned(), json!([{"sku": "naïve-1"}]))];
        scope.set_context("order", sentry::protocol::Context::Other(order.into()));
        scope.add_attachment(sentry::protocol::Attachment {
            buffer: (0..=255).chain(*b"\n\n").collect(),
            filename: "alle bytes.bin".into(),
            ..Default::default()
        });
    });
    sentry::add_breadcrumb(sentry::Breadcrumb {
        category: Some("cart".into()),
        message: Some("opened 🛒".into()),
        data: [("lines".to_owned(), json!(3))].into(),
        ..Default::default()
    });
}

#[test]
#[ignore = "the application that the tests below run"]
fn child() {
    let Ok(case) = std::env::var(CASE) else { return };
    // DSN, release and environment come from SENTRY_DSN, SENTRY_RELEASE and SENTRY_ENVIRONMENT.
    let options = sentry::ClientOptions::new()
        .maybe_release(std::env::var("SENTRY_RELEASE").ok())
        .server_name("till-3")
        .attach_stacktrace(true)
        .shutdown_timeout(FLUSH);
    let _guard = sentry::init(options);
    set_scope();
    sentry::start_session();
    match case.as_str() {
        "everything" => {
            let error = total(&["30", "zwölf"]).unwrap_err();
            sentry::capture_error(&error as &(dyn Error + 'static));
            sentry::capture_message("Das Lager ist leer 🦀", sentry::Level::Warning);
            let note = "Zoë paid with 4111 1111 1111 1111 at till 3";
            sentry::capture_message(note, sentry::Level::Info);
            sentry::end_session();
        }
        "panic" => {
            let shelf: Vec<u32> = Vec::new();
            let place = std::hint::black_box(2);
            println!("{}", shelf[place]);
        }
        other => panic!("no case {other}"),
    }
}

async fn run(case: &str, exit_code: i32, events: usize) -> Arrived {
    let stand = Stand::start().await;
    let mut command = stand.command(std::env::current_exe().unwrap());
    command
        .args(["--exact", "sdks::rust::child", "--ignored", "--nocapture", "--test-threads=1"])
        .env(CASE, case)
        .env("RUST_BACKTRACE", "1");
    stand.run(command, exit_code).await;
    stand.arrived(events).await
}

fn has_scope(payload: &Value) {
    assert_eq!(payload["user"]["username"], "Zoë");
    assert_eq!(payload["tags"]["größe"], "groß 🦀");
    assert_eq!(payload["contexts"]["order"]["lines"][0]["sku"], "naïve-1");
    assert_eq!(payload["extra"]["raw"], json!([1, 2.5, "三", null, true]));
    let crumb = &payload["breadcrumbs"]["values"][0];
    assert_eq!(crumb["message"], "opened 🛒");
    assert_eq!(crumb["data"]["lines"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn rust_scope_chain_message_threads_and_attachments() {
    let arrived = run("everything", 0, 3).await;
    let (sent, stored) = arrived.event("Bestellung unlesbar: 🥨 ‘naïve’");
    assert_eq!(stored.event["release"], RELEASE);
    assert_eq!(stored.event["environment"], ENVIRONMENT);
    assert_eq!(stored.event["server_name"], "till-3");
    assert_eq!(stored.event["tags"]["till"], "3");
    has_scope(&stored.payload);
    let chain = stored.event["exceptions"].as_array().unwrap();
    let types: Vec<&str> = chain.iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["ParseIntError", "PriceError", "OrderError"]);
    assert_eq!(sent.attachments[0].0, "alle bytes.bin");
    assert_eq!(sent.attachments[0].1.len(), 258);

    let (_, message) = arrived.event("Das Lager ist leer 🦀");
    assert_eq!(message.event["level"], "warning");
    let thread = &message.payload["threads"]["values"][0];
    assert_eq!(thread["current"], true);
    assert!(!thread["stacktrace"]["frames"].as_array().unwrap().is_empty());

    let (_, note) = arrived.event("Zoë paid with 4111 1111 1111 1111 at till 3");
    assert!(!note.payload.to_string().contains("4111"), "{}", note.payload);
    assert!(arrived.sent.counted["session"] > 0, "{:?}", arrived.sent.counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn rust_a_panic_that_ends_the_process() {
    let arrived = run("panic", 101, 1).await;
    let said = "index out of bounds: the len is 0 but the index is 2";
    let (sent, stored) = arrived.event(said);
    has_scope(&stored.payload);
    assert_eq!(stored.event["level"], "fatal");
    assert_eq!(stored.event["exceptions"][0]["type"], "panic");
    assert_eq!(stored.event["exceptions"][0]["handled"], false);
    let frames = stored.event["exceptions"][0]["stacktrace"]["frames"].as_array().unwrap();
    let own =
        |frame: &&Value| frame["function"].as_str().is_some_and(|f| f.contains("rust::child"));
    assert!(frames.iter().any(|frame| own(&frame)), "{frames:?}");
    assert_eq!(sent.attachments.len(), 1);
    assert!(arrived.sent.counted["session"] > 0, "{:?}", arrived.sent.counted);
}
