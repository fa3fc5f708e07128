//! A server that speaks the wire of `/chat/completions` as OpenAI's does, strictly: what the real one would
//! refuse, it refuses. What it answers is the test's to say.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

/// The key that it wants.
pub(crate) const KEY: &str = "sk-of-the-fake-model-0123456789";

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
            .route("/openai/deployments/{name}/chat/completions", post(complete))
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

async fn complete(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if header("authorization") != format!("Bearer {KEY}") && header("api-key") != KEY {
        let error = json!({ "error": { "message": "Incorrect API key provided.", "type": "invalid_request_error", "param": null, "code": "invalid_api_key" } });
        return answer(401, &[], error.to_string());
    }
    let question: Value = serde_json::from_slice(&body).unwrap();
    if let Err(fault) = check(&question, header("content-type")) {
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
        Play::Text(text) => said(streams, &question, &text, None, "stop"),
        Play::Empty(finish) => said(streams, &question, "", None, finish),
        Play::Refusal(text) => said(streams, &question, "", Some(text), "stop"),
        Play::Calls(calls) => called(streams, &question, &calls, number),
        Play::CutOff => broken(false),
        Play::Silent => broken(true),
    }
}

/// What the real server refuses.
fn check(question: &Value, content_type: &str) -> Result<(), String> {
    let must = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    must(content_type.starts_with("application/json"), "content-type must be application/json")?;
    must(question["model"].is_string(), "you must provide a model parameter")?;
    let known = [
        "model",
        "messages",
        "max_completion_tokens",
        "max_tokens",
        "stream",
        "stream_options",
        "tools",
        "response_format",
    ];
    for key in question.as_object().unwrap().keys() {
        must(
            known.contains(&key.as_str()),
            &format!("Unrecognized request argument supplied: {key}"),
        )?;
    }
    let messages = question["messages"].as_array().ok_or("messages is required")?;
    must(!messages.is_empty(), "messages is empty")?;
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        let role = message["role"].as_str().ok_or("role is required")?;
        if role == "tool" {
            let id = message["tool_call_id"].as_str().ok_or("tool_call_id is required")?;
            let at = open.iter().position(|one| *one == id);
            let at = at.ok_or("messages with role 'tool' must be a response to a preceding message with 'tool_calls'")?;
            open.remove(at);
        } else {
            must(
                open.is_empty(),
                "an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'",
            )?;
        }
        must(["system", "user", "assistant", "tool"].contains(&role), "unknown role")?;
        must(message["content"].is_string(), "content must be a string")?;
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            must(
                call["type"] == "function" && call["function"]["arguments"].is_string(),
                "tool_calls",
            )?;
            open.push(call["id"].as_str().ok_or("tool_calls[].id is required")?);
        }
    }
    must(open.is_empty(), "tool calls without answers at the end")?;
    if question["stream"] != true {
        must(
            question.get("stream_options").is_none(),
            "stream_options is only allowed when stream is enabled",
        )?;
    }
    if let Some(tools) = question.get("tools") {
        let tools = tools.as_array().ok_or("tools must be a list")?;
        must(!tools.is_empty(), "[] is too short - 'tools'")?;
        for tool in tools {
            must(
                tool["type"] == "function" && tool["function"]["name"].is_string(),
                "tools[].function",
            )?;
        }
    }
    if let Some(format) = question.get("response_format") {
        must(format["type"] == "json_schema", "response_format.type")?;
        let inner = &format["json_schema"];
        let is_name =
            |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        must(inner["name"].as_str().is_some_and(is_name), "json_schema.name")?;
        if inner["strict"] == true {
            strict(&inner["schema"])?;
        }
    }
    Ok(())
}

/// The rules of strict schemas: every object closed, every property required, no bounds on texts.
fn strict(schema: &Value) -> Result<(), String> {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        if schema["additionalProperties"] != false {
            return Err(
                "'additionalProperties' is required to be supplied and to be false.".to_owned()
            );
        }
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in properties {
            if !required.contains(&name.as_str()) {
                return Err(format!(
                    "'required' is required to include every key in properties. Missing '{name}'."
                ));
            }
            strict(property)?;
        }
    }
    for key in ["minLength", "maxLength"] {
        if schema.get(key).is_some() {
            return Err(format!("'{key}' is not permitted."));
        }
    }
    schema.get("items").map_or(Ok(()), strict)
}

