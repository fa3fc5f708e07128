//! The exclusive right to change a repository's working tree, across processes. It is an advisory lock on
//! git's own folder: nothing is written, and the kernel releases it when its holder dies.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

/// How long to wait between two tries, in milliseconds.
const RETRY_MILLIS: u64 = 25;

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// There is no git repository whose working tree is rooted here.
    #[error("{path} is not the root of a git repository")]
    NotARepository {
        /// The folder.
        path: String,
    },
    /// Somebody else is changing the repository.
    #[error("{path} is being changed by another Andon; waited {waited_seconds} s. Try again later")]
    Busy {
        /// The folder.
        path: String,
        /// How long it was waited for.
        waited_seconds: u64,
    },
    /// The operating system said no.
    #[error("{path} could not be locked: {source}")]
    Io {
        /// The folder.
        path: String,
        /// What it said.
        source: std::io::Error,
    },
}

/// Proof that nobody else of ours changes this repository. Released when dropped.
#[derive(Debug)]
pub struct RepositoryLock {
    root: PathBuf,
    _descriptor: OwnedFd,
}

impl RepositoryLock {
    /// Takes the lock of the repository rooted at `root`, waiting for at most `patience`. Two tasks of one
    /// process exclude each other too.
    pub async fn acquire(root: &Path, patience: Duration) -> Result<Self, LockError> {
        let path = || root.display().to_string();
        let root = root.canonicalize().map_err(|_| LockError::NotARepository { path: path() })?;
        let descriptor = open_git_folder(&root)?;
        let started = Instant::now();
        loop {
            match rustix::fs::flock(&descriptor, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { root, _descriptor: descriptor }),
                Err(Errno::WOULDBLOCK) if started.elapsed() < patience => {
                    tokio::time::sleep(Duration::from_millis(RETRY_MILLIS)).await;
                }
                Err(Errno::WOULDBLOCK) => {
                    let waited_seconds = patience.as_secs();
                    return Err(LockError::Busy { path: path(), waited_seconds });
                }
                Err(Errno::INTR) => {}
                Err(errno) => {
                    return Err(LockError::Io { path: path(), source: errno.into() });
                }
            }
        }
    }

    /// The repository's root folder, without links.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// git's folder for this working tree: `.git`, or where the file `.git` of a linked worktree points.
fn open_git_folder(root: &Path) -> Result<OwnedFd, LockError> {
    let path = root.display().to_string();
    let repository = git2::Repository::open(root)
        .map_err(|_| LockError::NotARepository { path: path.clone() })?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, repository.path(), flags, Mode::empty())
        .map_err(|errno| LockError::Io { path, source: errno.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_free_again() {
        let dir = tempfile::tempdir().unwrap();
        git2::Repository::init(dir.path()).unwrap();
        let short = Duration::from_millis(80);
        let first = RepositoryLock::acquire(dir.path(), short).await.unwrap();
        let second = RepositoryLock::acquire(dir.path(), short).await;
        assert!(matches!(second, Err(LockError::Busy { .. })));
        drop(first);
        RepositoryLock::acquire(dir.path(), short).await.unwrap();
    }

    #[tokio::test]
    async fn a_folder_without_git_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let outcome = RepositoryLock::acquire(dir.path(), Duration::ZERO).await;
        assert!(matches!(outcome, Err(LockError::NotARepository { .. })));
    }
}
