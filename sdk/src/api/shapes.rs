//! What goes to the API and what comes back, as far as applications need it. What else an answer has is
//! passed over, so that a newer server is understood.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::Level;

/// How the server is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Health {
    /// `healthy` or `degraded`.
    pub status: String,
    /// Why it is not healthy.
    pub reason: Option<String>,
}

/// An error to report.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// What went wrong.
    pub error: String,
    /// The error's type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The stack trace, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<String>,
    /// The language: `rust`, `python`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// How bad it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// What was built, best the commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Where it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Words to search by.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Report {
    /// An error of which only the text is known.
    #[must_use]
    pub fn new(error: impl Into<String>) -> Self {
        Self { error: error.into(), ..Self::default() }
    }

    /// The same with a stack trace.
    #[must_use]
    pub fn stack_trace(mut self, text: impl Into<String>) -> Self {
        self.stack_trace = Some(text.into());
        self
    }

    /// The same with a release.
    #[must_use]
    pub fn release(mut self, release: impl Into<String>) -> Self {
        self.release = Some(release.into());
        self
    }

    /// The same with a tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reported {
    /// The event's number, 32 hexadecimal digits.
    pub event_id: String,
    /// The issue that it belongs to.
    pub issue_id: i64,
    /// Whether it was known already.
    pub duplicate: bool,
}

/// What is known of an issue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Analysis {
    /// Why it failed, if that is known.
    pub root_cause: Option<RootCause>,
    /// The fixes that are suggested.
    pub suggestions: Vec<Suggestion>,
    /// The issue, as the API has it.
    pub issue: Value,
    analysis: Option<Run>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Run {
    status: String,
    error: Option<String>,
}

impl Analysis {
    /// Whether an analysis was carried out, well or not.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.analysis.as_ref().is_some_and(|run| run.status != "running")
    }

    /// Why the analysis failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.analysis.as_ref()?.error.as_deref()
    }
}

/// Why something failed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RootCause {
    /// One or two sentences.
    pub summary: String,
    /// Path below the repository's root.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// The enclosing function.
    pub function: Option<String>,
    /// The kind of failure, e.g. `index_out_of_bounds`.
    pub class: String,
    /// Between 0 and 1, where it was measured.
    pub confidence: Option<f64>,
    /// What supports it.
    pub evidence: Vec<Evidence>,
}

/// A line of code that supports a claim.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Evidence {
    /// Path below the repository's root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// The line.
    pub quote: String,
    /// What it shows.
    pub why: String,
}

/// A fix that is suggested.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Suggestion {
    /// Its number.
    pub id: i64,
    /// What it does.
    pub title: String,
    /// Why.
    pub explanation: String,
    /// `pending`, `approved`, `rejected`, `applied`, `failed`, `rolled_back` or `superseded`.
    pub status: String,
    /// What the guard proved it to be: `style`, `import` or `other`.
    pub proved_class: Option<String>,
    /// The change, as a unified diff.
    pub diff: String,
}
