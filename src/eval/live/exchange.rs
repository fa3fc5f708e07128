//! Exchanges with a model as they went over the wire: written down by a small server between Andon and the
//! model, so that what is recorded is what really came, and played again by tests.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Response, StatusCode};
use axum::response::IntoResponse as _;
use futures_util::StreamExt as _;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Bytes of a question at most.
const MAX_QUESTION_BYTES: usize = 16 * 1024 * 1024;

/// Headers of an answer that are kept: what a client acts on.
const KEPT_HEADERS: [&str; 3] = ["content-type", "retry-after", "retry-after-ms"];

/// One question and its answer. A recording is a file with one of these a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// What was asked, without what changes from run to run, see [`reduced`].
    pub asked: Value,
    /// The answer's status.
    pub status: u16,
    /// Its headers, as far as a client acts on them.
    pub headers: Vec<(String, String)>,
    /// Its body, as it came.
    pub body: String,
}

/// A question without its prompts: the model, the tools on offer, the schema wanted, and the messages that
/// are no prompts (what the model said, what its tools gave). The random word that fences quoted data is
/// left out, so that two runs of a case compare.
pub fn reduced(question: &Value) -> Value {
    let names = |list: &Value| -> Vec<Value> {
        list.as_array().into_iter().flatten().map(|one| one["function"]["name"].clone()).collect()
    };
    let messages: Vec<Value> = question["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|message| message["role"] == "assistant" || message["role"] == "tool")
        .map(|message| match message["role"].as_str() {
            Some("tool") => json!({
                "tool": message["tool_call_id"],
                "gave": unfenced(message["content"].as_str().unwrap_or_default()),
            }),
            _ => json!({ "calls": names(&message["tool_calls"]) }),
        })
        .collect();
    json!({
        "model": question["model"],
        "stream": question["stream"],
        "tools": names(&question["tools"]),
        "schema": question["response_format"]["json_schema"]["name"],
        "messages": messages,
    })
}

/// A text without the random word around quoted data.
fn unfenced(text: &str) -> String {
    match Regex::new("data-[0-9a-f]{8}") {
        Ok(fence) => fence.replace_all(text, "data").into_owned(),
        Err(_) => text.to_owned(),
    }
}

/// A server that passes questions on to a model and writes down what was said.
#[derive(Debug)]
pub struct Recorder {
    /// Where it is: takes the place of the model's address.
    pub url: String,
    written: Arc<Mutex<Vec<Exchange>>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Passing {
    to: String,
    client: reqwest::Client,
    written: Arc<Mutex<Vec<Exchange>>>,
}

impl Recorder {
    /// Starts one before the model at `to`, on a free port of this machine.
    pub async fn start(to: &str) -> anyhow::Result<Self> {
        let written: Arc<Mutex<Vec<Exchange>>> = Arc::default();
        let client =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let passing = Passing {
            to: to.trim_end_matches('/').to_owned(),
            client,
            written: Arc::clone(&written),
        };
        let router = axum::Router::new().fallback(pass).with_state(passing);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the recorder ended");
            }
        });
        Ok(Self { url, written, task })
    }

    /// What was said since this was last asked.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(State(passing): State<Passing>, request: Request) -> Response<Body> {
    match passed(&passing, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn passed(passing: &Passing, request: Request) -> anyhow::Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    let question = axum::body::to_bytes(body, MAX_QUESTION_BYTES).await?;
    let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let mut headers = parts.headers;
    // These are this connection's.
    for own in ["host", "content-length", "connection", "accept-encoding"] {
        headers.remove(own);
    }
    let answer = passing
        .client
        .request(parts.method, format!("{}{path}", passing.to))
        .headers(headers)
        .body(question.clone())
        .send()
        .await?;
    let status = answer.status();
    let kept = kept(answer.headers());
    let mut response = Response::builder().status(status);
    for (name, value) in &kept {
        response = response.header(HeaderName::try_from(name.as_str())?, value);
    }
    let asked = reduced(&serde_json::from_slice(&question).unwrap_or(Value::Null));
    let exchange = Exchange { asked, status: status.as_u16(), headers: kept, body: String::new() };
    Ok(response.body(Body::from_stream(written_down(answer, exchange, passing)))?)
}

fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    KEPT_HEADERS
        .iter()
        .filter_map(|name| {
            Some(((*name).to_owned(), headers.get(*name)?.to_str().ok()?.to_owned()))
        })
        .collect()
}

/// Passes an answer's pieces on as they come, and writes the whole down at its end.
fn written_down(
    answer: reqwest::Response,
    exchange: Exchange,
    passing: &Passing,
) -> impl futures_util::Stream<Item = Result<Bytes, reqwest::Error>> + use<> {
    let whole = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&passing.written);
    let pieces = {
        let whole = Arc::clone(&whole);
        answer.bytes_stream().inspect(move |piece| {
            if let Ok(piece) = piece {
                whole.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(piece);
            }
        })
    };
    let end = futures_util::stream::once(async move {
        let bytes = std::mem::take(&mut *whole.lock().unwrap_or_else(PoisonError::into_inner));
        let body = String::from_utf8_lossy(&bytes).into_owned();
        written.lock().unwrap_or_else(PoisonError::into_inner).push(Exchange { body, ..exchange });
        Ok(Bytes::new())
    });
    pieces.chain(end)
}
