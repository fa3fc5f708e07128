//! `andon eval`: how good an agent is on cases whose answer is known.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::eval::case::{Case, folders};
use crate::eval::exceptions;
use crate::eval::panics::{self, Outcome};
use crate::eval::report::{self, Titles};

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
        /// A folder of cases: each with bug.json, backtrace.txt and the sources in crate/.
        folder: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// How often the exception agent names the function that was mended.
    Exceptions {
        /// A folder of cases: each with bug.json, traceback.txt and the sources in package/.
        folder: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub fn run(args: EvalArgs) -> anyhow::Result<ExitCode> {
    match args.what {
        What::Panics { folder, json } => {
            let titles = Titles { agent: "panic agent", baseline: "first frame in the crate" };
            let run = |folder: &Path| Ok(panics::run(&Case::open(folder)?));
            measure(&folder, json, titles, &run)
        }
        What::Exceptions { folder, json } => {
            let titles = Titles {
                agent: "exception agent",
                baseline: "frames in the package, the innermost first",
            };
            measure(&folder, json, titles, &exceptions::run)
        }
    }
}

/// Runs an agent over the cases of a folder and prints what came of them.
fn measure(
    folder: &Path,
    json: bool,
    titles: Titles,
    run: &dyn Fn(&Path) -> anyhow::Result<Outcome>,
) -> anyhow::Result<ExitCode> {
    let mut outcomes = Vec::new();
    for folder in folders(folder)? {
        outcomes.push(run(&folder)?);
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
    Ok(ExitCode::SUCCESS)
}
