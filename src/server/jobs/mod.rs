//! What each job does. The one place that joins the capabilities.

mod analyse;
mod heal;

use std::sync::Arc;

use super::app::App;
use crate::domain::job::Job;

/// Does a job. Every job can be done again from the start after it broke off.
pub(super) async fn run(app: &Arc<App>, job: &Job) -> anyhow::Result<()> {
    match job {
        Job::Analyse { issue_id, event_row } => analyse::run(app, *issue_id, *event_row).await,
        Job::Verify { analysis_id } => heal::verify(app, *analysis_id).await,
        Job::Apply { suggestion_id, by } => heal::apply(app, *suggestion_id, by).await,
    }
}
