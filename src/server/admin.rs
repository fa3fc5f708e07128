//! Creating, changing and deleting projects, keys and tokens: the same for the API and the command line, each with its entry in
//! the audit trail.

use std::path::Path;

use secrecy::SecretString;

use super::secrets;
use crate::clock::Clock;
use crate::domain::healing::HealingMode;
use crate::domain::project::{Project, ProjectKey, Scope};
use crate::repo::Repository;
use crate::store::projects::NewProject;
use crate::store::{Store, StoreError};

/// Characters of a name at most.
const MAX_NAME_CHARS: usize = 100;

/// Why a project or token was not created.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// What was asked for makes no sense; the text says what would.
    #[error("{0}")]
    Invalid(String),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates a project. Its repository, if one is given, must be a git repository.
pub async fn create_project(
    store: &Store,
    clock: &Clock,
    name: &str,
    repo: Option<&Path>,
    healing: HealingMode,
    actor: &str,
) -> Result<Project, AdminError> {
    let name = checked_name(name)?;
    let repo = repo.map(checked_repo).transpose()?;
    let key = secrets::new_project_key();
    let new = NewProject { name, public_key: &key, repo: repo.as_deref(), healing };
    Ok(store.create_project(&new, actor, clock.now()).await?)
}

/// Changes a project's repository or healing mode; what is `None` stays.
pub async fn change_project(
    store: &Store,
    clock: &Clock,
    id: i64,
    repo: Option<&Path>,
    healing: Option<HealingMode>,
    actor: &str,
) -> Result<Project, AdminError> {
    let repo = repo.map(checked_repo).transpose()?;
    Ok(store.update_project(id, repo.as_deref(), healing, actor, clock.now()).await?)
}

/// Deletes a project: at once for everybody who looks, and row by row in the background.
pub async fn delete_project(
    store: &Store,
    clock: &Clock,
    id: i64,
    actor: &str,
) -> Result<(), AdminError> {
    Ok(store.delete_project(id, actor, clock.now()).await?)
}

/// Gives a project a further key.
pub async fn add_key(
    store: &Store,
    clock: &Clock,
    project_id: i64,
    name: &str,
    actor: &str,
) -> Result<ProjectKey, AdminError> {
    let name = checked_name(name)?;
    let key = secrets::new_project_key();
    Ok(store.add_project_key(project_id, &key, name, actor, clock.now()).await?)
}

/// Ends a key.
pub async fn disable_key(
    store: &Store,
    clock: &Clock,
    project_id: i64,
    key_id: i64,
    actor: &str,
) -> Result<(), AdminError> {
    if store.disable_project_key(project_id, key_id, actor, clock.now()).await? {
        return Ok(());
    }
    let what = format!("key {key_id} of project {project_id} that works");
    Err(StoreError::NotFound(what).into())
}

/// The root folder of the git repository that a path is in.
fn checked_repo(path: &Path) -> Result<String, AdminError> {
    let repository = Repository::open(path).map_err(|e| AdminError::Invalid(e.to_string()))?;
    let root = repository.root().to_str();
    let root =
        root.ok_or_else(|| AdminError::Invalid(format!("{} is not UTF-8", path.display())))?;
    Ok(root.to_owned())
}

/// Creates a token, for one project or (`None`) all, and returns it, the only time that it is seen.
pub async fn create_token(
    store: &Store,
    clock: &Clock,
    name: &str,
    scopes: &[Scope],
    project_id: Option<i64>,
    actor: &str,
) -> Result<(i64, SecretString), AdminError> {
    use secrecy::ExposeSecret;
    let name = checked_name(name)?;
    if scopes.is_empty() {
        return Err(AdminError::Invalid("a token needs at least one scope".into()));
    }
    if let Some(project) = project_id {
        // The other scopes know no projects.
        if scopes != [Scope::Execute] {
            return Err(AdminError::Invalid(
                "a project's token has the scope execute and no other".into(),
            ));
        }
        if store.project(project).await?.is_none() {
            return Err(StoreError::NotFound(format!("project {project}")).into());
        }
    }
    let token = secrets::new_token();
    let hash = secrets::hash(token.expose_secret());
    let id = store.create_token(name, &hash, scopes, project_id, actor, clock.now()).await?;
    Ok((id, token))
}

fn checked_name(name: &str) -> Result<&str, AdminError> {
    let name = name.trim();
    let invalid = |reason: &str| Err(AdminError::Invalid(reason.to_owned()));
    if name.is_empty() {
        return invalid("the name is empty");
    }
    if name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return invalid("a name has at most 100 characters and no control characters");
    }
    Ok(name)
}

/// What an application is configured with.
pub fn dsn(base_url: &str, project: &Project) -> String {
    dsn_with(base_url, project.id, &project.public_key)
}

/// The same with one of the project's other keys.
pub fn dsn_with(base_url: &str, project_id: i64, key: &str) -> String {
    let (scheme, rest) = base_url.split_once("://").unwrap_or(("http", base_url));
    format!("{scheme}://{key}@{rest}/{project_id}")
}
