//! One way to a model: a question goes out, an answer or a reason comes back.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::{AzureConfig, Config, OpenAIConfig};
use async_openai::error::OpenAIError;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::breaker::Breaker;
use super::error::CallError;
use super::service::{HttpRefusal, MAX_ANSWER_BYTES, Service, TooLarge};
use super::standing::LastError;
use super::wire::{Chunk, Question, Reply};
use crate::config::{RouteConfig, RouteKind};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Characters of what a server says that are kept.
const MAX_DETAIL_CHARS: usize = 300;

/// A route, ready for use.
pub struct Route {
    /// As it was configured.
    pub config: RouteConfig,
    /// Its record of failures.
    pub breaker: Breaker,
    last_error: Mutex<Option<LastError>>,
    client: AnyClient,
}

enum AnyClient {
    Openai(Client<OpenAIConfig>),
    Azure(Client<AzureConfig>),
}

/// What came of a question, with what it used up even if it failed.
pub struct Called {
    /// The answer.
    pub result: Result<Reply, CallError>,
    /// Bytes that were received, where the server did not count tokens.
    pub bytes_received: usize,
    /// Whether the server began to work on it.
    pub was_begun: bool,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Route").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Route {
    /// Makes its client.
    pub fn new(config: RouteConfig) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            // A redirect would take the key and the question to somebody else.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| {
                format!("the HTTP client of route `{}` cannot be made: {e}", config.name)
            })?;
        let key =
            config.api_key.get().cloned().unwrap_or_else(|| SecretString::from(String::new()));
        // async-openai would panic over it.
        if reqwest::header::HeaderValue::from_str(key.expose_secret()).is_err() {
            return Err(format!("the key of route `{}` cannot be sent in a header", config.name));
        }
        let service = Service { client: http.clone() };
        let client = match config.kind {
            RouteKind::Openai => {
                let to = OpenAIConfig::new()
                    .with_api_base(config.url())
                    .with_api_key(key.expose_secret())
                    // What its own environment variables say is not asked.
                    .with_org_id("")
                    .with_project_id("");
                let client = Client::build(http, to).with_http_service(service);
                AnyClient::Openai(client)
            }
            RouteKind::Azure => {
                let to = AzureConfig::new()
                    .with_api_base(config.url())
                    .with_api_key(key.expose_secret())
                    .with_deployment_id(&config.model)
                    .with_api_version(&config.api_version);
                AnyClient::Azure(Client::build(http, to).with_http_service(service))
            }
        };
        let rest = Duration::from_secs(config.breaker_seconds);
        let breaker = Breaker::new(config.breaker_failures, rest);
        Ok(Self { config, breaker, last_error: Mutex::default(), client })
    }

    /// What it last failed with.
    pub fn last_error(&self) -> Option<LastError> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers what it failed with.
    pub fn note_error(&self, error: &CallError, at: Timestamp) {
        let noted = LastError { text: error.to_string(), at };
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(noted);
    }

    /// Puts a question once.
    pub async fn call(&self, question: &Question<'_>) -> Called {
        let mut so_far = Progress::default();
        let limit = Duration::from_secs(self.config.timeout_seconds);
        let body = question.to_wire(&self.config);
        let work = async {
            match &self.client {
                AnyClient::Openai(client) => self.converse(client, body, &mut so_far).await,
                AnyClient::Azure(client) => self.converse(client, body, &mut so_far).await,
            }
        };
        let result = match tokio::time::timeout(limit, work).await {
            Ok(result) => result,
            Err(_) => Err(CallError::TooSlow(self.config.timeout_seconds)),
        };
        // Who was too slow has worked on it, and will want its money.
        let slow = matches!(result, Err(CallError::TooSlow(_)));
        Called {
            result: result.and_then(usable),
            bytes_received: so_far.bytes,
            was_begun: so_far.begun || slow,
        }
    }

    async fn converse<C: Config>(
        &self,
        client: &Client<C>,
        body: Value,
        so_far: &mut Progress,
    ) -> Result<Reply, CallError> {
        if !self.config.stream {
            let answer: Value = client.chat().create_byot(body).await.map_err(failure)?;
            so_far.begun = true;
            let chunk: Chunk = serde_json::from_value(answer).map_err(unreadable)?;
            let reply = Reply::whole(chunk).map_err(|told| told_in_answer(&told))?;
            so_far.bytes = reply.bytes();
            return Ok(reply);
        }
        let mut pieces =
            client.chat().create_stream_byot::<_, Value>(body).await.map_err(failure)?;
        so_far.begun = true;
        let mut reply = Reply::default();
        let silence = Duration::from_secs(self.config.silence_seconds);
        loop {
            let piece = match tokio::time::timeout(silence, pieces.next()).await {
                Ok(Some(piece)) => piece.map_err(failure)?,
                Ok(None) => break,
                Err(_) => return Err(CallError::Silent(self.config.silence_seconds)),
            };
            let chunk: Chunk = serde_json::from_value(piece).map_err(unreadable)?;
            reply.add(chunk).map_err(|told| told_in_answer(&told))?;
            so_far.bytes = reply.bytes();
        }
        if reply.finish.is_none() {
            return Err(CallError::Connection("the answer broke off before its end".to_owned()));
        }
        Ok(reply)
    }
}

