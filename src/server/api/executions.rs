//! Executions: what was run, with what result, step by step as it happens.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Sse;
use axum::response::sse::{Event as SseEvent, KeepAlive};
use axum::{Extension, Json};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Limit, Problem, number};
use crate::domain::execution::{Execution, ExecutionStatus, TaskType};
use crate::domain::project::{Principal, Scope};
use crate::server::executions;
use crate::server::extract::{PathParts, QueryFields};
use crate::store::executions::ExecutionFilter;

/// Steps of an execution that are shown at once.
const MAX_STEPS: u32 = 500;

/// How often a stream looks for new steps.
const LOOK_EVERY: Duration = Duration::from_millis(400);

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    status: Option<String>,
    agent: Option<String>,
    task_type: Option<String>,
    project: Option<i64>,
    /// Number of the last execution of the page before; pages go from the newest on.
    before: Option<i64>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    QueryFields(query): QueryFields<ListQuery>,
) -> Result<Json<Value>, Problem> {
    let limit = Limit { limit: query.limit }.rows()?;
    let word = |name: &str, e: crate::domain::fix::UnknownWord| {
        Problem::bad_request(format!("{name}: {e}"))
    };
    let filter = ExecutionFilter {
        status: query
            .status
            .map(|text| text.parse::<ExecutionStatus>())
            .transpose()
            .map_err(|e| word("status", e))?,
        agent: query.agent,
        task: query
            .task_type
            .map(|text| text.parse::<TaskType>())
            .transpose()
            .map_err(|e| word("task_type", e))?,
        project_id: principal.project_id.or(query.project),
    };
    let before = query.before.unwrap_or(i64::MAX);
    let found = app.store.list_executions(&filter, before, limit).await?;
    let next = found.last().filter(|_| found.len() as u64 == u64::from(limit)).map(|e| e.id);
    Ok(Json(json!({ "executions": found, "next": next })))
}

/// An execution with its steps, and with those of its agents if it is a whole run.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
) -> Result<Json<Value>, Problem> {
    let execution = existing(&app, &principal, &id).await?;
    let id = execution.id;
    let run = executions::working_run(&app, &execution).await?;
    let agents = match execution.parent_id {
        None => app.store.child_executions(run).await?,
        Some(_) => Vec::new(),
    };
    // What was sent to models and came back is for those who may read everything.
    let steps = if principal.may(Scope::Read) {
        app.store.steps(id, 0, MAX_STEPS).await?
    } else {
        Vec::new()
    };
    let answer = super::execute::answer_of(&app, &execution).await?;
    Ok(Json(json!({
        "execution": execution,
        "agents": agents,
        "steps": steps,
        "success": answer["success"],
        "task_type": answer["task_type"],
        "results": answer["results"],
        "execution_id": id,
        "status": answer["status"],
        "error": answer["error"],
    })))
}

async fn existing(app: &App, principal: &Principal, id: &str) -> Result<Execution, Problem> {
    executions::visible(app, principal, number("execution", id)?).await
}

/// Asks that an execution stop: 202, it does so within a second.
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let execution = existing(&app, &principal, &id).await?;
    let run = executions::cancel(&app, &principal, &execution).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "execution_id": run, "status": "cancelling" }))))
}

/// What an execution does, as it does it: server-sent events `step` and `agent`, and `end` at its end.
pub(super) async fn stream(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
) -> Result<Sse<impl Stream<Item = Result<SseEvent, Infallible>>>, Problem> {
    let execution = existing(&app, &principal, &id).await?;
    if !principal.may(Scope::Read) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "this token lacks the scope `read`"));
    }
    let id = match execution.parent_id {
        None => executions::working_run(&app, &execution).await?,
        Some(_) => execution.id,
    };
    let tail = Tail { app, id, seen: Vec::new(), waiting: Vec::new(), ended: false };
    let events = stream::unfold(tail, |mut tail| async move {
        let event = tail.next().await?;
        Some((Ok(event), tail))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// The end of an execution's record, wherever it is written.
struct Tail {
    app: Arc<App>,
    id: i64,
    /// Executions with the last step and status that was told of each.
    seen: Vec<(i64, i64, Option<ExecutionStatus>)>,
    /// What was found and is not told yet, last first.
    waiting: Vec<SseEvent>,
    ended: bool,
}

impl Tail {
    async fn next(&mut self) -> Option<SseEvent> {
        loop {
            if let Some(event) = self.waiting.pop() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            if let Err(error) = self.look().await {
                tracing::warn!(%error, execution = self.id, "a stream of steps ended");
                return None;
            }
            if self.waiting.is_empty() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
    }

    async fn look(&mut self) -> Result<(), crate::store::StoreError> {
        let Some(run) = self.app.store.execution(self.id).await? else {
            self.ended = true;
            return Ok(());
        };
        let mut found = Vec::new();
        let mut all = self.app.store.child_executions(self.id).await?;
        all.push(run.clone());
        for execution in all {
            let at = match self.seen.iter().position(|(id, ..)| *id == execution.id) {
                Some(at) => at,
                None => {
                    self.seen.push((execution.id, 0, None));
                    self.seen.len() - 1
                }
            };
            for step in self.app.store.steps(execution.id, self.seen[at].1, MAX_STEPS).await? {
                self.seen[at].1 = step.id;
                found.push(event("step", &json!({ "agent": execution.agent, "step": step })));
            }
            if self.seen[at].2 != Some(execution.status) {
                self.seen[at].2 = Some(execution.status);
                let name = if execution.id == self.id { "run" } else { "agent" };
                found.push(event(name, &json!(execution)));
            }
        }
        if run.status != ExecutionStatus::Running {
            self.ended = true;
            found.push(event("end", &json!({ "status": run.status })));
        }
        found.reverse();
        self.waiting = found;
        Ok(())
    }
}

fn event(name: &str, data: &Value) -> SseEvent {
    SseEvent::default().event(name).data(data.to_string())
}
