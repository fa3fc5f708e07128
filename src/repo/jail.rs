//! Paths that came from outside, and the files behind them: nothing above the root, nothing through a
//! link, nothing of git's own, nothing that is not a plain file with one name.
//!
//! The folder of a file is held open as a descriptor, and every read and write goes through it, so that
//! swapping a parent folder for a link redirects nothing.

use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use crate::domain::hash::ContentHash;

/// The largest file that is read for a fix, in bytes.
pub const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// The longest path that is looked at, in bytes.
const MAX_PATH_BYTES: usize = 4096;

/// The bits of a file's mode that are kept: permissions, set-id and sticky.
const MODE_BITS: u32 = 0o7777;

/// Why a path or the file behind it is refused.
#[derive(Debug, thiserror::Error)]
pub enum JailError {
    /// The text is not a plain path below the root.
    #[error("`{path}` is refused: {why}. Give a path below the repository's root, like src/lib.rs")]
    Path {
        /// The text as it was given.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A part of the path is a symbolic link.
    #[error("{path} is, or lies behind, a symbolic link; Andon does not follow links")]
    Symlink {
        /// Path below the root.
        path: String,
    },
    /// There is no such file.
    #[error("{path} does not exist")]
    Missing {
        /// Path below the root.
        path: String,
    },
    /// A folder, a device, a pipe or a socket.
    #[error("{path} is not a regular file")]
    NotAFile {
        /// Path below the root.
        path: String,
    },
    /// The same file has other names, which a replacement would cut off.
    #[error("{path} has {links} hard links; replacing it would separate them")]
    HardLinked {
        /// Path below the root.
        path: String,
        /// How many names it has.
        links: u64,
    },
    /// Larger than [`MAX_FILE_BYTES`].
    #[error("{path} is {bytes} bytes long, more than the {MAX_FILE_BYTES} that are read")]
    TooLarge {
        /// Path below the root.
        path: String,
        /// Its length.
        bytes: u64,
    },
    /// The folder is no longer where it was when the file was looked up.
    #[error("the folder of {path} was moved or replaced meanwhile; try again")]
    FolderMoved {
        /// Path below the root.
        path: String,
    },
    /// The operating system said no.
    #[error("{path}: {source}")]
    Io {
        /// Path below the root, or the root.
        path: String,
        /// What it said.
        source: std::io::Error,
    },
}

/// A path below a root, parsed from outside text: components joined by `/`, none of them special.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JailedPath(String);

impl JailedPath {
    /// Parses `text`; refuses what is absolute, empty, odd, or git's own.
    pub fn parse(text: &str) -> Result<Self, JailError> {
        let refuse = |why| Err(JailError::Path { path: text.escape_debug().to_string(), why });
        if text.is_empty() {
            return refuse("it is empty");
        }
        if text.len() > MAX_PATH_BYTES {
            return Err(JailError::Path {
                path: text.chars().take(80).collect::<String>() + "…",
                why: "it is too long",
            });
        }
        if text.contains('\0') {
            return refuse("it contains a NUL character");
        }
        if text.contains('\\') {
            return refuse("it contains a backslash");
        }
        if text.starts_with('/') {
            return refuse("it is absolute");
        }
        for component in text.split('/') {
            match component {
                "" => return refuse("it has an empty component"),
                "." => return refuse("it has a `.` component"),
                ".." => return refuse("it has a `..` component"),
                // `git~1` is what case-folding file systems may call `.git`.
                c if c.eq_ignore_ascii_case(".git") || c.eq_ignore_ascii_case("git~1") => {
                    return refuse("it leads into git's own folder");
                }
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The path, with `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder (empty for the root itself) and the file's name.
    fn split(&self) -> (&str, &str) {
        self.0.rsplit_once('/').unwrap_or(("", &self.0))
    }
}

impl std::fmt::Display for JailedPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A root folder, held open.
#[derive(Debug)]
pub struct Jail {
    root: OwnedFd,
    root_path: PathBuf,
}

impl Jail {
    /// Opens the root. The root's own path is the operator's word, so links in it are followed.
    pub fn open(root: &Path) -> Result<Self, JailError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(CWD, root, flags, Mode::empty()).map_err(|errno| {
            JailError::Io { path: root.display().to_string(), source: errno.into() }
        })?;
        Ok(Self { root: fd, root_path: root.to_owned() })
    }

    /// Where the root was opened.
    pub fn root(&self) -> &Path {
        &self.root_path
    }

    /// Looks up the folder of `path` and holds it open. The file itself need not exist.
    pub fn hold(&self, path: &JailedPath) -> Result<HeldFile, JailError> {
        let (folder, name) = path.split();
        let dir = self.open_folder(folder).map_err(|errno| from_errno(errno, path))?;
        Ok(HeldFile { dir, name: name.to_owned(), path: path.clone() })
    }

    /// Reads a file.
    pub fn read(&self, path: &JailedPath) -> Result<FileSnapshot, JailError> {
        self.hold(path)?.read()
    }

    /// Fails if the folder that `held` holds is no longer the one that its path leads to.
    pub fn still_leads_to(&self, held: &HeldFile) -> Result<(), JailError> {
        let now = self.hold(&held.path)?;
        let (now, then) = (stat(now.dir.as_fd(), &held.path)?, stat(held.dir(), &held.path)?);
        if (now.st_dev, now.st_ino) == (then.st_dev, then.st_ino) {
            Ok(())
        } else {
            Err(JailError::FolderMoved { path: held.path.to_string() })
        }
    }

    fn open_folder(&self, folder: &str) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        if folder.is_empty() {
            return rustix::fs::openat(&self.root, ".", flags, Mode::empty());
        }
        let resolve =
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        // Without NOFOLLOW, which would report a link at the end as "not a folder".
        let open = flags - OFlags::NOFOLLOW;
        match rustix::fs::openat2(&self.root, folder, open, Mode::empty(), resolve) {
            // Kernels before 5.6, and containers whose seccomp filter does not know the call.
            Err(Errno::NOSYS | Errno::PERM) => self.walk_to_folder(folder, flags),
            other => other,
        }
    }

    /// The same as `openat2`, one component at a time: none of them may be a link.
    fn walk_to_folder(&self, folder: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        let mut dir = rustix::fs::openat(&self.root, ".", flags, Mode::empty())?;
        for component in folder.split('/') {
            dir = match rustix::fs::openat(&dir, component, flags, Mode::empty()) {
                // With O_DIRECTORY a link is reported as "not a folder"; tell the two apart.
                Err(Errno::NOTDIR) if is_link(&dir, component) => return Err(Errno::LOOP),
                other => other?,
            };
        }
        Ok(dir)
    }
}

fn is_link(dir: &OwnedFd, name: &str) -> bool {
    rustix::fs::statat(dir, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
}

/// A file's name in a folder that is held open.
#[derive(Debug)]
pub struct HeldFile {
    dir: OwnedFd,
    name: String,
    path: JailedPath,
}

/// A file as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSnapshot {
    /// The content.
    pub bytes: Vec<u8>,
    /// Permissions, set-id and sticky bits.
    pub mode: u32,
    /// Who owns it.
    pub owner: FileOwner,
    /// The content's hash.
    pub hash: ContentHash,
}

/// A file's user and group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileOwner {
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

impl HeldFile {
    /// The path below the root.
    pub fn path(&self) -> &JailedPath {
        &self.path
    }

    pub(super) fn dir(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Reads the file, if it is a plain one with a single name and not too large.
    pub fn read(&self) -> Result<FileSnapshot, JailError> {
        // NONBLOCK: opening a pipe must not wait for its other end.
        let flags =
            OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let fd = rustix::fs::openat(&self.dir, self.name.as_str(), flags, Mode::empty())
            .map_err(|errno| from_errno(errno, &self.path))?;
        let stat = stat(fd.as_fd(), &self.path)?;
        let path = || self.path.to_string();
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(JailError::NotAFile { path: path() });
        }
        #[expect(clippy::useless_conversion, reason = "the field's width differs by platform")]
        let links = u64::from(stat.st_nlink);
        if links > 1 {
            return Err(JailError::HardLinked { path: path(), links });
        }
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if size > MAX_FILE_BYTES {
            return Err(JailError::TooLarge { path: path(), bytes: size });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        let read = std::fs::File::from(fd)
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| JailError::Io { path: path(), source })?;
        if read as u64 > MAX_FILE_BYTES {
            return Err(JailError::TooLarge { path: path(), bytes: read as u64 });
        }
        Ok(FileSnapshot {
            mode: stat.st_mode & MODE_BITS,
            owner: FileOwner { uid: stat.st_uid, gid: stat.st_gid },
            hash: ContentHash::of(&bytes),
            bytes,
        })
    }
}

fn stat(fd: BorrowedFd<'_>, path: &JailedPath) -> Result<Stat, JailError> {
    rustix::fs::fstat(fd).map_err(|errno| from_errno(errno, path))
}

fn from_errno(errno: Errno, path: &JailedPath) -> JailError {
    let path = path.to_string();
    match errno {
        Errno::LOOP | Errno::XDEV => JailError::Symlink { path },
        Errno::NOENT => JailError::Missing { path },
        Errno::NOTDIR | Errno::NXIO => JailError::NotAFile { path },
        other => JailError::Io { path, source: other.into() },
    }
}

#[cfg(test)]
mod tests;
