//! What can be wrong with a repository, in sentences that say what to do.

use std::path::PathBuf;

/// Why a repository cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum RepoError {
    /// The path is missing or is no folder.
    #[error("{} is not a folder. Give the path of a folder inside a git repository.", path.display())]
    NotADirectory {
        /// What was given.
        path: PathBuf,
    },
    /// Neither the folder nor one above it is a git repository.
    #[error(
        "{} is not in a git repository. Run `git init` there and commit the files, or give the path of a clone.",
        path.display()
    )]
    NotARepository {
        /// What was given.
        path: PathBuf,
    },
    /// The repository has no working tree.
    #[error(
        "{} is a bare repository, which has no files to read or mend. Make a clone with a working tree and give its path.",
        path.display()
    )]
    Bare {
        /// What was given.
        path: PathBuf,
    },
    /// Git refuses a repository of another user.
    #[error(
        "{} belongs to another user, so git refuses to read it. Run Andon as its owner, or add it to `safe.directory` in the git configuration.",
        path.display()
    )]
    NotOwned {
        /// What was given.
        path: PathBuf,
    },
    /// There is no commit yet.
    #[error("{} has no commit yet. Commit the files first.", path.display())]
    NoCommits {
        /// The repository's root.
        path: PathBuf,
    },
    /// A path that does not name a file below the root.
    #[error("`{path}` does not name a regular file of the repository")]
    NotAFile {
        /// What was given.
        path: String,
    },
    /// Too many files to read.
    #[error("the repository has more than {limit} files, which is more than Andon reads")]
    TooManyFiles {
        /// The most that is read.
        limit: usize,
    },
    /// Git failed.
    #[error("git cannot read the repository: {}", .0.message())]
    Git(#[from] git2::Error),
    /// The file system failed.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// What was read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
