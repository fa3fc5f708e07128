//! What the API and the GUI share of executions: who may see one, where its work is done, stopping it.

use axum::http::StatusCode;

use super::app::App;
use super::problem::Problem;
use crate::domain::execution::Execution;
use crate::domain::project::{Principal, Scope};
use crate::store::StoreError;

/// An execution that this principal may see: who belongs to a project sees that project's, others all if
/// they may read, else what they asked for themselves.
pub(super) async fn visible(
    app: &App,
    principal: &Principal,
    id: i64,
) -> Result<Execution, Problem> {
    let missing = || Problem::not_found(format!("execution {id}"));
    let found = app.store.execution(id).await?.ok_or_else(missing)?;
    let may = match principal.project_id {
        Some(project) => found.project_id == Some(project),
        None => principal.may(Scope::Read) || found.input["asked_by"] == principal.name.as_str(),
    };
    if may { Ok(found) } else { Err(missing()) }
}

/// The run that does the work of a task: that of its issue's analysis, where it is about one.
pub(super) async fn working_run(app: &App, run: &Execution) -> Result<i64, StoreError> {
    let own = run.parent_id.unwrap_or(run.id);
    let (Some(issue_id), None) = (run.input["issue_id"].as_i64(), run.analysis_id) else {
        return Ok(own);
    };
    let Some(analysis) = app.store.latest_analysis(issue_id).await? else { return Ok(own) };
    Ok(app.store.run_of_analysis(analysis.id).await?.unwrap_or(own))
}

/// Whether this principal may stop executions that it sees.
pub(super) fn may_cancel(principal: &Principal) -> bool {
    principal.may(Scope::Review) || principal.may(Scope::Execute)
}

/// Asks that an execution stop, which it does within a second; says which run it is that stops. The run is
/// what stops: asking one of its agents is asking it.
pub(super) async fn cancel(
    app: &App,
    principal: &Principal,
    execution: &Execution,
) -> Result<i64, Problem> {
    if !may_cancel(principal) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "this token lacks the scope `execute`"));
    }
    let run = working_run(app, execution).await?;
    if !app.store.cancel_execution(run, &principal.name, app.clock.now()).await? {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            format!("execution {run} is {}, or was told to stop before", execution.status),
        ));
    }
    Ok(run)
}
