//! How Andon itself is: database, queue, disk, workers, models.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Asked};
use crate::domain::event::Event;
use crate::domain::execution::{ExecutionStatus, TaskType};
use crate::orchestrator::{AgentKind, Begin, Task};
use crate::server::app::App;
use crate::server::problem::Problem;

/// Runs the agents that look at health, and puts their checks together.
pub(super) async fn run(app: &Arc<App>, asked: Asked) -> Result<Answer, Problem> {
    let task_type = TaskType::HealthCheck;
    let begin = Begin {
        task: task_type,
        project_id: asked.project,
        analysis_id: None,
        input: json!({ "asked_by": asked.principal.name }),
    };
    let mut outcome = app.orchestrator.begin(begin).await?;
    let event = Arc::new(Event::bare(String::new(), app.clock.now()));
    let mut task = Task { project_id: asked.project, ..Task::bare(task_type, event) };
    app.orchestrator.run(&mut outcome, AgentKind::Rules, &mut task).await?;
    let checks: Vec<Value> = task
        .so_far
        .results
        .iter()
        .flat_map(|(_, found)| found["health_checks"].as_array().cloned().unwrap_or_default())
        .collect();
    let failed = outcome.executions.iter().find_map(|one| one.error.clone());
    let error = failed.filter(|_| checks.is_empty());
    let results = json!({ "health_checks": checks });
    app.orchestrator.end(&outcome, &task.so_far, results.clone(), error.as_deref()).await?;
    let status = match &error {
        Some(_) => ExecutionStatus::Failed,
        None => ExecutionStatus::Done,
    };
    let body = json!({
        "success": error.is_none(),
        "task_type": task_type,
        "results": results,
        "execution_id": outcome.run_id,
        "status": status,
        "error": error,
    });
    Ok(Answer { status: StatusCode::OK, body })
}
