//! What this machine can do at most: a bare axum server that keeps nothing. `ceiling body` reads the
//! body, `ceiling parse` also opens the gzip and parses the event to `serde_json::Value`. Prints the
//! address that it listens on.

use std::io::Read;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;

/// The largest body, in bytes.
const MAX_BODY_BYTES: usize = 20 * 1024 * 1024;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let parses = match std::env::args().nth(1).as_deref() {
        Some("parse") => true,
        Some("body") => false,
        _ => anyhow::bail!("say what to do: `ceiling body` or `ceiling parse`"),
    };
    let handler = move |headers: HeaderMap, body: Bytes| async move {
        let size = if parses { parsed_fields(&headers, &body) } else { Some(body.len()) };
        match size {
            Some(size) => (StatusCode::OK, format!("{{\"id\":\"{size}\"}}")),
            None => (StatusCode::BAD_REQUEST, String::new()),
        }
    };
    let app = Router::new()
        .route("/api/{project}/envelope/", post(handler))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listens on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

fn parsed_fields(headers: &HeaderMap, body: &[u8]) -> Option<usize> {
    let gzip = headers.get("content-encoding").is_some_and(|value| value == "gzip");
    let plain = if gzip {
        let mut plain = Vec::with_capacity(body.len() * 5);
        flate2::read::GzDecoder::new(body).read_to_end(&mut plain).ok()?;
        plain
    } else {
        body.to_vec()
    };
    let event = plain.splitn(3, |byte| *byte == b'\n').nth(2)?;
    let value: serde_json::Value = serde_json::from_slice(event).ok()?;
    value.as_object().map(serde_json::Map::len)
}
