//! `andon eval`: how good an agent is on cases whose answer is known.

mod live;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::analysis::measured::Agents;
use crate::clock::Clock;
use crate::config::Loaded;
use crate::eval::case::{Case, folders};
use crate::eval::panics::Outcome;
use crate::eval::report::Titles;
use crate::eval::{confidence, exceptions, fixes, panics, patterns, report, rules};
use crate::repo::Repository;

/// Measures agents on cases.
#[derive(Clone, Debug, clap::Args)]
pub struct EvalArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    /// How often the panic agent names the function that was mended.
    Panics {
        /// Folders of cases: each with bug.json, backtrace.txt and the sources in crate/.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Put how often each class was right into this file (src/analysis/measured.toml), as the confidence of
        /// the agent's causes.
        #[arg(long, value_name = "FILE")]
        write_confidence: Option<PathBuf>,
    },
    /// How often the panic agent's edit is plausible: it builds, the panic is gone, no other test breaks.
    ///
    /// Runs the tests and build scripts of the cases' crates with cargo, in private copies but OUTSIDE the
    /// sandbox, because you asked for it: only for crates that you would build anyway. Cargo fetches what
    /// they depend on.
    Fixes {
        /// A folder of cases that name their test in bug.json.
        folder: PathBuf,
        /// Where the copies and what is built from them go; a temporary folder if not given.
        #[arg(long)]
        work: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// How often the exception agent names the function that was mended.
    Exceptions {
        /// Folders of cases: each with bug.json, traceback.txt and the sources in package/.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Put how often each class was right into this file, as above.
        #[arg(long, value_name = "FILE")]
        write_confidence: Option<PathBuf>,
    },
    /// How often what was learnt of an error is found for another one with the same cause.
    Patterns {
        /// Folders of cases: each with bug.json, its report, and again-1.txt where there is another one.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// How well the configured models answer on cases with red herrings, and what that costs.
    ///
    /// Runs a server of its own in a temporary folder and asks the models of [models] or OPENAI_…, within
    /// their caps.
    Live(live::LiveArgs),
    /// What the code rules find in real code: one JSON object a line, and a summary on standard error.
    Rules {
        /// Folders of code.
        folders: Vec<PathBuf>,
    },
}

impl EvalArgs {
    /// Whether it wants the configuration and a runtime.
    pub(super) fn is_live(&self) -> bool {
        matches!(self.what, What::Live(_))
    }
}

/// Asks the configured models.
pub(super) async fn run_live(args: EvalArgs, loaded: Loaded) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Live(args) => live::run(args, loaded).await,
        _ => run(args),
    }
}

/// Runs what needs neither configuration nor a runtime.
pub fn run(args: EvalArgs) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Panics { folders, json, write_confidence } => {
            let titles = Titles { agent: "panic agent", baseline: "first frame in the crate" };
            let run = |folder: &Path| Ok(panics::run(&Case::open(folder)?));
            let outcomes = measure(&folders, json, titles, &run)?;
            confidence(write_confidence.as_deref(), Agents::Panics, &outcomes)
        }
        What::Fixes { folder, work, json } => mend(&folder, work, json),
        What::Exceptions { folders, json, write_confidence } => {
            let titles = Titles {
                agent: "exception agent",
                baseline: "frames in the package, the innermost first",
            };
            let outcomes = measure(&folders, json, titles, &exceptions::run)?;
            confidence(write_confidence.as_deref(), Agents::Exceptions, &outcomes)
        }
        What::Patterns { folders, json } => recognise(&folders, json),
        What::Live(_) => anyhow::bail!("this wants the configuration"),
        What::Rules { folders } => {
            let summary = rules::run(&folders, &mut std::io::stdout().lock())?;
            eprint!("{summary}");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Runs an agent over the cases of folders and prints what came of them.
fn measure(
    of: &[PathBuf],
    json: bool,
    titles: Titles,
    run: &dyn Fn(&Path) -> anyhow::Result<Outcome>,
) -> anyhow::Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for folder in of {
        for folder in folders(folder)? {
            outcomes.push(run(&folder)?);
        }
    }
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report::json(&outcomes))?)?;
    } else {
        write!(out, "{}", report::markdown(&outcomes, titles))?;
        for one in outcomes.iter().filter(|one| one.agent.function.is_none()) {
            writeln!(out, "not among the first five: {}", one.id)?;
        }
    }
    Ok(outcomes)
}

/// Writes down how often the agent was right, if that is wanted.
fn confidence(
    file: Option<&Path>,
    agents: Agents,
    outcomes: &[Outcome],
) -> anyhow::Result<ExitCode> {
    if let Some(file) = file {
        let date = Clock::system().now().strftime("%Y-%m-%d").to_string();
        let here = Repository::open(".").and_then(|repository| repository.head());
        let commit = here.unwrap_or_else(|_| "unknown".to_owned());
        confidence::write(file, agents, confidence::figures(outcomes, &date, &commit))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn recognise(of: &[PathBuf], json: bool) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(patterns::run(of))?;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&outcome.json())?)?;
    } else {
        write!(out, "{}", outcome.markdown())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn mend(folder: &Path, work: Option<PathBuf>, json: bool) -> anyhow::Result<ExitCode> {
    let temporary;
    let work = match work {
        Some(work) => std::path::absolute(work)?,
        None => {
            temporary = tempfile::tempdir()?;
            temporary.path().to_owned()
        }
    };
    let mut outcomes = Vec::new();
    for folder in folders(folder)? {
        outcomes.extend(fixes::run(&Case::open(&folder)?, &folder, &work)?);
    }
    anyhow::ensure!(!outcomes.is_empty(), "no case in {} names its test", folder.display());
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&fixes::json(&outcomes))?)?;
    } else {
        write!(out, "{}", fixes::markdown(&outcomes))?;
    }
    Ok(ExitCode::SUCCESS)
}
