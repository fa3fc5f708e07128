//! `andon serve`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::Clock;
use crate::config::Loaded;
use crate::server;

/// Options of `andon serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR")]
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
    println!("andon {} listens on http://{}", env!("CARGO_PKG_VERSION"), running.address);
    println!("data: {}", running.app.store.folder().display());
    println!("GUI:  {}", running.gui_url());
    if let Some(token) = &running.first_token {
        println!();
        println!("This is the first start. The administrator's token, shown only now:");
        println!();
        println!("    {}", token.expose_secret());
        println!();
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}
