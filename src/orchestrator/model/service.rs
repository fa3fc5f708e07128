//! The HTTP under async-openai: bounds what is received, and keeps what its errors leave out — the status
//! and the time after which to come again.

use std::task::{Context, Poll};
use std::time::Duration;

use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures_util::future::BoxFuture;

/// Bytes of a refusal that are read.
const MAX_REFUSAL_BYTES: usize = 16 * 1024;

/// Bytes of an answer at most.
pub(super) const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// An answer that is none.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{status}")]
pub(super) struct HttpRefusal {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: String,
}

/// An answer that is larger than [`MAX_ANSWER_BYTES`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("larger than {MAX_ANSWER_BYTES} bytes")]
pub(super) struct TooLarge;

/// Sends requests.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) client: reqwest::Client,
}

impl tower::Service<HttpRequestFactory> for Service {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = BoxFuture<'static, Result<reqwest::Response, OpenAIError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let client = self.client.clone();
        Box::pin(async move {
            let response = client.execute(factory.build().await?).await?;
            if response.status().is_success() {
                return Ok(bounded(response));
            }
            let refusal = HttpRefusal {
                status: response.status().as_u16(),
                retry_after: retry_after(response.headers()),
                body: beginning(response).await,
            };
            Err(OpenAIError::Boxed(Box::new(refusal)))
        })
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Passes a body on up to the cap.
fn bounded(response: reqwest::Response) -> reqwest::Response {
    use futures_util::StreamExt as _;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut left = MAX_ANSWER_BYTES;
    let pieces = response.bytes_stream().map(move |piece| {
        let piece = piece.map_err(|e| -> Failure { Box::new(e) })?;
        match left.checked_sub(piece.len()) {
            Some(rest) => {
                left = rest;
                Ok::<_, Failure>(piece)
            }
            None => Err(Box::new(TooLarge) as Failure),
        }
    });
    let mut answer = axum::http::Response::new(reqwest::Body::wrap_stream(pieces));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer.into()
}

/// The beginning of a refusal's text.
async fn beginning(mut response: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        bytes.extend_from_slice(&piece);
        if bytes.len() >= MAX_REFUSAL_BYTES {
            bytes.truncate(MAX_REFUSAL_BYTES);
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `Retry-After`, in seconds or as a date, and the milliseconds that OpenAI's servers add.
fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(millis) = text("retry-after-ms").and_then(|text| text.trim().parse().ok()) {
        return Some(Duration::from_millis(millis));
    }
    let text = text("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    // The date is the server's, and so is the clock to compare it with.
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let now = headers.get("date").and_then(|value| value.to_str().ok())?;
    let now = jiff::fmt::rfc2822::parse(now).ok()?.timestamp();
    Duration::try_from(at.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (reqwest::header::HeaderName::from_static(name), HeaderValue::from_static(value))
            })
            .collect()
    }

    #[test]
    fn every_form_of_a_time_is_understood() {
        for (given, seconds) in [
            (headers(&[("retry-after", "7")]), Some(7.0)),
            (headers(&[("retry-after", "0.5")]), Some(0.5)),
            (headers(&[("retry-after-ms", "250"), ("retry-after", "9")]), Some(0.25)),
            (
                headers(&[
                    ("retry-after", "Sun, 22 Nov 2026 12:00:30 GMT"),
                    ("date", "Sun, 22 Nov 2026 12:00:00 GMT"),
                ]),
                Some(30.0),
            ),
            (headers(&[("retry-after", "-4")]), None),
            (headers(&[("retry-after", "soon")]), None),
            (headers(&[]), None),
        ] {
            assert_eq!(retry_after(&given).map(|d| d.as_secs_f64()), seconds, "{given:?}");
        }
    }
}
