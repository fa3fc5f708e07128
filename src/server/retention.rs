//! Deleting by the clock what is not kept any longer, a little at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::app::App;
use crate::store::StoreError;
use crate::store::retention::Swept;

/// How often is looked for what has to go.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// The pause between two small deletions, so that events come in between.
const BREATH: Duration = Duration::from_millis(20);

/// How often old minutes and hours of the rollups are deleted, in ticks of [`LOOK_EVERY`].
const PRUNE_EVERY_TICKS: u64 = 30;

/// How often dictionaries are deleted that nothing needs any more, in ticks of [`LOOK_EVERY`]: once a day,
/// because all events are looked at.
const FORGET_EVERY_TICKS: u64 = 24 * 60;

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
        let prune = count.is_multiple_of(PRUNE_EVERY_TICKS);
        let forget = count.is_multiple_of(FORGET_EVERY_TICKS);
        if let Err(error) = round(&app, &stop, prune, forget).await {
            tracing::warn!(%error, "what is over the limits of retention was not deleted; tried again in a minute");
        }
        count += 1;
    }
}

async fn round(
    app: &App,
    stop: &watch::Receiver<bool>,
    prune: bool,
    forget: bool,
) -> Result<(), Arc<StoreError>> {
    let (mut any, mut failed) = (false, None);
    for project in app.store.projects().await? {
        let mut swept = Swept::default();
        let mut done = sweep(app, stop, project.id, &mut swept).await;
        if forget && done.is_ok() {
            done = forget_dictionaries(app, stop, project.id).await;
        }
        if let Err(error) = done {
            if error.is_unavailable() {
                return Err(error);
            }
            // One project's bad row or settings must not keep the others' data for ever.
            tracing::warn!(project = project.id, %error, "a project's retention broke off");
            failed.get_or_insert(error);
        }
        if swept != Swept::default() {
            any = true;
            let Swept { events, issues } = swept;
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
    failed.map_or(Ok(()), Err)
}

/// Deletes what a project does not keep any longer, and adds it to `swept`.
async fn sweep(
    app: &App,
    stop: &watch::Receiver<bool>,
    project_id: i64,
    swept: &mut Swept,
) -> Result<(), Arc<StoreError>> {
    let settings = app.settings(project_id).await?;
    let keep = settings.settings.retention.unwrap_or(app.config.retention);
    while !*stop.borrow() {
        let step = app.store.sweep(project_id, keep, app.clock.now()).await?;
        if step == Swept::default() {
            break;
        }
        swept.events += step.events;
        swept.issues += step.issues;
        tokio::time::sleep(BREATH).await;
    }
    Ok(())
}

async fn forget_dictionaries(
    app: &App,
    stop: &watch::Receiver<bool>,
    project_id: i64,
) -> Result<(), Arc<StoreError>> {
    while !*stop.borrow() {
        if app.store.forget_old_dictionaries(project_id, app.clock.now()).await? == 0 {
            break;
        }
        tokio::time::sleep(BREATH).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::config::{Config, WorkerConfig};
    use crate::domain::healing::HealingMode;
    use crate::store::projects::NewProject;
    use crate::store::{Store, sql};

    #[tokio::test]
    async fn one_project_that_cannot_be_swept_does_not_keep_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            data: folder.path().to_owned(),
            worker: WorkerConfig { concurrency: 0, ..WorkerConfig::default() },
            retention: crate::domain::settings::Retention { days: 30, ..Default::default() },
            ..Config::default()
        };
        // Before the server starts, whose own rounds would know the settings already.
        let (store, clock) = (Store::open(folder.path()).await.unwrap(), Clock::system());
        for name in ["broken", "whole"] {
            let new = NewProject { name, public_key: name, repo: None, healing: HealingMode::Off };
            store.create_project(&new, "ada", clock.now()).await.unwrap();
        }
        // Settings of a later version, and an issue that nobody has seen since 1970.
        for statement in [
            "INSERT INTO project_settings VALUES (1, '{\"later\": 1}', 0)",
            "INSERT INTO issues (project_id, fingerprint, title, level, platform, first_seen,
                last_seen, event_count) VALUES (2, 'f', 't', 'error', 'other', 0, 0, 0)",
        ] {
            sql::query(statement).execute(store.pool()).await.unwrap();
        }
        store.close().await;
        let server = crate::server::start(config, clock).await.unwrap();
        let store = &server.app.store;
        let (_stop, stopped) = watch::channel(false);
        assert!(round(&server.app, &stopped, true, true).await.is_err(), "it is told");
        assert!(store.issue(1).await.unwrap().is_none());
        server.stop().await;
    }
}
