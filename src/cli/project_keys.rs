//! `andon project key`

use clap::Subcommand;
use serde_json::{Value, json};

use super::project::{Common, OPERATOR, base_url};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::project::ProjectKey;
use crate::server::admin;
use crate::store::Store;

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Give a project a further key; a running server knows it within a second.
    Add {
        /// The project's number.
        project: i64,
        /// What the key is for.
        #[arg(long, default_value = "key")]
        name: String,
        #[command(flatten)]
        common: Common,
    },
    /// List a project's keys with their DSNs.
    List {
        /// The project's number.
        project: i64,
        #[command(flatten)]
        common: Common,
    },
    /// End a key; a running server refuses it within a second.
    Disable {
        /// The project's number.
        project: i64,
        /// The key's number.
        key: i64,
        #[command(flatten)]
        common: Common,
    },
}

impl KeyCommand {
    fn common(&self) -> &Common {
        match self {
            Self::Add { common, .. } | Self::List { common, .. } | Self::Disable { common, .. } => {
                common
            }
        }
    }
}

/// Carries it out.
pub(super) async fn run(
    command: KeyCommand,
    mut config: Config,
    clock: &Clock,
) -> anyhow::Result<()> {
    if let Some(data) = &command.common().data {
        config.data.clone_from(data);
    }
    super::require_data(&config.data, &config)?;
    let as_json = command.common().json;
    let store = Store::connect(&config.data, &config.database()).await?;
    let base = base_url(&store, &config).await?;
    match command {
        KeyCommand::Add { project, name, .. } => {
            let key = admin::add_key(&store, clock, project, &name, OPERATOR).await?;
            if as_json {
                println!("{}", shape(&base, project, &key));
            } else {
                println!("key {} `{}` of project {project} is created", key.id, key.name);
                println!("DSN: {}", admin::dsn_with(&base, project, &key.public_key));
            }
        }
        KeyCommand::List { project, .. } => {
            if store.project(project).await?.is_none() {
                anyhow::bail!("there is no project {project}");
            }
            let keys = store.project_keys(project).await?;
            if as_json {
                let list: Vec<Value> = keys.iter().map(|k| shape(&base, project, k)).collect();
                println!("{}", Value::from(list));
            } else {
                for key in &keys {
                    let state = if key.disabled_at.is_some() { "  (disabled)" } else { "" };
                    println!("{:>4}  {}{state}", key.id, key.name);
                    println!("      {}", admin::dsn_with(&base, project, &key.public_key));
                }
            }
        }
        KeyCommand::Disable { project, key, .. } => {
            admin::disable_key(&store, clock, project, key, OPERATOR).await?;
            if as_json {
                println!("{}", json!({ "id": key, "disabled": true }));
            } else {
                println!("key {key} of project {project} is disabled");
            }
        }
    }
    store.close().await;
    Ok(())
}

fn shape(base: &str, project: i64, key: &ProjectKey) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "key": key.public_key,
        "dsn": admin::dsn_with(base, project, &key.public_key),
        "disabled_at": key.disabled_at,
        "created_at": key.created_at,
    })
}
