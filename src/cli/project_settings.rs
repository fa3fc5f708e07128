//! What `andon project set` and `andon project settings` do with a project's settings.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use super::project::{Common, OPERATOR};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::quota_set::{MAX_QUOTA, QuotaKey, QuotaSet, UnknownQuota};
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
    /// How much it may send, as a key of [quotas] and a number: `--quota events_per_hour=1000`, `--quota
    /// categories.transaction.key_per_minute=50`; 0 is no limit. May be given several times. The other
    /// quotas are then the project's own too.
    #[arg(long, value_name = "KEY=NUMBER", value_parser = quota)]
    quota: Vec<(QuotaKey, u64)>,
    /// Let it send as much as the configuration says, instead of what was set with --quota.
    #[arg(long, conflicts_with = "quota")]
    quotas_as_configured: bool,
}

/// The same with the file read.
pub(super) struct ReadChange {
    fingerprint_rules: Option<String>,
    keep_days: Option<u32>,
    quota: Vec<(QuotaKey, u64)>,
    quotas_as_configured: bool,
}

/// What holds for projects that have no settings of their own.
pub(super) struct Configured<'a> {
    pub(super) retention: Retention,
    pub(super) quotas: &'a QuotaSet,
}

/// Reads `events_per_hour=1000`.
fn quota(text: &str) -> Result<(QuotaKey, u64), String> {
    let Some((key, most)) = text.split_once('=') else {
        return Err("a quota is written KEY=NUMBER, as in events_per_hour=1000".to_owned());
    };
    let key: QuotaKey = key.trim().parse().map_err(|e: UnknownQuota| e.to_string())?;
    match most.trim().parse() {
        Ok(most) if most <= MAX_QUOTA => Ok((key, most)),
        _ => Err(format!("`{most}` is no number from 0 (no limit) to {MAX_QUOTA}")),
    }
}

impl Change {
    /// Whether nothing is to be changed.
    pub(super) fn is_empty(&self) -> bool {
        self.fingerprint_rules.is_none()
            && self.keep_days.is_none()
            && self.quota.is_empty()
            && !self.quotas_as_configured
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
        let Self { keep_days, quota, quotas_as_configured, .. } = self;
        Ok(ReadChange { fingerprint_rules, keep_days, quota, quotas_as_configured })
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
        configured: Configured<'_>,
    ) -> anyhow::Result<ProjectSettings> {
        let Self { fingerprint_rules, keep_days, quota, quotas_as_configured } = self;
        let some_quota = !quota.is_empty() || quotas_as_configured;
        if fingerprint_rules.is_none() && keep_days.is_none() && !some_quota {
            return Ok(store.project_settings(project).await?);
        }
        let change = |settings: &mut ProjectSettings| {
            if let Some(rules) = fingerprint_rules {
                settings.fingerprint_rules = rules;
            }
            if let Some(days) = keep_days {
                let others = settings.retention.unwrap_or(configured.retention);
                settings.retention = Some(Retention { days, ..others });
            }
            if quotas_as_configured {
                settings.quotas = None;
            }
            if !quota.is_empty() {
                let own = settings.quotas.get_or_insert_with(|| configured.quotas.clone());
                quota.into_iter().for_each(|(key, most)| own.set(key, most));
            }
        };
        Ok(store.change_project_settings(project, change, OPERATOR, clock.now()).await?)
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
    let whose = |own: bool| if own { "of its own" } else { "as configured" };
    let keep = settings.retention.unwrap_or(config.retention);
    println!("      retention, {} (0 is no limit):", whose(settings.retention.is_some()));
    println!("        days {}", keep.days);
    println!("        events per project {}", keep.events_per_project);
    println!("        events per issue {}", keep.events_per_issue);
    println!("        bytes per project {}", keep.bytes_per_project);
    let quotas = settings.quotas.as_ref().unwrap_or(&config.quotas);
    println!("      quotas, {}:", whose(settings.quotas.is_some()));
    if quotas.limits().next().is_none() {
        println!("        none: everything is taken");
    }
    for (key, most) in quotas.limits() {
        println!("        {key} {most}");
    }
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
