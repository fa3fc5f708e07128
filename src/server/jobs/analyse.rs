//! `analyse`: from an event to a root cause and suggestions.

use std::path::Path;
use std::sync::Arc;

use crate::analysis::frames;
use crate::checks::PrivateCopy;
use crate::domain::analysis::{AnalysisStatus, RootCause};
use crate::domain::event::Event;
use crate::domain::job::Job;
use crate::healing::group::join_missing_imports;
use crate::orchestrator::Task;
use crate::repo::{BlamedPlace, Repository};
use crate::server::app::App;
use crate::source::{NoSources, Sources};
use crate::store::analyses::AnalysisEnd;
use crate::store::suggestions::SuggestionOrigin;

/// What an analysis says whose job broke off.
const BROKEN_OFF: &str = "it broke off and was begun anew";

/// Says on the issue that there will be no analysis.
pub(super) async fn give_up(
    app: &App,
    issue_id: i64,
    event_row: i64,
    reason: &str,
) -> anyhow::Result<()> {
    if app.store.event_by_row(event_row).await?.is_none() {
        return Ok(());
    }
    let now = app.clock.now();
    if app.store.fail_running_analyses(issue_id, reason, now).await? == 0
        && app.store.latest_analysis(issue_id).await?.is_none()
    {
        app.store.start_analysis(issue_id, event_row, now).await?;
        app.store.fail_running_analyses(issue_id, reason, now).await?;
    }
    Ok(())
}

/// Runs the agents over an issue and stores what they found.
pub(super) async fn run(app: &Arc<App>, issue_id: i64, event_row: i64) -> anyhow::Result<()> {
    // A row that was deleted may be another event's by now.
    let stored = app.store.event_by_row(event_row).await?;
    let Some(stored) = stored.filter(|stored| stored.issue_id == issue_id) else {
        tracing::info!(issue = issue_id, event_row, "not analysed: the event was deleted");
        return Ok(());
    };
    let Some(project) = app.store.project(stored.project_id).await? else {
        tracing::info!(issue = issue_id, "not analysed: the project was deleted");
        return Ok(());
    };
    // What an earlier try of this job left is not under way any more.
    app.store.fail_running_analyses(issue_id, BROKEN_OFF, app.clock.now()).await?;
    let analysis_id = app.store.start_analysis(issue_id, event_row, app.clock.now()).await?;
    let mut notes = Vec::new();

    let mut task = prepare(app, Arc::new(stored.event), project.repo.as_deref(), &mut notes).await;
    let revision = task.release.revision().commit.clone();
    notes.extend(task.release.revision().note.clone());
    let mut outcome = app.orchestrator.run(analysis_id, &mut task).await;
    if let (Some(cause), Some(root), Some(commit)) =
        (&mut outcome.root_cause, &project.repo, &revision)
    {
        suspect(cause, root, commit).await;
    }
    for execution in &outcome.executions {
        app.store.record_execution(execution).await?;
    }
    let origin = SuggestionOrigin {
        project_id: Some(project.id),
        issue_id: Some(issue_id),
        analysis_id: Some(analysis_id),
        repo: project.repo.as_deref(),
    };
    app.store.supersede_suggestions(issue_id, analysis_id, app.clock.now()).await?;
    let proposals = join_missing_imports(std::mem::take(&mut task.proposals));
    for proposal in &proposals {
        app.store.create_suggestion(proposal, origin, app.clock.now()).await?;
    }
    if let Some(cause) = &outcome.root_cause
        && let (Some(file), Some(line)) = (&cause.file, cause.line)
    {
        let function = cause.function.as_deref().map(|f| format!(" in {f}")).unwrap_or_default();
        app.store.set_culprit(issue_id, &format!("{file}:{line}{function}")).await?;
    }
    // The private copy is given back before the next job wants it.
    let proposed = !proposals.is_empty();
    drop(task);
    let end = AnalysisEnd {
        status: AnalysisStatus::Done,
        revision: revision.as_deref(),
        root_cause: outcome.root_cause.as_ref(),
        notes: &notes,
        error: None,
    };
    if proposed {
        app.store.enqueue(&Job::Verify { analysis_id }, app.clock.now()).await?;
    }
    app.store.finish_analysis(analysis_id, &end, app.clock.now()).await?;
    let class = outcome.root_cause.as_ref().map_or("none", |cause| cause.class.as_str());
    tracing::info!(issue = issue_id, analysis = analysis_id, cause = %class, suggestions = proposals.len(), "analysed");
    Ok(())
}

