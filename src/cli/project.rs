//! `andon project`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::project_data::{self, DeleteUserArgs, ExportArgs};
use super::project_keys::{self, KeyCommand};
use super::project_settings::{self, Configured};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::healing::HealingMode;
use crate::domain::project::Project;
use crate::server::admin;
use crate::store::Store;

/// What the audit trail calls the command line.
pub(super) const OPERATOR: &str = "operator";

/// Options of `andon project`.
#[derive(Debug, Args)]
pub struct ProjectArgs {
    #[command(subcommand)]
    command: ProjectCommand,
}

#[derive(Debug, Subcommand)]
enum ProjectCommand {
    /// Create a project; a running server knows it within a second.
    Create {
        /// Its name; unique.
        name: String,
        /// Root folder of its git repository on this machine.
        #[arg(long, value_name = "PATH")]
        repo: Option<PathBuf>,
        /// What the healer does with what is proved harmless: off, observe or in_place.
        #[arg(long, value_name = "MODE", default_value = "observe")]
        healing: HealingMode,
        #[command(flatten)]
        common: Common,
    },
    /// Change a project's repository, healing mode or settings.
    Set {
        /// Its number.
        id: i64,
        /// Root folder of its git repository on this machine.
        #[arg(long, value_name = "PATH")]
        repo: Option<PathBuf>,
        /// What the healer does with what is proved harmless: off, observe or in_place.
        #[arg(long, value_name = "MODE")]
        healing: Option<HealingMode>,
        #[command(flatten)]
        settings: project_settings::Change,
        #[command(flatten)]
        common: Common,
    },
    /// Show what is set for a project: what is kept of it, how much it may send, and how
    /// its events are grouped.
    Settings {
        /// Its number.
        id: i64,
        #[command(flatten)]
        common: Common,
    },
    /// Write every stored event, one JSON object a line, the oldest first.
    Export(ExportArgs),
    /// Delete every event of a user.
    DeleteUser(DeleteUserArgs),
    /// List the projects with their DSNs.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Delete a project with all its events and issues. Fixes that were put into files stay, and can still
    /// be taken back.
    Delete {
        /// Its number.
        id: i64,
        /// Yes, delete it: this cannot be taken back.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        common: Common,
    },
    /// The keys that a project's applications send with.
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
}

/// Options that several commands share.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// The server's data folder.
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Carries it out.
pub async fn run(args: ProjectArgs, mut config: Config) -> anyhow::Result<ExitCode> {
    super::log(&config);
    let clock = Clock::system();
    match args.command {
        ProjectCommand::Create { name, repo, healing, common } => {
            config.data = common.data.unwrap_or(config.data);
            let store = Store::connect(&config.data, &config.database()).await?;
            let project =
                admin::create_project(&store, &clock, &name, repo.as_deref(), healing, OPERATOR)
                    .await?;
            let base = base_url(&store, &config).await?;
            store.close().await;
            if common.json {
                println!("{}", shape(&base, &project));
            } else {
                println!("project {} `{}` is created", project.id, project.name);
                println!("DSN: {}", admin::dsn(&base, &project));
            }
        }
        ProjectCommand::Set { id, repo, healing, settings, common } => {
            if repo.is_none() && healing.is_none() && settings.is_empty() {
                bail!(
                    "say what to change: --repo PATH, --healing MODE, --fingerprint-rules FILE, --keep-days DAYS, --quota KEY=NUMBER or --quotas-as-configured"
                );
            }
            let settings = settings.read()?;
            config.data = common.data.unwrap_or(config.data);
            super::require_data(&config.data, &config)?;
            let store = Store::connect(&config.data, &config.database()).await?;
            let project = if repo.is_none() && healing.is_none() {
                let found = store.project(id).await?;
                found.ok_or_else(|| anyhow::anyhow!("there is no project {id}"))?
            } else {
                admin::change_project(&store, &clock, id, repo.as_deref(), healing, OPERATOR)
                    .await?
            };
            let configured = Configured { retention: config.retention, quotas: &config.quotas };
            let settings = settings.apply(&store, &clock, id, configured).await?;
            let base = base_url(&store, &config).await?;
            store.close().await;
            if common.json {
                let mut shown = shape(&base, &project);
                shown["settings"] = json!(settings);
                println!("{shown}");
            } else {
                print_project(&base, &project);
            }
        }
        ProjectCommand::Settings { id, common } => {
            project_settings::show(id, common, config).await?;
        }
        ProjectCommand::Export(args) => project_data::export(args, config).await?,
        ProjectCommand::DeleteUser(args) => project_data::delete_user(args, config, &clock).await?,
        ProjectCommand::List { common } => {
            config.data = common.data.unwrap_or(config.data);
            super::require_data(&config.data, &config)?;
            let store = Store::connect(&config.data, &config.database()).await?;
            let projects = store.projects().await?;
            let base = base_url(&store, &config).await?;
            store.close().await;
            if common.json {
                let list: Vec<Value> = projects.iter().map(|p| shape(&base, p)).collect();
                println!("{}", Value::from(list));
            } else {
                projects.iter().for_each(|project| print_project(&base, project));
            }
        }
        ProjectCommand::Delete { id, yes, common } => {
            if !yes {
                bail!(
                    "this deletes project {id} with all its events and issues, and cannot be taken back; say --yes"
                );
            }
            config.data = common.data.unwrap_or(config.data);
            super::require_data(&config.data, &config)?;
            let store = Store::connect(&config.data, &config.database()).await?;
            admin::delete_project(&store, &clock, id, OPERATOR).await?;
            store.close().await;
            if common.json {
                println!("{}", json!({ "id": id, "deleted": true }));
            } else {
                println!(
                    "project {id} is deleted; a running server removes its rows now, else the next start does"
                );
            }
        }
        ProjectCommand::Key { command } => project_keys::run(command, config, &clock).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print_project(base: &str, project: &Project) {
    let repo = project.repo.as_deref().unwrap_or("no repository");
    println!("{:>4}  {}  ({repo}, healing {})", project.id, project.name, project.healing);
    println!("      {}", admin::dsn(base, project));
}

/// The address for DSNs: what is configured, else where the server over this data was last reached, else
/// where it would listen.
pub(super) async fn base_url(store: &Store, config: &Config) -> anyhow::Result<String> {
    if config.public_url.is_empty()
        && let Some(known) = store.base_url().await?
    {
        return Ok(known);
    }
    Ok(config.base_url())
}

fn shape(base: &str, project: &Project) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "key": project.public_key,
        "dsn": admin::dsn(base, project),
        "repo": project.repo,
        "healing": project.healing,
    })
}
