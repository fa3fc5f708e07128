//! How Andon itself is: database, queue, disk, workers, models.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Asked};
use crate::domain::execution::TaskType;
use crate::orchestrator::{Begin, SoFar};
use crate::server::app::App;
use crate::server::health;
use crate::server::problem::Problem;

/// How long the checks may take together.
const PATIENCE: Duration = Duration::from_secs(20);

/// Checks, and keeps what came of it as an execution.
pub(super) async fn run(app: &Arc<App>, asked: Asked) -> Result<Answer, Problem> {
    let begin = Begin {
        task: TaskType::HealthCheck,
        project_id: asked.project,
        analysis_id: None,
        input: json!({ "asked_by": asked.principal.name }),
    };
    let outcome = app.orchestrator.begin(begin).await?;
    let begun = Instant::now();
    let checks = tokio::time::timeout(PATIENCE, health::checks(app)).await;
    let (checks, error) = match checks {
        Ok(checks) => (checks, None),
        Err(_) => (Vec::new(), Some("the checks took longer than 20 s")),
    };
    let results: Value = json!({
        "health_checks": checks,
        "seconds": begun.elapsed().as_secs_f64(),
    });
    app.orchestrator.end(&outcome, &SoFar::default(), results.clone(), error).await?;
    let body = json!({
        "success": error.is_none(),
        "task_type": TaskType::HealthCheck,
        "results": results,
        "execution_id": outcome.run_id,
        "status": if error.is_none() { "done" } else { "failed" },
        "error": error,
    });
    Ok(Answer { status: StatusCode::OK, body })
}
