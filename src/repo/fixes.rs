//! Which commit mended something, and whether a release has it. Bounded in commits and bytes.

use std::path::Path;

use git2::{Commit, Oid, Sort};

use super::{RepoError, Repository, release};
use crate::domain::fixed_text::FixedText;

/// Commits looked at, from HEAD back.
const MAX_COMMITS: usize = 1_000;

/// Files that are larger are not compared.
const MAX_COMPARED_BYTES: usize = 2 * 1024 * 1024;

/// What is asked of the history about one mended issue.
#[derive(Clone, Debug)]
pub struct FixAsked {
    /// Nothing older is its commit, in seconds since 1970.
    pub since: i64,
    /// What a commit's message calls the issue by: `andon#12`, the address of its page.
    pub names: Vec<String>,
    /// What the fix looked like, if one was proposed.
    pub fixed: FixedText,
}

/// A commit that mended something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixCommit {
    /// Its full SHA.
    pub commit: String,
    /// How that is known.
    pub why: &'static str,
}

/// How a commit is known to have mended something, the surest first.
const WHYS: [&str; 3] = [
    "its message names the issue",
    "it brought the lines of the fix",
    "it changed the lines that the fix was for",
];

impl Repository {
    /// The commit that a release was built from, if its name tells.
    pub fn release_commit(&self, name: &str) -> Result<Option<String>, RepoError> {
        let git = self.git()?;
        let head = self.head_commit(&git)?.id();
        let (commit, note) = release::commit_of(&git, Some(name), head);
        Ok(note.is_none().then(|| commit.to_string()))
    }

    /// Whether a commit is, or follows, another one; nothing if one of them is not there.
    pub fn has_commit(&self, commit: &str, earlier: &str) -> Result<Option<bool>, RepoError> {
        let git = self.git()?;
        let find = |sha: &str| git.find_commit_by_prefix(sha).ok().map(|commit| commit.id());
        let (Some(commit), Some(earlier)) = (find(commit), find(earlier)) else { return Ok(None) };
        Ok(Some(commit == earlier || git.graph_descendant_of(commit, earlier)?))
    }

    /// Whether the files of a commit hold what a fix put in.
    pub fn commit_has_text(&self, commit: &str, fixed: &FixedText) -> Result<bool, RepoError> {
        let git = self.git()?;
        let commit = git.find_commit(Oid::from_str(commit)?)?;
        Ok(fixed.is_in(|path| text_in(&git, &commit, path)))
    }

    /// For each question the commit up to HEAD that answers it best, if one does.
    pub fn fix_commits(&self, asked: &[FixAsked]) -> Result<Vec<Option<FixCommit>>, RepoError> {
        let git = self.git()?;
        let mut best: Vec<Option<(usize, Oid)>> = vec![None; asked.len()];
        let Some(since) = asked.iter().map(|one| one.since).min() else { return Ok(Vec::new()) };
        let mut walk = git.revwalk()?;
        walk.set_sorting(Sort::TIME)?;
        walk.push(self.head_commit(&git)?.id())?;
        for id in walk.take(MAX_COMMITS) {
            let commit = git.find_commit(id?)?;
            if commit.time().seconds() < since {
                break;
            }
            let message = String::from_utf8_lossy(commit.message_bytes()).to_lowercase();
            for (one, best) in asked.iter().zip(&mut best) {
                if commit.time().seconds() < one.since {
                    continue;
                }
                // The walk goes back: of two that say the same the earlier one takes the place.
                if let Some(why) = answers(&git, &commit, &message, one)
                    && best.is_none_or(|(known, _)| why <= known)
                {
                    *best = Some((why, commit.id()));
                }
            }
        }
        let known = |(why, id): (usize, Oid)| FixCommit { commit: id.to_string(), why: WHYS[why] };
        Ok(best.into_iter().map(|one| one.map(known)).collect())
    }
}

/// How a commit answers a question: the place in [`WHYS`].
fn answers(
    git: &git2::Repository,
    commit: &Commit<'_>,
    message: &str,
    asked: &FixAsked,
) -> Option<usize> {
    if asked.names.iter().any(|name| names(message, &name.to_lowercase())) {
        return Some(0);
    }
    // Of a merge, the commits that it merged are asked.
    let parent = commit.parent(0).ok().filter(|_| commit.parent_count() == 1)?;
    let changed =
        asked.fixed.paths().iter().any(|path| blob_in(commit, path) != blob_in(&parent, path));
    if !changed {
        return None;
    }
    let (now, before) =
        (|path: &str| text_in(git, commit, path), |path: &str| text_in(git, &parent, path));
    if asked.fixed.is_in(now) && !asked.fixed.is_in(before) {
        return Some(1);
    }
    (asked.fixed.is_to_do(before) && !asked.fixed.is_to_do(now)).then_some(2)
}

/// Whether a message has a name, and not only the beginning of a longer number.
fn names(message: &str, name: &str) -> bool {
    message
        .match_indices(name)
        .any(|(at, found)| !message[at + found.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

fn blob_in(commit: &Commit<'_>, path: &str) -> Option<Oid> {
    Some(commit.tree().ok()?.get_path(Path::new(path)).ok()?.id())
}

fn text_in(git: &git2::Repository, commit: &Commit<'_>, path: &str) -> Option<String> {
    let id = blob_in(commit, path)?;
    let (bytes, _) = git.odb().ok()?.read_header(id).ok()?;
    if bytes > MAX_COMPARED_BYTES {
        return None;
    }
    String::from_utf8(git.find_blob(id).ok()?.content().to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_number_is_not_the_beginning_of_another() {
        assert!(names("fixes andon#12, at last", "andon#12"));
        assert!(names("andon#123 and andon#12", "andon#12"));
        assert!(!names("fixes andon#123", "andon#12"));
    }
}
