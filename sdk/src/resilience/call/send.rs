//! Calls with reqwest.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Request, RequestBuilder, Response, StatusCode};

use super::{CallError, CallPolicy, Verdict, parse_retry_after, resilient_call};

/// An attempt with reqwest that did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The service answered with 429, 408 or 5xx. The answer's body can still be read.
    #[error("the answer was {}", .0.status())]
    Status(Box<Response>),
    /// There was no answer, or the request is not one. The address is taken out of the error, because
    /// there may be secrets in it.
    #[error("there was no answer")]
    Transport(#[source] reqwest::Error),
    /// A body that can be sent only once was sent, and an attempt more was made.
    #[error("the request's body cannot be sent a second time")]
    BodyIsSpent,
}

impl From<reqwest::Error> for SendError {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error.without_url())
    }
}

impl SendError {
    /// What the error means for further attempts.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Status(response) => {
                let retry_after = wait_asked_for(response.headers());
                match response.status() {
                    StatusCode::TOO_MANY_REQUESTS => Verdict::RateLimited { retry_after },
                    StatusCode::SERVICE_UNAVAILABLE => Verdict::Unavailable { retry_after },
                    _ => Verdict::Failed,
                }
            }
            Self::Transport(error) if error.is_connect() => Verdict::NotSent,
            // A request that cannot be built, or is sent from one address to the next for ever.
            Self::Transport(error) if error.is_builder() || error.is_redirect() => Verdict::Refused,
            Self::Transport(_) => Verdict::Failed,
            Self::BodyIsSpent => Verdict::Refused,
        }
    }
}

/// Sends a request as [`resilient_call`] does: again after 429, after 503 with a `Retry-After`, and if there
/// was no connection; and after other failures if the method is idempotent or the policy says so. A body that cannot be
/// cloned, such as a stream, is sent once only.
///
/// The attempt's time-out is for the answer's head; for the time of reading its body see
/// [`RequestBuilder::timeout`].
///
/// ```
/// use andon_sdk::resilience::{CallError, CallPolicy, SendError, resilient_send};
///
/// # async fn example(client: reqwest::Client) -> Result<(), CallError<SendError>> {
/// let policy = CallPolicy::new().service("The exchange");
/// let rates = resilient_send(&policy, client.get("http://exchange.internal/rates")).await?;
/// // A payment carries a key by which the service knows it again, so it can be sent twice.
/// let payment = client.post("http://exchange.internal/pay").header("Idempotency-Key", "7f1c");
/// let receipt = resilient_send(&policy.idempotent(true), payment).await?;
/// # let _ = (rates, receipt);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// There was no answer, or the last one was 429, 408 or 5xx. All other answers are returned, also those
/// like 404.
pub async fn resilient_send(
    policy: &CallPolicy,
    request: RequestBuilder,
) -> Result<Response, CallError<SendError>> {
    let (client, built) = request.build_split();
    let idempotent = built.as_ref().is_ok_and(|request| request.method().is_idempotent());
    let mut policy = policy.clone().or_idempotent(idempotent);
    if !built.as_ref().is_ok_and(|request| request.try_clone().is_some()) {
        policy.retry = policy.retry.attempts(1);
    }
    let mut template = Some(built);
    let attempt = || send_once(client.clone(), next(&mut template));
    resilient_call(&policy, SendError::verdict, attempt).await
}

/// The request for the next attempt: a copy as long as that can be made.
fn next(template: &mut Option<reqwest::Result<Request>>) -> Result<Request, SendError> {
    let copy = match template {
        Some(Ok(request)) => request.try_clone(),
        _ => None,
    };
    match copy {
        Some(copy) => Ok(copy),
        None => Ok(template.take().ok_or(SendError::BodyIsSpent)??),
    }
}

async fn send_once(
    client: Client,
    request: Result<Request, SendError>,
) -> Result<Response, SendError> {
    let response = client.execute(request?).await?;
    let status = response.status();
    let failed = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    if failed { Err(SendError::Status(Box::new(response))) } else { Ok(response) }
}

/// By the service's own clock, if it tells it: ours may be wrong.
fn wait_asked_for(headers: &HeaderMap) -> Option<Duration> {
    let now = headers
        .get(DATE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| httpdate::parse_http_date(value).ok())
        .unwrap_or_else(SystemTime::now);
    parse_retry_after(headers.get(RETRY_AFTER)?.to_str().ok()?, now)
}
