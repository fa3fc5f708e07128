//! Agents: which there are, switching them on and off, what they may use, adding one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, Problem};
use crate::domain::project::Principal;
use crate::orchestrator::{AgentFile, Registered};
use crate::server::agents::{self, Change};
use crate::server::extract::{JsonBody, PathParts};
use crate::store::agent_settings::AgentSettings;

/// Bytes of an added agent's file at most.
const MAX_FILE_BYTES: usize = 64 * 1024;

/// Agents that can be added at most.
const MAX_ADDED: usize = 100;

fn shape(agent: &Registered) -> Value {
    json!({
        "id": agent.file.name,
        "agent": agent.file,
        "enabled": agent.file.enabled,
        "source": if agent.is_a_file { "file" } else { "api" },
        "settings": agent.settings.as_ref().map(|set| AgentSettings { file: None, ..set.clone() }),
    })
}

pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Value>, Problem> {
    let all = app.orchestrator.agents().await?;
    let shapes: Vec<Value> = all.iter().map(shape).collect();
    Ok(Json(json!({ "agents": shapes })))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    PathParts(id): PathParts<String>,
) -> Result<Json<Value>, Problem> {
    current(&app, &id).await
}

async fn current(app: &App, id: &str) -> Result<Json<Value>, Problem> {
    Ok(Json(shape(&agents::existing(app, id).await?)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddBody {
    /// The agent's file, as it would stand in `agents/NAME.toml`.
    file: String,
}

/// Adds an agent by its file: the same checks as at the start. Its prompt and schema must be there already.
pub(super) async fn add(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    JsonBody(body): JsonBody<AddBody>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if body.file.len() > MAX_FILE_BYTES {
        let detail = format!("the file is larger than {MAX_FILE_BYTES} bytes");
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    let file = AgentFile::parse("the file", &body.file).map_err(agents::refused)?;
    let known = app.orchestrator.agents().await?;
    if known.iter().any(|agent| agent.file.name == file.name) {
        let detail = format!("there is an agent `{}` already; PUT changes it", file.name);
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    if known.iter().filter(|agent| !agent.is_a_file).count() >= MAX_ADDED {
        let detail = format!("{MAX_ADDED} agents were added; delete one first");
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    let settings = AgentSettings { file: Some(body.file), ..AgentSettings::default() };
    agents::set(&app, &file.name, &settings, &principal).await?;
    Ok((StatusCode::CREATED, current(&app, &file.name).await?))
}

/// Switches an agent on or off, or changes what it may use; what is not named becomes what its file says.
pub(super) async fn configure(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
    JsonBody(change): JsonBody<Change>,
) -> Result<Json<Value>, Problem> {
    agents::configure(&app, &id, change, &principal).await?;
    current(&app, &id).await
}

/// Deletes an agent that was added here. One that comes as a file can only be switched off.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Extension(principal): Extension<Principal>,
    PathParts(id): PathParts<String>,
) -> Result<StatusCode, Problem> {
    let known = agents::existing(&app, &id).await?;
    if known.is_a_file {
        let detail = format!("`{id}` comes as a file; switch it off with {{\"enabled\": false}}");
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    }
    app.store.set_agent_settings(&id, None, &principal.name, app.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
