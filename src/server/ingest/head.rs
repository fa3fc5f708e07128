//! What the door needs of a request's head. The head itself is let go: by it, whoever waits would hold the
//! buffer that it was read into.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::sender::key_of;
use crate::server::problem::Problem;

/// What a request says before its body.
pub(super) struct Head {
    key: Option<String>,
    encodings: Option<String>,
    /// Bytes of the body, if it says so.
    pub(super) announced: Option<usize>,
}

impl Head {
    /// The key that the request names outside its body.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The body's encodings, in the order in which they were laid over it.
    pub(super) fn encodings(&self) -> Result<&str, Problem> {
        self.encodings
            .as_deref()
            .ok_or_else(|| Problem::bad_request("the header Content-Encoding is not readable text"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Head {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let headers = &parts.headers;
        let announced = headers.get(header::CONTENT_LENGTH);
        Ok(Self {
            key: key_of(headers, &parts.uri).map(str::to_owned),
            encodings: encodings(headers),
            announced: announced.and_then(|length| length.to_str().ok()?.parse().ok()),
        })
    }
}

/// Several headers of this name are one list. `None` if one of them is no text.
fn encodings(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::CONTENT_ENCODING).iter();
    let all: Option<Vec<&str>> = all.map(|value| value.to_str().ok()).collect();
    all.map(|all| all.join(","))
}
