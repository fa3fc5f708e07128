//! The pages to look at.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

use super::extract::{Number, PageFields};
use super::issue::issue_facts;
use super::pages::{PageError, chrome, page};
use super::session::SignedIn;
use super::views::healings::{HealingFacts, HealingsPage};
use super::views::issues::{FirstSteps, IssuesPage, Pager};
use super::views::parts::chart::{Grain, Series};
use super::views::parts::chrome::{Flash, Section};
use super::views::review::ReviewPage;
use super::views::suggestion::SuggestionPage;
use crate::domain::suggestion::Suggestion;
use crate::server::admin;
use crate::server::app::App;
use crate::server::problem::Problem;

/// Rows of a page.
const PAGE_ROWS: u32 = 50;

/// Hours of a list's sparklines.
const SPARK_HOURS: usize = 24;

/// Suggestions of a review page; each has a diff.
const REVIEW_ROWS: u32 = 20;

#[derive(Debug, Deserialize)]
pub(super) struct PageQuery {
    page: Option<u32>,
    done: Option<String>,
}

impl PageQuery {
    /// Pages count from 1.
    pub(super) fn number(&self) -> u32 {
        self.page.unwrap_or(1).clamp(1, 100_000)
    }

    pub(super) fn offset(&self, rows: u32) -> u32 {
        (self.number() - 1) * rows
    }

    pub(super) fn flash(&self) -> Option<Flash> {
        self.done.as_deref().and_then(Flash::from_word)
    }
}

pub(super) async fn issues(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    PageFields(query): PageFields<PageQuery>,
) -> Result<Response, PageError> {
    let mut found = app.store.issues_page(query.offset(PAGE_ROWS), PAGE_ROWS + 1).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let projects = app.store.projects().await?;
    let first_steps = match projects.first() {
        Some(project) => FirstSteps::SendTo {
            project: project.name.clone(),
            dsn: admin::dsn(&app.config.base_url(), project),
        },
        None => FirstSteps::CreateProject,
    };
    let names: HashMap<i64, String> = projects.into_iter().map(|p| (p.id, p.name)).collect();
    let now = app.clock.now();
    let ids: Vec<i64> = found.iter().map(|issue| issue.id).collect();
    let since = Series::since(Grain::Hour, SPARK_HOURS, now);
    let mut hours = app.store.rollups_of(&ids, Grain::Hour.seconds(), since).await?;
    let suggestions = app.store.suggestion_counts(&ids).await?;
    let analyses = app.store.latest_analysis_statuses(&ids).await?;
    let mut facts = Vec::with_capacity(found.len());
    for issue in found {
        // Those of a project that was deleted go in the background.
        let Some(project) = names.get(&issue.project_id).cloned() else { continue };
        let buckets = hours.remove(&issue.id).unwrap_or_default();
        let buckets = buckets.iter().map(|bucket| (bucket.bucket, bucket.events));
        let series = Series::new(Grain::Hour, SPARK_HOURS, buckets, now);
        let suggested = suggestions.get(&issue.id).map_or(&[][..], Vec::as_slice);
        let analysis = analyses.get(&issue.id).copied();
        facts.push((issue_facts(issue, project, suggested, analysis), series));
    }
    let chrome = chrome(&app, &who, Section::Issues).await?.with_flash(query.flash());
    let pager = Pager::new(query.number(), more);
    let view = IssuesPage::new(chrome, facts, pager, first_steps, now);
    Ok(page(StatusCode::OK, &view))
}

pub(super) async fn review(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    PageFields(query): PageFields<PageQuery>,
) -> Result<Response, PageError> {
    let mut found = app.store.review_queue(query.offset(REVIEW_ROWS), REVIEW_ROWS + 1).await?;
    let more = found.len() > REVIEW_ROWS as usize;
    found.truncate(REVIEW_ROWS as usize);
    let mut titles = Vec::with_capacity(found.len());
    for suggestion in &found {
        titles.push(issue_title(&app, suggestion.issue_id).await?);
    }
    let chrome = chrome(&app, &who, Section::Review).await?.with_flash(query.flash());
    let pager = Pager::new(query.number(), more);
    let view = ReviewPage::new(chrome, found.iter().zip(titles), pager, app.clock.now());
    Ok(page(StatusCode::OK, &view))
}

async fn issue_title(app: &App, issue_id: Option<i64>) -> Result<Option<String>, Problem> {
    Ok(match issue_id {
        Some(id) => app.store.issue(id).await?.map(|issue| issue.title),
        None => None,
    })
}

pub(super) async fn suggestion(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    PageFields(query): PageFields<PageQuery>,
) -> Result<Response, PageError> {
    let found = app
        .store
        .suggestion(id)
        .await?
        .ok_or_else(|| Problem::not_found(format!("suggestion {id}")))?;
    let title = issue_title(&app, found.issue_id).await?;
    let chrome = chrome(&app, &who, Section::Elsewhere).await?.with_flash(query.flash());
    Ok(page(StatusCode::OK, &SuggestionPage::new(chrome, &found, title, app.clock.now())))
}

pub(super) async fn healings(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    PageFields(query): PageFields<PageQuery>,
) -> Result<Response, PageError> {
    let mut found = app.store.healed_suggestions(query.offset(PAGE_ROWS), PAGE_ROWS + 1).await?;
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let mut facts = Vec::with_capacity(found.len());
    for suggestion in &found {
        facts.push(healing_facts(&app, suggestion).await?);
    }
    let chrome = chrome(&app, &who, Section::Healings).await?.with_flash(query.flash());
    let pager = Pager::new(query.number(), more);
    let now: Timestamp = app.clock.now();
    Ok(page(StatusCode::OK, &HealingsPage::new(chrome, found.iter().zip(facts), pager, now)))
}

async fn healing_facts(app: &App, suggestion: &Suggestion) -> Result<HealingFacts, Problem> {
    use crate::domain::healing::HealingStep;
    let healings = app.store.healings_of_suggestion(suggestion.id).await?;
    let Some(last) = healings.last() else { return Ok(HealingFacts::default()) };
    let back = last.step == HealingStep::RolledBack;
    Ok(HealingFacts {
        applied_at: Some(last.started_at),
        applied_by: Some(last.actor.clone()),
        rolled_back_at: back.then_some(last.updated_at),
        rolled_back_by: back.then(|| suggestion.decided_by.clone()).flatten(),
    })
}
