//! `andon audit`: proves that the audit trail was not touched, and takes it out.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::config::Config;
use crate::store::Store;
use crate::store::audit::AuditRecord;

/// Entries read at a time.
const PAGE_ENTRIES: u32 = 1000;

/// Options of `andon audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check the chain from its first entry to its last. Exit code 1 if it does not hold.
    Verify {
        /// The hash that the last entry had when it was looked at before: shows whether the end was cut off.
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// The data folder.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Print the entries, the oldest first, one JSON object a line, with their hashes.
    Export {
        /// Only those after this number.
        #[arg(long, value_name = "ID", default_value_t = 0)]
        after: i64,
        /// The data folder.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

/// Carries it out.
pub async fn run(args: AuditArgs, config: Config) -> anyhow::Result<ExitCode> {
    super::log(&config);
    let open = async |data: Option<PathBuf>| -> anyhow::Result<Store> {
        let data = data.unwrap_or_else(|| config.data.clone());
        super::require_data(&data, &config)?;
        Ok(Store::connect(&data, &config.database()).await?)
    };
    match args.command {
        AuditCommand::Verify { head, json, data } => {
            let store = open(data).await?;
            verify(&store, head.as_deref(), json).await
        }
        AuditCommand::Export { after, data } => {
            let store = open(data).await?;
            export(&store, after).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn verify(store: &Store, head: Option<&str>, as_json: bool) -> anyhow::Result<ExitCode> {
    let report = store.verify_audit().await?;
    let known = match head {
        Some(head) => store.has_audit_hash(head).await?,
        None => true,
    };
    let fault = match (&report.broken, known) {
        (Some(broken), _) => Some(format!("entry {}: {}", broken.id, broken.reason)),
        (None, false) => {
            Some("no entry has the hash that was given: the end was cut off".to_owned())
        }
        (None, true) => None,
    };
    if as_json {
        let broken = report.broken.as_ref();
        println!(
            "{}",
            json!({
                "holds": fault.is_none(),
                "entries": report.entries,
                "head": report.head,
                "broken_at": broken.map(|broken| broken.id),
                "reason": fault,
            })
        );
    } else {
        match &fault {
            None => {
                println!("the audit trail holds: {} entries, head {}", report.entries, report.head)
            }
            Some(fault) => println!(
                "the audit trail does not hold: {fault}; {} entries before it do",
                report.entries
            ),
        }
    }
    Ok(if fault.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn export(store: &Store, mut after: i64) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    loop {
        let page = store.audit_after(after, PAGE_ENTRIES).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for entry in &page {
            serde_json::to_writer(&mut out, &line(entry)?)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush().context("the entries could not be written")
}

fn line(entry: &AuditRecord) -> anyhow::Result<Value> {
    // As the text that was hashed, beside what it says: who reads the lines can check the chain.
    let detail: Value = serde_json::from_str(&entry.detail)
        .with_context(|| format!("the detail of entry {} is no JSON", entry.id))?;
    Ok(json!({
        "id": entry.id,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": detail,
        "detail_text": entry.detail,
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
    }))
}
