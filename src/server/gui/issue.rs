//! The page of one issue.

use std::path::Path as FilePath;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;

use super::extract::{Number, PageFields};
use super::look::PageQuery;
use super::pages::{PageError, chrome, page};
use super::session::SignedIn;
use super::views::issue::{IssueInput, IssuePage};
use super::views::issues::IssueFacts;
use super::views::parts::cause::{AgentFacts, Analysis};
use super::views::parts::chart::{Grain, Series};
use super::views::parts::chrome::Section;
use super::views::parts::excerpt::Excerpt;
use super::views::parts::merging::Merging;
use crate::analysis::frames;
use crate::domain::analysis::AnalysisStatus;
use crate::domain::event::Frame;
use crate::domain::execution::Execution;
use crate::domain::fix::SuggestionStatus;
use crate::domain::issue::Issue;
use crate::repo::{CommitSources, Repository};
use crate::server::app::App;
use crate::server::problem::Problem;
use crate::server::shapes;
use crate::source::{Revision, Sources as _};
use crate::store::StoreError;

/// Hours of the first chart.
const CHART_HOURS: usize = 48;

/// Days of the second chart.
const CHART_DAYS: usize = 30;

/// What the list and the page say of an issue, by its own suggestions (how many have each status) and the
/// status of its last analysis.
pub(super) fn issue_facts(
    issue: Issue,
    project: String,
    suggestions: &[(SuggestionStatus, i64)],
    analysis: Option<AnalysisStatus>,
) -> IssueFacts {
    let count = |wanted: SuggestionStatus| {
        let found = suggestions.iter().filter(|(status, _)| *status == wanted);
        u64::try_from(found.map(|(_, n)| *n).sum::<i64>()).unwrap_or(0)
    };
    let analysing = analysis.is_none_or(|status| status.is_at_work());
    let (culprit, function) = match issue.culprit {
        Some(text) => match text.split_once(" in ") {
            Some((place, function)) => (Some(place.to_owned()), Some(function.to_owned())),
            None => (Some(text), None),
        },
        None => (None, None),
    };
    IssueFacts {
        id: issue.id,
        title: issue.title,
        level: issue.level,
        culprit,
        function,
        events: u64::try_from(issue.event_count).unwrap_or(0),
        stored: u64::try_from(issue.stored_events).unwrap_or(0),
        first_seen: issue.first_seen,
        last_seen: issue.last_seen,
        status: "unresolved".to_owned(),
        project,
        project_id: issue.project_id,
        fixes_waiting: count(SuggestionStatus::Pending) + count(SuggestionStatus::Approved),
        fixes_kept: count(SuggestionStatus::Applied),
        analysing,
    }
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
    PageFields(query): PageFields<PageQuery>,
) -> Result<Response, PageError> {
    let not_found = || Problem::not_found(format!("issue {id}"));
    let issue = app.store.issue(id).await?.ok_or_else(not_found)?;
    // Retention may have deleted all of them.
    let event = app.store.latest_event(id).await?.map(|stored| stored.event);
    let project = app.store.project(issue.project_id).await?.ok_or_else(not_found)?;
    let analysis = app.store.latest_analysis(id).await?;
    let executions = match &analysis {
        Some(analysis) => app.store.executions(analysis.id).await?,
        None => Vec::new(),
    };
    let run = match &analysis {
        Some(analysis) => app.store.run_of_analysis(analysis.id).await?,
        None => None,
    };
    let suggestions = app.store.suggestions_of_issue(id).await?;
    let agents: Vec<AgentFacts> = executions.iter().map(agent_facts).collect();
    let came_back = app.store.recurred_patterns(id).await?;
    let cause = analysis.as_ref().and_then(|a| {
        let mut cause = a.root_cause.clone()?;
        let more = a.notes.iter().filter(|note| !cause.notes.contains(note)).cloned();
        let more: Vec<String> =
            came_back.iter().map(shapes::came_back_sentence).chain(more).collect();
        cause.notes.splice(0..0, more);
        Some(cause)
    });
    let progress = match &analysis {
        None if event.is_none() => Analysis::None,
        None => Analysis::Queued,
        Some(a) => match (a.status, &cause) {
            (AnalysisStatus::Running, _) | (AnalysisStatus::Explaining, None) => Analysis::Running,
            (AnalysisStatus::Failed, _) => {
                Analysis::Failed { reason: a.error.as_deref().unwrap_or("The analysis failed.") }
            }
            (AnalysisStatus::Done | AnalysisStatus::Explaining, Some(cause)) => Analysis::Done {
                cause,
                finished_at: a.finished_at.unwrap_or(a.started_at),
                agents: &agents,
                opinions: &a.opinions,
            },
            (AnalysisStatus::Done, None) => Analysis::Failed {
                reason: "No agent knows this kind of error yet; no cause was looked for.",
            },
        },
    };
    let sources = match (project.repo.clone(), &event) {
        (Some(root), Some(event)) => sources(root, event.release.clone()).await,
        _ => None,
    };
    let revision = revision_of(analysis.as_ref(), sources.as_ref());
    let show = |frame: &Frame| {
        let sources = sources.as_ref()?;
        let path = frames::path_in(frame, sources)?;
        Excerpt::around(path.clone(), &sources.read(&path)?, frame.lineno?)
    };
    let now = app.clock.now();
    let hours = series(&app, id, Grain::Hour, CHART_HOURS, now).await?;
    let days = series(&app, id, Grain::Day, CHART_DAYS, now).await?;
    let whole = match issue.merged_into {
        Some(whole) => app.store.issue(whole).await?,
        None => None,
    };
    let merging = Merging::new(whole.as_ref(), &app.store.merged_issues(id).await?, now);
    let mut around = chrome(&app, &who, Section::Issues).await?.with_flash(query.flash());
    let name = project.name;
    around = around.with_project(&name);
    let counts: Vec<_> = suggestions.iter().map(|suggestion| (suggestion.status, 1)).collect();
    let status = analysis.as_ref().map(|analysis| analysis.status);
    let input = IssueInput {
        facts: issue_facts(issue, name, &counts, status),
        event: event.as_ref(),
        series: [hours, days],
        merging,
        revision: revision.as_ref(),
        analysis: progress,
        run,
        suggestions: &suggestions,
        source: &show,
    };
    Ok(page(StatusCode::OK, &IssuePage::new(around, input, now)))
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

/// The events of an issue by hour or day, up to now.
async fn series(
    app: &App,
    issue: i64,
    grain: Grain,
    length: usize,
    now: Timestamp,
) -> Result<Series, StoreError> {
    let since = Series::since(grain, length, now);
    let buckets = app.store.rollups(issue, grain.seconds(), since).await?;
    let buckets = buckets.iter().map(|bucket| (bucket.bucket, bucket.events));
    Ok(Series::new(grain, length, buckets, now))
}
