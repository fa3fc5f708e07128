//! The request's body: read under a cap and a time-out, then decoded.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt as _;

use crate::ingest::{IngestError, body};
use crate::server::app::App;
use crate::server::problem::Problem;

/// Bytes over the cap that are read and thrown away before the refusal.
const MAX_DRAINED_BYTES: usize = 2 * 1024 * 1024;

/// Reads the body, bounded in size and in time.
pub(super) async fn receive(app: &App, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let limits = &app.config.ingest;
    let too_large = || {
        Problem::from(IngestError::TooLarge {
            what: "the body",
            limit: limits.max_body_bytes,
            advice: "send less, or raise ingest.max_body_bytes",
        })
        .with_body_unread()
    };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    let most = limits.max_body_bytes.saturating_add(MAX_DRAINED_BYTES);
    if announced.is_some_and(|length: usize| length > most) {
        return Err(too_large());
    }
    let read = read_up_to(body, limits.max_body_bytes);
    match tokio::time::timeout(Duration::from_secs(limits.body_timeout_seconds), read).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(too_large()),
        Ok(Err(_)) => Err(Problem::bad_request("the body broke off")),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("the body did not arrive within {} s", limits.body_timeout_seconds),
        )
        .with_body_unread()),
    }
}

/// The body, or `None` if it has more than `max_bytes`. A little more than that is read and thrown
/// away: a sender that is cut off in the middle of its body may never see the answer.
async fn read_up_to(body: Body, max_bytes: usize) -> Result<Option<Bytes>, axum::Error> {
    let mut chunks = body.into_data_stream();
    let mut taken = Vec::new();
    let mut total = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        total = total.saturating_add(chunk.len());
        if total > max_bytes.saturating_add(MAX_DRAINED_BYTES) {
            return Ok(None);
        }
        if total <= max_bytes {
            taken.extend_from_slice(&chunk);
        } else {
            taken = Vec::new();
        }
    }
    Ok((total <= max_bytes).then(|| taken.into()))
}

/// Undoes what the headers say of its encoding, under the cap.
pub(super) fn decode<'a>(
    app: &App,
    headers: &HeaderMap,
    sent: &'a Bytes,
) -> Result<Cow<'a, [u8]>, Problem> {
    let mut encodings = Vec::new();
    // Several headers of this name are one list.
    for value in headers.get_all(header::CONTENT_ENCODING) {
        encodings.push(value.to_str().map_err(|_| {
            Problem::bad_request("the header Content-Encoding is not readable text")
        })?);
    }
    let encodings = encodings.join(",");
    Ok(body::decode(sent, Some(&encodings), app.config.ingest.max_decoded_bytes)?)
}
