//! History by way of git, read only.

use std::path::Path;

use git2::{BlameOptions, Commit, DiffFormat, DiffOptions, ErrorCode, Oid, Sort};
use jiff::Timestamp;

use super::Repository;
use crate::source::{BlameLine, Change, History, HistoryError};

/// Commits that are looked at for those that touched a file.
const MAX_WALKED: usize = 5_000;

/// Characters of a commit's title and of an author's name.
const MAX_TITLE_CHARS: usize = 200;

/// The history of a repository up to a commit.
#[derive(Clone, Debug)]
pub struct CommitHistory {
    repository: Repository,
    tip: String,
}

impl Repository {
    /// The history up to `commit`, a full SHA.
    pub fn history(&self, commit: &str) -> CommitHistory {
        CommitHistory { repository: self.clone(), tip: commit.to_owned() }
    }
}

impl CommitHistory {
    fn open(&self) -> Result<(git2::Repository, Oid), HistoryError> {
        let git = self.repository.git().map_err(|e| HistoryError::Git(e.to_string()))?;
        let tip = Oid::from_str(&self.tip).map_err(failed)?;
        Ok((git, tip))
    }
}

impl History for CommitHistory {
    fn log(&self, path: Option<&str>, limit: usize) -> Result<Vec<Change>, HistoryError> {
        let (git, tip) = self.open()?;
        let mut walk = git.revwalk().map_err(failed)?;
        walk.set_sorting(Sort::TIME).map_err(failed)?;
        walk.push(tip).map_err(failed)?;
        let mut found = Vec::new();
        for id in walk.take(MAX_WALKED) {
            let commit = git.find_commit(id.map_err(failed)?).map_err(failed)?;
            if path.is_none_or(|path| touches(&commit, Path::new(path))) {
                found.push(change(&commit));
            }
            if found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }

    fn blame(&self, path: &str, from: u32, to: u32) -> Result<Vec<BlameLine>, HistoryError> {
        let (git, tip) = self.open()?;
        let mut options = BlameOptions::new();
        options.newest_commit(tip).min_line(from as usize).max_line(to as usize);
        let blame =
            git.blame_file(Path::new(path), Some(&mut options)).map_err(|e| match e.code() {
                ErrorCode::NotFound => {
                    HistoryError::NotFound(format!("{path} is not in the commit"))
                }
                _ => failed(e),
            })?;
        let mut lines = Vec::new();
        for hunk in blame.iter() {
            let first = hunk.final_start_line() as u32;
            let Ok(commit) = git.find_commit(hunk.final_commit_id()) else { continue };
            let change = change(&commit);
            for line in first..first.saturating_add(hunk.lines_in_hunk() as u32) {
                if (from..=to).contains(&line) {
                    lines.push(BlameLine { line, change: change.clone() });
                }
            }
        }
        Ok(lines)
    }

    fn show(&self, commit: &str, max_bytes: usize) -> Result<(Change, String), HistoryError> {
        let (git, tip) = self.open()?;
        let missing = || HistoryError::NotFound(format!("there is no commit {commit}"));
        let is_sha =
            (7..=40).contains(&commit.len()) && commit.bytes().all(|b| b.is_ascii_hexdigit());
        let found = is_sha.then(|| git.find_commit_by_prefix(commit).ok()).flatten();
        let found = found.ok_or_else(missing)?;
        // What came after the release, or lies on a branch of somebody's own, is not its history.
        let is_past =
            found.id() == tip || git.graph_descendant_of(tip, found.id()).unwrap_or(false);
        if !is_past {
            return Err(missing());
        }
        let tree = found.tree().map_err(failed)?;
        let parent = found.parent(0).ok().and_then(|parent| parent.tree().ok());
        let diff =
            git.diff_tree_to_tree(parent.as_ref(), Some(&tree), Some(&mut DiffOptions::new()));
        let mut text = String::new();
        let printed = diff.map_err(failed)?.print(DiffFormat::Patch, |_, _, line| {
            if matches!(line.origin(), '+' | '-' | ' ') {
                text.push(line.origin());
            }
            text.push_str(&String::from_utf8_lossy(line.content()));
            text.len() <= max_bytes
        });
        match printed {
            // Stopped by ourselves.
            Err(e) if e.code() == ErrorCode::User => {
                text.truncate(text.floor_char_boundary(max_bytes));
                text.push_str("\n(cut)\n");
            }
            Err(e) => return Err(failed(e)),
            Ok(()) => {}
        }
        Ok((change(&found), text))
    }
}

/// Whether a commit changed a file against its first parent. Trees are compared by their names only.
fn touches(commit: &Commit<'_>, path: &Path) -> bool {
    let of = |commit: &Commit<'_>| {
        commit.tree().ok().and_then(|tree| tree.get_path(path).ok()).map(|entry| entry.id())
    };
    let own = of(commit);
    match commit.parent(0) {
        Ok(parent) => own != of(&parent),
        Err(_) => own.is_some(),
    }
}

fn change(commit: &Commit<'_>) -> Change {
    let short = |text: &str| text.chars().take(MAX_TITLE_CHARS).collect::<String>();
    let title = commit.summary().ok().flatten().map(short);
    let author = commit.author();
    Change {
        commit: commit.id().to_string(),
        at: Timestamp::from_second(commit.time().seconds()).unwrap_or(Timestamp::UNIX_EPOCH),
        author: author.name().map(short).unwrap_or_default(),
        title: title.unwrap_or_default(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
fn failed(error: git2::Error) -> HistoryError {
    HistoryError::Git(error.message().to_owned())
}
