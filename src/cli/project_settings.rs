//! What `andon project set` and `andon project settings` do with a project's settings.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use super::project::{Common, OPERATOR};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::settings::{ProjectSettings, Retention};
use crate::store::Store;

/// What to change.
#[derive(Debug, Args)]
pub(super) struct Change {
    /// A file with the rules by which its events are grouped, one a line; an empty one takes them away.
    #[arg(long, value_name = "FILE")]
    fingerprint_rules: Option<PathBuf>,
    /// Days after which its events are deleted; 0 keeps them without such a limit. The other limits of
    /// retention are then the project's own too.
    #[arg(long, value_name = "DAYS")]
    keep_days: Option<u32>,
}

/// The same with the file read.
pub(super) struct ReadChange {
    fingerprint_rules: Option<String>,
    keep_days: Option<u32>,
}

impl Change {
    /// Whether nothing is to be changed.
    pub(super) fn is_empty(&self) -> bool {
        self.fingerprint_rules.is_none() && self.keep_days.is_none()
    }

    /// Reads the file and checks what it says, before anything is changed.
    pub(super) fn read(self) -> anyhow::Result<ReadChange> {
        let fingerprint_rules = match self.fingerprint_rules {
            Some(path) => {
                let rules = std::fs::read_to_string(&path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                let settings =
                    ProjectSettings { fingerprint_rules: rules, ..ProjectSettings::default() };
                if let Err(why) = settings.check() {
                    bail!("{}: {why}", path.display());
                }
                Some(settings.fingerprint_rules)
            }
            None => None,
        };
        Ok(ReadChange { fingerprint_rules, keep_days: self.keep_days })
    }
}

impl ReadChange {
    /// Changes the settings of a project that exists, and returns what they are now. A running server
    /// goes by them within seconds.
    pub(super) async fn apply(
        self,
        store: &Store,
        clock: &Clock,
        project: i64,
        configured: Retention,
    ) -> anyhow::Result<ProjectSettings> {
        let mut settings = store.project_settings(project).await?;
        if self.fingerprint_rules.is_none() && self.keep_days.is_none() {
            return Ok(settings);
        }
        if let Some(rules) = self.fingerprint_rules {
            settings.fingerprint_rules = rules;
        }
        if let Some(days) = self.keep_days {
            let others = settings.retention.unwrap_or(configured);
            settings.retention = Some(Retention { days, ..others });
        }
        store.set_project_settings(project, &settings, OPERATOR, clock.now()).await?;
        Ok(settings)
    }
}

/// Shows them.
pub(super) async fn show(id: i64, common: Common, mut config: Config) -> anyhow::Result<()> {
    config.data = common.data.unwrap_or(config.data);
    super::require_data(&config.data, &config)?;
    let store = Store::connect(&config.data, &config.database()).await?;
    let found = store.project(id).await?;
    let settings = store.project_settings(id).await?;
    store.close().await;
    let Some(project) = found else { bail!("there is no project {id}") };
    if common.json {
        println!("{}", json!(settings));
        return Ok(());
    }
    println!("{:>4}  {}", project.id, project.name);
    let whose = match settings.retention {
        Some(_) => "of its own",
        None => "as configured",
    };
    let keep = settings.retention.unwrap_or(config.retention);
    println!("      retention, {whose} (0 is no limit):");
    println!("        days {}", keep.days);
    println!("        events per project {}", keep.events_per_project);
    println!("        events per issue {}", keep.events_per_issue);
    println!("        bytes per project {}", keep.bytes_per_project);
    if settings.fingerprint_rules.trim().is_empty() {
        println!("      no fingerprint rules");
    } else {
        println!("      fingerprint rules:");
        for rule in settings.fingerprint_rules.lines() {
            println!("        {rule}");
        }
    }
    Ok(())
}
