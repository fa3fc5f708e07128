//! `@sentry/browser` in headless Chromium, on a page of another origin (tests/sdks/browser).

use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::routing::{get, post};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::{ENVIRONMENT, RELEASE, Stand, installed};
use crate::support::browser::Browser;

/// Makes one file of `page.js` and all that it imports.
async fn bundle(stand: &Stand, folder: &Path) -> PathBuf {
    let out = folder.join("bundle.js");
    let mut command = stand.command(installed::node());
    command
        .args(["node_modules/esbuild/bin/esbuild", "page.js", "--bundle", "--format=iife"])
        .arg(format!("--outfile={}", out.display()))
        .current_dir(folder);
    stand.run(command, 0).await;
    out
}

/// What the page's server has at hand.
struct Page {
    html: &'static str,
    config: String,
    bundle: String,
    /// The door behind the tunnel.
    door: String,
    client: reqwest::Client,
}

/// Serves a page with this bundle and configuration; returns its origin.
async fn serve(stand: &Stand, bundle: &Path, config: &Value) -> String {
    let page = std::sync::Arc::new(Page {
        html: include_str!("../../sdks/browser/page.html"),
        config: format!("window.andon = {config};"),
        bundle: std::fs::read_to_string(bundle).unwrap(),
        door: format!("{}/api/{}/envelope/", stand.tap.url(), stand.project.id),
        client: reqwest::Client::builder().no_proxy().build().unwrap(),
    });
    type Shared = State<std::sync::Arc<Page>>;
    let script = || [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let routes = Router::new()
        .route("/", get(async move |State(page): Shared| (html, page.html)))
        .route("/config.js", get(async move |State(page): Shared| (script(), page.config.clone())))
        .route("/bundle.js", get(async move |State(page): Shared| (script(), page.bundle.clone())))
        // What docs/connect/browser.md has nginx do: the body goes on as it is, without a key.
        .route(
            "/errors",
            post(async |State(page): Shared, body: Bytes| {
                let sent = page.client.post(&page.door).body(body).send().await.unwrap();
                StatusCode::from_u16(sent.status().as_u16()).unwrap()
            }),
        )
        .with_state(page);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    origin
}

/// Opens the page of a folder with this configuration, does some things on it, and waits until all is sent.
pub(super) async fn visit(stand: &Stand, folder: &Path, config: &Value, things: &str) {
    let bundle = bundle(stand, folder).await;
    let origin = serve(stand, &bundle, config).await;
    let browser = Browser::start(&stand.folder("chromium")).await;
    let driver = &browser.driver;
    driver.goto(&origin).await.unwrap();
    driver.execute(things, Vec::new()).await.unwrap();
    driver.find(By::Id("buy")).await.unwrap().click().await.unwrap();
    let flush = "const done = arguments[0]; window.shop.flush().then(done, (e) => done(String(e)))";
    let flushed = driver.execute_async(flush, Vec::new()).await.unwrap();
    assert_eq!(flushed.json(), &json!(true), "the SDK sends what it has");
    browser.end().await;
}

/// The same with the shop's page.
async fn shop(stand: &Stand, config: &Value, things: &str) {
    let folder = installed::node_folder(stand, &["browser/page.js"]);
    visit(stand, &folder, config, things).await;
}

const THINGS: &str = "shop.setScope(); shop.caught(); shop.message(); shop.rejected();";

const BROKEN: &str = "Bestellung unlesbar: 🥨 ‘naïve’";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin() {
    let stand = Stand::start().await;
    shop(&stand, &json!({"dsn": stand.dsn()}), THINGS).await;
    let arrived = stand.arrived(4).await;
    let requests = stand.tap.requests();
    assert!(requests.iter().all(|request| request.header("origin").is_some()), "{requests:?}");
    for request in requests.iter().filter(|request| request.method == "POST") {
        assert_eq!(request.header("sec-fetch-mode"), Some("cors"));
    }

    let (sent, caught) = arrived.event(BROKEN);
    assert_eq!(caught.event["release"], RELEASE);
    assert_eq!(caught.event["environment"], ENVIRONMENT);
    assert_eq!(caught.event["tags"]["till"], "3");
    assert_eq!(caught.payload["user"]["username"], "Zoë");
    assert_eq!(caught.payload["contexts"]["order"]["lines"][0], "naïve-1");
    assert_eq!(caught.event["exceptions"].as_array().unwrap().len(), 2);
    assert_eq!(caught.event["exceptions"][0]["type"], "TypeError");
    assert!(caught.payload["request"]["headers"]["User-Agent"].is_string());
    assert_eq!(sent.attachments[0].0, "alle bytes.bin");
    assert_eq!(sent.attachments[0].1.len(), 258);

    let (_, message) = arrived.event("Das Lager ist leer 🦀");
    assert_eq!(message.event["level"], "warning");
    let crumbs = message.event["breadcrumbs"].as_array().unwrap();
    assert!(crumbs.iter().any(|crumb| crumb["category"] == "console"), "{crumbs:?}");

    for (said, unhandled) in [("nobody waits for this", true), ("nobody catches this", true)] {
        let (_, stored) = arrived.event(said);
        assert_eq!(stored.event["exceptions"][0]["type"], "OrderError");
        assert_eq!(stored.event["exceptions"][0]["handled"], !unhandled);
    }
    let (_, clicked) = arrived.event("nobody catches this");
    let crumbs = clicked.event["breadcrumbs"].as_array().unwrap();
    assert!(crumbs.iter().any(|crumb| crumb["category"] == "ui.click"), "{crumbs:?}");
    assert!(arrived.sent.counted["session"] > 0, "{:?}", arrived.sent.counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_has_to_ask_first() {
    let stand = Stand::start().await;
    // A header that no form can send makes the browser ask whether it may.
    let key = format!("Sentry sentry_key={}, sentry_version=7", stand.project.key);
    let config = json!({
        "dsn": stand.dsn(), "transportOptions": {"headers": {"X-Sentry-Auth": key}},
    });
    shop(&stand, &config, "shop.message();").await;
    let arrived = stand.arrived(2).await;
    arrived.event("Das Lager ist leer 🦀");
    let asked = stand.tap.requests().iter().any(|request| request.method == "OPTIONS");
    assert!(asked, "{:?}", stand.tap.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_by_way_of_a_tunnel() {
    let stand = Stand::start().await;
    let config = json!({"dsn": stand.dsn(), "tunnel": "/errors"});
    shop(&stand, &config, THINGS).await;
    let arrived = stand.arrived(4).await;
    let (sent, _) = arrived.event(BROKEN);
    assert_eq!(sent.attachments.len(), 1);
    let requests = stand.tap.requests();
    assert!(requests.iter().all(|request| request.header("origin").is_none()), "{requests:?}");
}
