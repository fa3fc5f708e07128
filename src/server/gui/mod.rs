//! The web GUI: what a person sees at `/gui`, and what it is made of. Works without script.

mod agents;
pub mod assets;
mod decide;
mod execution;
mod executions;
mod extract;
mod issue;
mod look;
mod merging;
mod pages;
mod patterns;
mod projects;
mod session;
mod signing;
mod spend;
pub mod views;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::app::App;
use super::extract::PathParts;
use super::problem::Problem;

/// What the pages may load and do: their own stylesheet, script and pictures, and forms to themselves.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The routes. All but the sign-in and the static files are for the signed-in only.
pub fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let inside = Router::new()
        .route("/gui", get(async || Redirect::to("/gui/issues")))
        .route("/gui/", get(async || Redirect::to("/gui/issues")))
        .route("/gui/issues", get(look::issues))
        .route("/gui/issues/{id}", get(issue::show))
        .route("/gui/review", get(look::review))
        .route("/gui/suggestions/{id}", get(look::suggestion))
        .route("/gui/healings", get(look::healings))
        .route("/gui/projects", get(projects::list))
        .route("/gui/projects/{id}", get(projects::show))
        .route("/gui/executions", get(executions::list))
        .route("/gui/executions/{id}", get(execution::show))
        .route("/gui/executions/{id}/live", get(execution::live))
        .route("/gui/executions/{id}/cancel", post(execution::cancel))
        .route("/gui/agents", get(agents::list))
        .route("/gui/agents/{name}/switch", post(agents::switch))
        .route("/gui/agents/{name}/limits", post(agents::limits))
        .route("/gui/patterns", get(patterns::list))
        .route("/gui/patterns/{id}", get(patterns::show))
        .route("/gui/patterns/{id}/edit", post(patterns::edit))
        .route("/gui/patterns/{id}/pin", post(patterns::pin))
        .route("/gui/patterns/{id}/delete", post(patterns::delete))
        .route("/gui/spend", get(spend::show))
        .route("/gui/suggestions/{id}/approve", post(decide::approve))
        .route("/gui/suggestions/{id}/reject", post(decide::reject))
        .route("/gui/suggestions/{id}/apply", post(decide::apply))
        .route("/gui/suggestions/{id}/rollback", post(decide::roll_back))
        .route("/gui/issues/{id}/analyse", post(decide::analyse_again))
        .route("/gui/issues/{id}/merge", post(merging::merge))
        .route("/gui/issues/{id}/unmerge", post(merging::part))
        .route("/gui/logout", post(signing::sign_out))
        .route("/gui/{*rest}", get(pages::not_found))
        .route_layer(from_fn_with_state(Arc::clone(app), session::require));
    let outside = Router::new()
        .route("/", get(async || Redirect::to("/gui/issues")))
        .route("/gui/login", get(signing::sign_in_page).post(signing::sign_in))
        .route("/gui/static/{file}", get(static_file));
    inside.merge(outside).layer(axum::middleware::map_response(harden))
}

/// Headers of every page.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`: with it browsers send `Origin: null` with forms.
        (header::REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn static_file(PathParts(file): PathParts<String>, headers: HeaderMap) -> Response {
    let Some(asset) = assets::asset(&file) else {
        return Problem::not_found("such file").into_response();
    };
    let tag = format!("\"{}\"", asset.hash);
    let known =
        headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let cache = "public, max-age=31536000, immutable".to_owned();
    let common = [(header::ETAG, tag), (header::CACHE_CONTROL, cache)];
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, asset.content_type)], asset.bytes.into_owned()).into_response()
}
