//! What lets pages of other origins send events: a browser asks first, and reads the answer only if it
//! is told that it may. Only the doors for events say so.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::server::problem::Refusal;

/// How long a browser may remember the answer to its question, in seconds: what Chromium obeys at most.
const MAX_AGE_SECONDS: &str = "7200";

/// What senders send.
const ALLOWED_HEADERS: &str =
    "x-sentry-auth, content-type, content-encoding, sentry-trace, baggage, authorization";

/// What senders look at.
const EXPOSED_HEADERS: &str = "X-Sentry-Error, X-Sentry-Rate-Limits, Retry-After";

/// Bytes of a refusal's text in the header.
const MAX_REFUSAL_BYTES: usize = 200;

const SENTRY_ERROR: HeaderName = HeaderName::from_static("x-sentry-error");

/// The answer to a browser's question whether it may send. The headers come from [`open_to_pages`].
pub(super) async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Lets pages of every origin send, without cookies, and read the answer, refusals too.
pub(super) async fn open_to_pages(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let refusal = response.extensions_mut().remove::<Refusal>();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(Ok(text)) = refusal.map(|Refusal(text)| in_header(&text)) {
        headers.insert(SENTRY_ERROR, text);
    }
    response
}

/// A header takes no line ends, and many clients nothing but ASCII.
fn in_header(text: &str) -> Result<HeaderValue, header::InvalidHeaderValue> {
    let plain: String = text
        .chars()
        .take(MAX_REFUSAL_BYTES)
        .map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' })
        .collect();
    HeaderValue::from_str(&plain)
}
