//! The pages of patterns, and the forms on them.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::agents::SwitchFields;
use super::decide::NoFields;
use super::executions::{project_choices, project_number, visible_projects};
use super::extract::{Number, PageFields};
use super::look::PageQuery;
use super::pages::{PageError, chrome, page};
use super::session::{CheckedForm, SignedIn};
use super::views::issues::Pager;
use super::views::parts::amount;
use super::views::parts::chrome::{Flash, Section};
use super::views::patterns::{PatternCard, PatternPage, PatternsPage, Search};
use crate::server::app::App;
use crate::server::lessons::{self, Edit};

/// Patterns of a page.
const PAGE_ROWS: u32 = 20;

/// Pages that can be turned to.
const MAX_PAGE: u32 = 100_000;

/// Characters that can be searched for.
const MAX_SEARCH_CHARS: usize = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    q: String,
    project: String,
    page: Option<u32>,
    done: Option<String>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    PageFields(query): PageFields<ListQuery>,
) -> Result<Response, PageError> {
    let text: String = query.q.trim().chars().take(MAX_SEARCH_CHARS).collect();
    let number = query.page.unwrap_or(1).clamp(1, MAX_PAGE);
    let project = who.principal.project_id.or(project_number(&query.project)?);
    let offset = (number - 1) * PAGE_ROWS;
    let mut found = app.store.search_patterns(project, &text, offset, PAGE_ROWS + 1).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let projects = visible_projects(&app, &who.principal).await?;
    let names: HashMap<i64, &str> = projects.iter().map(|p| (p.id, p.name.as_str())).collect();
    let now = app.clock.now();
    let card = |pattern| {
        let pattern: &crate::domain::pattern::Pattern = pattern;
        let name = names.get(&pattern.project_id).map(|name| (*name).to_owned());
        PatternCard::new(pattern, name, now)
    };
    let search =
        Search { project: project_choices(&projects, &who.principal, &query.project), text };
    let kept = [("q", search.text.as_str()), ("project", search.project().unwrap_or_default())];
    let pager = Pager::new(number, more).with_query(amount::query(kept));
    let flash = query.done.as_deref().and_then(Flash::from_word);
    let chrome = chrome(&app, &who, Section::Patterns).await?.with_flash(flash);
    let patterns = found.iter().map(card).collect();
    Ok(page(StatusCode::OK, &PatternsPage { chrome, patterns, search, pager }))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    PageFields(query): PageFields<PageQuery>,
) -> Result<Response, PageError> {
    let found = lessons::visible(&app, &who.principal, id).await?;
    let project = app.store.project(found.project_id).await?.map(|project| project.name);
    let pattern = PatternCard::new(&found, project, app.clock.now());
    let chrome = chrome(&app, &who, Section::Patterns).await?.with_flash(query.flash());
    Ok(page(StatusCode::OK, &PatternPage { chrome, pattern }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EditFields {
    cause: String,
    fix: String,
}

pub(super) async fn edit(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CheckedForm(fields): CheckedForm<EditFields>,
) -> Result<Response, PageError> {
    let known = lessons::visible(&app, &who.principal, id).await?;
    // Forms send line ends of their own; what was empty may stay so.
    let text = |sent: &str, known: &str| {
        let text = sent.replace("\r\n", "\n");
        (!(text.trim().is_empty() && known.is_empty())).then_some(text)
    };
    let edit = Edit {
        cause: text(&fields.cause, &known.cause),
        fix: text(&fields.fix, &known.fix),
        pinned: None,
    };
    lessons::edit(&app, &who.principal, id, edit).await?;
    Ok(back(id, "pattern_edited"))
}

pub(super) async fn pin(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CheckedForm(fields): CheckedForm<SwitchFields>,
) -> Result<Response, PageError> {
    let on = fields.is_on()?;
    let edit = Edit { pinned: Some(on), ..Edit::default() };
    lessons::edit(&app, &who.principal, id, edit).await?;
    Ok(back(id, if on { "pattern_pinned" } else { "pattern_unpinned" }))
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    CheckedForm(NoFields {}): CheckedForm<NoFields>,
) -> Result<Response, PageError> {
    lessons::delete(&app, &who.principal, id).await?;
    Ok(Redirect::to("/gui/patterns?done=pattern_deleted").into_response())
}

fn back(id: i64, done: &str) -> Response {
    Redirect::to(&format!("/gui/patterns/{id}?done={done}")).into_response()
}
