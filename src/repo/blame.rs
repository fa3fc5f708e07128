//! Which commits may have brought a fault: who last changed the lines that point at it (blame), and who
//! changed how often the failing text stands in its file (pickaxe). Bounded in commits, files and age.

use std::path::Path;

use git2::{BlameOptions, Commit, Oid, Sort};
use jiff::Timestamp;

use super::{RepoError, Repository};
use crate::domain::analysis::SuspectCommit;

/// Commits looked at, from the release's own back.
const MAX_COMMITS: usize = 400;

/// Tags looked at.
const MAX_TAGS: usize = 500;

/// Places blamed.
const MAX_PLACES: usize = 8;

/// Suspects given.
const MAX_SUSPECTS: usize = 3;

/// Older changes are no suspects, in seconds: 365 days.
const MAX_AGE_SECONDS: i64 = 365 * 24 * 60 * 60;

/// Bytes of a message's first line that are kept.
const MAX_SUBJECT: usize = 120;

/// Files that are larger are not searched for the failing text.
const MAX_SEARCHED_BYTES: usize = 2 * 1024 * 1024;

/// A line that points at a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlamedPlace {
    /// Path below the repository root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// The failing expression's text, where it is known.
    pub text: Option<String>,
}

impl Repository {
    /// The suspects among the commits up to `commit`, the most recent first. Age counts from that commit.
    pub fn suspects(
        &self,
        commit: &str,
        places: &[BlamedPlace],
    ) -> Result<Vec<SuspectCommit>, RepoError> {
        let git = self.git()?;
        let newest = git.find_commit(Oid::from_str(commit)?)?;
        let recent = recent(&git, &newest)?;
        let Some(oldest) = recent.last().copied() else { return Ok(Vec::new()) };
        let tagged = tag_before(&git, &recent);
        let mut found: Vec<SuspectCommit> = Vec::new();
        for place in places.iter().take(MAX_PLACES) {
            if let Some(id) = last_change(&git, newest.id(), oldest, place)
                && recent.contains(&id)
            {
                let why = format!("It last changed line {} of {}", place.line, place.file);
                note(&git, &mut found, id, &why, tagged.as_ref())?;
            }
            for id in moved_text(&git, &recent, place) {
                let why = format!("It added or removed the failing text in {}", place.file);
                note(&git, &mut found, id, &why, tagged.as_ref())?;
            }
        }
        found.sort_by_key(|one| std::cmp::Reverse(one.at));
        found.truncate(MAX_SUSPECTS);
        Ok(found)
    }
}

/// The commits of the last year, the newest first.
fn recent(git: &git2::Repository, newest: &Commit<'_>) -> Result<Vec<Oid>, RepoError> {
    let since = newest.time().seconds() - MAX_AGE_SECONDS;
    let mut walk = git.revwalk()?;
    walk.set_sorting(Sort::TIME)?;
    walk.push(newest.id())?;
    let mut recent = Vec::new();
    for id in walk.take(MAX_COMMITS) {
        let id = id?;
        if git.find_commit(id)?.time().seconds() < since {
            break;
        }
        recent.push(id);
    }
    Ok(recent)
}

/// The newest tag before the newest commit, and how many of the commits came after it.
fn tag_before(git: &git2::Repository, recent: &[Oid]) -> Option<(String, usize)> {
    let mut best: Option<(String, usize)> = None;
    let tags = git.tag_names(None).ok()?;
    for name in tags.iter().flatten().flatten().take(MAX_TAGS) {
        let Ok(object) = git.revparse_single(&format!("refs/tags/{name}^{{commit}}")) else {
            continue;
        };
        let Some(at) = recent.iter().position(|id| *id == object.id()) else { continue };
        if at > 0 && best.as_ref().is_none_or(|(_, known)| at < *known) {
            best = Some((name.to_owned(), at));
        }
    }
    best
}

/// The commit that last changed the line.
fn last_change(
    git: &git2::Repository,
    newest: Oid,
    oldest: Oid,
    place: &BlamedPlace,
) -> Option<Oid> {
    let line = place.line as usize;
    let mut options = BlameOptions::new();
    options.newest_commit(newest).oldest_commit(oldest).min_line(line).max_line(line);
    let blame = git.blame_file(Path::new(&place.file), Some(&mut options)).ok()?;
    let hunk = blame.get_line(line)?;
    let id = hunk.final_commit_id();
    // What lies at the boundary was there before, unless the history begins there.
    let begins = || git.find_commit(id).is_ok_and(|commit| commit.parent_count() == 0);
    (!hunk.is_boundary() || begins()).then_some(id)
}

/// The commits after which the text stands in the file more or less often than before.
fn moved_text(git: &git2::Repository, recent: &[Oid], place: &BlamedPlace) -> Vec<Oid> {
    let Some(text) = place.text.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for id in recent {
        let Ok(commit) = git.find_commit(*id) else { continue };
        // Of a merge, the commits that it merged are asked.
        let Ok(parent) = commit.parent(0) else { continue };
        if commit.parent_count() > 1 {
            continue;
        }
        let (now, before) = (blob_in(&commit, &place.file), blob_in(&parent, &place.file));
        if now == before {
            continue;
        }
        if count(git, now, text) != count(git, before, text) {
            found.push(*id);
        }
        if found.len() == MAX_SUSPECTS {
            break;
        }
    }
    found
}

fn blob_in(commit: &Commit<'_>, path: &str) -> Option<Oid> {
    Some(commit.tree().ok()?.get_path(Path::new(path)).ok()?.id())
}

fn count(git: &git2::Repository, blob: Option<Oid>, text: &str) -> usize {
    let Some(blob) = blob.and_then(|id| git.find_blob(id).ok()) else { return 0 };
    if blob.size() > MAX_SEARCHED_BYTES {
        return 0;
    }
    std::str::from_utf8(blob.content()).map_or(0, |whole| whole.matches(text).count())
}

fn note(
    git: &git2::Repository,
    found: &mut Vec<SuspectCommit>,
    id: Oid,
    why: &str,
    tagged: Option<&(String, usize)>,
) -> Result<(), RepoError> {
    let sha = id.to_string();
    if let Some(known) = found.iter_mut().find(|one| one.commit == sha) {
        if !known.why.contains(why) {
            known.why = format!("{} {why}.", known.why);
        }
        return Ok(());
    }
    let commit = git.find_commit(id)?;
    let Ok(at) = Timestamp::from_second(commit.time().seconds()) else { return Ok(()) };
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let subject = message.trim_start().lines().next().unwrap_or_default();
    let subject = subject[..subject.floor_char_boundary(MAX_SUBJECT)].to_owned();
    let since = match tagged {
        Some((tag, _)) if is_after(git, id, tag) => format!(", after {tag}"),
        _ => String::new(),
    };
    found.push(SuspectCommit { commit: sha, at, subject, why: format!("{why}{since}.") });
    Ok(())
}

/// Whether a commit is no part of what a tag has.
fn is_after(git: &git2::Repository, id: Oid, tag: &str) -> bool {
    let Ok(object) = git.revparse_single(&format!("refs/tags/{tag}^{{commit}}")) else {
        return false;
    };
    object.id() != id && matches!(git.graph_descendant_of(object.id(), id), Ok(false))
}
