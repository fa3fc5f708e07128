//! The event.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::{Breadcrumb, EventId, Level, Request, User, now};

/// What stands before every list of the protocol.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Values<T> {
    /// The list.
    pub values: Vec<T>,
}

impl<T> Values<T> {
    fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// One occurrence of an error, or a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Its number.
    pub event_id: EventId,
    /// When it happened, in seconds since 1970.
    pub timestamp: f64,
    /// `rust`.
    pub platform: &'static str,
    /// How bad it is.
    pub level: Level,
    /// Who said it, as a dotted or `::` name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logger: Option<String>,
    /// What it says, where it is no error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The error and its sources, the innermost first.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub exception: Values<Exception>,
    /// What happened before, the oldest first.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub breadcrumbs: Values<Arc<Breadcrumb>>,
    /// Words to search by.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Whom it happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Arc<User>>,
    /// The request that was being answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Arc<Request>>,
    /// What else is known, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub contexts: BTreeMap<String, Value>,
    /// What the application was doing: a route, a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// What makes it the same as others, where the application knows better than the server. May hold
    /// `{{ default }}`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fingerprint: Vec<String>,
    /// What was built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<Arc<str>>,
    /// Where it runs: `production`, `test`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Arc<str>>,
    /// The machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<Arc<str>>,
}

impl Event {
    /// An empty one that happens now.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self {
            event_id: EventId::random(),
            timestamp: now(),
            platform: "rust",
            level,
            logger: None,
            message: None,
            exception: Values { values: Vec::new() },
            breadcrumbs: Values { values: Vec::new() },
            tags: BTreeMap::new(),
            user: None,
            request: None,
            contexts: BTreeMap::new(),
            transaction: None,
            fingerprint: Vec::new(),
            release: None,
            environment: None,
            server_name: None,
        }
    }

    /// A message.
    #[must_use]
    pub fn message(message: impl Into<String>, level: Level) -> Self {
        Self { message: Some(message.into()), ..Self::new(level) }
    }
}

/// One error of a chain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exception {
    /// Its type's name.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it says.
    pub value: String,
    /// The crate or module of its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// Where it was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stacktrace: Option<Stacktrace>,
    /// How it came to be captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<Mechanism>,
}

/// How an error came to be captured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mechanism {
    /// `panic`, `generic`, `tracing`, …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether the application dealt with it.
    pub handled: bool,
}

/// The way that led to a place, the outermost call first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stacktrace {
    /// The calls.
    pub frames: Vec<Frame>,
}

/// One call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// The function, with its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<Arc<str>>,
    /// The file's name as the compiler was given it, or its last part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<Arc<str>>,
    /// The file as the compiler wrote it down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abs_path: Option<Arc<str>>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lineno: Option<u32>,
    /// The column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colno: Option<u32>,
    /// Whether it is the application's own code.
    pub in_app: bool,
    /// The address, for frames of which nothing else is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruction_addr: Option<Arc<str>>,
}
