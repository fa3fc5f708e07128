//! Small work by the clock: writing down what was refused, forgetting what was used long ago, asking again
//! for what was given up and must be done all the same.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::app::App;
use crate::store::StoreError;

/// How often refusals are written down. A crash loses the count of as many seconds, and nothing else.
const WRITE_REFUSALS_EVERY: Duration = Duration::from_secs(5);

/// How often old counts and jobs are deleted, in ticks of [`WRITE_REFUSALS_EVERY`]: ten minutes.
const FORGET_EVERY_TICKS: u64 = 120;

/// How often the rows of deleted projects are asked for again, in ticks of [`WRITE_REFUSALS_EVERY`]: ten
/// minutes. The disk may have been full for longer than a job is tried.
const RESUME_EVERY_TICKS: u64 = 120;

/// How long an execution may be at work before its process is taken to be gone: far beyond what any agent
/// may be given.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How long it is known when a release was first seen: longer than what was mended is watched.
const RELEASES_KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// What such an execution says.
const ABANDONED: &str = "it broke off: the process that ran it is gone";

/// Ends executions that nobody works on any more, and forgets old ones and old answers of models.
async fn forget_runs(app: &App, now: Timestamp) -> Result<(), StoreError> {
    let before = |age| now.saturating_sub(age).unwrap_or(Timestamp::MIN);
    app.store.end_abandoned_executions(before(ABANDONED_AFTER), ABANDONED, now).await?;
    let days = |days: u64| {
        let hours = i64::try_from(days.saturating_mul(24)).unwrap_or(i64::MAX / 3600);
        SignedDuration::from_hours(hours.min(i64::MAX / 3600))
    };
    let kept = days(app.config.agents.keep_executions_days.into());
    app.store.forget_executions(before(kept)).await?;
    app.store.forget_releases(before(RELEASES_KEPT)).await?;
    app.store.forget_model_answers(before(days(app.config.models.cache_days))).await?;
    Ok(())
}

/// Works until `stop` turns true, and writes down the last refusals then.
pub(super) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(WRITE_REFUSALS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut count = 0_u64;
    loop {
        let stopped = tokio::select! {
            _ = ticks.tick() => false,
            // An error means that the sender is gone, which is a stop as well.
            _ = stop.wait_for(|stop| *stop) => true,
        };
        if let Err(error) = app.refusals.write(&app.store).await {
            tracing::warn!(%error, "refusals were not written down; they are kept for the next time");
        }
        if stopped {
            return;
        }
        if count.is_multiple_of(FORGET_EVERY_TICKS) {
            let now = app.clock.now();
            if let Err(error) = app.store.forget_usage(now).await {
                tracing::warn!(%error, "old counts were not deleted");
            }
            if let Err(error) = app.store.forget_failed_jobs(now).await {
                tracing::warn!(%error, "old jobs were not deleted");
            }
            if let Err(error) = forget_runs(&app, now).await {
                tracing::warn!(%error, "old executions and answers were not deleted");
            }
        }
        if count.is_multiple_of(RESUME_EVERY_TICKS)
            && let Err(error) = app.store.resume_purges(app.clock.now()).await
        {
            tracing::warn!(%error, "the rows of deleted projects were not asked for again");
        }
        count += 1;
    }
}
