//! What the API and the GUI share of agents: finding one, changing what is set for it.

use axum::http::StatusCode;
use serde::Deserialize;

use super::app::App;
use super::problem::Problem;
use crate::domain::project::Principal;
use crate::orchestrator::files::{MAX_SECONDS, MAX_STEPS};
use crate::orchestrator::{FileError, Registered};
use crate::store::agent_settings::AgentSettings;

/// Dollars that an agent may be given at most.
pub(super) const MAX_DOLLARS: f64 = 1_000_000.0;

/// What is to be set for an agent. What is missing becomes what its file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// Whether it runs.
    pub(super) enabled: Option<bool>,
    /// How much it may use.
    pub(super) limits: Option<Limits>,
}

/// How much an agent may use.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) seconds: Option<u64>,
    pub(super) steps: Option<u32>,
    pub(super) tokens: Option<u64>,
    /// Dollars.
    pub(super) cost: Option<f64>,
}

/// The agent of this name.
pub(super) async fn existing(app: &App, name: &str) -> Result<Registered, Problem> {
    let agents = app.orchestrator.agents().await?;
    let shown: String = name.chars().take(64).collect();
    let found = agents.iter().find(|agent| agent.file.name == name).cloned();
    found.ok_or_else(|| Problem::not_found(format!("agent `{shown}`")))
}

/// Switches an agent on or off and changes what it may use.
pub(super) async fn configure(
    app: &App,
    name: &str,
    change: Change,
    principal: &Principal,
) -> Result<(), Problem> {
    let known = existing(app, name).await?;
    let mut settings = AgentSettings {
        enabled: change.enabled,
        file: known.settings.and_then(|set| set.file),
        ..AgentSettings::default()
    };
    if let Some(limits) = change.limits {
        let within = |name: &str, value: Option<u64>, most: u64| match value {
            Some(value) if !(1..=most).contains(&value) => {
                Err(Problem::bad_request(format!("limits.{name} must be from 1 to {most}")))
            }
            _ => Ok(()),
        };
        within("seconds", limits.seconds, MAX_SECONDS)?;
        within("steps", limits.steps.map(u64::from), MAX_STEPS.into())?;
        within("tokens", limits.tokens, u64::from(u32::MAX))?;
        if limits.cost.is_some_and(|cost| !(0.0..=MAX_DOLLARS).contains(&cost)) {
            let detail = format!("limits.cost must be dollars, from 0 to {MAX_DOLLARS}");
            return Err(Problem::bad_request(detail));
        }
        settings.seconds = limits.seconds;
        settings.steps = limits.steps;
        settings.tokens = limits.tokens;
        settings.cost_micros = limits.cost.map(|dollars| (dollars * 1_000_000.0).round() as u64);
    }
    set(app, name, &settings, principal).await
}

/// Sets it, if agents and files still fit together then.
pub(super) async fn set(
    app: &App,
    name: &str,
    settings: &AgentSettings,
    principal: &Principal,
) -> Result<(), Problem> {
    app.orchestrator.check(name, settings).await?.map_err(refused)?;
    let now = app.clock.now();
    app.store.set_agent_settings(name, Some(settings), &principal.name, now).await?;
    Ok(())
}

/// A file that does not fit, as an answer.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
pub(super) fn refused(error: FileError) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
}
