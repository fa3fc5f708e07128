//! Logging: one line an occurrence on standard error, with fields. Never bodies, tokens or personal
//! data.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging with a `tracing` filter such as `andon=info,warn`. Says so if the filter is bad, or
/// if logging runs already.
pub fn start(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|e| anyhow::anyhow!("the log filter `{filter}` is not understood: {e}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init()
        .map_err(|e| anyhow::anyhow!("logging cannot be started: {e}"))
}
