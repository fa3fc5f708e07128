//! The page of executions.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::extract::PageFields;
use super::pages::{PageError, chrome, page};
use super::session::SignedIn;
use super::views::executions::{ExecutionRow, ExecutionsPage, Filters};
use super::views::parts::choice::Choice;
use super::views::parts::chrome::Section;
use crate::domain::execution::{ExecutionStatus, TaskType};
use crate::domain::fix::UnknownWord;
use crate::domain::project::{Principal, Project};
use crate::server::app::App;
use crate::server::problem::Problem;
use crate::store::StoreError;
use crate::store::executions::ExecutionFilter;

/// Rows of a page.
const PAGE_ROWS: u32 = 50;

/// What a form sends for nothing chosen is an empty text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    status: String,
    agent: String,
    task: String,
    project: String,
    before: Option<i64>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    PageFields(query): PageFields<ListQuery>,
) -> Result<Response, PageError> {
    let word = |e: UnknownWord| Problem::bad_request(e.to_string());
    let chosen = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let filter = ExecutionFilter {
        status: chosen(&query.status)
            .map(|t| t.parse::<ExecutionStatus>())
            .transpose()
            .map_err(word)?,
        agent: chosen(&query.agent),
        task: chosen(&query.task).map(|text| text.parse::<TaskType>()).transpose().map_err(word)?,
        project_id: who.principal.project_id.or(project_number(&query.project)?),
    };
    let before = query.before.unwrap_or(i64::MAX);
    let found = app.store.executions_page(&filter, before, PAGE_ROWS).await?;
    let projects = visible_projects(&app, &who.principal).await?;
    let names: HashMap<i64, &str> = projects.iter().map(|p| (p.id, p.name.as_str())).collect();
    let now = app.clock.now();
    let rows = found.lines.iter().map(|line| {
        let project = line.project_id.and_then(|id| names.get(&id)).map(|name| (*name).to_owned());
        ExecutionRow::new(line, project, now)
    });
    let agents = app.orchestrator.agents().await?;
    let agents = agents.iter().map(|agent| (agent.file.name.clone(), agent.file.name.clone()));
    let statuses = ExecutionStatus::ALL.iter().map(|status| status.as_str());
    let tasks = TaskType::ALL.iter().map(|task| task.as_str());
    let filters = Filters {
        status: Choice::words("any", statuses, &query.status),
        agent: Choice::list("whole runs", agents, &query.agent),
        task: Choice::words("any", tasks, &query.task),
        project: project_choices(&projects, &who.principal, &query.project),
    };
    let is_first = query.before.is_none();
    let chrome = chrome(&app, &who, Section::Executions).await?;
    let view = ExecutionsPage::new(chrome, rows.collect(), filters, found.next, is_first);
    Ok(page(StatusCode::OK, &view))
}

/// The number of a project that was chosen; none if nothing was.
pub(super) fn project_number(text: &str) -> Result<Option<i64>, Problem> {
    let number = (!text.is_empty()).then(|| text.parse());
    number.transpose().map_err(|_| Problem::bad_request("project must be a number"))
}

/// The projects that this principal sees.
pub(super) async fn visible_projects(
    app: &App,
    principal: &Principal,
) -> Result<Vec<Project>, StoreError> {
    Ok(match principal.project_id {
        Some(own) => app.store.project(own).await?.into_iter().collect(),
        None => app.store.projects().await?,
    })
}

/// The projects to choose from; nothing for who sees only one.
pub(super) fn project_choices(
    projects: &[Project],
    principal: &Principal,
    chosen: &str,
) -> Vec<Choice> {
    if principal.project_id.is_some() {
        return Vec::new();
    }
    let entries = projects.iter().map(|project| (project.id.to_string(), project.name.clone()));
    Choice::list("all", entries, chosen)
}
