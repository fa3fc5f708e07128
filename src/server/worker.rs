//! The worker: takes jobs, one after the other, keeps their leases, and says how they ended.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::anyhow;
use futures_util::FutureExt as _;
use tokio::sync::watch;

use super::app::App;
use super::jobs;
use crate::store::jobs::{ClaimedJob, LEASE_RENEWAL, MAX_ATTEMPTS};

/// How long a worker waits after the database failed, so that it does not spin.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);

/// Works until `stop` turns true; the job at hand is finished first.
pub(super) async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let poll = Duration::from_millis(app.config.worker.poll_milliseconds.max(1));
    while !*stop.borrow() {
        match app.store.claim_job(app.clock.now()).await {
            Ok(Some(job)) => {
                app.busy_workers.fetch_add(1, Relaxed);
                work(&app, &job).await;
                app.busy_workers.fetch_sub(1, Relaxed);
            }
            Ok(None) => {
                // Another process may enqueue too, so the queue is also looked at by the clock.
                tokio::select! {
                    () = app.wake.notified() => {}
                    () = tokio::time::sleep(poll) => {}
                    _ = stop.changed() => {}
                }
            }
            Err(error) => {
                tracing::error!(%error, "the job queue cannot be read");
                tokio::time::sleep(DATABASE_PAUSE).await;
            }
        }
    }
}

async fn work(app: &Arc<App>, claimed: &ClaimedJob) {
    tracing::debug!(
        job = claimed.id,
        kind = claimed.job.kind(),
        attempt = claimed.attempt,
        "begins"
    );
    // All that any job may hold at once is too much for the stack of whoever waits for it.
    let mut done = Box::pin(attempt(app, claimed));
    let mut renewal = tokio::time::interval(LEASE_RENEWAL);
    renewal.tick().await;
    let result = loop {
        tokio::select! {
            result = &mut done => break result,
            _ = renewal.tick() => match app.store.renew_job(claimed, app.clock.now()).await {
                Ok(true) => {}
                // Somebody else has it now; two must not do it at once.
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, job = claimed.id, "a lease was not renewed"),
            },
        }
    };
    let ended = match result {
        Ok(()) => app.store.finish_job(claimed).await,
        Err(error) => {
            let reason = format!("{error:#}");
            tracing::warn!(job = claimed.id, kind = claimed.job.kind(), %reason, "a job failed");
            // First, so that a crash in between repeats it: whoever waits for the job must learn its end.
            if claimed.is_last()
                && let Err(error) = jobs::give_up(app, &claimed.job, &reason).await
            {
                tracing::error!(%error, job = claimed.id, "the end of a job could not be told");
            }
            app.store.fail_job(claimed, &reason, app.clock.now()).await
        }
    };
    if let Err(error) = ended {
        tracing::error!(%error, job = claimed.id, "how a job ended was not stored; it will run again");
    }
    app.wake.notify_one();
}

/// One try. A panic is that try's failure; the worker goes on.
async fn attempt(app: &Arc<App>, claimed: &ClaimedJob) -> anyhow::Result<()> {
    if claimed.attempt > MAX_ATTEMPTS {
        return Err(anyhow!("the process that tried it ended {MAX_ATTEMPTS} times"));
    }
    AssertUnwindSafe(jobs::run(app, &claimed.job))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(anyhow!("it panicked; the log says where")))
}
