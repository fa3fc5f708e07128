//! Opening a repository.

use std::path::{Path, PathBuf};

use super::commit::CommitSources;
use super::working::{self, WorkingFile, WorkingSources};
use super::{RepoError, release};

/// A git repository with a working tree. Cheap to clone; opens git anew for each question, so it may
/// be shared between threads and never shows a stale state.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
    git_dir: PathBuf,
}

impl Repository {
    /// Opens the repository that `path`, a folder, is in.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RepoError> {
        let given = path.as_ref();
        let path = given
            .canonicalize()
            .ok()
            .filter(|path| path.is_dir())
            .ok_or_else(|| RepoError::NotADirectory { path: given.to_owned() })?;
        let git = git2::Repository::discover(&path).map_err(|error| match error.code() {
            git2::ErrorCode::NotFound => RepoError::NotARepository { path: path.clone() },
            git2::ErrorCode::Owner => RepoError::NotOwned { path: path.clone() },
            _ => RepoError::Git(error),
        })?;
        let workdir = git.workdir().ok_or_else(|| RepoError::Bare { path: path.clone() })?;
        let root = workdir
            .canonicalize()
            .map_err(|source| RepoError::Io { path: workdir.to_owned(), source })?;
        Ok(Self { root, git_dir: git.path().to_owned() })
    }

    /// The top folder of the working tree, canonical.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Git's own folder (of this working tree, if the repository has several).
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The full SHA of the commit that is checked out.
    pub fn head(&self) -> Result<String, RepoError> {
        let git = self.git()?;
        Ok(self.head_commit(&git)?.id().to_string())
    }

    /// The files of the commit that a release was built from, as far as it can be told: a SHA in the
    /// release's name, else a tag, else HEAD with a note that says why.
    pub fn sources_for_release(&self, release: Option<&str>) -> Result<CommitSources, RepoError> {
        let git = self.git()?;
        let head = self.head_commit(&git)?.id();
        let (commit, note) = release::commit_of(&git, release, head);
        CommitSources::load(git, commit, note)
    }

    /// The files as they are in the working tree now: tracked, or untracked and not ignored; regular
    /// files only, links are not followed.
    pub fn working_sources(&self) -> Result<WorkingSources, RepoError> {
        let head = self.git().and_then(|git| Ok(self.head_commit(&git)?.id())).ok();
        WorkingSources::load(self, head)
    }

    /// The files of the working tree with what the file system says about them, sorted by path.
    pub fn working_files(&self) -> Result<Vec<WorkingFile>, RepoError> {
        working::list(self)
    }

    /// What the file system says about one file, ignored by git or not. `None` if it is no regular
    /// file below the root.
    pub fn working_file(&self, path: &str) -> Option<WorkingFile> {
        working::one(&self.root, path)
    }

    /// Opens a regular file of the working tree for reading, following no link on the way.
    pub fn open_file(&self, path: &str) -> Result<std::fs::File, RepoError> {
        working::open_file(&self.root, path)
    }

    /// Whether the file's bytes are those of HEAD. A file that HEAD does not have is not clean.
    pub fn is_clean(&self, path: &str) -> Result<bool, RepoError> {
        let git = self.git()?;
        let tree = self.head_commit(&git)?.tree()?;
        let entry = match tree.get_path(Path::new(path)) {
            Ok(entry) => entry,
            Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        if entry.kind() != Some(git2::ObjectType::Blob) {
            return Err(RepoError::NotAFile { path: path.to_owned() });
        }
        let io = |source| RepoError::Io { path: self.root.join(path), source };
        let mut file = self.open_file(path)?;
        let (committed_bytes, _) = git.odb()?.read_header(entry.id())?;
        if file.metadata().map_err(io)?.len() != committed_bytes as u64 {
            return Ok(false);
        }
        let mut bytes = Vec::with_capacity(committed_bytes);
        std::io::Read::read_to_end(&mut file, &mut bytes).map_err(io)?;
        Ok(git.find_blob(entry.id())?.content() == bytes)
    }

    pub(super) fn git(&self) -> Result<git2::Repository, RepoError> {
        Ok(git2::Repository::open(&self.root)?)
    }

    pub(super) fn head_commit<'a>(
        &self,
        git: &'a git2::Repository,
    ) -> Result<git2::Commit<'a>, RepoError> {
        match git.head() {
            Ok(head) => Ok(head.peel_to_commit()?),
            Err(error)
                if matches!(
                    error.code(),
                    git2::ErrorCode::UnbornBranch | git2::ErrorCode::NotFound
                ) =>
            {
                Err(RepoError::NoCommits { path: self.root.clone() })
            }
            Err(error) => Err(error.into()),
        }
    }
}
