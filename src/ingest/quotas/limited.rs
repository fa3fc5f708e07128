//! What is said of a quota that is used up: to people as a sentence, to senders as headers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;

use super::rules::Whose;
use crate::domain::category::Category;
use crate::domain::quota::{Reason, Scope, Window};
use crate::domain::quota_set::QuotaKey;

/// The longest that a sender is told to stay away, in seconds, so that a quota that was raised is noticed
/// before the month is over.
const MAX_RETRY_AFTER_SECONDS: u64 = 60 * 60;

/// A quota does not let something pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// What was refused.
    pub category: Category,
    /// Whose quota it is.
    pub scope: Scope,
    /// Which of them.
    pub reason: Reason,
    /// When it is worth coming back.
    pub retry_after_seconds: u64,
    window: Window,
    limit: i64,
    whose: Whose,
}

impl Limited {
    pub(super) fn new(key: QuotaKey, limit: i64, whose: Whose, now: Timestamp) -> Self {
        let QuotaKey { category, scope, window } = key;
        let retry_after_seconds = window.seconds_left(now).min(MAX_RETRY_AFTER_SECONDS);
        let reason = window.reason();
        Self { category, scope, reason, retry_after_seconds, window, limit, whose }
    }
}

impl std::fmt::Display for Limited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sender = if self.scope == Scope::Key { "this key" } else { "this project" };
        let (limit, window, seconds) = (self.limit, self.window, self.retry_after_seconds);
        let a = if window == Window::Hour { "an" } else { "a" };
        let what = match self.category.counts_as() {
            Category::Error => "events".to_owned(),
            Category::Attachment => format!("bytes of {}", Category::Attachment),
            category => format!("items of {category}"),
        };
        let key = QuotaKey { category: self.category, scope: self.scope, window };
        let place = match self.whose {
            Whose::Configured => "",
            Whose::Own => " in the project's settings",
        };
        write!(
            f,
            "{sender} may send {limit} {what} {a} {window}, and has; send again in {seconds} s, send less, or have quotas.{key}{place} raised"
        )
    }
}

/// The quotas that refused something of one request.
#[derive(Debug, Default)]
pub struct Limits {
    /// Each once: by whose it is, which, and by the category that counts.
    found: BTreeMap<(Scope, Reason, Category), Limited>,
}

impl Limits {
    /// One more refusal.
    pub fn add(&mut self, limited: Limited) {
        let key = (limited.scope, limited.reason, limited.category.counts_as());
        self.found.entry(key).or_insert(limited);
    }

    /// Whether nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// When it is worth coming back with all of it.
    pub fn retry_after_seconds(&self) -> u64 {
        self.found.values().map(|limited| limited.retry_after_seconds).max().unwrap_or(1)
    }

    /// The value of `X-Sentry-Rate-Limits`: `seconds:categories:scope:reason` for each, by commas
    /// (<https://develop.sentry.dev/sdk/expected-features/rate-limiting/>).
    pub fn header(&self) -> String {
        let mut text = String::new();
        for limited in self.found.values() {
            let names: Vec<&str> = limited.category.sharing().map(Category::as_str).collect();
            let comma = if text.is_empty() { "" } else { ", " };
            // Writing into a text does not fail.
            let _ = write!(
                text,
                "{comma}{}:{}:{}:{}",
                limited.retry_after_seconds,
                names.join(";"),
                limited.scope,
                limited.reason
            );
        }
        text
    }

    /// What to do, for a person.
    pub fn sentence(&self) -> String {
        let said: Vec<String> = self.found.values().map(ToString::to_string).collect();
        said.join("; ")
    }
}
