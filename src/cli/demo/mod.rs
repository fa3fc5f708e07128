//! `andon demo`: the whole way of one error. A real program panics, a real SDK reports it, and what
//! follows is what `andon serve` does, in a temporary folder.

mod program;
mod project;
mod report;
mod story;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use self::project::{Cases, Shop};
use self::report::Report;
use self::story::Story;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::analysis::{Analysis, RootCause};
use crate::domain::execution::ExecutionStatus;
use crate::domain::fix::{ProvedClass, SuggestionStatus};
use crate::domain::healing::HealingMode;
use crate::domain::issue::Issue;
use crate::domain::suggestion::Suggestion;
use crate::server::{self, Running, ServeError, admin};
use crate::store::Store;
use crate::store::issues::IssueCursor;

/// How long the analysis and the healing may take before the demo gives up.
const PATIENCE: Duration = Duration::from_secs(900);

/// How often the demo looks how far the server is.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Lines of the waiting fix's diff that are shown.
const MAX_DIFF_LINES: usize = 40;

/// Options of `andon demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Which panic: index, slice, lookup, overflow, borrow, parse, divide.
    #[arg(long, value_name = "NAME", default_value = "index")]
    case: String,
    /// End when all is done, instead of serving until Ctrl-C.
    #[arg(long)]
    once: bool,
    /// Print one JSON report on standard output.
    #[arg(long)]
    json: bool,
    /// Address and port of the demo's server; a free port if this one is taken.
    #[arg(long, value_name = "ADDR", value_parser = super::address)]
    listen: Option<SocketAddr>,
    /// Keep the build of the demo's program here, so that the next demo starts sooner.
    #[arg(long, value_name = "DIR")]
    build_dir: Option<PathBuf>,
}

