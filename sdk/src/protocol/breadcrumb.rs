//! What happened before.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Level, now};

/// Something that happened before the error, and may help to understand it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Breadcrumb {
    /// When, in seconds since 1970.
    pub timestamp: f64,
    /// What kind of thing, for display: `default`, `http`, `query`, `navigation`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it comes from, as a dotted name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How bad it is by itself.
    pub level: Level,
    /// What else is known of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, Value>,
}

impl Breadcrumb {
    /// One that happens now.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            timestamp: now(),
            kind: "default".to_owned(),
            category: None,
            message: Some(message.into()),
            level: Level::Info,
            data: BTreeMap::new(),
        }
    }

    /// The same of another kind (`http`, `query`, `navigation`, …).
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = kind.into();
        self
    }

    /// The same with a category.
    #[must_use]
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// The same with another level.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// The same with something more.
    #[must_use]
    pub fn data(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.data.insert(key.into(), value.into());
        self
    }
}
