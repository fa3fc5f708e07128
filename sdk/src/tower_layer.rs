//! A layer for `tower`: each request has a scope of its own, and what goes wrong with it is captured.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderMap, Request, Response, StatusCode, header};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::capture::{capture_event_here, said};
use crate::protocol::{Event, Exception, Level, Mechanism, Request as About};
use crate::scope::SharedScope;

/// Headers that say who somebody is, besides those that look secret by their name.
const PERSONAL_HEADERS: [&str; 14] = [
    "x-forwarded-for",
    "x-original-forwarded-for",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "forwarded",
    "true-client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "fastly-client-ip",
    "fly-client-ip",
    "remote-user",
    "x-forwarded-user",
    "x-forwarded-email",
];

/// Headers of a request that are told, at most.
const MAX_HEADERS: usize = 50;

/// gRPC's codes that are the server's fault: unknown, unimplemented, internal, unavailable, data loss
/// (<https://grpc.io/docs/guides/status-codes/>).
const GRPC_FAULTS: [&str; 5] = ["2", "12", "13", "14", "15"];

/// How an error came to be captured that a service ended with.
const SERVED: Mechanism = Mechanism { kind: "tower", handled: true };

/// The layer. Made by [`tower_layer`].
#[derive(Clone, Copy, Debug)]
#[must_use = "a layer does nothing before it is added to a service"]
pub struct TowerLayer {
    answers: bool,
}

/// A layer that gives each request a scope of its own, which knows its method, address and headers, and
/// captures errors of the service, panics in it, and answers that say that the server is at fault (5xx, and
/// gRPC's like).
///
/// ```
/// let app = axum::Router::<()>::new()
///     .route("/", axum::routing::get(|| async { "hello" }))
///     .layer(andon_sdk::tower_layer());
/// ```
pub fn tower_layer() -> TowerLayer {
    TowerLayer { answers: true }
}

impl TowerLayer {
    /// Whether answers of 5xx are captured even if no error was captured while they were made, which they
    /// are unless said otherwise.
    pub fn capture_answers(mut self, capture: bool) -> Self {
        self.answers = capture;
        self
    }
}

impl<S> Layer<S> for TowerLayer {
    type Service = TowerService<S>;

    fn layer(&self, inner: S) -> TowerService<S> {
        TowerService { inner, layer: *self }
    }
}

/// A service with the layer around it.
#[derive(Clone, Debug)]
pub struct TowerService<S> {
    inner: S,
    layer: TowerLayer,
}

impl<S, B, A> Service<Request<B>> for TowerService<S>
where
    S: Service<Request<B>, Response = Response<A>>,
    S::Error: fmt::Display,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = TowerFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let scope = SharedScope::of_here();
        let name = format!("{} {}", request.method(), route(&request));
        scope.configure(|scope| {
            scope.begin();
            scope.set_transaction(Some(&name));
            scope.set_request(Some(about(&request)));
        });
        let future = scope.run(|| self.inner.call(request));
        TowerFuture { future, scope, name, answers: self.layer.answers }
    }
}

/// Where the request goes: the route, where the framework says it, or else the path.
fn route<B>(request: &Request<B>) -> &str {
    #[cfg(feature = "axum")]
    if let Some(route) = request.extensions().get::<axum::extract::MatchedPath>() {
        return route.as_str();
    }
    request.uri().path()
}

/// What is known of a request. Headers that say who somebody is are left out; those that look secret by
/// their name are taken out before the event leaves the process.
fn about<B>(request: &Request<B>) -> About {
    let headers = request.headers().iter().take(MAX_HEADERS).filter_map(|(name, value)| {
        let is_personal = PERSONAL_HEADERS.contains(&name.as_str());
        let value = value.to_str().ok().filter(|_| !is_personal)?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let uri = request.uri();
    let host = uri.host().or_else(|| request.headers().get(header::HOST)?.to_str().ok());
    let scheme = uri.scheme_str().unwrap_or("http");
    About {
        method: Some(request.method().to_string()),
        url: Some(match host {
            Some(host) => format!("{scheme}://{host}{}", uri.path()),
            None => uri.path().to_owned(),
        }),
        query_string: uri.query().map(str::to_owned),
        headers: headers.collect(),
    }
}

pin_project! {
    /// A request that is being answered.
    #[derive(Debug)]
    pub struct TowerFuture<F> {
        #[pin]
        future: F,
        scope: SharedScope,
        name: String,
        answers: bool,
    }
}

impl<F, A, E> Future for TowerFuture<F>
where
    F: Future<Output = Result<Response<A>, E>>,
    E: fmt::Display,
{
    type Output = Result<Response<A>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (future, scope) = (this.future, &*this.scope);
        scope.run(|| {
            let outcome = ready!(future.poll(cx));
            match &outcome {
                Err(error) => failed(this.name, error),
                Ok(answer) if *this.answers && !scope.configure(|scope| scope.has_captured()) => {
                    look_at(this.name, answer.status(), answer.headers());
                }
                Ok(_) => {}
            }
            Poll::Ready(outcome)
        })
    }
}

fn failed(name: &str, error: &dyn fmt::Display) {
    let value = said(&error);
    let mut event = Event::message(format!("{name} failed"), Level::Error);
    event.exception.values.push(Exception {
        kind: "Error".to_owned(),
        value,
        module: None,
        stacktrace: None,
        mechanism: Some(SERVED),
    });
    capture_event_here(event);
}

/// Captures an answer that says that the server is at fault.
fn look_at(name: &str, status: StatusCode, headers: &HeaderMap) {
    let grpc = headers.get("grpc-status").and_then(|code| code.to_str().ok());
    let fault = match grpc {
        Some(code) if GRPC_FAULTS.contains(&code) => format!("gRPC status {code}"),
        _ if status.is_server_error() => status.to_string(),
        _ => return,
    };
    let mut event = Event::message(format!("{name} was answered with {fault}"), Level::Error);
    // The path may hold numbers of things, the fault does not.
    event.fingerprint = vec!["{{ default }}".to_owned(), fault];
    event.tags.insert("http.status".to_owned(), status.as_u16().to_string());
    capture_event_here(event);
}
