//! One file a subcommand. Results go to standard output; progress, logs and errors to standard error.

pub mod audit;
pub mod config;
pub mod demo;
pub mod eval;
pub mod guard;
pub mod heal;
mod heal_report;
mod laid_out;
pub mod project;
mod project_data;
mod project_keys;
mod project_settings;
pub mod rollback;
pub mod serve;
pub mod token;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, ConfigError, Loaded};

/// Andon: a self-hosted error-analysis orchestrator with a guarded self-healer.
#[derive(Debug, Parser)]
#[command(name = "andon", version, about, max_term_width = 100)]
pub struct Cli {
    /// The configuration file; andon.toml in the working directory if not given.
    #[arg(long, global = true, value_name = "FILE", env = "ANDON_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server: receive events, analyse, heal, show.
    Serve(serve::ServeArgs),
    /// Show the whole way of one error, on a real program that really panics.
    Demo(demo::DemoArgs),
    /// Create, change, list and delete projects and their keys.
    Project(project::ProjectArgs),
    /// Create and revoke API tokens.
    Token(token::TokenArgs),
    /// Prove that the audit trail was not touched; take it out.
    Audit(audit::AuditArgs),
    /// Look at the configuration.
    Config(config::ConfigArgs),
    /// Measure agents on cases whose answer is known.
    Eval(eval::EvalArgs),
    /// Prove what kind of change a change is.
    Guard(guard::GuardArgs),
    /// Heal what is proved harmless in a repository, without a server.
    Heal(heal::HealArgs),
    /// Take an applied fix back, byte for byte.
    Rollback(rollback::RollbackArgs),
}

/// Runs the command line. Exit code 0: done; 1: not done, with the reason on standard error; 2: the
/// command line itself was wrong.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        // Whoever read our output has had enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", explain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Runs until Ctrl-C or SIGTERM. What is dropped in the middle ends its checks with all their children;
/// what it had begun in a file is finished or undone at the next start.
async fn until_told_to_stop(
    work: impl Future<Output = anyhow::Result<ExitCode>>,
) -> anyhow::Result<ExitCode> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        result = work => result,
        _ = terminate.recv() => anyhow::bail!("stopped; the next run finishes or undoes what was under way"),
        _ = interrupt.recv() => anyhow::bail!("stopped; the next run finishes or undoes what was under way"),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

/// The error and its causes, each said once.
fn explain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |mut said, cause| {
        if !said.contains(&cause) {
            if !said.is_empty() {
                said.push_str(": ");
            }
            said.push_str(&cause);
        }
        said
    })
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    // What needs neither configuration nor a runtime comes first.
    let command = match cli.command {
        Command::Guard(args) => return guard::run(args),
        Command::Eval(args) if !args.is_live() => return eval::run(args),
        Command::Config(args) => return config::run(&args, cli.config.as_deref()),
        other => other,
    };
    let loaded = load(cli.config.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Serve(args) => Box::pin(serve::run(args, loaded)).await,
            Command::Demo(args) => Box::pin(demo::run(args, loaded.config)).await,
            Command::Project(args) => project::run(args, loaded.config).await,
            Command::Token(args) => token::run(args, loaded.config).await,
            Command::Audit(args) => audit::run(args, loaded.config).await,
            Command::Heal(args) => {
                until_told_to_stop(Box::pin(heal::run(args, loaded.config))).await
            }
            Command::Rollback(args) => rollback::run(args, loaded.config).await,
            Command::Eval(args) => Box::pin(eval::run_live(args, loaded)).await,
            Command::Guard(_) | Command::Config(_) => Ok(ExitCode::SUCCESS),
        }
    })
}

fn load(file: Option<&Path>) -> Result<Loaded, ConfigError> {
    crate::config::load(file, environment())
}

/// The environment, as far as it is text.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// An address with a port: `127.0.0.1:5001`, `[::1]:5001`, `localhost:5001`.
fn address(text: &str) -> Result<std::net::SocketAddr, String> {
    use std::net::ToSocketAddrs;
    let example = "an address and a port are needed, such as 127.0.0.1:5001";
    text.to_socket_addrs().ok().and_then(|mut found| found.next()).ok_or_else(|| example.to_owned())
}

/// Refuses a folder that no Andon has used: a mistyped one must not become a new, empty Andon.
fn require_data(folder: &Path, config: &Config) -> anyhow::Result<()> {
    let in_folder = matches!(config.database(), crate::store::Database::InFolder);
    if in_folder && !crate::store::Store::exists(folder) {
        anyhow::bail!(
            "there is no Andon data in {}; give the folder that `andon serve` uses with --data",
            folder.display()
        );
    }
    Ok(())
}

/// Starts logging for a command that is not the server: warnings only, unless asked otherwise.
fn log(config: &Config) {
    let quiet = config.log == Config::default().log;
    let filter = if quiet { "warn" } else { config.log.as_str() };
    if let Err(error) = crate::telemetry::start(filter) {
        eprintln!("note: {error}");
    }
}
