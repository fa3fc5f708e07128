//! What each job does. The one place that joins the capabilities.

mod analyse;
mod delete_project;
mod heal;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::app::App;
use crate::domain::job::Job;
use crate::store::jobs::MAX_ATTEMPTS;

/// Does a job. Every job can be done again from the start after it broke off.
pub(super) async fn run(app: &Arc<App>, job: &Job) -> anyhow::Result<()> {
    match job {
        Job::Analyse { issue_id, event_row } => analyse::run(app, *issue_id, *event_row).await,
        Job::Verify { analysis_id } => heal::verify(app, *analysis_id).await,
        Job::Apply { suggestion_id, by } => heal::apply(app, *suggestion_id, by).await,
        Job::TrainDictionary { project_id, issue_id } => {
            app.store.train_dictionary(*project_id, *issue_id, app.clock.now()).await?;
            Ok(())
        }
        Job::DeleteProject { project_id } => delete_project::run(app, *project_id).await,
    }
}

/// Says where people look that a job was given up, so that nothing seems to be under way for ever.
pub(super) async fn give_up(app: &Arc<App>, job: &Job, reason: &str) -> anyhow::Result<()> {
    let reason = format!("given up after {MAX_ATTEMPTS} tries: {reason}");
    match job {
        Job::Analyse { issue_id, event_row } => {
            analyse::give_up(app, *issue_id, *event_row, &reason).await
        }
        Job::Verify { analysis_id } => heal::give_up_verifying(app, *analysis_id, &reason).await,
        Job::Apply { suggestion_id, .. } => heal::fail(app, *suggestion_id, &reason).await,
        // Events are stored all the same, only larger.
        Job::TrainDictionary { .. } => Ok(()),
        Job::DeleteProject { project_id } => {
            delete_project::give_up(*project_id, &reason);
            Ok(())
        }
    }
}
