//! Puts a fix's files in place, and takes them out again. Every file is replaced in one step; several
//! files are all replaced or all given back.

use super::backup::{Backup, BackupError, BackupStore};
use crate::domain::hash::ContentHash;
use crate::domain::healing::HealingFile;
use crate::repo::jail::{FileSnapshot, Jail, JailError, JailedPath};
use crate::repo::lock::RepositoryLock;
use crate::repo::replace::{ReplaceError, compare_and_swap};

/// Replaces every file of a backup by its fixed content, telling `each` after every one. If one cannot be
/// replaced, those before it stay replaced: the caller takes them back with [`restore`].
pub(super) fn apply(
    _lock: &RepositoryLock,
    backup: &Backup,
    mut each: impl FnMut(&str),
) -> Result<(), ReplaceError> {
    for file in backup.files() {
        let record = &file.record;
        compare_and_swap(backup.jail(), &file.held, &record.before_hash, &file.after, record.mode)?;
        each(&record.path);
    }
    Ok(())
}

/// What a file of a healing holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// What was there before the fix.
    Before,
    /// The fix.
    After,
    /// Neither.
    Other(Vec<u8>),
    /// It cannot be read as a plain file; the reason.
    Unreadable(String),
}

/// Looks at every file of a healing.
pub(super) fn look(jail: &Jail, files: &[HealingFile]) -> Vec<Content> {
    files
        .iter()
        .map(|file| match read(jail, &file.path) {
            Ok(snapshot) if snapshot.hash == file.before_hash => Content::Before,
            Ok(snapshot) if snapshot.hash == file.after_hash => Content::After,
            Ok(snapshot) => Content::Other(snapshot.bytes),
            Err(error) => Content::Unreadable(error.to_string()),
        })
        .collect()
}

/// Why files could not be given back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup is not there or not right.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A file is not what the fix left.
    #[error(transparent)]
    Replace(#[from] ReplaceError),
}

impl From<JailError> for RestoreError {
    fn from(error: JailError) -> Self {
        Self::Replace(error.into())
    }
}

/// Gives back the bytes and mode of every file that holds the fix; those that hold the old content stay.
/// All backups are read before the first file is touched. If a file refuses, those given back before it
/// get the fix again, so that the files belong together whatever happens.
pub(super) fn restore(
    _lock: &RepositoryLock,
    jail: &Jail,
    backups: &BackupStore,
    files: &[HealingFile],
    mut each: impl FnMut(&str),
) -> Result<(), RestoreError> {
    let mut with_fix = Vec::new();
    for (file, content) in files.iter().zip(look(jail, files)) {
        if content != Content::Before {
            with_fix.push((file, backups.read(&file.before_hash)?));
        }
    }
    let mut given_back: Vec<&HealingFile> = Vec::new();
    for (file, bytes) in with_fix {
        if let Err(error) = swap(jail, file, &file.after_hash, &bytes) {
            for file in given_back.into_iter().rev() {
                let fix = backups.read(&file.after_hash)?;
                swap(jail, file, &file.before_hash, &fix)?;
            }
            return Err(error);
        }
        given_back.push(file);
        each(&file.path);
    }
    Ok(())
}

fn swap(
    jail: &Jail,
    file: &HealingFile,
    expected: &ContentHash,
    bytes: &[u8],
) -> Result<(), RestoreError> {
    let held = jail.hold(&JailedPath::parse(&file.path)?)?;
    compare_and_swap(jail, &held, expected, bytes, file.mode)?;
    Ok(())
}

/// Reads a file by a path from outside.
pub(super) fn read(jail: &Jail, path: &str) -> Result<FileSnapshot, JailError> {
    jail.read(&JailedPath::parse(path)?)
}
