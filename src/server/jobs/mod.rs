//! What each job does. The one place that joins the capabilities.

mod analyse;
mod delete_project;
mod heal;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::app::App;
use super::learning::outcome;
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
        Job::CheckRecurrence { issue_id } => {
            // A release may have come with the commit that is asked about.
            if let Some(issue) = app.store.issue(*issue_id).await? {
                learn_commits(app, issue.project_id).await;
            }
            outcome::check_recurrence(app, *issue_id).await
        }
        Job::LookAtRelease { project_id } => {
            learn_commits(app, *project_id).await;
            for issue_id in app.store.watched_issues(*project_id).await? {
                outcome::check_recurrence(app, issue_id).await?;
            }
            Ok(())
        }
        Job::DeleteProject { project_id } => delete_project::run(app, *project_id).await,
    }
}

/// Commits are a help: without them the fixed text and the time still tell.
async fn learn_commits(app: &App, project_id: i64) {
    if let Err(error) = outcome::find_fix_commits(app, project_id).await {
        tracing::debug!(%error, project = project_id, "no commits of fixes");
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
        // What was learnt stays as it is; the next event or release asks again.
        Job::CheckRecurrence { .. } | Job::LookAtRelease { .. } => Ok(()),
        Job::DeleteProject { project_id } => {
            delete_project::give_up(*project_id, &reason);
            Ok(())
        }
    }
}
