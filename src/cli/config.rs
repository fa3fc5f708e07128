//! `andon config`

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};

/// Options of `andon config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check the configuration, and print what holds and where it comes from.
    Check {
        /// The file to check, if it is not the usual one.
        file: Option<std::path::PathBuf>,
    },
}

/// Carries it out.
pub fn run(args: &ConfigArgs, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let ConfigCommand::Check { file: named } = &args.command;
    let loaded = super::load(named.as_deref().or(file))?;
    match &loaded.file {
        Some(path) => eprintln!("file: {}", path.display()),
        None => eprintln!("file: none (andon.toml does not exist here; the defaults hold)"),
    }
    for name in &loaded.variables {
        eprintln!("overridden by {name}");
    }
    for name in &loaded.unknown_variables {
        eprintln!("note: {name} names no configuration key; it is not used");
    }
    print!("{}", toml::to_string(&loaded.config)?);
    eprintln!("the configuration is right");
    Ok(ExitCode::SUCCESS)
}
