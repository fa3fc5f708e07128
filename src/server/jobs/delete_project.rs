//! `delete_project`: the rows of a project that nobody finds any more.

use crate::server::app::App;

/// Deletes them in steps, so that others write in between. A try that breaks off goes on where it ended.
pub(super) async fn run(app: &App, project_id: i64) -> anyhow::Result<()> {
    let mut steps = 1_u64;
    while app.store.purge_project_step(project_id, app.clock.now()).await? {
        steps += 1;
        tokio::task::yield_now().await;
    }
    // What was deleted also stands in the log, and its room is still the file's.
    app.store.give_back().await?;
    tracing::info!(project = project_id, steps, "the rows of a deleted project are gone");
    Ok(())
}

/// Nobody waits for it; housekeeping asks for it again.
pub(super) fn give_up(project_id: i64, reason: &str) {
    tracing::error!(project = project_id, %reason, "a deleted project has rows left");
}
