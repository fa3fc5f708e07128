//! What became of what was learnt: the commit that mended it, and whether it came back.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use crate::domain::fix::SuggestionStatus;
use crate::domain::fixed_text::FixedText;
use crate::domain::pattern::Pattern;
use crate::repo::{FixAsked, FixCommit, Repository};
use crate::server::app::App;
use crate::store::patterns::outcome::{Recurrence, ReleaseOfIssue};

/// How long an issue is not looked at again whose events turned out to be of releases without the fix.
const LOOK_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// How long after a fix the issue is watched.
const WATCHED_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Looks for the commits by which a project's issues were mended.
pub(crate) async fn find_fix_commits(app: &App, project_id: i64) -> anyhow::Result<()> {
    let now = app.clock.now();
    let Some(project) = app.store.project(project_id).await? else { return Ok(()) };
    let Some(root) = project.repo else { return Ok(()) };
    let patterns = app.store.patterns_without_commit(project_id, now).await?;
    let mut asked = Vec::with_capacity(patterns.len());
    for pattern in &patterns {
        asked.push(question(app, pattern).await?);
    }
    if asked.is_empty() {
        return Ok(());
    }
    let found = tokio::task::spawn_blocking(move || {
        Repository::open(Path::new(&root))?.fix_commits(&asked)
    });
    for (pattern, found) in patterns.iter().zip(found.await??) {
        let Some(FixCommit { commit, why }) = found else { continue };
        let known = (pattern.fix_commit.as_deref(), pattern.commit_why.as_deref());
        if known != (Some(&commit), Some(why)) {
            app.store.pattern_commit(pattern.id, &commit, why, now).await?;
        }
    }
    Ok(())
}

async fn question(app: &App, pattern: &Pattern) -> anyhow::Result<FixAsked> {
    let issue_id = pattern.issue_id.unwrap_or_default();
    let first_seen = app.store.issue(issue_id).await?.map(|issue| issue.first_seen);
    let base = app.config.base_url();
    Ok(FixAsked {
        since: first_seen.unwrap_or(pattern.created_at).as_second(),
        names: vec![format!("andon#{issue_id}"), format!("{base}/gui/issues/{issue_id}")],
        fixed: fixed_text(app, pattern).await?,
    })
}

async fn fixed_text(app: &App, pattern: &Pattern) -> anyhow::Result<FixedText> {
    let Some(id) = pattern.suggestion_id else { return Ok(FixedText::default()) };
    let suggestion = app.store.suggestion(id).await?;
    Ok(suggestion.map(|one| FixedText::of(&one.proposal.patch)).unwrap_or_default())
}

/// Sees whether new events of a mended issue are what was mended.
pub(crate) async fn check_recurrence(app: &App, issue_id: i64) -> anyhow::Result<()> {
    let now = app.clock.now();
    let Some(issue) = app.store.issue(issue_id).await? else { return Ok(()) };
    let Some(project) = app.store.project(issue.project_id).await? else { return Ok(()) };
    let (mut came_back, mut open) = (false, false);
    for pattern in app.store.mended_patterns(issue_id).await? {
        let Some(mended_at) = pattern.mended_at else { continue };
        let known = pattern.recurred_at.is_some_and(|at| at > mended_at);
        let is_old = now.duration_since(mended_at) > WATCHED_FOR;
        if known || is_old || was_taken_back(app, &pattern).await? {
            continue;
        }
        let looked =
            Looked { pattern: pattern.clone(), fixed: fixed_text(app, &pattern).await?, mended_at };
        let releases = app.store.releases_of_issue(issue_id, mended_at).await?;
        match first_with_fix(app, project.id, project.repo.as_deref(), looked, releases).await? {
            Some((release, why)) => {
                let name = release.release.as_deref();
                let recurrence = Recurrence { at: release.first_at, release: name, why: &why };
                if app.store.pattern_recurred(pattern.id, &recurrence, now).await? {
                    tracing::warn!(issue = issue_id, pattern = pattern.id, %why, "a mended issue came back");
                }
                came_back = true;
            }
            None => open = true,
        }
    }
    let again = now.checked_add(LOOK_AGAIN_AFTER).unwrap_or(now);
    tracing::debug!(issue = issue_id, came_back, open, "looked whether a mended issue came back");
    app.store.watch_issue(issue_id, open.then_some(again), now).await?;
    Ok(())
}

/// What was taken back mends nothing any more.
async fn was_taken_back(app: &App, pattern: &Pattern) -> anyhow::Result<bool> {
    let Some(id) = pattern.suggestion_id else { return Ok(false) };
    let suggestion = app.store.suggestion(id).await?;
    Ok(suggestion.is_some_and(|one| one.status != SuggestionStatus::Applied))
}

struct Looked {
    pattern: Pattern,
    fixed: FixedText,
    mended_at: Timestamp,
}

/// The first release of these that has the fix, and why it is taken to have it.
async fn first_with_fix(
    app: &App,
    project_id: i64,
    repo: Option<&str>,
    looked: Looked,
    releases: Vec<ReleaseOfIssue>,
) -> anyhow::Result<Option<(ReleaseOfIssue, String)>> {
    let root = repo.map(str::to_owned);
    let mended_at = looked.mended_at;
    let asked = releases.clone();
    let by_code = tokio::task::spawn_blocking(move || {
        let repository = root.and_then(|root| Repository::open(Path::new(&root)).ok());
        asked.iter().map(|one| tell(repository.as_ref(), &looked, one)).collect::<Vec<_>>()
    })
    .await?;
    for (release, told) in releases.into_iter().zip(by_code) {
        match (told, release.release.as_deref()) {
            (Told::Has(why), _) => return Ok(Some((release, why))),
            (Told::HasNot, _) => {}
            (Told::Unknown, None) => {
                let why = "its events name no release, so that only their time tells";
                return Ok(Some((release, why.to_owned())));
            }
            (Told::Unknown, Some(name)) => {
                let first = app.store.release_first_seen(project_id, name).await?;
                if first.is_some_and(|first| first > mended_at) {
                    let why = format!("release {name} was first seen after it was mended");
                    return Ok(Some((release, why)));
                }
            }
        }
    }
    Ok(None)
}

/// What the code of a release tells.
enum Told {
    Has(String),
    HasNot,
    Unknown,
}

fn tell(repository: Option<&Repository>, looked: &Looked, one: &ReleaseOfIssue) -> Told {
    let (Some(repository), Some(name)) = (repository, one.release.as_deref()) else {
        return Told::Unknown;
    };
    let Ok(Some(commit)) = repository.release_commit(name) else { return Told::Unknown };
    let short = commit.get(..12).unwrap_or(&commit).to_owned();
    if let Some(fix) = &looked.pattern.fix_commit
        && let Ok(Some(has)) = repository.has_commit(&commit, fix)
    {
        let fix = fix.get(..12).unwrap_or(fix);
        return match has {
            true => {
                Told::Has(format!("release {name} (commit {short}) has the fix's commit {fix}"))
            }
            false => Told::HasNot,
        };
    }
    if looked.fixed.is_empty() {
        return Told::Unknown;
    }
    match repository.commit_has_text(&commit, &looked.fixed) {
        Ok(true) => Told::Has(format!("release {name} (commit {short}) has the fixed lines")),
        Ok(false) => Told::HasNot,
        Err(_) => Told::Unknown,
    }
}
