//! Agents, and the API by which applications ask them.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The longest that a sender may be kept waiting, in seconds.
const MAX_WAIT_SECONDS: u64 = 300;

/// Verdicts alike after which a rule is proposed, if nothing is set.
const RULE_AFTER_VERDICTS: u32 = 3;

/// One or two verdicts are no habit.
const MIN_RULE_AFTER_VERDICTS: u32 = 3;

/// Analysis agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentsConfig {
    /// A folder of one's own with `agents/*.toml` and `prompts/`, over those that come with the binary;
    /// empty for none.
    pub folder: PathBuf,
    /// How long executions that belong to no issue are kept, in days.
    pub keep_executions_days: u32,
    /// Verdicts alike after which a rule is proposed.
    pub rule_after_verdicts: u32,
}

impl Default for AgentsConfig {
    fn default() -> Self {
        Self {
            folder: PathBuf::new(),
            keep_executions_days: 30,
            rule_after_verdicts: RULE_AFTER_VERDICTS,
        }
    }
}

impl AgentsConfig {
    /// What no type can say; the text names the key.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.rule_after_verdicts < MIN_RULE_AFTER_VERDICTS {
            return Err(format!(
                "agents.rule_after_verdicts is {}; it must be at least {MIN_RULE_AFTER_VERDICTS}",
                self.rule_after_verdicts
            ));
        }
        Ok(())
    }
}

/// The API by which applications ask the agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiConfig {
    /// Whether `/api/execute` answers who has no token. Only a server on loopback may.
    pub anonymous_execute: bool,
    /// How long `/api/execute` waits for an analysis before it answers `running`, in seconds.
    pub wait_seconds: u64,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self { anonymous_execute: false, wait_seconds: 8 }
    }
}

impl ApiConfig {
    /// What no type can say; the text names the key.
    pub(super) fn check(&self, listen: SocketAddr) -> Result<(), String> {
        if self.anonymous_execute && !listen.ip().is_loopback() {
            return Err(format!(
                "api.anonymous_execute lets in who has no token, so that the server must listen on loopback; it listens on {listen}"
            ));
        }
        if self.wait_seconds > MAX_WAIT_SECONDS {
            return Err(format!(
                "api.wait_seconds is {}; it must be at most {MAX_WAIT_SECONDS}",
                self.wait_seconds
            ));
        }
        Ok(())
    }
}
