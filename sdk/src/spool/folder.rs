//! The folder of one process, which it holds by a lock that ends with it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LOCK: &str = "lock";
const SEGMENT: &str = "seg";

/// How often a new folder is tried for, if somebody takes it for one that was left behind.
const TRIES: usize = 5;

/// From when on a folder without a lock is not one that is being made just now.
const OLD: Duration = Duration::from_secs(60 * 60);

/// A folder that no other process uses.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// A new one in this spool.
    pub(super) fn create(spool: &Path) -> io::Result<Self> {
        make(spool)?;
        let mut why = io::Error::other("no folder of the spool could be locked");
        for _ in 0..TRIES {
            let name = format!("{}-{:08x}", std::process::id(), fastrand::u32(..));
            let path = spool.join(name);
            make(&path)?;
            let lock = match OpenOptions::new().write(true).create_new(true).open(path.join(LOCK)) {
                Ok(lock) => lock,
                Err(error) => {
                    // Only if nothing is in it: processes in containers may have the same number, and clones
                    // of a machine the same chance.
                    let _ = fs::remove_dir(&path);
                    why = error;
                    continue;
                }
            };
            if lock.try_lock().is_ok() && path.join(LOCK).exists() {
                return Ok(Self { path, _lock: lock });
            }
            // Where nothing can be locked, nothing is left lying about either.
            let _ = fs::remove_file(path.join(LOCK));
            let _ = fs::remove_dir(&path);
        }
        Err(why)
    }

    /// Where those of other processes are, gone or not.
    pub(super) fn others(spool: &Path, own: &Path) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(spool) else { return Vec::new() };
        let mut folders: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path != own).collect();
        folders.sort();
        folders
    }

    /// That of a process that is gone.
    pub(super) fn take(path: PathBuf) -> Option<Self> {
        let open = |create| OpenOptions::new().write(true).create(create).open(path.join(LOCK));
        let lock = match open(false) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // It is being made just now, or is no folder of ours.
                let age = fs::metadata(&path).ok()?.modified().ok()?.elapsed().ok()?;
                // Or its process was killed before it had a lock: it goes if nothing is in it.
                if age < OLD || fs::remove_dir(&path).is_ok() || segments(&path).ok()?.is_empty() {
                    return None;
                }
                // Or somebody who tidies up took the lock for old.
                open(true).ok()?
            }
            lock => lock.ok()?,
        };
        lock.try_lock().ok()?;
        // Whoever took it before may have deleted it while this was opening it.
        path.join(LOCK).exists().then_some(Self { path, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its segments, the oldest first.
    pub(super) fn segments(&self) -> io::Result<Vec<PathBuf>> {
        segments(&self.path)
    }

    /// Has `tidy` leave everything as it is.
    #[cfg(test)]
    pub(super) fn leave(&mut self) {
        self.path = PathBuf::from("/nowhere");
    }

    /// Where a segment of this number belongs.
    pub(super) fn segment(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:010}.{SEGMENT}"))
    }

    /// Deletes it, if nothing is in it any more. What cannot be looked into is not empty.
    pub(super) fn tidy(&self) {
        if self.segments().is_ok_and(|left| left.is_empty()) {
            // What cannot be deleted is found and tried again by the next process.
            let _ = fs::remove_file(self.path.join(LOCK));
            let _ = fs::remove_dir(&self.path);
        }
    }
}

fn segments(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == SEGMENT) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// A folder for this user only.
fn make(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Where spools are unless said otherwise: the user's folder for states, or else a folder of theirs among
/// the temporary ones. `None` if neither is the user's own.
pub(crate) fn usual() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let of_state = |path: PathBuf| path.join("andon-sdk");
    if let Some(state) = set("XDG_STATE_HOME") {
        return Some(of_state(state.into()));
    }
    if let Some(home) = set("HOME").filter(|home| Path::new(home).is_dir() && home != "/") {
        return Some(of_state(PathBuf::from(home).join(".local/state")));
    }
    temporary()
}

#[cfg(target_os = "linux")]
fn temporary() -> Option<PathBuf> {
    use std::os::unix::fs::MetadataExt as _;
    let user = fs::metadata("/proc/self").ok()?.uid();
    let path = std::env::temp_dir().join(format!("andon-sdk-{user}"));
    make(&path).ok()?;
    // Anybody may make a folder of this name there.
    let is = fs::symlink_metadata(&path).ok()?;
    (is.is_dir() && is.uid() == user && is.mode() & 0o077 == 0).then_some(path)
}

#[cfg(not(target_os = "linux"))]
fn temporary() -> Option<PathBuf> {
    None
}
