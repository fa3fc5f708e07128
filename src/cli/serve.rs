//! `andon serve`

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::Clock;
use crate::config::Loaded;
use crate::server::{self, Running};

/// Options of `andon serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR", value_parser = super::address)]
    listen: Option<SocketAddr>,
    /// Folder of the database, backups and private copies; created if it is missing.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Serves until it is told to stop.
pub async fn run(args: ServeArgs, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let mut config = loaded.config;
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    if let Some(data) = args.data {
        config.data = data;
    }
    crate::telemetry::start(&config.log)?;
    for name in &loaded.unknown_variables {
        tracing::warn!(%name, "this variable names no configuration key; it is not used");
    }
    // Listened for before the start, so that an early signal is not lost.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let running = server::start(config, Clock::system()).await?;
    // Whoever reads this may have gone away; a server does not end because of that.
    let _ = std::io::stdout().write_all(banner(&running).as_bytes());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// What a person needs to know, and what scripts read: the address, the folder, the first token.
fn banner(running: &Running) -> String {
    let mut text = format!(
        "andon {} listens on http://{}\ndata: {}\nGUI:  {}\n",
        env!("CARGO_PKG_VERSION"),
        running.address,
        running.app.store.folder().display(),
        running.gui_url(),
    );
    if let Some(token) = &running.first_token {
        text.push_str(
            "\nThis is the first start. The administrator's token, shown only now:\n\n    ",
        );
        text.push_str(token.expose_secret());
        text.push_str("\n\n");
    }
    text
}
