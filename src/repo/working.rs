//! The files of the working tree.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags};

use super::commit::{FILES_MAX, SOURCE_MAX_BYTES, TextCache};
use super::{RepoError, Repository};
use crate::source::{Revision, Sources};

/// A regular file of the working tree, as the file system describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingFile {
    /// Path below the root, with `/`.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether its owner may execute it.
    pub executable: bool,
    /// When it was last written: seconds since 1970, and nanoseconds.
    pub modified: (i64, i64),
    /// When it or what the file system says about it last changed; no program can set this.
    pub changed: (i64, i64),
    /// Its number in the file system.
    pub inode: u64,
}

/// The files of the working tree. Listed once; each is read when it is first asked for, and not again.
pub struct WorkingSources {
    repository: Repository,
    paths: Vec<String>,
    cache: TextCache,
    revision: Revision,
}

impl WorkingSources {
    pub(super) fn load(
        repository: &Repository,
        head: Option<git2::Oid>,
    ) -> Result<Self, RepoError> {
        let paths = list(repository)?.into_iter().map(|file| file.path).collect();
        let revision = Revision {
            commit: head.map(|id| id.to_string()),
            note: Some("The working tree was read, with changes that are not committed.".into()),
        };
        Ok(Self { repository: repository.clone(), paths, cache: TextCache::default(), revision })
    }
}

impl Sources for WorkingSources {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn read(&self, path: &str) -> Option<Arc<str>> {
        self.paths.binary_search_by(|known| known.as_str().cmp(path)).ok()?;
        self.cache.get_or_read(path, || {
            let file = self.repository.open_file(path).ok()?;
            let mut bytes = Vec::new();
            file.take(SOURCE_MAX_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
            if bytes.len() > SOURCE_MAX_BYTES {
                return None;
            }
            String::from_utf8(bytes).ok().map(Arc::from)
        })
    }

    fn revision(&self) -> &Revision {
        &self.revision
    }
}

impl std::fmt::Debug for WorkingSources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkingSources")
            .field("root", &self.repository.root())
            .field("files", &self.paths.len())
            .finish_non_exhaustive()
    }
}

/// Tracked files, and untracked ones that are not ignored, that are regular files now.
pub(super) fn list(repository: &Repository) -> Result<Vec<WorkingFile>, RepoError> {
    let git = repository.git()?;
    let mut names = BTreeSet::new();
    let index = git.index()?;
    if index.len() > FILES_MAX {
        return Err(RepoError::TooManyFiles { limit: FILES_MAX });
    }
    for entry in index.iter() {
        if let Ok(path) = String::from_utf8(entry.path) {
            names.insert(path);
        }
    }
    let mut options = git2::StatusOptions::new();
    options
        .show(git2::StatusShow::Workdir)
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .include_ignored(false)
        .exclude_submodules(true)
        .update_index(false);
    for status in git.statuses(Some(&mut options))?.iter() {
        if status.status().is_wt_new()
            && let Ok(path) = std::str::from_utf8(status.path_bytes())
        {
            names.insert(path.to_owned());
        }
    }
    if names.len() > FILES_MAX {
        return Err(RepoError::TooManyFiles { limit: FILES_MAX });
    }
    let root = open_root(repository.root())?;
    Ok(names.into_iter().filter_map(|path| describe(&root, path)).collect())
}

/// One file, ignored or not. `None` if there is no such regular file.
pub(super) fn one(root: &Path, path: &str) -> Option<WorkingFile> {
    describe(&open_root(root).ok()?, path.to_owned())
}

/// `None` if the path is not, or no longer, a regular file below the root.
fn describe(root: &impl rustix::fd::AsFd, path: String) -> Option<WorkingFile> {
    let file = rustix::fs::openat2(
        root,
        path.as_str(),
        OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
        Mode::empty(),
        ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS,
    )
    .ok()?;
    let stat = rustix::fs::fstat(&file).ok()?;
    (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile).then(|| WorkingFile {
        path,
        bytes: u64::try_from(stat.st_size).unwrap_or(0),
        executable: stat.st_mode & 0o100 != 0,
        #[allow(clippy::unnecessary_cast, reason = "the fields' types differ between platforms")]
        modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        #[allow(clippy::unnecessary_cast, reason = "the fields' types differ between platforms")]
        changed: (stat.st_ctime as i64, stat.st_ctime_nsec as i64),
        inode: stat.st_ino,
    })
}

/// Opens a regular file below `root` for reading, following no link and never blocking on a pipe.
pub(super) fn open_file(root: &Path, path: &str) -> Result<File, RepoError> {
    let not_a_file = || RepoError::NotAFile { path: path.to_owned() };
    let folder = open_root(root)?;
    let file = rustix::fs::openat2(
        &folder,
        path,
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC,
        Mode::empty(),
        ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS,
    )
    .map_err(|error| match error {
        rustix::io::Errno::NOENT
        | rustix::io::Errno::LOOP
        | rustix::io::Errno::XDEV
        | rustix::io::Errno::NOTDIR
        | rustix::io::Errno::INVAL => not_a_file(),
        error => RepoError::Io { path: root.join(path), source: error.into() },
    })?;
    let stat = rustix::fs::fstat(&file)
        .map_err(|error| RepoError::Io { path: root.join(path), source: error.into() })?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(not_a_file());
    }
    Ok(File::from(file))
}

fn open_root(root: &Path) -> Result<rustix::fd::OwnedFd, RepoError> {
    rustix::fs::open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| RepoError::Io { path: root.to_owned(), source: error.into() })
}