#[derive(Default)]
struct Progress {
    begun: bool,
    bytes: usize,
}

/// An answer that says something.
fn usable(mut reply: Reply) -> Result<Reply, CallError> {
    if let Some(refusal) = reply.refusal {
        return Err(CallError::Refused(shortened(&refusal)));
    }
    if reply.finish.as_deref() == Some("content_filter") {
        return Err(CallError::Refused("a content filter stopped the answer".to_owned()));
    }
    reply.calls.retain(|call| !call.name.is_empty());
    if reply.content.trim().is_empty() && reply.calls.is_empty() {
        return Err(CallError::Empty(reply.finish.as_deref() == Some("length")));
    }
    Ok(reply)
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
fn unreadable(error: serde_json::Error) -> CallError {
    CallError::Unreadable(error.to_string())
}

/// An error that stands where an answer should.
fn told_in_answer(told: &str) -> CallError {
    CallError::Server { status: 200, detail: shortened(told) }
}

fn failure(error: OpenAIError) -> CallError {
    match error {
        OpenAIError::Boxed(inner) => match inner.downcast_ref::<HttpRefusal>() {
            Some(refusal) => refused(refusal),
            None => CallError::Connection(shortened(&inner.to_string())),
        },
        OpenAIError::JSONDeserialize(error, _) => unreadable(error),
        OpenAIError::ApiError(error) => refused(&HttpRefusal {
            status: error.status_code.as_u16(),
            retry_after: None,
            body: error.api_error.message,
        }),
        OpenAIError::StreamError(error) => broken(&*error),
        OpenAIError::Reqwest(error) => broken(&error),
        other => CallError::Connection(shortened(&other.to_string())),
    }
}

/// A connection that broke, or an answer that was cut off because it grew too large.
fn broken(error: &(dyn std::error::Error + 'static)) -> CallError {
    let mut texts = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<TooLarge>() {
            return CallError::TooLarge(MAX_ANSWER_BYTES);
        }
        let text = error.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
        next = error.source();
    }
    let text = texts.join(": ");
    // The stream's error keeps only the text of what stopped it.
    if text.contains(&TooLarge.to_string()) {
        return CallError::TooLarge(MAX_ANSWER_BYTES);
    }
    CallError::Connection(shortened(&text))
}

fn refused(refusal: &HttpRefusal) -> CallError {
    let body: Option<Value> = serde_json::from_str(&refusal.body).ok();
    let error = body.as_ref().and_then(|body| body.get("error"));
    let field = |name: &str| error.and_then(|e| e.get(name)).and_then(Value::as_str);
    let detail = shortened(field("message").unwrap_or(refusal.body.trim()));
    let status = refusal.status;
    // Azure's filter refuses with 400.
    let code = field("code").unwrap_or_default();
    if code == "content_filter" {
        return CallError::Refused(detail);
    }
    match status {
        // A quota that is used up does not come back by waiting.
        429 if code == "insufficient_quota" => CallError::Rejected { status: 402, detail },
        429 => CallError::Busy { retry_after: refusal.retry_after },
        503 if refusal.retry_after.is_some() => {
            CallError::Busy { retry_after: refusal.retry_after }
        }
        408 | 409 | 425 | 500..=599 => CallError::Server { status, detail },
        300..=399 => CallError::Rejected {
            status,
            detail:
                "it sends elsewhere, and redirects are not followed; set base_url to where it leads"
                    .to_owned(),
        },
        _ => CallError::Rejected { status, detail },
    }
}

/// What a server says, short enough for a sentence.
fn shortened(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let flat = flat.trim();
    match flat.char_indices().nth(MAX_DETAIL_CHARS) {
        Some((end, _)) => format!("{}…", &flat[..end]),
        None => flat.to_owned(),
    }
}
