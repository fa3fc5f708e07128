//! The folder of one process, which it holds by a lock that ends with it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";
const SEGMENT: &str = "seg";

/// How often a new folder is tried for, if somebody takes it for one that was left behind.
const TRIES: usize = 5;

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
        for _ in 0..TRIES {
            let name = format!("{}-{:08x}", std::process::id(), fastrand::u32(..));
            let path = spool.join(name);
            make(&path)?;
            let lock = OpenOptions::new().write(true).create_new(true).open(path.join(LOCK))?;
            if lock.try_lock().is_ok() && path.join(LOCK).exists() {
                return Ok(Self { path, _lock: lock });
            }
        }
        Err(io::Error::other("no folder of the spool could be locked"))
    }

    /// Those of processes that are gone.
    pub(super) fn left_behind(spool: &Path, own: &Path) -> Vec<Self> {
        let Ok(entries) = fs::read_dir(spool) else { return Vec::new() };
        let mut folders: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path != own).collect();
        folders.sort();
        folders.into_iter().filter_map(Self::take).collect()
    }

    fn take(path: PathBuf) -> Option<Self> {
        // Without a lock it is being made just now, or is no folder of ours.
        let lock = OpenOptions::new().write(true).open(path.join(LOCK)).ok()?;
        lock.try_lock().ok()?;
        // Whoever took it before may have deleted it while this was opening it.
        path.join(LOCK).exists().then_some(Self { path, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its segments, the oldest first.
    pub(super) fn segments(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.path) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == SEGMENT))
            .collect();
        paths.sort();
        paths
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

    /// Deletes it, if nothing is in it any more.
    pub(super) fn tidy(&self) {
        if self.segments().is_empty() {
            // What cannot be deleted is found and tried again by the next process.
            let _ = fs::remove_file(self.path.join(LOCK));
            let _ = fs::remove_dir(&self.path);
        }
    }
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
