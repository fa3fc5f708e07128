//! `andon project export` and `andon project delete-user`

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use super::project::{Common, OPERATOR};
use crate::clock::Clock;
use crate::config::Config;
use crate::server::export_lines;
use crate::store::Store;

/// Who may read a new file with events: its owner only.
const PRIVATE: u32 = 0o600;

/// Options of `andon project export`.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// The project's number.
    id: i64,
    /// Only the events of this user: the id that the sender gave, else name or e-mail.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The server's data folder.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Options of `andon project delete-user`.
#[derive(Debug, Args)]
pub(super) struct DeleteUserArgs {
    /// The project's number.
    id: i64,
    /// The user: the id that the sender gave, else name or e-mail.
    user: String,
    /// Yes, delete the events: this cannot be taken back.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    common: Common,
}

/// Writes the events.
pub(super) async fn export(args: ExportArgs, mut config: Config) -> anyhow::Result<()> {
    config.data = args.data.unwrap_or(config.data);
    super::require_data(&config.data, &config)?;
    let store = Store::connect(&config.data, &config.database()).await?;
    if store.project(args.id).await?.is_none() {
        bail!("there is no project {}", args.id);
    }
    let user = args.user.as_deref();
    let count = match &args.output {
        Some(path) => {
            let file = create(path)?;
            let mut out = BufWriter::new(file);
            let count = write_events(&store, args.id, user, &mut out).await?;
            out.into_inner()
                .map_err(std::io::IntoInnerError::into_error)
                .and_then(|file| file.sync_all())
                .with_context(|| format!("{} cannot be written", path.display()))?;
            count
        }
        None => write_events(&store, args.id, user, &mut std::io::stdout().lock()).await?,
    };
    store.close().await;
    eprintln!("{count} {} exported", if count == 1 { "event" } else { "events" });
    Ok(())
}

fn create(path: &Path) -> anyhow::Result<std::fs::File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(PRIVATE)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// How many there were.
async fn write_events(
    store: &Store,
    project: i64,
    user: Option<&str>,
    out: &mut impl Write,
) -> anyhow::Result<u64> {
    let (mut after, mut count) = (0, 0);
    loop {
        let events = store.export_events(project, user, after).await?;
        let Some(last) = events.last() else { break };
        after = last.row;
        for event in &events {
            out.write_all(&export_lines::line(event)?)?;
            count += 1;
        }
    }
    out.flush()?;
    Ok(count)
}

/// Deletes the events.
pub(super) async fn delete_user(
    args: DeleteUserArgs,
    mut config: Config,
    clock: &Clock,
) -> anyhow::Result<()> {
    if !args.yes {
        bail!(
            "this deletes every event of the user in project {}, and cannot be taken back; say --yes",
            args.id
        );
    }
    config.data = args.common.data.unwrap_or(config.data);
    super::require_data(&config.data, &config)?;
    let store = Store::connect(&config.data, &config.database()).await?;
    if store.project(args.id).await?.is_none() {
        bail!("there is no project {}", args.id);
    }
    let now = clock.now();
    let deleted = store.delete_events_of_user(args.id, &args.user, OPERATOR, now).await?;
    store.close().await;
    if args.common.json {
        println!("{}", json!({ "deleted_events": deleted }));
    } else {
        println!("{deleted} {} deleted", if deleted == 1 { "event is" } else { "events are" });
    }
    Ok(())
}
