//! `POST /api/execute`: a task for the agents, in the shape that applications know:
//! `{"task_type", "input_data"}` → `{"success", "task_type", "results", "execution_id", "status", "error"}`.

mod code;
mod error;
mod health;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Problem};
use crate::domain::execution::{Execution, ExecutionStatus, TaskType};
use crate::domain::project::Principal;
use crate::server::extract::JsonBody;
use crate::store::StoreError;

/// The longest that a sender may ask to be kept waiting, in seconds.
const MAX_WAIT_SECONDS: f64 = 300.0;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExecuteBody {
    task_type: String,
    #[serde(default)]
    input_data: Value,
    /// How long to wait for an answer, in seconds.
    wait_s: Option<f64>,
    /// The project, for who may choose.
    project: Option<i64>,
}

/// A task, as its handler gets it.
struct Asked {
    input: Value,
    project: Option<i64>,
    wait: Duration,
    principal: Principal,
}

/// What is answered.
struct Answer {
    status: StatusCode,
    body: Value,
}

pub(super) async fn execute(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    JsonBody(body): JsonBody<ExecuteBody>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let task: TaskType =
        body.task_type.parse().map_err(|e| Problem::bad_request(format!("task_type: {e}")))?;
    let asked = Asked {
        wait: wait(&app, &body)?,
        project: principal.project_id.or(body.project),
        input: body.input_data,
        principal,
    };
    let answer = match task {
        // Applications of old sent errors as `code_analysis`, too: what there is to look at tells.
        TaskType::CodeAnalysis if asked.input.get("code").is_some() => {
            code::run(&app, asked).await?
        }
        TaskType::CodeAnalysis | TaskType::ErrorAnalysis => error::run(&app, task, asked).await?,
        TaskType::HealthCheck => health::run(&app, asked).await?,
        TaskType::PrReview => not_yet(task),
    };
    Ok((answer.status, Json(answer.body)))
}

fn wait(app: &App, body: &ExecuteBody) -> Result<Duration, Problem> {
    let given = body.wait_s.or_else(|| body.input_data.get("wait_s").and_then(Value::as_f64));
    match given {
        None => Ok(Duration::from_secs(app.config.api.wait_seconds)),
        Some(seconds) if (0.0..=MAX_WAIT_SECONDS).contains(&seconds) => {
            Ok(Duration::from_secs_f64(seconds))
        }
        Some(_) => Err(Problem::bad_request(format!(
            "wait_s must be from 0 to {MAX_WAIT_SECONDS} seconds"
        ))),
    }
}

fn not_yet(task: TaskType) -> Answer {
    let body = json!({
        "success": false,
        "task_type": task,
        "results": null,
        "execution_id": null,
        "status": "not_implemented",
        "error": "pull requests are not reviewed yet",
    });
    Answer { status: StatusCode::NOT_IMPLEMENTED, body }
}

/// The answer to a task, from how its run stands.
pub(super) async fn answer_of(app: &App, run: &Execution) -> Result<Value, StoreError> {
    let (mut status, mut error) = (run.status, run.error.clone());
    let results = match run.input["issue_id"].as_i64() {
        Some(issue_id) => {
            // The process that followed it may be gone.
            if status == ExecutionStatus::Running {
                let analysis = app.store.latest_analysis(issue_id).await?;
                (status, error) = error::standing(analysis.as_ref());
            }
            error::results(app, &run.input).await?
        }
        None => run.output.results.clone(),
    };
    Ok(json!({
        "success": status != ExecutionStatus::Failed,
        "task_type": run.task,
        "results": results,
        "execution_id": run.id,
        "status": status,
        "error": error,
    }))
}

/// The project that a task is for: the token's, the one named, or the only one there is.
async fn project(app: &App, asked: &Asked) -> Result<i64, Problem> {
    if let Some(id) = asked.project {
        return match app.project(id).await? {
            Some(_) => Ok(id),
            None => Err(Problem::not_found(format!("project {id}"))),
        };
    }
    match app.store.projects().await?.as_slice() {
        [only] => Ok(only.id),
        [] => Err(Problem::new(
            StatusCode::CONFLICT,
            "there is no project yet; `andon project create` makes one",
        )),
        _ => Err(Problem::bad_request(
            "there are several projects: send `\"project\": NUMBER` beside `task_type`, or use a token that is one project's (`andon token create NAME --project NUMBER`)",
        )),
    }
}
