//! `andon eval live`: sends the errors of cases to a server of its own, with the configured models, and
//! judges what they make of them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;

use crate::cli::laid_out::LaidOut;
use crate::clock::Clock;
use crate::config::{Config, Loaded};
use crate::domain::analysis::Analysis;
use crate::domain::execution::Execution;
use crate::domain::healing::HealingMode;
use crate::eval::folder::FolderSources;
use crate::eval::live::exchange::Recorder;
use crate::eval::live::judge::{Given, judge, total};
use crate::eval::live::report::{self, Outcome};
use crate::eval::live::{LiveCase, cases};
use crate::orchestrator::AgentKind;
use crate::server::{self, Running, admin};
use crate::source::Sources as _;

/// How long the analysis of a case may take.
const PATIENCE: Duration = Duration::from_secs(3600);

/// How often it is looked whether an analysis has ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Options of `andon eval live`.
#[derive(Clone, Debug, Args)]
pub(super) struct LiveArgs {
    /// A folder of cases: each with case.toml, event.json and answer.toml (tests/answers has some).
    folder: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write what was said over the wire here, one file a case. It holds the cases' code and the model's
    /// answers, but no key.
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
}

/// Runs the cases. What is spent is bounded by the caps of `[models]`, which begin anew with each run.
pub(super) async fn run(args: LiveArgs, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let mut config = loaded.config;
    crate::cli::log(&config);
    let cases = cases(&args.folder)?;
    if !config.models.enabled || config.models.routes.is_empty() {
        let why = config.models_note.as_deref().unwrap_or(
            "set OPENAI_API_KEY, OPENAI_MODEL, OPENAI_PRICE_IN and OPENAI_PRICE_OUT, or [[models.routes]] in andon.toml",
        );
        bail!("no model is configured: {why}");
    }
    let folder = tempfile::Builder::new().prefix("andon-eval-").tempdir()?;
    config.data = folder.path().join("data");
    config.database_url = Default::default();
    config.public_url = String::new();
    config.listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    // Each case has one event.
    config.models.min_events = 1;
    let recorders = match &args.record {
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("{} cannot be made", folder.display()))?;
            record(&mut config).await?
        }
        None => Vec::new(),
    };
    let running = server::start(config, Clock::system()).await?;
    let mut outcomes = Vec::new();
    for case in &cases {
        eprintln!("{} …", case.id);
        outcomes.push(one(&running, case, &folder.path().join(&case.id)).await?);
        if let Some(to) = &args.record {
            write_down(&to.join(format!("{}.jsonl", case.id)), &recorders)?;
        }
    }
    running.stop().await;
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report::json(&outcomes))?)?;
    } else {
        write!(out, "{}", report::markdown(&outcomes))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts a recorder before each route.
async fn record(config: &mut Config) -> anyhow::Result<Vec<Recorder>> {
    let mut recorders = Vec::new();
    for route in &mut config.models.routes {
        let recorder = Recorder::start(route.url()).await?;
        route.base_url.clone_from(&recorder.url);
        recorders.push(recorder);
    }
    Ok(recorders)
}

fn write_down(path: &Path, recorders: &[Recorder]) -> anyhow::Result<()> {
    let mut text = String::new();
    for exchange in recorders.iter().flat_map(Recorder::take) {
        text.push_str(&serde_json::to_string(&exchange)?);
        text.push('\n');
    }
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// One case, from its repository to its judgement.
async fn one(running: &Running, case: &LiveCase, root: &Path) -> anyhow::Result<Outcome> {
    let release = lay_out(case, root)?;
    let app = &running.app;
    let root = root.canonicalize()?;
    let project = admin::create_project(
        &app.store,
        &app.clock,
        &case.id,
        Some(&root),
        HealingMode::Observe,
        "eval",
    )
    .await?;
    let begun = Instant::now();
    let issue = send(running, case, project.id, &project.public_key, &release).await?;
    let analysis = finished(running, issue).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let agents = app.orchestrator.agents().await?;
    let is_models =
        |name: &str| agents.iter().any(|a| a.file.kind == AgentKind::Model && a.file.name == name);
    let executions = app.store.executions(analysis.id).await?;
    let executions: Vec<Execution> =
        executions.into_iter().filter(|one| is_models(&one.agent)).collect();
    let suggestions = app.store.suggestions_of_issue(issue).await?;
    let fixes = suggestions
        .iter()
        .filter(|one| is_models(&one.proposal.agent))
        .map(|one| {
            let patch = &one.proposal.patch;
            let files = patch.files.iter().map(|file| file.path.clone()).collect();
            (files, patch.unified_diff())
        })
        .collect();
    let given = Given { opinion: analysis.opinions.into_iter().next(), executions, fixes };
    Ok(Outcome {
        id: case.id.clone(),
        checks: judge(&case.expected, &given),
        usage: total(&given.executions),
        seconds,
    })
}

/// Makes the case's repository; its last commit's SHA.
fn lay_out(case: &LiveCase, root: &Path) -> anyhow::Result<String> {
    let repository = LaidOut::begin(root)?;
    let mut last = String::new();
    for commit in &case.about.commits {
        let files = FolderSources::list(&case.folder, &commit.folder)
            .with_context(|| format!("{}/{}", case.folder.display(), commit.folder))?;
        for path in files.paths() {
            let below = path.strip_prefix(&format!("{}/", commit.folder)).unwrap_or(path);
            repository.write(below, &std::fs::read(case.folder.join(path))?)?;
        }
        last = repository.commit(&commit.author, commit.date, &commit.message)?;
    }
    Ok(last)
}

/// Sends the error as an SDK does; the issue that it became.
async fn send(
    running: &Running,
    case: &LiveCase,
    project: i64,
    key: &str,
    release: &str,
) -> anyhow::Result<i64> {
    let mut event = case.event.clone();
    event["release"] = serde_json::Value::from(release);
    let url = format!("http://{}/api/{project}/store/", running.address);
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()?
        .post(url)
        .header("X-Sentry-Auth", format!("Sentry sentry_version=7, sentry_key={key}"))
        .json(&event)
        .send()
        .await?;
    let status = answer.status();
    anyhow::ensure!(
        status.is_success(),
        "{}/event.json was refused ({status}): {}",
        case.folder.display(),
        answer.text().await.unwrap_or_default()
    );
    let store = &running.app.store;
    let issues = store.issues(Some(project), crate::store::issues::IssueCursor::START, 1).await?;
    Ok(issues.first().context("the event became no issue")?.id)
}

async fn finished(running: &Running, issue: i64) -> anyhow::Result<Analysis> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(analysis) = running.app.store.latest_analysis(issue).await?
            && !analysis.status.is_at_work()
        {
            return Ok(analysis);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    bail!("the analysis did not end within {} s", PATIENCE.as_secs())
}
