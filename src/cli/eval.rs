//! `andon eval`: how good an agent is on cases whose answer is known.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::eval::case::{Case, folders};
use crate::eval::{panics, report, rules};

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
    /// What the code rules find in real code: one JSON object a line, and a summary on standard error.
    Rules {
        /// Folders of code.
        folders: Vec<PathBuf>,
    },
}

/// Runs the command.
pub fn run(args: EvalArgs) -> anyhow::Result<ExitCode> {
    let (folder, json) = match args.what {
        What::Panics { folder, json } => (folder, json),
        What::Rules { folders } => {
            let summary = rules::run(&folders, &mut std::io::stdout().lock())?;
            eprint!("{summary}");
            return Ok(ExitCode::SUCCESS);
        }
    };
    let mut outcomes = Vec::new();
    for folder in folders(&folder)? {
        outcomes.push(panics::run(&Case::open(&folder)?));
    }
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report::json(&outcomes))?)?;
    } else {
        write!(out, "{}", report::markdown(&outcomes))?;
        for one in outcomes.iter().filter(|one| one.agent.function.is_none()) {
            writeln!(out, "not among the first five: {}", one.id)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
