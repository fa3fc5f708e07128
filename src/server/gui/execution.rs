//! The page of one execution, following it, and stopping it.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::decide::NoFields;
use super::extract::{Number, PageFields};
use super::pages::{PageError, chrome, page};
use super::session::{CancelForm, SignedIn, Visitor};
use super::views::execution::{AgentInput, ExecutionInput, ExecutionPage, RunFragment, RunView};
use super::views::parts::chrome::{Flash, Section};
use crate::domain::execution::{Execution, ExecutionStatus, Step};
use crate::server::app::App;
use crate::server::executions;
use crate::server::problem::Problem;
use crate::store::StoreError;

/// Steps of one agent on a whole run's page.
const RUN_STEPS: u32 = 40;

/// Steps on an agent's own page.
const AGENT_STEPS: u32 = 100;

/// Bytes of what steps hold, from which on a whole run's page leaves them to the agents' own pages.
const MAX_RUN_BYTES: usize = 1024 * 1024;

#[derive(Debug, Deserialize)]
pub(super) struct ShowQuery {
    done: Option<String>,
    /// On an agent's own page: the step after which to go on.
    #[serde(default)]
    after: i64,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    PageFields(query): PageFields<ShowQuery>,
) -> Result<Response, PageError> {
    let execution = executions::visible(&app, &who.principal, id).await?;
    let standing = Standing::of(&app, &execution).await?;
    let input = load(&app, execution, standing, query.after).await?;
    let flash = query.done.as_deref().and_then(Flash::from_word);
    let chrome = chrome(&app, &who, Section::Executions).await?.with_flash(flash);
    Ok(page(StatusCode::OK, &ExecutionPage::new(chrome, &input, app.clock.now())))
}

#[derive(Debug, Deserialize)]
pub(super) struct LiveQuery {
    /// What the page shows already.
    #[serde(default)]
    seen: String,
    /// The step that those on the page come after.
    #[serde(default)]
    after: i64,
}

/// The part of the page that changes, if it has: 204 if not. Only how the run stands is read until then.
pub(super) async fn live(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    PageFields(query): PageFields<LiveQuery>,
) -> Result<Response, PageError> {
    let execution = executions::visible(&app, &who.principal, id).await?;
    let standing = Standing::of(&app, &execution).await?;
    if standing.seen == query.seen {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let input = load(&app, execution, standing, query.after).await?;
    let chrome = chrome(&app, &who, Section::Executions).await?;
    let run = RunView::new(&input, app.clock.now());
    Ok(page(StatusCode::OK, &RunFragment { chrome, run }))
}

pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CancelForm(NoFields {}): CancelForm<NoFields>,
) -> Result<Response, PageError> {
    let Visitor { principal, .. } = &who;
    let execution = executions::visible(&app, principal, id).await?;
    executions::cancel(&app, principal, &execution).await?;
    Ok(Redirect::to(&format!("/gui/executions/{id}?done=cancelling")).into_response())
}

/// How an execution stands, without what it did.
struct Standing {
    /// The run that does the work.
    run: i64,
    is_running: bool,
    was_cancelled: bool,
    /// The executions of its agents; itself, if it is one agent's.
    agents: Vec<Execution>,
    seen: String,
}

impl Standing {
    async fn of(app: &App, execution: &Execution) -> Result<Self, StoreError> {
        let run = executions::working_run(app, execution).await?;
        let agents = match execution.parent_id {
            None => app.store.child_executions(run).await?,
            Some(_) => vec![execution.clone()],
        };
        // Before there were runs, agents stood alone.
        let agents =
            if agents.is_empty() && !execution.is_run() { vec![execution.clone()] } else { agents };
        let was_cancelled = app.store.is_cancelled(run).await?;
        let last_steps = app.store.last_steps(run).await?;
        let is_running = execution.status == ExecutionStatus::Running;
        let mut seen = format!("{}-{}", execution.status, u8::from(was_cancelled));
        for agent in &agents {
            let last = last_steps.iter().find(|(id, _)| *id == agent.id).map_or(0, |(_, at)| *at);
            // Writing to a string does not fail.
            let _ = write!(seen, "_{}-{}-{last}", agent.id, agent.status);
        }
        Ok(Self { run, is_running, was_cancelled, agents, seen })
    }
}

async fn load(
    app: &App,
    execution: Execution,
    standing: Standing,
    after: i64,
) -> Result<ExecutionInput, Problem> {
    let Standing { run, is_running, was_cancelled, agents: found, seen } = standing;
    let alone = matches!(found.as_slice(), [only] if only.id == execution.id);
    let (most, after) = if alone { (AGENT_STEPS, after) } else { (RUN_STEPS, 0) };
    let mut agents = Vec::with_capacity(found.len());
    let mut bytes = 0;
    for agent in found {
        let wanted = if bytes < MAX_RUN_BYTES { most } else { 0 };
        let mut steps = app.store.steps(agent.id, after, wanted + 1).await?;
        let more_steps = steps.len() > wanted as usize;
        steps.truncate(wanted as usize);
        bytes += steps.iter().map(size).sum::<usize>();
        agents.push(AgentInput { execution: agent, steps, more_steps });
    }
    let project = match execution.project_id {
        Some(id) => app.store.project(id).await?.map(|project| project.name),
        None => None,
    };
    let issue_id = match (execution.input["issue_id"].as_i64(), execution.analysis_id) {
        (Some(issue), _) => Some(issue),
        (None, Some(analysis)) => app.store.analysis(analysis).await?.map(|found| found.issue_id),
        (None, None) => None,
    };
    Ok(ExecutionInput {
        working_run: (execution.parent_id.is_none() && run != execution.id).then_some(run),
        execution,
        agents,
        project,
        issue_id,
        is_running,
        was_cancelled,
        seen,
        after,
    })
}

/// About how many bytes a step puts on a page.
fn size(step: &Step) -> usize {
    step.title.len() + step.detail.to_string().len()
}
