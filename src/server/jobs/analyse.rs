//! `analyse`: from an event to a root cause and suggestions.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::analysis::frames;
use crate::checks::PrivateCopy;
use crate::domain::analysis::{AnalysisStatus, RootCause};
use crate::domain::event::Event;
use crate::domain::execution::TaskType;
use crate::domain::job::Job;
use crate::domain::suggestion::Proposal;
use crate::healing::group::join_missing_imports;
use crate::orchestrator::{AgentKind, Begin, IssueFacts, Task};
use crate::repo::{BlamedPlace, Repository};
use crate::server::app::App;
use crate::server::learning;
use crate::server::learning::rules::InForce;
use crate::source::{History, Sources};
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
    if let Some(before) = app.store.latest_analysis(issue_id).await? {
        app.store.break_off_executions(before.id, BROKEN_OFF, app.clock.now()).await?;
    }
    let analysis_id = app.store.start_analysis(issue_id, event_row, app.clock.now()).await?;
    let mut notes = Vec::new();

    let mut task = prepare(app, Arc::new(stored.event), project.repo.as_deref(), &mut notes).await;
    task.project_id = Some(project.id);
    let issue = app.store.issue(issue_id).await?;
    if let Some(issue) = &issue {
        let similar = learning::similar(app, issue, &task.event).await?;
        notes.extend(similar.iter().map(learning::sentence));
        task.similar = Arc::new(similar.iter().map(learning::shape).collect());
    }
    task.issue = issue.map(|issue| IssueFacts {
        id: issue.id,
        fingerprint: issue.fingerprint,
        events: issue.event_count,
    });
    let revision = task.release.revision().commit.clone();
    notes.extend(task.release.revision().note.clone());
    let begin = Begin {
        task: TaskType::ErrorAnalysis,
        project_id: Some(project.id),
        analysis_id: Some(analysis_id),
        // The event by its row: its own id must go with it, and it may go while this is written.
        input: json!({ "issue_id": issue_id, "event_row": event_row }),
    };
    let mut outcome = app.orchestrator.begin(begin).await?;
    let origin = SuggestionOrigin {
        project_id: Some(project.id),
        issue_id: Some(issue_id),
        analysis_id: Some(analysis_id),
        repo: project.repo.as_deref(),
    };
    app.orchestrator.run(&mut outcome, AgentKind::Rules, &mut task).await?;
    // The private copy is given back before the next job wants it.
    task.copy = Mutex::new(Err("it was given back".to_owned()));
    if let (Some(cause), Some(root), Some(commit)) =
        (&mut task.so_far.root_cause, &project.repo, &revision)
    {
        suspect(cause, root, commit).await;
    }
    let rules = InForce::of(app, project.id).await?;
    rules.explain(app, &mut task.so_far.root_cause, &mut notes).await?;
    let class = task.so_far.root_cause.as_ref().map(|cause| cause.class.clone());
    let class = class.unwrap_or_default();
    let held = (&rules, class.as_str());
    app.store.supersede_suggestions(issue_id, analysis_id, app.clock.now()).await?;
    let proposals = join_missing_imports(task.so_far.in_order());
    suggest(app, &proposals, origin, analysis_id, held).await?;
    if let Some(cause) = &task.so_far.root_cause
        && let (Some(file), Some(line)) = (&cause.file, cause.line)
    {
        let function = cause.function.as_deref().map(|f| format!(" in {f}")).unwrap_or_default();
        app.store.set_culprit(issue_id, &format!("{file}:{line}{function}")).await?;
    }
    let asks_models = app.orchestrator.models().why_none().is_none() && !outcome.was_cancelled;
    let end = |task: &Task, status| AnalysisEnd {
        status,
        revision: revision.clone(),
        root_cause: task.so_far.root_cause.clone(),
        opinions: task.so_far.opinions.clone(),
        notes: notes.clone(),
        error: None,
    };
    // From here on there is an answer, whatever becomes of the models.
    if asks_models {
        let so_far = end(&task, AnalysisStatus::Explaining);
        app.store.finish_analysis(analysis_id, &so_far, app.clock.now()).await?;
    }
    let before = task.so_far.proposals.len();
    app.orchestrator.run(&mut outcome, AgentKind::Model, &mut task).await?;
    suggest(app, &task.so_far.proposals[before..], origin, analysis_id, held).await?;
    app.store
        .finish_analysis(analysis_id, &end(&task, AnalysisStatus::Done), app.clock.now())
        .await?;
    app.orchestrator.end(&outcome, &task.so_far, Value::Null, None).await?;
    let class = task.so_far.root_cause.as_ref().map_or("none", |cause| cause.class.as_str());
    tracing::info!(issue = issue_id, analysis = analysis_id, cause = %class, suggestions = task.so_far.proposals.len(), "analysed");
    Ok(())
}

/// Stores what was proposed and has it proved and verified, but for what a rule holds back.
async fn suggest(
    app: &App,
    proposals: &[Proposal],
    origin: SuggestionOrigin<'_>,
    analysis_id: i64,
    (rules, class): (&InForce, &str),
) -> anyhow::Result<()> {
    for proposal in proposals {
        let id = app.store.create_suggestion(proposal, origin, app.clock.now()).await?;
        rules.hold_back(app, id, class, proposal).await?;
    }
    if !proposals.is_empty() {
        app.store.enqueue(&Job::Verify { analysis_id }, app.clock.now()).await?;
        app.wake.notify_one();
    }
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
        copy: Mutex::new(Err(reason)),
        ..Task::bare(TaskType::ErrorAnalysis, event)
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
    let Opened { repository, release, current, focus } = match opened {
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
    let history = release.revision().commit.as_deref().map(|commit| repository.history(commit));
    Task {
        release,
        history: history.map(|history| Arc::new(history) as Arc<dyn History>),
        current: Some(current),
        copy: Mutex::new(copy),
        focus,
        ..Task::bare(TaskType::ErrorAnalysis, event)
    }
}

struct Opened {
    repository: Repository,
    release: Arc<dyn Sources>,
    current: Arc<dyn Sources>,
    focus: Vec<String>,
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

fn open(root: &Path, event: &Event) -> anyhow::Result<Opened> {
    let repository = Repository::open(root)?;
    let release = repository.sources_for_release(event.release.as_deref())?;
    let current = repository.working_sources()?;
    let focus = frames::in_app_files(event, &current);
    Ok(Opened { repository, release: Arc::new(release), current: Arc::new(current), focus })
}
