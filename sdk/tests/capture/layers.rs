//! The layers for `tracing` and `tower`, and the client of the API.

use std::convert::Infallible;

use andon_sdk::api::{ApiError, Client, Report};
use andon_sdk::{Level, capture_message, configure_scope};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use axum::routing::get;
use serde_json::json;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tracing_subscriber::prelude::*;

use super::sdk::Sdk;
use super::server::{PATIENCE, Server, nobody};

#[derive(Debug, thiserror::Error)]
#[error("the till is stuck")]
struct Stuck(#[source] std::fmt::Error);

#[test]
fn what_is_logged_becomes_breadcrumbs_and_errors() {
    let server = Server::start();
    let sdk = Sdk::start(&server.dsn());
    let subscriber = tracing_subscriber::registry().with(andon_sdk::tracing_layer());
    tracing::subscriber::with_default(subscriber, || {
        tracing::debug!("nobody wants this");
        tracing::info!(items = 3, secret_token = "hush", "put into the cart");
        let span = tracing::info_span!("pay", order = 7, note = tracing::field::Empty);
        let _entered = span.enter();
        span.record("note", "in a hurry");
        let error = Stuck(std::fmt::Error);
        tracing::error!(error = &error as &dyn std::error::Error, till = 3, "not paid");
        tracing::error!("without an error");
    });
    server.wait_for(2);
    let events = server.events();
    let chain = &events[0]["exception"]["values"];
    assert_eq!(chain[1]["value"], "the till is stuck");
    assert_eq!(chain[1]["mechanism"]["type"], "tracing");
    assert!(chain[1]["stacktrace"]["frames"].is_array());
    assert_eq!(events[0]["message"], "not paid");
    assert_eq!(events[0]["logger"], "capture::layers");
    assert_eq!(events[0]["contexts"]["fields"], json!({"till": 3}));
    let span = &events[0]["contexts"]["spans"]["values"][0];
    assert_eq!(
        (&span["name"], &span["fields"]),
        (&json!("pay"), &json!({"order": 7, "note": "in a hurry"}))
    );
    let crumbs = events[0]["breadcrumbs"]["values"].as_array().unwrap();
    assert_eq!(crumbs.len(), 1);
    assert_eq!(crumbs[0]["message"], "put into the cart");
    assert_eq!(crumbs[0]["data"], json!({"items": 3, "secret_token": "[Filtered]"}));
    assert_eq!(events[1]["message"], "without an error");
    assert!(sdk.problems().is_empty());
}

#[test]
fn two_layers_bear_each_other() {
    let server = Server::start();
    let _sdk = Sdk::start(&server.dsn());
    let subscriber = tracing_subscriber::registry()
        .with(andon_sdk::tracing_layer())
        .with(andon_sdk::tracing_layer());
    tracing::subscriber::with_default(subscriber, || {
        let _entered = tracing::info_span!("pay", order = 7).entered();
        tracing::error!("not paid");
    });
    server.wait_for(2);
    for event in server.events() {
        assert_eq!(event["contexts"]["spans"]["values"][0]["fields"], json!({"order": 7}));
    }
}

#[test]
fn what_the_sdk_logs_while_it_sends_is_left_out() {
    // A subscriber for all threads, as an application has one; what it captures is looked at here only.
    let _ = tracing::subscriber::set_global_default(
        tracing_subscriber::registry()
            .with(andon_sdk::tracing_layer().capture_from(tracing::Level::TRACE)),
    );
    let server = Server::start();
    let sdk = Sdk::start_with(&server.dsn(), |options| {
        options.before_send(|event| {
            tracing::error!("logged by what the SDK calls");
            Some(event)
        })
    });
    capture_message("one", Level::Error);
    assert!(sdk.guard().flush(PATIENCE));
    let own = |event: &serde_json::Value| event["message"] == "one";
    let events = server.events();
    assert!(events.iter().any(own), "{events:#?}");
    assert!(!events.iter().any(|event| event["message"] == "logged by what the SDK calls"));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn ask(path: &str) -> Request<Body> {
    Request::get(path)
        .header("host", "shop.example")
        .header("x-api-key", "hush")
        .header("x-real-ip", "192.0.2.1")
        .header("true-client-ip", "192.0.2.1")
        .header("referer", "https://shop.example/reset?token=hush")
        .header("accept", "text/plain")
        .body(Body::empty())
        .unwrap()
}

#[test]
fn each_request_has_a_scope_of_its_own() {
    let server = Server::start();
    let _sdk = Sdk::start(&server.dsn());
    let order = |axum::extract::Path(id): axum::extract::Path<u32>| async move {
        configure_scope(|scope| scope.set_tag("order", id.to_string()));
        tokio::task::yield_now().await;
        if id % 2 == 1 {
            capture_message(&format!("order {id}"), Level::Error);
        }
        StatusCode::OK
    };
    let app = Router::new().route("/orders/{id}", get(order)).layer(andon_sdk::tower_layer());
    runtime().block_on(async {
        let asked = (0..40).map(|id| app.clone().oneshot(ask(&format!("/orders/{id}?page=2"))));
        for answer in asked.map(tokio::spawn).collect::<Vec<_>>() {
            assert_eq!(answer.await.unwrap().unwrap().status(), StatusCode::OK);
        }
    });
    server.wait_for(20);
    for event in server.events() {
        let order = event["tags"]["order"].as_str().unwrap();
        assert_eq!(event["message"], format!("order {order}"));
        assert_eq!(event["transaction"], "GET /orders/{id}");
        let request = &event["request"];
        assert_eq!(request["url"], format!("http://shop.example/orders/{order}"));
        assert_eq!(request["query_string"], "page=2");
        assert_eq!(
            request["headers"],
            json!({
                "host": "shop.example",
                "x-api-key": "[Filtered]",
                "accept": "text/plain",
                "referer": "https://shop.example/reset?token=[Filtered]",
            })
        );
    }
}

#[test]
fn errors_panics_and_answers_of_the_server_s_fault() {
    let server = Server::start();
    let sdk = Sdk::start(&server.dsn());
    let service = ServiceBuilder::new().layer(andon_sdk::tower_layer()).service(service_fn(
        |request: Request<Body>| async move {
            let answer = |status: u16, grpc: Option<&str>| {
                let mut answer = Response::builder().status(status);
                if let Some(code) = grpc {
                    answer = answer.header("grpc-status", code);
                }
                Ok(answer.body(Body::empty()).unwrap())
            };
            match request.uri().path() {
                "/error" => Err(std::io::Error::other("the disk is gone")),
                "/captured" => {
                    capture_message("said already", Level::Error);
                    answer(500, None)
                }
                "/500" => answer(500, None),
                "/404" => answer(404, None),
                "/grpc/internal" => answer(200, Some("13")),
                "/grpc/not-found" => answer(200, Some("5")),
                other => panic!("nothing at {other}"),
            }
        },
    ));
    let paths =
        ["/error", "/captured", "/500", "/404", "/grpc/internal", "/grpc/not-found", "/panic"];
    runtime().block_on(async {
        for path in paths {
            // In order, and each on its own.
            let asked = tokio::spawn(service.clone().oneshot(ask(path)));
            drop(asked.await);
        }
    });
    server.wait_for(5);
    assert!(sdk.guard().flush(PATIENCE));
    let events = server.events();
    assert_eq!(events.len(), 5, "{events:#?}");
    assert_eq!(events[0]["exception"]["values"][0]["value"], "the disk is gone");
    assert_eq!(events[1]["message"], "said already");
    assert_eq!(events[2]["message"], "GET /500 was answered with 500 Internal Server Error");
    assert_eq!(events[2]["tags"]["http.status"], "500");
    assert_eq!(events[3]["message"], "GET /grpc/internal was answered with gRPC status 13");
    assert_eq!(events[4]["exception"]["values"][0]["value"], "nothing at /panic");
    assert_eq!(events[4]["transaction"], "GET /panic");
}

#[test]
fn a_service_that_never_fails_has_the_layer_too() {
    let _sdk = Sdk::start("");
    let service = tower_layer_over(service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    runtime().block_on(async { service.oneshot(ask("/")).await.unwrap() });
}

fn tower_layer_over<S>(
    service: S,
) -> impl tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
where
    S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    ServiceBuilder::new().layer(andon_sdk::tower_layer()).service(service)
}

#[test]
fn the_api_client_says_what_is_wrong() {
    assert!(matches!(Client::new("not an address"), Err(ApiError::Address(_))));
    assert!(matches!(Client::new("ftp://example.org"), Err(ApiError::Address(_))));
    let client = Client::new(&format!("http://{}/behind", nobody())).unwrap();
    assert!(matches!(client.health(), Err(ApiError::Unreachable(_))));
    assert!(matches!(client.analysis(1), Err(ApiError::Missing("token", "with_token"))));
    let error = client.report(&Report::new("x")).unwrap_err();
    assert!(error.to_string().contains("with_key"), "{error}");
    assert!(!format!("{:?}", client.with_key("hush").with_token("hush")).contains("hush"));
}
