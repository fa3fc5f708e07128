//! A client for Andon's API: report an error and learn what became of it. It blocks; from `async` code use
//! `tokio::task::spawn_blocking`.
//!
//! ```no_run
//! use andon_sdk::api::{Client, Report};
//! use std::time::Duration;
//!
//! let andon = Client::new("http://localhost:5001")?.with_key("PROJECT_KEY").with_token("andon_…");
//! assert_eq!(andon.health()?.status, "healthy");
//! let reported = andon.report(&Report::new("disk is full").release("0123abc"))?;
//! let analysis = andon.wait_for_analysis(reported.issue_id, Duration::from_secs(60))?;
//! if let Some(cause) = analysis.root_cause {
//!     println!("{}", cause.summary);
//! }
//! # Ok::<(), andon_sdk::api::ApiError>(())
//! ```

mod shapes;

pub use shapes::{Analysis, Evidence, Health, Report, Reported, RootCause, Suggestion};

use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;
use url::Url;

use crate::agent::agent;
use crate::settings::CONNECT_TIMEOUT;

/// How long an answer may take in all.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// How often [`Client::wait_for_analysis`] looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Bytes of an answer that are read at most.
const MAX_ANSWER_BYTES: u64 = 32 * 1024 * 1024;

/// Why the API gave no answer of use.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The address is none.
    #[error("the address is no http(s) URL: {0}")]
    Address(String),
    /// What is asked for needs a key or a token that was not given.
    #[error("this needs a {0}; give it with Client::{1}")]
    Missing(&'static str, &'static str),
    /// No answer came.
    #[error("Andon does not answer: {0}")]
    Unreachable(#[source] Box<ureq::Error>),
    /// It was answered with a refusal.
    #[error("Andon answered {status}: {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it says, and what to do.
        detail: String,
        /// After how many seconds to ask again, if it says so.
        retry_after_seconds: Option<u64>,
    },
    /// The answer is not what this version of the client knows.
    #[error("Andon's answer is not understood: {0}")]
    Answer(#[from] serde_json::Error),
    /// The analysis took longer than it was waited for.
    #[error("the analysis is not done after {0:?}")]
    NotYet(Duration),
}

/// A client. Cloning it shares its connections.
#[derive(Clone)]
pub struct Client {
    base: Url,
    agent: Agent,
    key: Option<String>,
    token: Option<String>,
}

impl Client {
    /// For the server at this address, without key and token: enough for [`Client::health`].
    pub fn new(address: &str) -> Result<Self, ApiError> {
        let mut base: Url =
            address.parse().map_err(|error| ApiError::Address(format!("{address}: {error}")))?;
        if !["http", "https"].contains(&base.scheme()) || base.cannot_be_a_base() {
            return Err(ApiError::Address(address.to_owned()));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Ok(Self { base, agent: agent(CONNECT_TIMEOUT, TIMEOUT), key: None, token: None })
    }

    /// The same with a project's key, which may only report.
    #[must_use]
    pub fn with_key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// The same with an API token, which reads (scope `read`) or more.
    #[must_use]
    pub fn with_token(self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self }
    }

    /// The same with another time-out than [`TIMEOUT`].
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { agent: agent(CONNECT_TIMEOUT, timeout), ..self }
    }

    /// How the server is.
    pub fn health(&self) -> Result<Health, ApiError> {
        self.ask("GET", "health", None, None::<&()>)
    }

    /// Reports an error, and says which issue it belongs to. Needs the project's key.
    pub fn report(&self, report: &Report) -> Result<Reported, ApiError> {
        self.ask("POST", "api/events", Some(self.key()?), Some(report))
    }

    /// An event as Andon understands it. Needs a token.
    pub fn event(&self, project: i64, event_id: &str) -> Result<Value, ApiError> {
        let id: String = event_id.chars().filter(char::is_ascii_hexdigit).collect();
        let path = format!("api/projects/{project}/events/{id}");
        self.ask("GET", &path, Some(self.token()?), None::<&()>)
    }

    /// What is known of an issue: its newest analysis, and the fixes that are suggested. Needs a token.
    pub fn analysis(&self, issue_id: i64) -> Result<Analysis, ApiError> {
        self.ask("GET", &format!("api/issues/{issue_id}"), Some(self.token()?), None::<&()>)
    }

    /// Has an issue analysed again. Needs a token of scope `review`.
    pub fn analyse(&self, issue_id: i64) -> Result<(), ApiError> {
        let path = format!("api/issues/{issue_id}/analyse");
        self.send("POST", &path, Some(self.token()?), None::<&()>).map(drop)
    }

    /// Waits until an issue's analysis has ended, for so long at most.
    pub fn wait_for_analysis(
        &self,
        issue_id: i64,
        patience: Duration,
    ) -> Result<Analysis, ApiError> {
        let begun = Instant::now();
        loop {
            let analysis = self.analysis(issue_id)?;
            if analysis.is_ended() {
                return Ok(analysis);
            }
            if begun.elapsed() >= patience {
                return Err(ApiError::NotYet(patience));
            }
            std::thread::sleep(LOOK_EVERY.min(patience));
        }
    }

    fn key(&self) -> Result<&str, ApiError> {
        self.key.as_deref().ok_or(ApiError::Missing("project key", "with_key"))
    }

    fn token(&self) -> Result<&str, ApiError> {
        self.token.as_deref().ok_or(ApiError::Missing("token", "with_token"))
    }

    fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        bearer: Option<&str>,
        body: Option<&impl Serialize>,
    ) -> Result<T, ApiError> {
        Ok(serde_json::from_slice(&self.send(method, path, bearer, body)?)?)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        bearer: Option<&str>,
        body: Option<&impl Serialize>,
    ) -> Result<Vec<u8>, ApiError> {
        let unreachable = |error| ApiError::Unreachable(Box::new(error));
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let answer = match body {
            Some(body) => {
                let body = serde_json::to_vec(body)?;
                let request = request.header("content-type", "application/json").body(body);
                self.agent.run(request.map_err(|error| unreachable(error.into()))?)
            }
            None => self.agent.run(request.body(()).map_err(|error| unreachable(error.into()))?),
        };
        let mut answer = answer.map_err(unreachable)?;
        let retry_after = answer.headers().get("retry-after");
        let retry_after_seconds = retry_after.and_then(|v| v.to_str().ok()?.parse().ok());
        let status = answer.status();
        let bytes = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let bytes = bytes.map_err(unreachable)?;
        if status.is_success() {
            return Ok(bytes);
        }
        let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let detail = problem["detail"].as_str().unwrap_or("(it says nothing more)").to_owned();
        Err(ApiError::Refused { status: status.as_u16(), detail, retry_after_seconds })
    }
}

impl std::fmt::Debug for Client {
    /// Without key and token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}
