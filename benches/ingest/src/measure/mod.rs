//! The measuring program: starts each server alone, sends, looks at what is there afterwards, and
//! reports.

pub mod api;
pub mod disk;
pub mod endurance;
pub mod grouping;
pub mod million;
pub mod options;
pub mod postgres;
pub mod process;
pub mod readback;
pub mod report;
pub mod server;
pub mod throughput;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How often something is looked at that should come true.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Says on standard error what is going on; the report alone goes to standard output.
pub fn say(what: impl std::fmt::Display) {
    eprintln!("bench: {what}");
}

/// Waits until `look` says yes; an error that names `what` if it does not within `patience`.
fn eventually(
    what: &str,
    patience: Duration,
    mut look: impl FnMut() -> Result<bool>,
) -> Result<()> {
    let begun = Instant::now();
    while !look()? {
        if begun.elapsed() > patience {
            bail!("waited {patience:?} in vain for {what}");
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}
