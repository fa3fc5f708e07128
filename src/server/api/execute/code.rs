//! A piece of code to look over: the agents for it run at once, and nothing that they suggest can be applied.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Asked};
use crate::analysis::code::{CodeRequest, MAX_CODE_BYTES};
use crate::domain::event::Event;
use crate::domain::execution::{ExecutionStatus, TaskType};
use crate::orchestrator::{AgentKind, Begin, Outcome, Task};
use crate::server::app::App;
use crate::server::problem::Problem;

/// Runs the agents over the code and waits for them, as long as the sender wants to.
pub(super) async fn run(app: &Arc<App>, asked: Asked) -> Result<Answer, Problem> {
    let mut input = asked.input.clone();
    if let Some(fields) = input.as_object_mut() {
        // What belongs to the task and not to the code.
        fields.retain(|key, value| {
            ["code", "file_path", "analysis_type"].contains(&key.as_str()) && !value.is_null()
        });
    }
    let request: CodeRequest = serde_json::from_value(input.clone()).map_err(|e| {
        Problem::bad_request(format!(
            "input_data: {e}; `code` is a text, `file_path` one too, `analysis_type` one of bug, performance, security, style, comprehensive"
        ))
    })?;
    if request.code.len() > MAX_CODE_BYTES {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the code is larger than {MAX_CODE_BYTES} bytes; send one file at a time"),
        ));
    }
    let task_type = TaskType::CodeAnalysis;
    let event = Arc::new(Event::bare(String::new(), app.clock.now()));
    let task = Task { project_id: asked.project, input, ..Task::bare(task_type, event) };
    let begin = Begin {
        task: task_type,
        project_id: asked.project,
        analysis_id: None,
        // Never the code itself: it may hold secrets.
        input: json!({
            "file_path": request.file_path,
            "analysis_type": request.kind,
            "bytes": request.code.len(),
            "asked_by": asked.principal.name,
        }),
    };
    let outcome = app.orchestrator.begin(begin).await?;
    let run_id = outcome.run_id;
    // It goes on when the sender has waited long enough, or has gone.
    let work = tokio::spawn(look_over(Arc::clone(app), outcome, task));
    let body = match tokio::time::timeout(asked.wait, work).await {
        Ok(Ok(done)) => done.map_err(|error| Problem::internal(&*error))?,
        Ok(Err(error)) => return Err(Problem::internal(&error)),
        Err(_) => json!({
            "success": true,
            "task_type": task_type,
            "results": null,
            "execution_id": run_id,
            "status": ExecutionStatus::Running,
            "error": null,
        }),
    };
    Ok(Answer { status: StatusCode::OK, body })
}

/// Has the agents run to their end, writes down what they found, and puts it into an answer.
async fn look_over(app: Arc<App>, mut outcome: Outcome, mut task: Task) -> anyhow::Result<Value> {
    for kind in [AgentKind::Rules, AgentKind::Model] {
        app.orchestrator.run(&mut outcome, kind, &mut task).await?;
    }
    let mut results = json!({ "findings": [], "ran": [], "suggestions": [] });
    for (agent, found) in &task.so_far.results {
        merge(&mut results, agent, found);
    }
    let failed = outcome.executions.iter().find_map(|one| one.error.clone());
    let error = failed.filter(|_| task.so_far.results.is_empty());
    app.orchestrator.end(&outcome, &task.so_far, results.clone(), error.as_deref()).await?;
    let status = match &error {
        Some(_) => ExecutionStatus::Failed,
        None => ExecutionStatus::Done,
    };
    Ok(json!({
        "success": error.is_none(),
        "task_type": task.what,
        "results": results,
        "execution_id": outcome.run_id,
        "status": status,
        "error": error,
    }))
}

/// Adds what an agent found. Suggestions stand beside the findings too, as applications look for them.
fn merge(results: &mut Value, agent: &str, found: &Value) {
    let Some(fields) = found.as_object() else { return };
    for (key, value) in fields {
        match (key.as_str(), value, &mut results[key]) {
            ("findings" | "ran", Value::Array(more), Value::Array(list)) => {
                list.extend(more.clone())
            }
            (_, value, place) if place.is_null() => *place = value.clone(),
            _ => {}
        }
    }
    let findings = found["findings"].as_array().into_iter().flatten();
    let suggestions: Vec<Value> = findings
        .filter(|finding| finding["suggestion"].is_object())
        .map(|finding| {
            let mut suggestion = finding["suggestion"].clone();
            for key in ["rule", "issue_type", "severity", "message"] {
                suggestion[key] = finding[key].clone();
            }
            suggestion["agent"] = agent.into();
            suggestion
        })
        .collect();
    if let Some(list) = results["suggestions"].as_array_mut() {
        list.extend(suggestions);
    }
}