/// Shows the way of one error.
pub async fn run(args: DemoArgs, mut config: Config) -> anyhow::Result<ExitCode> {
    super::log(&config);
    let begun = Instant::now();
    let mut timings = Map::new();
    let story = Story::new();
    let cases = Cases::read()?;
    let case = cases.find(&args.case)?.clone();
    let folder = tempfile::Builder::new().prefix("andon-demo-").tempdir()?;
    let root = folder.path().canonicalize()?.join("shop");
    let target = match &args.build_dir {
        Some(dir) => {
            std::fs::create_dir_all(dir)?;
            dir.canonicalize()?
        }
        None => folder.path().join("build"),
    };

    story.step(&format!("The project: a shop's order desk, with history, in {}", root.display()));
    let (shop, release) = Shop::lay_out(&root, &cases)?;
    story.fact(&format!("released: commit {}", &release[..12]));
    let (built, seconds) = story
        .during("building the program that was released", program::build(&root, &target))
        .await;
    timings.insert("build".into(), json!(seconds));
    let program = built?;
    shop.go_on(&case)?;
    story.fact(&format!(
        "since then somebody committed to {}: it does not compile any more, imports what it does not use, and is badly formatted",
        case.file
    ));

    config.data = folder.path().join("data");
    config.public_url = String::new();
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    if args.once {
        config.listen.set_port(0);
    }
    let running = serve(config).await?;
    let app = &running.app;
    let repo = Some(root.as_path());
    let project =
        admin::create_project(&app.store, &app.clock, "shop", repo, HealingMode::InPlace, "demo")
            .await?;

    story.step(&format!("The program runs and panics (case `{}`)", case.name));
    let dsn = admin::dsn(&app.config.base_url(), &project);
    let started = Instant::now();
    let ran = program::panic(&program, &case.name, &dsn, &release).await?;
    timings.insert("run".into(), json!(started.elapsed().as_secs_f64()));
    story.fact(ran.stderr.trim());
    if ran.code == Some(0) {
        bail!("the demo's program did not panic");
    }

    story.step("Its Sentry SDK has reported the panic; Andon has stored and grouped it");
    let (issue, event_id) = first_issue(&app.store).await?;
    story.fact(&format!("event {event_id}"));
    story.fact(&format!("issue {}: {}", issue.id, issue.title));

    story.step("Analysis, without a model");
    let (analysis, seconds) =
        story.during("the agents at work", finished_analysis(&app.store, issue.id)).await;
    timings.insert("analyse".into(), json!(seconds));
    let analysis = analysis?;
    show_analysis(&story, &app.store, &analysis).await?;

    story.step("Each fix: its class proved, tried on a private copy; the harmless ones healed");
    let (done, seconds) = story.during("the healer at work", all_jobs_done(&app.store)).await;
    timings.insert("heal".into(), json!(seconds));
    done?;
    let suggestions = app.store.suggestions_of_issue(issue.id).await?;
    for suggestion in &suggestions {
        show_suggestion(&story, suggestion);
    }
    timings.insert("total".into(), json!(begun.elapsed().as_secs_f64()));

    story.step("In short");
    show_end(&story, analysis.root_cause.as_ref(), &suggestions);
    if args.json {
        let report = Report {
            case: &case.name,
            event_id: &event_id,
            issue_id: issue.id,
            root_cause: analysis.root_cause.as_ref(),
            suggestions: &suggestions,
            timings: &timings,
        };
        println!("{}", report.json());
    }
    if args.once {
        running.stop().await;
        return Ok(ExitCode::SUCCESS);
    }
    show_door(&story, &running, issue.id);
    tokio::signal::ctrl_c().await?;
    eprintln!();
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Starts the server, on any free port if the usual one is taken.
async fn serve(mut config: Config) -> Result<Running, ServeError> {
    match server::start(config.clone(), Clock::system()).await {
        Err(ServeError::Listen { .. }) => {
            config.listen.set_port(0);
            server::start(config, Clock::system()).await
        }
        other => other,
    }
}

async fn first_issue(store: &Store) -> anyhow::Result<(Issue, String)> {
    let issue = store.issues(None, IssueCursor::START, 1).await?.into_iter().next().context(
        "the program's report did not arrive; is a proxy set that also catches 127.0.0.1?",
    )?;
    let event = store.latest_event(issue.id).await?.context("the issue has no event")?;
    Ok((issue, event.event.event_id))
}

async fn finished_analysis(store: &Store, issue_id: i64) -> anyhow::Result<Analysis> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(analysis) = store.latest_analysis(issue_id).await?
            && !analysis.status.is_at_work()
        {
            return Ok(analysis);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    bail!("the analysis did not end within {} s", PATIENCE.as_secs())
}

async fn all_jobs_done(store: &Store) -> anyhow::Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if store.unfinished_jobs().await? == 0 {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    bail!("the healing did not end within {} s", PATIENCE.as_secs())
}

async fn show_analysis(story: &Story, store: &Store, analysis: &Analysis) -> anyhow::Result<()> {
    for execution in store.executions(analysis.id).await? {
        let outcome = match (&execution.error, execution.status) {
            (Some(error), _) => format!("failed: {error}"),
            (None, ExecutionStatus::Skipped) => execution.output.notes.join("; "),
            (None, _) => {
                let mut found = Vec::new();
                if execution.output.root_cause {
                    found.push("a root cause".to_owned());
                }
                match execution.output.proposals.len() {
                    0 => {}
                    1 => found.push("1 fix".to_owned()),
                    n => found.push(format!("{n} fixes")),
                }
                if found.is_empty() { "nothing to do".to_owned() } else { found.join(" and ") }
            }
        };
        story.fact(&format!("{:<17} {:>6.2} s  {outcome}", execution.agent, execution.seconds));
    }
    let Some(cause) = &analysis.root_cause else { return Ok(()) };
    story.fact("");
    story.fact(&format!("root cause ({}): {}", cause.class, cause.summary));
    for evidence in &cause.evidence {
        story.fact(&format!("  {}:{}  {}", evidence.file, evidence.line, evidence.quote.trim()));
        story.fact(&format!("      {}", evidence.why));
    }
    Ok(())
}

fn show_suggestion(story: &Story, suggestion: &Suggestion) {
    let proposal = &suggestion.proposal;
    story.fact(&format!("{}. {} — {}", suggestion.id, proposal.title, suggestion.status));
    if let Some(verdict) = &suggestion.verdict {
        story.fact(&format!(
            "   claimed {}; {}",
            proposal.claimed_class,
            match verdict.proved_class {
                ProvedClass::Other => format!("not proved harmless: {}", verdict.reason),
                // The reason begins with what was proved.
                ProvedClass::Style | ProvedClass::Import => verdict.reason.clone(),
            }
        ));
    }
    if let Some(verification) = &suggestion.verification {
        story.fact(&format!(
            "   cargo check: {}, tests: {}, {:.1} s",
            verification.check, verification.tests, verification.seconds
        ));
    }
    if suggestion.status == SuggestionStatus::Pending {
        let diff = proposal.patch.unified_diff();
        for line in diff.lines().take(MAX_DIFF_LINES) {
            story.fact(&format!("   {line}"));
        }
    }
}

fn show_end(story: &Story, cause: Option<&RootCause>, suggestions: &[Suggestion]) {
    let count =
        |status: SuggestionStatus| suggestions.iter().filter(|s| s.status == status).count();
    match cause {
        Some(RootCause { file: Some(file), line: Some(line), class, .. }) => {
            story.fact(&format!("found:    {class} at {file}:{line}"));
        }
        _ => story.fact("found:    no root cause"),
    }
    let verified =
        suggestions.iter().filter(|s| s.verification.as_ref().is_some_and(|v| v.applied));
    story.fact(&format!(
        "verified: {} of {} fixes were tried on a private copy",
        verified.count(),
        suggestions.len()
    ));
    story.fact(&format!(
        "healed:   {} (each can be taken back: andon rollback)",
        count(SuggestionStatus::Applied)
    ));
    story.fact(&format!("review:   {} wait for a person", count(SuggestionStatus::Pending)));
}

fn show_door(story: &Story, running: &Running, issue_id: i64) {
    story.step("Andon serves until Ctrl-C");
    story.fact(&format!("GUI:    {}", running.gui_url()));
    story.fact(&format!("issue:  {}/issues/{issue_id}", running.gui_url()));
    if let Some(token) = &running.first_token {
        story.fact(&format!("token:  {}", token.expose_secret()));
    }
    let value: Value = json!(running.app.store.folder());
    story
        .fact(&format!("data:   {} (gone when the demo ends)", value.as_str().unwrap_or_default()));
}
