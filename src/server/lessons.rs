//! What the API and the GUI share of patterns: who may see one, what may be written into it.

use super::app::App;
use super::problem::Problem;
use crate::domain::pattern::Pattern;
use crate::domain::project::Principal;

/// Characters of a cause or a fix at most.
pub(super) const MAX_CHARS: usize = 4_000;

/// What is to be changed of a pattern.
#[derive(Debug, Default)]
pub(super) struct Edit {
    /// Why it happened.
    pub(super) cause: Option<String>,
    /// What was done about it.
    pub(super) fix: Option<String>,
    /// Whether it is found before others.
    pub(super) pinned: Option<bool>,
}

/// A pattern that this principal may see: who belongs to a project sees that project's.
pub(super) async fn visible(app: &App, principal: &Principal, id: i64) -> Result<Pattern, Problem> {
    let found = app.store.pattern(id).await?;
    let own = |pattern: &Pattern| principal.project_id.is_none_or(|own| own == pattern.project_id);
    found.filter(own).ok_or_else(|| missing(id))
}

/// Changes a pattern.
pub(super) async fn edit(
    app: &App,
    principal: &Principal,
    id: i64,
    edit: Edit,
) -> Result<(), Problem> {
    let mut pattern = visible(app, principal, id).await?;
    if let Some(cause) = edit.cause {
        pattern.cause = checked("cause", &cause)?;
    }
    if let Some(fix) = edit.fix {
        pattern.fix = checked("fix", &fix)?;
    }
    pattern.pinned = edit.pinned.unwrap_or(pattern.pinned);
    if !app.store.edit_pattern(&pattern, &principal.name, app.clock.now()).await? {
        return Err(missing(id));
    }
    Ok(())
}

/// Deletes a pattern.
pub(super) async fn delete(app: &App, principal: &Principal, id: i64) -> Result<(), Problem> {
    visible(app, principal, id).await?;
    if !app.store.delete_pattern(id, &principal.name, app.clock.now()).await? {
        return Err(missing(id));
    }
    Ok(())
}

/// A text that a person wrote, if there is one and it is not too long.
pub(super) fn checked(name: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::bad_request(format!("{name} is empty")));
    }
    if text.chars().count() > MAX_CHARS {
        return Err(Problem::bad_request(format!("{name} has more than {MAX_CHARS} characters")));
    }
    Ok(text.to_owned())
}

fn missing(id: i64) -> Problem {
    Problem::not_found(format!("pattern {id}"))
}
