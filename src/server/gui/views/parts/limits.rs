//! What an agent may use, and the form's fields for it.

use super::amount;
use super::when::duration;
use crate::orchestrator::files::{MAX_SECONDS, MAX_STEPS};
use crate::orchestrator::{AgentFile, AgentKind};
use crate::store::agent_settings::AgentSettings;

/// One limit of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitRow {
    /// The form's field: `seconds`, `steps`, `tokens`, `cost`.
    pub field: &'static str,
    /// What it limits.
    pub label: &'static str,
    /// As it stands, with its unit.
    pub shown: String,
    /// As its file says, without a unit.
    pub written: String,
    /// What is set instead; empty for nothing.
    pub set: String,
    /// The least that can be set.
    pub least: &'static str,
    /// The most that can be set.
    pub most: String,
    /// Steps between what can be set.
    pub step: &'static str,
}

/// What an agent may use, by its file as it stands and as it is written, and by what was set for it.
pub fn limits(file: &AgentFile, written: &AgentFile, set: Option<&AgentSettings>) -> Vec<LimitRow> {
    let (now, written) = (file.limits, written.limits);
    let set = set.cloned().unwrap_or_default();
    let text = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let mut rows = vec![LimitRow {
        field: "seconds",
        label: "Seconds",
        shown: duration(now.seconds as f64),
        written: written.seconds.to_string(),
        set: text(set.seconds),
        least: "1",
        most: MAX_SECONDS.to_string(),
        step: "1",
    }];
    if file.kind == AgentKind::Rules {
        return rows;
    }
    rows.push(LimitRow {
        field: "steps",
        label: "Questions to a model",
        shown: amount::number(now.steps.into()),
        written: written.steps.to_string(),
        set: text(set.steps.map(u64::from)),
        least: "1",
        most: MAX_STEPS.to_string(),
        step: "1",
    });
    rows.push(LimitRow {
        field: "tokens",
        label: "Tokens",
        shown: amount::number(now.tokens),
        written: written.tokens.to_string(),
        set: text(set.tokens),
        least: "1",
        most: u32::MAX.to_string(),
        step: "1",
    });
    rows.push(LimitRow {
        field: "cost",
        label: "Dollars",
        shown: amount::dollars(now.cost_micros()),
        written: written.cost.to_string(),
        set: set.cost_micros.map(|micros| (micros as f64 / 1e6).to_string()).unwrap_or_default(),
        least: "0",
        most: "1000000".to_owned(),
        step: "any",
    });
    rows
}