fn answer(status: u16, headers: &[(&'static str, String)], body: String) -> Response<Body> {
    let mut response =
        Response::builder().status(status).header("content-type", "application/json");
    for (name, value) in headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(body)).unwrap()
}

fn usage(question: &Value) -> Value {
    json!({ "prompt_tokens": question.to_string().len() / 4, "completion_tokens": 50, "total_tokens": 0 })
}

fn piece(delta: &Value, finish: Option<&str>) -> String {
    let chunk = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_795_262_400, "model": "fake-1",
        "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }],
    });
    format!("data: {chunk}\n\n")
}

fn events(pieces: Vec<String>) -> Response<Body> {
    let stream = stream::iter(pieces.into_iter().map(Ok::<_, Infallible>));
    Response::builder()
        .status(StatusCode::OK)
        .header("content-type", "text/event-stream; charset=utf-8")
        .body(Body::from_stream(stream))
        .unwrap()
}

fn end(question: &Value) -> [String; 2] {
    let last = json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "fake-1", "choices": [], "usage": usage(question) });
    [format!("data: {last}\n\n"), "data: [DONE]\n\n".to_owned()]
}

fn said(
    streams: bool,
    question: &Value,
    text: &str,
    refusal: Option<&str>,
    finish: &str,
) -> Response<Body> {
    if !streams {
        let whole = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_795_262_400, "model": "fake-1",
            "choices": [{ "index": 0, "message": { "role": "assistant", "content": text, "refusal": refusal }, "finish_reason": finish }],
            "usage": usage(question),
        });
        return answer(200, &[], whole.to_string());
    }
    let mut pieces =
        vec![piece(&json!({ "role": "assistant", "content": "", "refusal": null }), None)];
    let letters: Vec<char> = text.chars().collect();
    for part in letters.chunks(7) {
        pieces.push(piece(&json!({ "content": part.iter().collect::<String>() }), None));
    }
    if let Some(refusal) = refusal {
        pieces.push(piece(&json!({ "refusal": refusal }), None));
    }
    pieces.push(piece(&json!({}), Some(finish)));
    pieces.extend(end(question));
    events(pieces)
}

fn called(
    streams: bool,
    question: &Value,
    calls: &[(&'static str, Value)],
    number: usize,
) -> Response<Body> {
    let id = |at: usize| format!("call_{number}_{at}");
    if !streams {
        let calls: Vec<Value> = calls
            .iter()
            .enumerate()
            .map(|(at, (name, arguments))| {
                json!({ "id": id(at), "type": "function", "function": { "name": name, "arguments": arguments.to_string() } })
            })
            .collect();
        let whole = json!({
            "id": "chatcmpl-1", "object": "chat.completion", "model": "fake-1",
            "choices": [{ "index": 0, "message": { "role": "assistant", "content": null, "tool_calls": calls }, "finish_reason": "tool_calls" }],
            "usage": usage(question),
        });
        return answer(200, &[], whole.to_string());
    }
    let mut pieces = vec![piece(&json!({ "role": "assistant", "content": null }), None)];
    for (at, (name, arguments)) in calls.iter().enumerate() {
        let head = json!({ "tool_calls": [{ "index": at, "id": id(at), "type": "function", "function": { "name": name, "arguments": "" } }] });
        pieces.push(piece(&head, None));
        let letters: Vec<char> = arguments.to_string().chars().collect();
        for part in letters.chunks(5) {
            let text: String = part.iter().collect();
            pieces.push(piece(
                &json!({ "tool_calls": [{ "index": at, "function": { "arguments": text } }] }),
                None,
            ));
        }
    }
    pieces.push(piece(&json!({}), Some("tool_calls")));
    pieces.extend(end(question));
    events(pieces)
}

/// The beginning of an answer, and then the end of the connection, or nothing.
fn broken(stays_open: bool) -> Response<Body> {
    let begin = piece(&json!({ "role": "assistant", "content": "I think" }), None);
    let first = stream::iter([Ok::<_, std::io::Error>(begin)]);
    let rest = stream::once(async move {
        if stays_open {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(std::io::Error::other("gone"))
    });
    Response::builder()
        .status(StatusCode::OK)
        .header("content-type", "text/event-stream")
        .body(Body::from_stream(first.chain(rest)))
        .unwrap()
}
