//! An event: one occurrence of an error, in the shape that all the rest of Andon works with. The
//! names follow Sentry's event payload (<https://develop.sentry.dev/sdk/data-model/event-payloads/>).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fix::word_enum;

pub mod facts;
pub mod fields;
pub mod read;
mod stack;
#[cfg(test)]
mod tests;
mod vars;

word_enum! {
    /// How bad the sender says it is.
    Level {
        /// For developers.
        Debug = "debug",
        /// Worth knowing.
        Info = "info",
        /// May become an error.
        Warning = "warning",
        /// Something failed.
        Error = "error",
        /// The program ended.
        Fatal = "fatal",
    }
}

/// One call on the stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Frame {
    /// `orders::cart::Cart::total`, as the sender wrote it.
    pub function: Option<String>,
    /// `orders::cart`
    pub module: Option<String>,
    /// The library or crate.
    pub package: Option<String>,
    /// Path as the sender shortened it.
    pub filename: Option<String>,
    /// Whole path on the sender's machine.
    pub abs_path: Option<String>,
    /// From 1.
    pub lineno: Option<u32>,
    /// From 1.
    pub colno: Option<u32>,
    /// Whether it is the application's own code, as far as known.
    pub in_app: Option<bool>,
    /// Lines before the failing one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_context: Vec<String>,
    /// The failing line.
    pub context_line: Option<String>,
    /// Lines after the failing one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_context: Vec<String>,
    /// Local variables, as the sender wrote them out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

impl Frame {
    /// The best path there is: the whole one, else the short one.
    pub fn path(&self) -> Option<&str> {
        self.abs_path.as_deref().or(self.filename.as_deref())
    }
}

/// The calls that led to the failure, outermost first, the failing one last (Sentry's order).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StackTrace {
    /// Outermost first.
    pub frames: Vec<Frame>,
}

/// One error of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exception {
    /// `panic`, `ValueError`, …
    #[serde(rename = "type")]
    pub ty: Option<String>,
    /// The message.
    pub value: Option<String>,
    /// Where the type lives.
    pub module: Option<String>,
    /// Whether the program caught it, if known.
    pub handled: Option<bool>,
    /// The stack, if the sender had one.
    pub stacktrace: Option<StackTrace>,
    /// What it is to the one that was raised after it, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
}

/// What an exception is to the one that followed it in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The one that followed says that this was its cause (`raise … from`, `new Error(…, { cause })`).
    Cause,
    /// This was being handled when the other one was raised.
    Context,
    /// The other one is a group, and this is one of its members.
    Member,
}

/// Something that happened before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Breadcrumb {
    /// When.
    pub timestamp: Option<Timestamp>,
    /// `http`, `query`, …
    pub category: Option<String>,
    /// What happened.
    pub message: Option<String>,
    /// How bad.
    pub level: Option<String>,
}

/// One occurrence of an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// 32 lower-case hexadecimal digits.
    pub event_id: String,
    /// When it happened, by the sender's clock; the server's if that is missing or absurd.
    pub timestamp: Timestamp,
    /// How bad.
    pub level: Level,
    /// `rust`, `python`, `javascript`, …; `other` if not given.
    pub platform: String,
    /// The release as the sender names it; often a commit or a tag.
    pub release: Option<String>,
    /// `production`, …
    pub environment: Option<String>,
    /// The route or job.
    pub transaction: Option<String>,
    /// The machine that sent it.
    pub server_name: Option<String>,
    /// The logger's name.
    pub logger: Option<String>,
    /// The message, where there is no exception.
    pub message: Option<String>,
    /// The chain, cause first, what was finally raised last (Sentry's order).
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// What happened before, oldest first.
    #[serde(default)]
    pub breadcrumbs: Vec<Breadcrumb>,
    /// The sender's tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The grouping that the sender asks for; `{{ default }}` stands for ours.
    pub fingerprint: Option<Vec<String>>,
    /// A stack trace as plain text, where the sender had no frames.
    pub stack_text: Option<String>,
    /// Whom it happened to: the user's id, else name, else e-mail address, as it was sent. Known on the
    /// way in only, and never stored.
    #[serde(skip)]
    pub user: Option<String>,
    /// What could not be read, or was scrubbed, by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<Dropped>,
}

/// A part of an event that could not be read or was scrubbed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Where, e.g. `exception.values[0].stacktrace`.
    pub field: String,
    /// Why.
    pub reason: String,
}

impl Event {
    /// An event of which nothing is known but its id and its time.
    pub fn bare(event_id: String, timestamp: Timestamp) -> Self {
        Self {
            event_id,
            timestamp,
            level: Level::Error,
            platform: "other".to_owned(),
            release: None,
            environment: None,
            transaction: None,
            server_name: None,
            logger: None,
            message: None,
            exceptions: Vec::new(),
            breadcrumbs: Vec::new(),
            tags: BTreeMap::new(),
            fingerprint: None,
            stack_text: None,
            user: None,
            dropped: Vec::new(),
        }
    }

    /// The exception that was finally raised.
    pub fn exception(&self) -> Option<&Exception> {
        self.exceptions.last()
    }

    /// One line that names the error: `panic: index out of bounds: …`, or the message.
    pub fn title(&self) -> String {
        let text = match self.exception() {
            Some(e) => match (e.ty.as_deref(), e.value.as_deref()) {
                (Some(ty), Some(value)) => format!("{ty}: {value}"),
                (Some(one), None) | (None, Some(one)) => one.to_owned(),
                (None, None) => "(exception without type or message)".to_owned(),
            },
            None => self.message.clone().unwrap_or_else(|| "(no message)".to_owned()),
        };
        let line = text.lines().next().unwrap_or_default();
        line.chars().take(200).collect()
    }
}
