//! Replaces a file's content only if it still is what it was taken for, in one step that a crash cannot
//! cut in half: whole temporary file first, then a rename over the old one.

use std::io::Write;

use rustix::fs::{AtFlags, Dir, FileType, Gid, Mode, OFlags, Uid};

use super::jail::{FileSnapshot, HeldFile, Jail, JailError, JailedPath};
use crate::domain::hash::ContentHash;

/// How the name of every temporary file starts.
pub const TEMPORARY_PREFIX: &str = ".andon-tmp-";

/// Why a file was not replaced. Whatever the reason, its content is untouched.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The content is not the expected one.
    #[error("{path} has changed meanwhile (expected {}, found {})", expected.short(), found.short())]
    Changed {
        /// Path below the root.
        path: String,
        /// What it was taken for.
        expected: ContentHash,
        /// What is there.
        found: ContentHash,
    },
    /// The new file could not be given the old one's owner.
    #[error("{path} belongs to another user; replacing it would change its owner")]
    Owner {
        /// Path below the root.
        path: String,
    },
    /// The path or the file is one that Andon does not touch.
    #[error(transparent)]
    Jail(#[from] JailError),
    /// Writing failed.
    #[error("{path} could not be replaced: {source}")]
    Io {
        /// Path below the root.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// Replaces the content of `held` by `bytes` with `mode`, if its current content has the hash `expected`.
/// Durable when it returns. Returns what was there.
///
/// The hash is checked again right before the rename. Between the two lies one system call: a writer that
/// neither takes the repository's lock nor leaves its file alone for that long can still lose its write.
pub fn compare_and_swap(
    jail: &Jail,
    held: &HeldFile,
    expected: &ContentHash,
    bytes: &[u8],
    mode: u32,
) -> Result<FileSnapshot, ReplaceError> {
    let current = read_expected(held, expected)?;
    let temporary = Temporary::write(held, &current, bytes, mode)?;
    let current = read_expected(held, expected)?;
    jail.still_leads_to(held)?;
    temporary.rename_over(held)?;
    rustix::fs::fsync(held.dir()).map_err(|errno| io(held, errno.into()))?;
    Ok(current)
}

/// Removes temporary files that a crash left in the folder of `path`. Returns how many. Call it only with
/// the repository's lock held: without it the file may be one that is being written.
pub fn remove_leftovers(jail: &Jail, path: &JailedPath) -> Result<usize, ReplaceError> {
    let held = jail.hold(path)?;
    let mut names = Vec::new();
    for entry in Dir::read_from(held.dir()).map_err(|errno| io(&held, errno.into()))? {
        let entry = entry.map_err(|errno| io(&held, errno.into()))?;
        if entry.file_name().to_bytes().starts_with(TEMPORARY_PREFIX.as_bytes()) {
            names.push(entry.file_name().to_owned());
        }
    }
    let mut removed = 0;
    for name in names {
        let stat = rustix::fs::statat(held.dir(), &name, AtFlags::SYMLINK_NOFOLLOW);
        if stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile) {
            rustix::fs::unlinkat(held.dir(), &name, AtFlags::empty())
                .map_err(|errno| io(&held, errno.into()))?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn read_expected(held: &HeldFile, expected: &ContentHash) -> Result<FileSnapshot, ReplaceError> {
    let current = held.read()?;
    if current.hash != *expected {
        return Err(ReplaceError::Changed {
            path: held.path().to_string(),
            expected: expected.clone(),
            found: current.hash,
        });
    }
    Ok(current)
}

fn io(held: &HeldFile, source: std::io::Error) -> ReplaceError {
    ReplaceError::Io { path: held.path().to_string(), source }
}

/// A temporary file next to the one that it is to replace; removed when dropped before the rename.
struct Temporary<'a> {
    held: &'a HeldFile,
    name: String,
    renamed: bool,
}

impl<'a> Temporary<'a> {
    fn write(
        held: &'a HeldFile,
        like: &FileSnapshot,
        bytes: &[u8],
        mode: u32,
    ) -> Result<Self, ReplaceError> {
        let name = format!("{TEMPORARY_PREFIX}{:016x}", rand::random::<u64>());
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(held.dir(), name.as_str(), flags, Mode::RUSR | Mode::WUSR)
            .map_err(|errno| io(held, errno.into()))?;
        let temporary = Self { held, name, renamed: false };
        let mut file = std::fs::File::from(fd);
        file.write_all(bytes).map_err(|source| io(held, source))?;
        let ours = rustix::fs::fstat(&file).map_err(|errno| io(held, errno.into()))?;
        if (ours.st_uid, ours.st_gid) != (like.owner.uid, like.owner.gid) {
            let (uid, gid) = (Uid::from_raw(like.owner.uid), Gid::from_raw(like.owner.gid));
            rustix::fs::fchown(&file, Some(uid), Some(gid))
                .map_err(|_| ReplaceError::Owner { path: held.path().to_string() })?;
        }
        // After the owner: changing the owner clears the set-id bits.
        rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))
            .map_err(|errno| io(held, errno.into()))?;
        file.sync_all().map_err(|source| io(held, source))?;
        Ok(temporary)
    }

    fn rename_over(mut self, held: &HeldFile) -> Result<(), ReplaceError> {
        rustix::fs::renameat(held.dir(), self.name.as_str(), held.dir(), held.name())
            .map_err(|errno| io(held, errno.into()))?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.renamed {
            // Nothing is lost if this fails: recovery removes what is left.
            let _ = rustix::fs::unlinkat(self.held.dir(), self.name.as_str(), AtFlags::empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn setup(text: &[u8], mode: u32) -> (tempfile::TempDir, Jail, HeldFile) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.rs");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let jail = Jail::open(dir.path()).unwrap();
        let held = jail.hold(&JailedPath::parse("a.rs").unwrap()).unwrap();
        (dir, jail, held)
    }

    fn names(dir: &tempfile::TempDir) -> Vec<String> {
        let entries = std::fs::read_dir(dir.path()).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn bytes_and_mode_are_replaced_and_given_back() {
        let (dir, jail, held) = setup(b"old\r\nno end", 0o640);
        let old = compare_and_swap(&jail, &held, &ContentHash::of(b"old\r\nno end"), b"new", 0o640)
            .unwrap();
        assert_eq!((old.bytes.as_slice(), old.mode), (&b"old\r\nno end"[..], 0o640));
        let now = held.read().unwrap();
        assert_eq!((now.bytes.as_slice(), now.mode), (&b"new"[..], 0o640));
        assert_eq!(names(&dir), ["a.rs"]);
    }

    #[test]
    fn a_changed_file_is_left_alone() {
        let (dir, jail, held) = setup(b"somebody else's", 0o644);
        let outcome = compare_and_swap(&jail, &held, &ContentHash::of(b"old"), b"new", 0o644);
        assert!(matches!(outcome, Err(ReplaceError::Changed { .. })));
        assert_eq!(held.read().unwrap().bytes, b"somebody else's");
        assert_eq!(names(&dir), ["a.rs"]);
    }

    #[test]
    fn a_link_put_in_the_files_place_is_not_followed() {
        let (dir, jail, held) = setup(b"old", 0o644);
        std::fs::write(dir.path().join("target"), "old").unwrap();
        std::fs::remove_file(dir.path().join("a.rs")).unwrap();
        std::os::unix::fs::symlink("target", dir.path().join("a.rs")).unwrap();
        let outcome = compare_and_swap(&jail, &held, &ContentHash::of(b"old"), b"new", 0o644);
        assert!(matches!(outcome, Err(ReplaceError::Jail(JailError::Symlink { .. }))));
        assert_eq!(std::fs::read(dir.path().join("target")).unwrap(), b"old");
    }

    #[test]
    fn leftovers_of_a_crash_are_removed_and_nothing_else() {
        let (dir, jail, held) = setup(b"old", 0o644);
        std::fs::write(dir.path().join(".andon-tmp-0123"), "half").unwrap();
        std::fs::write(dir.path().join("andon-tmp-mine"), "mine").unwrap();
        std::fs::create_dir(dir.path().join(".andon-tmp-folder")).unwrap();
        assert_eq!(remove_leftovers(&jail, held.path()).unwrap(), 1);
        let mut left = names(&dir);
        left.sort();
        assert_eq!(left, [".andon-tmp-folder", "a.rs", "andon-tmp-mine"]);
    }
}
