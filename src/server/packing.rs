//! Packing by the clock what came in haste, while there is time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use super::app::App;
use crate::store::StoreError;

/// How often is looked for what can be packed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long nothing is tried after an error: the disk is full, or the database away.
const AFTER_AN_ERROR: Duration = Duration::from_secs(60);

/// The pause between two steps, so that events come in between.
const BREATH: Duration = Duration::from_millis(10);

/// While senders crowd the door, a step waits for as long as this at most: without any packing a server
/// that is always busy would fill its disk sooner.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often is looked meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Works until `stop` turns true.
pub(super) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            // An error means that the sender is gone, which is a stop as well.
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = round(&app, &stop).await {
            tracing::warn!(%error, "payloads were not packed; they stay as they are, and it is tried again in a minute");
            ticks.reset_after(AFTER_AN_ERROR);
        }
    }
}

async fn round(app: &App, stop: &watch::Receiver<bool>) -> Result<(), StoreError> {
    let mut packed = 0;
    while !*stop.borrow() {
        let begun = Instant::now();
        while app.inflight.is_crowded(std::time::Instant::now())
            && begun.elapsed() < PATIENCE
            && !*stop.borrow()
        {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        match app.store.pack_step(app.clock.now()).await? {
            0 => break,
            events => packed += events,
        }
        tokio::time::sleep(BREATH).await;
    }
    if packed > 0 {
        tracing::debug!(events = packed, "packed");
        app.store.give_back_spare().await?;
    }
    Ok(())
}
