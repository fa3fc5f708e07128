//! `andon rollback`: takes a healed fix out of the working tree again, to the byte.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use super::project::OPERATOR;
use crate::clock::Clock;
use crate::config::Config;
use crate::healing::healer::Healer;
use crate::healing::journal::Unwatched;
use crate::store::{Database, Store};

/// Gives the files of a healed suggestion their old bytes back.
#[derive(Args, Clone, Debug)]
pub struct RollbackArgs {
    /// The suggestion's number, as `andon heal` printed it
    #[arg(value_name = "ID")]
    pub id: i64,
    /// Andon's data folder, in which the backup is
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print one JSON object instead of a sentence
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub async fn run(args: RollbackArgs, config: Config) -> anyhow::Result<ExitCode> {
    super::log(&config);
    let database = config.database();
    let data = args.data.unwrap_or(config.data);
    if matches!(database, Database::InFolder) && !Store::exists(&data) {
        let data = data.display();
        bail!("there is no Andon data in {data}; give the folder that the fix was made with");
    }
    let store = Store::connect(&data, &database).await?;
    let healer = Healer::new(store.clone(), Clock::system());
    let undone = healer.rollback(args.id, OPERATOR, &Unwatched).await?;
    if args.json {
        let value = serde_json::json!({
            "id": args.id,
            "status": "rolled_back",
            "repo": undone.repo,
            "files": undone.files,
        });
        println!("{value}");
    } else {
        let (id, repo) = (args.id, &undone.repo);
        println!("Rolled back suggestion {id} in {repo}: {}", undone.files.join(", "));
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
