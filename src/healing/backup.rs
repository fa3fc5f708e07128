//! Backups: whole contents, named by their hash, on disk before anything is replaced.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::domain::hash::ContentHash;
use crate::domain::healing::HealingFile;
use crate::repo::jail::{HeldFile, Jail, JailError, JailedPath};
use crate::repo::lock::RepositoryLock;

/// The folder of the backups, in the data folder.
const BACKUPS_FOLDER: &str = "backups";

/// Why a content could not be stored or read back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// It was never stored, or somebody removed it.
    #[error("the backup {} is missing from {}", hash.short(), folder.display())]
    Missing {
        /// Its name.
        hash: ContentHash,
        /// Where it should be.
        folder: PathBuf,
    },
    /// What is stored is not what its name says.
    #[error("the backup {} is damaged: its content no longer has this hash", hash.short())]
    Damaged {
        /// Its name.
        hash: ContentHash,
    },
    /// A file is no longer what the healing was planned for.
    #[error("{path} has changed since the fix was verified; verify it again")]
    Changed {
        /// Path below the repository root.
        path: String,
    },
    /// The file may not be touched.
    #[error(transparent)]
    Jail(#[from] JailError),
    /// The operating system said no.
    #[error("the backup in {path} failed: {source}")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

/// The contents that can be given back. Blocking; files are small.
#[derive(Clone, Debug)]
pub struct BackupStore {
    folder: PathBuf,
}

/// Proof that what a healing replaces is on disk elsewhere. Only [`BackupStore::back_up`] makes one, and
/// nothing is applied without.
#[derive(Debug)]
pub struct Backup {
    jail: Jail,
    files: Vec<BackedUpFile>,
}

/// A file whose content is backed up, its folder held open, and what is to come in its place.
#[derive(Debug)]
pub(super) struct BackedUpFile {
    pub(super) held: HeldFile,
    pub(super) record: HealingFile,
    pub(super) after: Vec<u8>,
}

impl Backup {
    pub(super) fn jail(&self) -> &Jail {
        &self.jail
    }

    pub(super) fn files(&self) -> &[BackedUpFile] {
        &self.files
    }
}

impl BackupStore {
    /// The backups of a data folder.
    pub fn new(data_folder: &Path) -> Self {
        Self { folder: data_folder.join(BACKUPS_FOLDER) }
    }

    /// Stores the current content of every file of a healing, and the content that is to come (so that a
    /// later look can say what changed since). `after` has one content a file, in the same order. Fails if
    /// a file is no longer what was planned for.
    pub fn back_up(
        &self,
        lock: &RepositoryLock,
        files: &[HealingFile],
        after: Vec<Vec<u8>>,
    ) -> Result<Backup, BackupError> {
        let jail = Jail::open(lock.root())?;
        let mut backed_up = Vec::with_capacity(files.len());
        for (record, after) in files.iter().zip(after) {
            let held = jail.hold(&JailedPath::parse(&record.path)?)?;
            let snapshot = held.read()?;
            let changed = || BackupError::Changed { path: record.path.clone() };
            if snapshot.hash != record.before_hash || snapshot.mode != record.mode {
                return Err(changed());
            }
            if self.store(&after)? != record.after_hash {
                return Err(changed());
            }
            self.store(&snapshot.bytes)?;
            backed_up.push(BackedUpFile { held, record: record.clone(), after });
        }
        Ok(Backup { jail, files: backed_up })
    }

    /// Reads a content back, and makes sure that it is the one.
    pub fn read(&self, hash: &ContentHash) -> Result<Vec<u8>, BackupError> {
        let path = self.path_of(hash);
        let bytes = std::fs::read(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => {
                BackupError::Missing { hash: hash.clone(), folder: self.folder.clone() }
            }
            _ => BackupError::Io { path, source },
        })?;
        if ContentHash::of(&bytes) == *hash {
            Ok(bytes)
        } else {
            Err(BackupError::Damaged { hash: hash.clone() })
        }
    }

    /// Stores a content durably. Storing it twice changes nothing; a damaged copy is replaced.
    fn store(&self, bytes: &[u8]) -> Result<ContentHash, BackupError> {
        let hash = ContentHash::of(bytes);
        if self.read(&hash).is_ok() {
            return Ok(hash);
        }
        let path = self.path_of(&hash);
        let folder = path.parent().unwrap_or(&self.folder);
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| BackupError::Io { path, source }
        };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io(folder))?;
        let temporary = folder.join(format!(".tmp-{:016x}", rand::random::<u64>()));
        let write = || -> std::io::Result<()> {
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            std::fs::rename(&temporary, &path)?;
            // The names too: file in folder, folder in the store, the store in the data folder.
            for ancestor in path.ancestors().skip(1).take(3) {
                File::open(ancestor)?.sync_all()?;
            }
            Ok(())
        };
        let written = write();
        if written.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        written.map_err(io(&path))?;
        Ok(hash)
    }

    fn path_of(&self, hash: &ContentHash) -> PathBuf {
        self.folder.join(&hash.as_str()[..2]).join(hash.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back_and_damage_is_noticed_and_mended() {
        let dir = tempfile::tempdir().unwrap();
        let backups = BackupStore::new(dir.path());
        let bytes = b"fn main() {}\r\n\xff no end";
        let hash = backups.store(bytes).unwrap();
        assert_eq!(backups.store(bytes).unwrap(), hash);
        assert_eq!(backups.read(&hash).unwrap(), bytes);

        std::fs::write(backups.path_of(&hash), "other").unwrap();
        assert!(matches!(backups.read(&hash), Err(BackupError::Damaged { .. })));
        backups.store(bytes).unwrap();
        assert_eq!(backups.read(&hash).unwrap(), bytes);

        std::fs::remove_file(backups.path_of(&hash)).unwrap();
        assert!(matches!(backups.read(&hash), Err(BackupError::Missing { .. })));
    }
}
