//! Deleting by the clock what is not kept any longer, a little at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::app::App;
use crate::store::StoreError;

/// How often is looked for what has to go.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// The pause between two small deletions, so that events come in between.
const BREATH: Duration = Duration::from_millis(20);

/// How often old minutes and hours of the rollups are deleted, in ticks of [`LOOK_EVERY`].
const PRUNE_EVERY_TICKS: u64 = 30;

/// Works until `stop` turns true.
pub(super) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut count = 0_u64;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            // An error means that the sender is gone, which is a stop as well.
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = round(&app, &stop, count.is_multiple_of(PRUNE_EVERY_TICKS)).await {
            tracing::warn!(%error, "what is over the limits of retention was not deleted; tried again in a minute");
        }
        count += 1;
    }
}

async fn round(
    app: &App,
    stop: &watch::Receiver<bool>,
    prune: bool,
) -> Result<(), Arc<StoreError>> {
    let mut any = false;
    for project in app.store.projects().await? {
        let settings = app.settings(project.id).await?;
        let keep = settings.settings.retention.unwrap_or(app.config.retention);
        let (mut events, mut issues) = (0, 0);
        while !*stop.borrow() {
            let swept = app.store.sweep(project.id, keep, app.clock.now()).await?;
            if swept.events == 0 && swept.issues == 0 {
                break;
            }
            events += swept.events;
            issues += swept.issues;
            tokio::time::sleep(BREATH).await;
        }
        if events > 0 || issues > 0 {
            any = true;
            tracing::info!(project = project.id, events, issues, "deleted by retention");
        }
    }
    if any {
        app.store.give_back().await?;
    }
    let mut after = prune.then_some(0);
    while let Some(last) = after.filter(|_| !*stop.borrow()) {
        after = app.store.prune_rollups(last, app.clock.now()).await?;
        tokio::time::sleep(BREATH).await;
    }
    Ok(())
}
