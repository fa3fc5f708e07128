//! An error to analyse: it is stored as an event of its project, like any other, and its issue's analysis is
//! the answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Asked, project};
use crate::domain::analysis::{Analysis, AnalysisStatus};
use crate::domain::execution::{ExecutionStatus, TaskType};
use crate::orchestrator::{Begin, Outcome, SoFar};
use crate::server::app::App;
use crate::server::ingest::submit;
use crate::server::problem::Problem;
use crate::server::shapes;
use crate::store::StoreError;

/// How often it is looked whether the analysis has an answer.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long the end of an analysis is waited for to be written down.
const FOLLOWED_FOR: Duration = Duration::from_secs(60 * 60);

/// Stores the error, waits for what the deterministic agents say of its issue, and answers with it.
pub(super) async fn run(app: &Arc<App>, task: TaskType, asked: Asked) -> Result<Answer, Problem> {
    let project_id = project(app, &asked).await?;
    if !asked.input.is_object() {
        return Err(Problem::bad_request(
            "input_data must be an object with `error` or `stack_trace`, or with `code`",
        ));
    }
    let deadline = Instant::now() + asked.wait;
    let stored = submit::plain(app, project_id, &asked.input).await?;
    let input = json!({
        "event_id": stored.event_id,
        "issue_id": stored.issue_id,
        "project": project_id,
        "asked_by": asked.principal.name,
    });
    let begin =
        Begin { task, project_id: Some(project_id), analysis_id: None, input: input.clone() };
    let outcome = app.orchestrator.begin(begin).await?;
    let is_answered = |status: AnalysisStatus| status != AnalysisStatus::Running;
    let analysis = wait_until(app, stored.issue_id, deadline, is_answered).await?;
    let (status, error) = standing(analysis.as_ref());
    let results = results(app, &input).await?;
    let body = json!({
        "success": status != ExecutionStatus::Failed,
        "task_type": task,
        "results": results,
        "execution_id": outcome.run_id,
        "status": status,
        "error": error,
    });
    if status == ExecutionStatus::Running {
        let (app, issue_id) = (Arc::clone(app), stored.issue_id);
        tokio::spawn(async move {
            if let Err(error) = follow(&app, issue_id, &outcome).await {
                tracing::warn!(%error, execution = outcome.run_id, "the end of a task was not written down");
            }
        });
    } else {
        app.orchestrator.end(&outcome, &SoFar::default(), Value::Null, error.as_deref()).await?;
    }
    Ok(Answer { status: StatusCode::OK, body })
}

/// The analysis of an issue, as soon as its status is as wanted, or as it stands at the deadline.
async fn wait_until(
    app: &App,
    issue_id: i64,
    deadline: Instant,
    wanted: impl Fn(AnalysisStatus) -> bool,
) -> Result<Option<Analysis>, StoreError> {
    loop {
        let analysis = app.store.latest_analysis(issue_id).await?;
        if analysis.as_ref().is_some_and(|a| wanted(a.status)) || Instant::now() >= deadline {
            return Ok(analysis);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// How a task about an issue stands, by its analysis.
pub(super) fn standing(analysis: Option<&Analysis>) -> (ExecutionStatus, Option<String>) {
    match analysis {
        Some(Analysis { status: AnalysisStatus::Done, .. }) => (ExecutionStatus::Done, None),
        Some(Analysis { status: AnalysisStatus::Failed, error, .. }) => {
            let why = error.clone().unwrap_or_else(|| "the analysis failed".to_owned());
            (ExecutionStatus::Failed, Some(why))
        }
        _ => (ExecutionStatus::Running, None),
    }
}

/// Writes down the end of a task that nobody waits for any more.
async fn follow(app: &App, issue_id: i64, outcome: &Outcome) -> Result<(), StoreError> {
    let deadline = Instant::now() + FOLLOWED_FOR;
    let analysis = wait_until(app, issue_id, deadline, |status| !status.is_at_work()).await?;
    let (status, error) = standing(analysis.as_ref());
    let error = match status {
        ExecutionStatus::Running => Some("the analysis did not end within an hour".to_owned()),
        _ => error,
    };
    app.orchestrator.end(outcome, &SoFar::default(), Value::Null, error.as_deref()).await
}

/// What is known of an error by now.
pub(super) async fn results(app: &App, input: &Value) -> Result<Value, StoreError> {
    let Some(issue_id) = input["issue_id"].as_i64() else { return Ok(Value::Null) };
    let analysis = app.store.latest_analysis(issue_id).await?;
    let suggestions: Vec<Value> =
        app.store.suggestions_of_issue(issue_id).await?.iter().map(shapes::suggestion).collect();
    Ok(json!({
        "event_id": input["event_id"],
        "issue_id": issue_id,
        "analysis": analysis,
        "suggestions": suggestions,
    }))
}
