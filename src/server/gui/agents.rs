//! The page of agents, and the forms on it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::extract::{Name, PageFields};
use super::look::PageQuery;
use super::pages::{PageError, chrome, page};
use super::session::{AdminForm, SignedIn};
use super::views::agents::{AgentInput, AgentsInput, AgentsPage};
use super::views::parts::chrome::Section;
use crate::domain::execution::TaskType;
use crate::orchestrator::{AgentKind, Registered};
use crate::server::agents::{self, Change, Limits};
use crate::server::app::App;
use crate::server::problem::Problem;
use crate::store::agent_settings::AgentSettings;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    PageFields(query): PageFields<PageQuery>,
) -> Result<Response, PageError> {
    let registered = app.orchestrator.agents().await?;
    let models = app.orchestrator.models();
    let now = app.clock.now();
    let no_money = models.caps().why_nothing(&app.store.spent_so_far(now).await?);
    let why_no_model = models.why_none();
    let agents = registered.iter().map(|agent| AgentInput {
        file: &agent.file,
        written: &agent.written,
        origin: &agent.origin,
        settings: agent.settings.as_ref(),
        why_not: why_not(agent, why_no_model, no_money.as_deref()),
    });
    let input = AgentsInput { agents: agents.collect(), routes: models.standing(), why_no_model };
    let chrome = chrome(&app, &who, Section::Agents).await?.with_flash(query.flash());
    Ok(page(StatusCode::OK, &AgentsPage::new(chrome, &input, now)))
}

/// Why an agent that is switched on cannot run whatever it is given.
fn why_not<'a>(
    agent: &Registered,
    why_no_model: Option<&'a str>,
    no_money: Option<&'a str>,
) -> Option<&'a str> {
    let is_model = agent.file.kind == AgentKind::Model;
    match agent.file.task {
        TaskType::PrReview => Some("pull requests are not reviewed yet"),
        TaskType::HealthCheck if is_model => Some("models are not asked about health"),
        _ if is_model => why_no_model.or(no_money),
        _ => None,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct SwitchFields {
    /// `on` or `off`.
    #[serde(default)]
    pub(super) to: String,
}

impl SwitchFields {
    /// Whether it is to be on.
    pub(super) fn is_on(&self) -> Result<bool, Problem> {
        match self.to.as_str() {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(Problem::bad_request("Nothing was changed: say `on` or `off`.")),
        }
    }
}

pub(super) async fn switch(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Name(name): Name,
    AdminForm(fields): AdminForm<SwitchFields>,
) -> Result<Response, PageError> {
    let on = fields.is_on()?;
    let set = agents::existing(&app, &name).await?.settings.unwrap_or_default();
    let change = Change { enabled: Some(on), limits: Some(limits_of(&set)) };
    agents::configure(&app, &name, change, &who.principal).await?;
    Ok(back(&name, if on { "agent_on" } else { "agent_off" }))
}

/// Empty fields are as the agent's file says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LimitFields {
    seconds: String,
    steps: String,
    tokens: String,
    cost: String,
}

pub(super) async fn limits(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Name(name): Name,
    AdminForm(fields): AdminForm<LimitFields>,
) -> Result<Response, PageError> {
    let limits = Limits {
        seconds: number("Seconds", &fields.seconds)?,
        steps: number("Questions", &fields.steps)?,
        tokens: number("Tokens", &fields.tokens)?,
        cost: number("Dollars", &fields.cost)?,
    };
    let set = agents::existing(&app, &name).await?.settings.unwrap_or_default();
    let change = Change { enabled: set.enabled, limits: Some(limits) };
    agents::configure(&app, &name, change, &who.principal).await?;
    Ok(back(&name, "agent_limits"))
}

fn number<T: std::str::FromStr>(label: &str, text: &str) -> Result<Option<T>, Problem> {
    let text = text.trim();
    let read = (!text.is_empty()).then(|| text.parse());
    read.transpose().map_err(|_| {
        Problem::bad_request(format!("Nothing was changed: {label} must be a number, or empty."))
    })
}

fn limits_of(set: &AgentSettings) -> Limits {
    Limits {
        seconds: set.seconds,
        steps: set.steps,
        tokens: set.tokens,
        cost: set.cost_micros.map(|micros| micros as f64 / 1_000_000.0),
    }
}

fn back(name: &str, done: &str) -> Response {
    // The name is that of an agent, so that it needs no escape.
    Redirect::to(&format!("/gui/agents?done={done}#agent-{name}")).into_response()
}
