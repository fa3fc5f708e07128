//! What the GUI shows, as JSON, for whoever holds a token with the right scope.

mod agents;
mod events;
mod execute;
mod executions;
mod export;
mod issues;
mod merges;
mod metrics;
mod openapi;
mod patterns;
mod project_keys;
mod projects;
mod rules;
mod settings;
mod suggestions;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};
use serde::Deserialize;

use super::app::App;
use super::auth::{Requirement, require};
use super::problem::Problem;
use crate::domain::project::Scope;

/// Rows of a page, unless asked otherwise.
const DEFAULT_PAGE: u32 = 50;

/// Rows of a page at most.
const MAX_PAGE: u32 = 200;

/// The routes, each group behind its scope. A route that stands in no group does not exist.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let behind = |scopes: &'static [Scope], for_applications, routes: Router<Arc<App>>| {
        let requirement = Requirement { app: Arc::clone(app), scopes, for_applications };
        routes.route_layer(from_fn_with_state(requirement, require))
    };
    let read = Router::new()
        .route("/api/projects", get(projects::list))
        .route("/api/issues", get(issues::list))
        .route("/api/issues/{id}", get(issues::show))
        .route("/api/issues/{id}/events", get(issues::events))
        .route("/api/issues/{id}/rollups", get(issues::rollups))
        .route("/api/projects/{project}/export", get(export::events))
        .route("/api/projects/{project}/settings", get(settings::show))
        .route("/api/projects/{project}/events/{event_id}", get(events::show))
        .route("/api/projects/{project}/events/{event_id}/payload", get(events::payload))
        .route(
            "/api/projects/{project}/events/{event_id}/attachments/{id}",
            get(events::attachment),
        )
        .route("/api/projects/{project}/items", get(projects::items))
        .route("/api/projects/{project}/outcomes", get(projects::outcomes))
        .route("/api/projects/{project}/keys", get(project_keys::list))
        .route("/api/suggestions", get(suggestions::list))
        .route("/api/suggestions/{id}", get(suggestions::show))
        .route("/api/agents", get(agents::list))
        .route("/api/agents/{id}", get(agents::show))
        .route("/api/executions", get(executions::list))
        .route("/api/patterns", get(patterns::list))
        .route("/api/patterns/{id}", get(patterns::show))
        .route("/api/rules", get(rules::list))
        .route("/api/rules/{id}", get(rules::show))
        .route("/api/spend", get(metrics::spend))
        .route("/api/metrics", get(metrics::show))
        .route("/api/healings", get(suggestions::healings));
    let review = Router::new()
        .route("/api/issues/{id}/analyse", post(issues::analyse_again))
        .route("/api/issues/{id}/merge", post(merges::merge))
        .route("/api/issues/{id}/unmerge", post(merges::unmerge))
        .route("/api/suggestions/{id}", put(suggestions::decide))
        .route("/api/issues/{id}/cause", put(patterns::correct))
        .route("/api/patterns/{id}", put(patterns::edit).delete(patterns::delete))
        .route("/api/rules/{id}", put(rules::decide).delete(rules::delete));
    let admin = Router::new()
        .route("/api/projects", post(projects::create))
        .route("/api/projects/{project}/settings", put(settings::set))
        .route("/api/projects/{project}/users/{user}", delete(export::delete_user))
        .route("/api/projects/{project}", delete(projects::delete))
        .route("/api/projects/{project}/keys", post(project_keys::add))
        .route("/api/projects/{project}/keys/{key}", delete(project_keys::disable))
        .route("/api/agents", post(agents::add))
        .route("/api/agents/{id}", put(agents::configure).delete(agents::remove))
        .route("/api/audit", get(projects::audit));
    let execute = Router::new().route("/api/execute", post(execute::execute));
    // Whoever gave a task may see what came of it; whoever may read, may read this too.
    let runs = Router::new()
        .route("/api/openapi.json", get(openapi::document))
        .route("/api/executions/{id}", get(executions::show))
        .route("/api/executions/{id}/stream", get(executions::stream))
        .route("/api/executions/{id}/cancel", post(executions::cancel));
    behind(&[Scope::Read], false, read)
        .merge(behind(&[Scope::Execute], true, execute))
        .merge(behind(&[Scope::Read, Scope::Execute], true, runs))
        .merge(behind(&[Scope::Review], false, review))
        .merge(behind(&[Scope::Admin], false, admin))
}

/// `?limit=`, bounded.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Limit {
    limit: Option<u32>,
}

impl Limit {
    fn rows(self) -> Result<u32, Problem> {
        match self.limit {
            None => Ok(DEFAULT_PAGE),
            Some(n) if (1..=MAX_PAGE).contains(&n) => Ok(n),
            Some(n) => {
                Err(Problem::bad_request(format!("limit is {n}; it must be from 1 to {MAX_PAGE}")))
            }
        }
    }
}

/// A number in a path.
fn number(what: &str, text: &str) -> Result<i64, Problem> {
    let shown: String = text.chars().take(40).collect();
    text.parse().map_err(|_| Problem::not_found(format!("{what} `{shown}`; its number is meant")))
}
