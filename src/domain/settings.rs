//! What is set for one project only; the configuration holds for the rest.

use serde::{Deserialize, Serialize};

use super::fingerprint::Rules;
use super::quota_set::QuotaSet;

/// What of a project's events is kept, and for how long. 0 is no limit; what goes first is the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days after which an event is deleted, and an issue without events that nobody decided on.
    pub days: u32,
    /// Events of a project.
    pub events_per_project: u64,
    /// Events of an issue; its first ones stay.
    pub events_per_issue: u64,
    /// Bytes of a project's events as stored, attachments included.
    pub bytes_per_project: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 90, events_per_project: 0, events_per_issue: 0, bytes_per_project: 0 }
    }
}

/// A project's own settings; what is `None` is as the configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectSettings {
    /// Rules by which events are grouped, one a line.
    pub fingerprint_rules: String,
    /// What is kept.
    pub retention: Option<Retention>,
    /// How much it may send: all of it, a number that is left out is no limit.
    pub quotas: Option<QuotaSet>,
}

/// Bytes of a project's fingerprint rules at most.
const MAX_RULES_BYTES: usize = 64 * 1024;

impl ProjectSettings {
    /// What is wrong with them, if anything.
    pub fn check(&self) -> Result<(), String> {
        if self.fingerprint_rules.len() > MAX_RULES_BYTES {
            return Err(format!("fingerprint_rules is longer than {MAX_RULES_BYTES} bytes"));
        }
        Rules::parse(&self.fingerprint_rules).map_err(|e| format!("fingerprint_rules: {e}"))?;
        self.quotas.as_ref().map_or(Ok(()), QuotaSet::check)
    }
}
