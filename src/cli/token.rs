//! `andon token`

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;

use super::project::{Common, OPERATOR};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::project::{Principal, Scope};
use crate::server::admin;
use crate::store::Store;

/// Options of `andon token`.
#[derive(Debug, Args)]
pub struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Create a token. It is shown only once.
    Create {
        /// What the audit trail will call its holder.
        name: String,
        /// What it may do: execute, read, review, admin. May be given several times; admin if not given,
        /// execute for a project's.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// The number of the project that it is for: an application's token, which may only give the
        /// agents tasks.
        #[arg(long, value_name = "PROJECT")]
        project: Option<i64>,
        #[command(flatten)]
        common: Common,
    },
    /// List the tokens that are good, by number, name and scopes; never the tokens themselves.
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Revoke a token; it and its sign-ins end at once.
    Revoke {
        /// Its number.
        id: i64,
        #[command(flatten)]
        common: Common,
    },
}

/// Carries it out.
pub async fn run(args: TokenArgs, config: Config) -> anyhow::Result<ExitCode> {
    super::log(&config);
    let (clock, database) = (Clock::system(), config.database());
    match args.command {
        TokenCommand::Create { name, mut scopes, project, common } => {
            if scopes.is_empty() {
                scopes.push(if project.is_some() { Scope::Execute } else { Scope::Admin });
            }
            let store = Store::connect(&common.data.unwrap_or(config.data), &database).await?;
            let created =
                admin::create_token(&store, &clock, &name, &scopes, project, OPERATOR).await;
            let (id, token) = created?;
            store.close().await;
            if common.json {
                let token = token.expose_secret();
                println!("{}", json!({ "id": id, "name": name, "token": token, "scopes": scopes }));
            } else {
                println!("token {id} `{name}`, shown only now:");
                println!("{}", token.expose_secret());
            }
        }
        TokenCommand::List { common } => {
            let data = common.data.unwrap_or_else(|| config.data.clone());
            super::require_data(&data, &config)?;
            let store = Store::connect(&data, &database).await?;
            let tokens = store.tokens().await?;
            store.close().await;
            if common.json {
                let shape = |t: &Principal| json!({ "id": t.token_id, "name": t.name, "scopes": t.scopes, "project_id": t.project_id });
                println!("{}", serde_json::Value::from_iter(tokens.iter().map(shape)));
            } else {
                for token in &tokens {
                    let scopes: Vec<&str> = token.scopes.iter().map(|s| s.as_str()).collect();
                    println!("{:>4}  {}  ({})", token.token_id, token.name, scopes.join(", "));
                }
            }
        }
        TokenCommand::Revoke { id, common } => {
            let data = common.data.unwrap_or_else(|| config.data.clone());
            super::require_data(&data, &config)?;
            let store = Store::connect(&data, &database).await?;
            if !store.revoke_token(id, OPERATOR, clock.now()).await? {
                bail!("there is no token {id}, or it was revoked before");
            }
            store.close().await;
            if common.json {
                println!("{}", json!({ "id": id, "revoked": true }));
            } else {
                println!("token {id} is revoked");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
