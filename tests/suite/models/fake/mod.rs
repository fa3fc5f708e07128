//! A server that speaks the wire of `/chat/completions` as OpenAI's does, strictly: what the real one would
//! refuse, it refuses. What it answers is the test's to say.

mod check;
mod say;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use serde_json::{Value, json};

use self::check::check;
use self::say::{answer, broken, called, filtered, said};

/// The key that it wants.
pub(crate) const KEY: &str = "sk-of-the-fake-model-0123456789";

/// The version of Azure's API that it speaks.
const AZURE_VERSION: &str = "2024-10-21";

/// What it answers to one question.
#[derive(Clone, Debug)]
pub(crate) enum Play {
    /// A text, as a stream.
    Text(String),
    /// Calls of tools.
    Calls(Vec<(&'static str, Value)>),
    /// A refusal by the server.
    Status(u16, Vec<(&'static str, String)>, Value),
    /// Nothing for so long, then a text.
    Slow(Duration),
    /// Half a text, then the connection ends.
    CutOff,
    /// Half a text, then nothing more.
    Silent,
    /// An answer with nothing in it, for this reason.
    Empty(&'static str),
    /// The model's own refusal.
    Refusal(&'static str),
    /// These bytes as they are.
    Raw(&'static str),
}

impl Play {
    /// JSON as a text.
    pub(crate) fn json(value: &Value) -> Self {
        Self::Text(value.to_string())
    }
}

type Script = dyn Fn(&Value, usize) -> Play + Send + Sync;

/// A running fake.
pub(crate) struct FakeModel {
    /// `http://127.0.0.1:PORT/v1`
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Value>>>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    script: Box<Script>,
    seen: Arc<Mutex<Vec<Value>>>,
}

impl FakeModel {
    /// Starts it; `script` is given each question and its number from 0.
    pub(crate) async fn start(
        script: impl Fn(&Value, usize) -> Play + Send + Sync + 'static,
    ) -> Self {
        let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
        let shared = Arc::new(Shared { script: Box::new(script), seen: Arc::clone(&seen) });
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .route("/openai/deployments/{name}/chat/completions", post(complete_azure))
            .with_state(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, seen, task }
    }

    /// The questions so far.
    pub(crate) fn questions(&self) -> Vec<Value> {
        self.seen.lock().unwrap().clone()
    }

    /// A configuration with one route to it, as to Azure: the deployment is `errors`.
    pub(crate) fn azure_config(&self) -> String {
        let resource = self.url.trim_end_matches("/v1");
        format!(
            "[[models.routes]]\nname = \"azure\"\nkind = \"azure\"\nbase_url = \"{resource}\"\napi_key = \"{KEY}\"\napi_version = \"{AZURE_VERSION}\"\nmodel = \"errors\"\nprice_in = 1.0\nprice_out = 2.0\nretries = 0\n"
        )
    }

    /// A configuration with one route to it.
    pub(crate) fn config(&self, more: &str) -> String {
        format!(
            "[models]\n{more}\n[[models.routes]]\nname = \"fake\"\nbase_url = \"{}\"\napi_key = \"{KEY}\"\nmodel = \"fake-1\"\nprice_in = 1.0\nprice_out = 2.0\nmax_output_tokens = 2000\n",
            self.url
        )
    }
}

impl Drop for FakeModel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// As Azure's server does: the deployment in the path, the version in the query, the key in a header of its
/// own.
async fn complete_azure(
    State(shared): State<Arc<Shared>>,
    Path(deployment): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if header("api-key") != KEY {
        let error = json!({ "error": { "code": "401", "message": "Access denied due to invalid subscription key or wrong API endpoint." } });
        return answer(401, &[], error.to_string());
    }
    if deployment != "errors" {
        let error = json!({ "error": { "code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist." } });
        return answer(404, &[], error.to_string());
    }
    if query.as_deref() != Some(&*format!("api-version={AZURE_VERSION}")) {
        let error = json!({ "error": { "code": "404", "message": "Resource not found" } });
        return answer(404, &[], error.to_string());
    }
    answered(&shared, header("content-type"), &body, true).await
}

async fn complete(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if header("authorization") != format!("Bearer {KEY}") {
        let error = json!({ "error": { "message": "Incorrect API key provided.", "type": "invalid_request_error", "param": null, "code": "invalid_api_key" } });
        return answer(401, &[], error.to_string());
    }
    answered(&shared, header("content-type"), &body, false).await
}

async fn answered(
    shared: &Shared,
    content_type: &str,
    body: &[u8],
    by_azure: bool,
) -> Response<Body> {
    let question: Value = serde_json::from_slice(body).unwrap();
    if let Err(fault) = check(&question, content_type) {
        let error = json!({ "error": { "message": fault, "type": "invalid_request_error", "param": null, "code": null } });
        return answer(400, &[], error.to_string());
    }
    let number = {
        let mut seen = shared.seen.lock().unwrap();
        seen.push(question.clone());
        seen.len() - 1
    };
    let play = (shared.script)(&question, number);
    let streams = question["stream"] == true;
    match play {
        Play::Status(status, more, body) => answer(status, &more, body.to_string()),
        Play::Raw(text) => answer(200, &[], text.to_owned()),
        Play::Slow(wait) => {
            tokio::time::sleep(wait).await;
            said(streams, &question, "late", None, "stop")
        }
        Play::Text(text) if by_azure && streams => filtered(&question, &text),
        Play::Text(text) => said(streams, &question, &text, None, "stop"),
        Play::Empty(finish) => said(streams, &question, "", None, finish),
        Play::Refusal(text) => said(streams, &question, "", Some(text), "stop"),
        Play::Calls(calls) => called(streams, &question, &calls, number),
        Play::CutOff => broken(false),
        Play::Silent => broken(true),
    }
}