/// Collects what the agents are given. What cannot be had is a note, never the end of the analysis.
async fn prepare(
    app: &App,
    event: Arc<Event>,
    repo: Option<&str>,
    notes: &mut Vec<String>,
) -> Task {
    let without = |event: Arc<Event>, reason: String| Task {
        release: Arc::new(NoSources::default()),
        current: None,
        copy: Err(reason),
        focus: Vec::new(),
        proposals: Vec::new(),
        event,
    };
    let Some(root) = repo else {
        let reason = "the project has no repository; `andon project create --repo` gives it one";
        return without(event, reason.to_owned());
    };
    let root = Path::new(root).to_owned();
    let opened = {
        let event = Arc::clone(&event);
        tokio::task::spawn_blocking(move || open(&root, &event)).await
    };
    let (repository, release, current, focus) = match opened {
        Ok(Ok(parts)) => parts,
        Ok(Err(error)) => {
            notes.push(format!("the repository was not read: {error:#}"));
            return without(event, format!("the repository was not read: {error:#}"));
        }
        Err(error) => {
            notes.push("reading the repository failed; the log says how".to_owned());
            tracing::error!(%error, "reading a repository failed");
            return without(event, "the repository was not read".to_owned());
        }
    };
    let copy: Result<PrivateCopy, String> =
        app.checker.private_copy(&repository).await.map_err(|e| e.to_string());
    if let Err(reason) = &copy {
        notes.push(format!("nothing was compiled: {reason}"));
    }
    Task { event, release, current: Some(current), copy, focus, proposals: Vec::new() }
}

/// Adds the commits that may have brought the fault. Where git cannot say, there are none.
async fn suspect(cause: &mut RootCause, root: &str, commit: &str) {
    let places = blamed(cause);
    let (root, commit) = (Path::new(root).to_owned(), commit.to_owned());
    let asked =
        tokio::task::spawn_blocking(move || Repository::open(&root)?.suspects(&commit, &places));
    match asked.await {
        Ok(Ok(suspects)) => {
            let said = suspects.iter().map(|one| {
                let day = one.at.strftime("%Y-%m-%d");
                let sha = one.commit.get(..12).unwrap_or(&one.commit);
                format!("Suspect commit {sha} of {day}, `{}`. {}", one.subject, one.why)
            });
            cause.notes.extend(said);
            cause.suspects = suspects;
        }
        Ok(Err(error)) => tracing::debug!(%error, "no suspect commits"),
        Err(error) => tracing::error!(%error, "looking for suspect commits failed"),
    }
}

/// The lines that point at the fault: where it failed, then the candidates.
fn blamed(cause: &RootCause) -> Vec<BlamedPlace> {
    let quoted = |file: &str, line: u32| {
        let found = cause.evidence.iter().find(|one| one.file == file && one.line == line);
        found.map(|one| one.quote.trim().to_owned())
    };
    let failed = cause.file.as_deref().zip(cause.line);
    let candidates = cause.candidates.iter().map(|one| (one.file.as_str(), one.line));
    let mut places: Vec<BlamedPlace> = Vec::new();
    for (file, line) in failed.into_iter().chain(candidates) {
        if places.iter().all(|known| known.file != file || known.line != line) {
            places.push(BlamedPlace { file: file.to_owned(), line, text: quoted(file, line) });
        }
    }
    places
}

type Opened = (Repository, Arc<dyn Sources>, Arc<dyn Sources>, Vec<String>);

fn open(root: &Path, event: &Event) -> anyhow::Result<Opened> {
    let repository = Repository::open(root)?;
    let release = repository.sources_for_release(event.release.as_deref())?;
    let current = repository.working_sources()?;
    let focus = frames::in_app_files(event, &current);
    Ok((repository, Arc::new(release), Arc::new(current), focus))
}
