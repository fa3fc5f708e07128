//! The pages to look at.

use std::collections::HashMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;

use super::extract::{Number, PageFields};
use super::pages::{PageError, chrome, page};
use super::session::SignedIn;
use super::views::healings::{HealingFacts, HealingsPage};
use super::views::issue::{AgentFacts, Analysis, IssueInput, IssuePage};
use super::views::issues::{FirstSteps, IssueFacts, IssuesPage, Pager};
use super::views::parts::chrome::{Flash, Section};
use super::views::parts::excerpt::Excerpt;
use super::views::review::ReviewPage;
use super::views::suggestion::SuggestionPage;
use crate::analysis::frames;
use crate::domain::analysis::{AnalysisStatus, Execution};
use crate::domain::event::Frame;
use crate::domain::fix::SuggestionStatus;
use crate::domain::issue::Issue;
use crate::domain::suggestion::Suggestion;
use crate::repo::{CommitSources, Repository};
use crate::server::admin;
use crate::server::app::App;
use crate::server::problem::Problem;
use crate::source::{Revision, Sources as _};

/// Rows of a page.
const PAGE_ROWS: u32 = 50;

/// Suggestions of a review page; each has a diff.
const REVIEW_ROWS: u32 = 20;

#[derive(Debug, Deserialize)]
pub(super) struct PageQuery {
    page: Option<u32>,
    done: Option<String>,
}

impl PageQuery {
    /// Pages count from 1.
    fn number(&self) -> u32 {
        self.page.unwrap_or(1).clamp(1, 100_000)
    }

    fn offset(&self, rows: u32) -> u32 {
        (self.number() - 1) * rows
    }

    fn flash(&self) -> Option<Flash> {
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
    let mut facts = Vec::with_capacity(found.len());
    for issue in found {
        // Those of a project that was deleted go in the background.
        let Some(project) = names.get(&issue.project_id).cloned() else { continue };
        facts.push(issue_facts(&app, issue, project).await?);
    }
    let chrome = chrome(&app, &who, Section::Issues).await?.with_flash(query.flash());
    let pager = Pager::new(query.number(), more);
    let view = IssuesPage::new(chrome, facts, pager, first_steps, app.clock.now());
    Ok(page(StatusCode::OK, &view))
}

/// What a list says of an issue. Looks only at the issue's own suggestions and analysis.
async fn issue_facts(app: &App, issue: Issue, project: String) -> Result<IssueFacts, Problem> {
    let counts = app.store.suggestion_counts(issue.id).await?;
    let count = |wanted: SuggestionStatus| {
        let found = counts.iter().find(|(status, _)| *status == wanted).map_or(0, |(_, n)| *n);
        u64::try_from(found).unwrap_or(0)
    };
    let analysing = app
        .store
        .latest_analysis(issue.id)
        .await?
        .is_none_or(|analysis| analysis.status == AnalysisStatus::Running);
    let (culprit, function) = match issue.culprit {
        Some(text) => match text.split_once(" in ") {
            Some((place, function)) => (Some(place.to_owned()), Some(function.to_owned())),
            None => (Some(text), None),
        },
        None => (None, None),
    };
    Ok(IssueFacts {
        id: issue.id,
        title: issue.title,
        level: issue.level,
        culprit,
        function,
        events: u64::try_from(issue.event_count).unwrap_or(0),
        first_seen: issue.first_seen,
        last_seen: issue.last_seen,
        status: "unresolved".to_owned(),
        project,
        fixes_waiting: count(SuggestionStatus::Pending) + count(SuggestionStatus::Approved),
        fixes_kept: count(SuggestionStatus::Applied),
        analysing,
    })
}

pub(super) async fn issue(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    PageFields(query): PageFields<PageQuery>,
) -> Result<Response, PageError> {
    let not_found = || Problem::not_found(format!("issue {id}"));
    let issue = app.store.issue(id).await?.ok_or_else(not_found)?;
    let stored = app.store.latest_event(id).await?.ok_or_else(not_found)?;
    let project = app.store.project(issue.project_id).await?.ok_or_else(not_found)?;
    let analysis = app.store.latest_analysis(id).await?;
    let executions = match &analysis {
        Some(analysis) => app.store.executions(analysis.id).await?,
        None => Vec::new(),
    };
    let suggestions = app.store.suggestions_of_issue(id).await?;
    let agents: Vec<AgentFacts> = executions.iter().map(agent_facts).collect();
    let cause = analysis.as_ref().and_then(|a| {
        let mut cause = a.root_cause.clone()?;
        let more = a.notes.iter().filter(|note| !cause.notes.contains(note)).cloned();
        let more: Vec<String> = more.collect();
        cause.notes.splice(0..0, more);
        Some(cause)
    });
    let progress = match &analysis {
        None => Analysis::Queued,
        Some(a) => match (a.status, &cause) {
            (AnalysisStatus::Running, _) => Analysis::Running,
            (AnalysisStatus::Failed, _) => {
                Analysis::Failed { reason: a.error.as_deref().unwrap_or("The analysis failed.") }
            }
            (AnalysisStatus::Done, Some(cause)) => Analysis::Done {
                cause,
                finished_at: a.finished_at.unwrap_or(a.started_at),
                agents: &agents,
            },
            (AnalysisStatus::Done, None) => Analysis::Failed {
                reason: "No agent knows this kind of error yet; no cause was looked for.",
            },
        },
    };
    let sources = match project.repo.clone() {
        Some(root) => sources(root, stored.event.release.clone()).await,
        None => None,
    };
    let revision = revision_of(analysis.as_ref(), sources.as_ref());
    let show = |frame: &Frame| {
        let sources = sources.as_ref()?;
        let path = frames::path_in(frame, sources)?;
        Excerpt::around(path.clone(), &sources.read(&path)?, frame.lineno?)
    };
    let mut around = chrome(&app, &who, Section::Issues).await?.with_flash(query.flash());
    let name = project.name;
    around = around.with_project(&name);
    let input = IssueInput {
        facts: issue_facts(&app, issue, name).await?,
        event: &stored.event,
        revision: revision.as_ref(),
        analysis: progress,
        suggestions: &suggestions,
        source: &show,
    };
    Ok(page(StatusCode::OK, &IssuePage::new(around, input, app.clock.now())))
}

fn agent_facts(execution: &Execution) -> AgentFacts {
    let output = &execution.output;
    let outcome = match (&execution.error, output.proposals.len()) {
        (Some(error), _) => error.clone(),
        (None, 0) => match output.notes.first() {
            Some(note) => note.clone(),
            None => execution.status.to_string(),
        },
        (None, 1) => "1 suggestion".to_owned(),
        (None, n) => format!("{n} suggestions"),
    };
    AgentFacts { name: execution.agent.clone(), outcome, seconds: execution.seconds }
}

fn revision_of(
    analysis: Option<&crate::domain::analysis::Analysis>,
    sources: Option<&CommitSources>,
) -> Option<Revision> {
    let read = sources.map(|s| s.revision().clone());
    let commit = analysis.and_then(|a| a.revision.clone());
    match (read, commit) {
        (Some(read), Some(commit)) => Some(Revision { commit: Some(commit), note: read.note }),
        (read, _) => read,
    }
}

/// The code of the event's release; nothing if it cannot be read, which the analysis says already.
async fn sources(root: String, release: Option<String>) -> Option<CommitSources> {
    tokio::task::spawn_blocking(move || {
        Repository::open(FilePath::new(&root)).ok()?.sources_for_release(release.as_deref()).ok()
    })
    .await
    .ok()?
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
