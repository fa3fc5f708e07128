//! Answers as they go over the wire, whole or in pieces.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

pub(super) fn answer(
    status: u16,
    headers: &[(&'static str, String)],
    body: String,
) -> Response<Body> {
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

pub(super) fn said(
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

/// A text as Azure streams it: what its filters say of the prompt comes first, in a piece without choices,
/// and with each piece.
pub(super) fn filtered(question: &Value, text: &str) -> Response<Body> {
    let safe = json!({ "hate": { "filtered": false, "severity": "safe" } });
    let prompt = json!({
        "id": "", "object": "", "created": 0, "model": "", "choices": [],
        "prompt_filter_results": [{ "prompt_index": 0, "content_filter_results": safe }],
    });
    let said = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_795_262_400, "model": "fake-1",
        "choices": [{ "index": 0, "delta": { "role": "assistant", "content": text }, "finish_reason": null, "content_filter_results": safe }],
    });
    let mut pieces = vec![format!("data: {prompt}\n\n"), format!("data: {said}\n\n")];
    pieces.push(piece(&json!({}), Some("stop")));
    pieces.extend(end(question));
    events(pieces)
}

pub(super) fn called(
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
pub(super) fn broken(stays_open: bool) -> Response<Body> {
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
