//! Errors as the API shows them: RFC 9457 problem documents. The one place where inner errors become
//! answers; no inner text reaches a client unless it was written for one.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::quota::{Reason, Scope};
use crate::ingest::IngestError;
use crate::ingest::quotas::Limits;
use crate::ingest::writer::RETRY_AFTER_SECONDS;
use crate::store::StoreError;

/// What senders read of what they must not send for a while.
pub(super) const RATE_LIMITS: HeaderName = HeaderName::from_static("x-sentry-rate-limits");

/// The reason that senders are given while the database is out of reach.
const UNAVAILABLE: &str = "unavailable";

/// A problem document.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip)]
    retry_after_seconds: Option<u64>,
    #[serde(skip)]
    rate_limits: Option<String>,
    #[serde(skip)]
    body_unread: bool,
}

/// A refusal's text beside its answer, for who wants to say it in a header as well.
#[derive(Clone, Debug)]
pub(super) struct Refusal(pub(super) String);

impl Problem {
    /// A problem with the status's own title.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            retry_after_seconds: None,
            rate_limits: None,
            body_unread: false,
        }
    }

    /// For an answer that goes out before the request's body was read: the connection ends with it, and
    /// the sender is told, so that it does not send its next request into a closed one.
    pub(super) fn with_body_unread(self) -> Self {
        Self { body_unread: true, ..self }
    }

    /// 404.
    pub(super) fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what}"))
    }

    /// 400.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 500; `error` is logged, the client is told nothing of it.
    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something failed on the server; its log says what",
        )
    }

    /// 503 with Retry-After: the database is busy, full or out of reach; `error` is logged.
    fn unavailable(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "the database did not do its work");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the database is not available just now; try again in a moment",
        )
        .with_everything_limited(UNAVAILABLE)
    }

    /// 429: the server takes nothing just now, from nobody.
    pub(super) fn overloaded(reason: Reason) -> Self {
        let why = match reason {
            Reason::DiskFull => {
                "the disk is nearly full, so nothing more is taken; make room on it, or lower ingest.min_free_disk_bytes"
            }
            Reason::MemoryFull => {
                "too many bodies arrive at once; send fewer, or raise ingest.max_inflight_bytes"
            }
            _ => "more events arrive than can be stored",
        };
        let detail = format!("{why}; try again in {RETRY_AFTER_SECONDS} s");
        Self::new(StatusCode::TOO_MANY_REQUESTS, detail).with_everything_limited(reason.as_str())
    }

    /// 429: quotas are used up.
    pub(super) fn limited(limits: &Limits) -> Self {
        Self {
            retry_after_seconds: Some(limits.retry_after_seconds()),
            rate_limits: Some(limits.header()),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, limits.sentence())
        }
    }

    /// No category means all of them.
    fn with_everything_limited(self, reason: &str) -> Self {
        let seconds = RETRY_AFTER_SECONDS;
        Self {
            retry_after_seconds: Some(seconds),
            rate_limits: Some(format!("{seconds}::{}:{reason}", Scope::Organization)),
            ..self
        }
    }

    /// The status.
    pub(super) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What a person reads.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (retry, close) = (self.retry_after_seconds, self.body_unread);
        let limits = self.rate_limits.as_deref().map(HeaderValue::from_str);
        let refusal = Refusal(self.detail.clone());
        let mut response = (self.status(), Json(self)).into_response();
        response.extensions_mut().insert(refusal);
        let headers = response.headers_mut();
        if close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(Ok(limits)) = limits {
            headers.insert(RATE_LIMITS, limits);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => Self::new(StatusCode::NOT_FOUND, error.to_string()),
            StoreError::Exists(_)
            | StoreError::TooMany(_)
            | StoreError::IllegalTransition { .. } => {
                Self::new(StatusCode::CONFLICT, error.to_string())
            }
            StoreError::ProjectDeleted(_) => Self::new(StatusCode::FORBIDDEN, error.to_string()),
            _ if error.is_unavailable() => Self::unavailable(&error),
            _ => Self::internal(&error),
        }
    }
}

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        let detail = error.to_string();
        match error {
            IngestError::Malformed(_) => Self::new(StatusCode::BAD_REQUEST, detail),
            IngestError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail),
            IngestError::UnknownEncoding(_) => {
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
            }
            IngestError::Full { .. } => Self::overloaded(Reason::QueueFull),
            IngestError::Store(StoreError::ProjectDeleted(id)) => {
                Self::from(StoreError::ProjectDeleted(id))
            }
            IngestError::Store(inner) => Self { detail, ..Self::unavailable(&inner) },
        }
    }
}

impl From<std::sync::Arc<StoreError>> for Problem {
    fn from(error: std::sync::Arc<StoreError>) -> Self {
        if error.is_unavailable() { Self::unavailable(&error) } else { Self::internal(&error) }
    }
}
