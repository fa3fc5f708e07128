//! Shows that a check left the code that it checked as it was.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::CheckError;

/// Files that changed this shortly before the check are compared by content too, in seconds: their
/// time stamps could hide one more change.
const RACY_SECONDS: i64 = 2;

/// What each file looked like before a check.
pub(super) struct TreeState {
    /// Keyed anew for each check, so that nobody can prepare two texts with one hash.
    hasher: RandomState,
    files: Vec<(String, FileState)>,
}

#[derive(PartialEq, Eq)]
struct FileState {
    bytes: u64,
    inode: u64,
    mode: u32,
    modified: (i64, i64),
    /// The kernel sets it at each change; a program cannot.
    changed: (i64, i64),
    content: Option<u64>,
}

impl TreeState {
    /// Looks at `paths` in `tree`.
    pub(super) fn of(tree: &Path, paths: Vec<String>) -> Result<Self, CheckError> {
        let hasher = RandomState::new();
        let mut files = Vec::new();
        for path in paths {
            let place = tree.join(&path);
            let meta =
                std::fs::symlink_metadata(&place).map_err(CheckError::io("look at", &place))?;
            files.push((path, FileState::of(&meta)));
        }
        let newest = files.iter().map(|(_, state)| state.changed.0).max().unwrap_or(0);
        for (path, state) in &mut files {
            if state.changed.0 + RACY_SECONDS >= newest {
                state.content = Some(content(&hasher, &tree.join(path))?);
            }
        }
        Ok(Self { hasher, files })
    }

    /// An error that names the first file that is not as it was.
    pub(super) fn compare(&self, tree: &Path) -> Result<(), CheckError> {
        for (path, before) in &self.files {
            let place = tree.join(path);
            let changed = || CheckError::SourcesChanged { path: path.clone() };
            let meta = std::fs::symlink_metadata(&place).map_err(|_| changed())?;
            let mut after = FileState::of(&meta);
            if before.content.is_some() {
                after.content = Some(content(&self.hasher, &place)?);
            }
            if *before != after {
                return Err(changed());
            }
        }
        Ok(())
    }
}

impl FileState {
    fn of(meta: &std::fs::Metadata) -> Self {
        Self {
            bytes: meta.len(),
            inode: meta.ino(),
            mode: meta.mode(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            content: None,
        }
    }
}

fn content(hasher: &RandomState, place: &Path) -> Result<u64, CheckError> {
    let bytes = std::fs::read(place).map_err(CheckError::io("read", place))?;
    let mut hasher = hasher.build_hasher();
    hasher.write(&bytes);
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rewritten_file_is_noticed_even_if_its_times_are_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.rs");
        std::fs::write(&file, "fn a() {}").unwrap();
        let modified = std::fs::metadata(&file).unwrap().modified().unwrap();
        let paths = vec!["a.rs".to_owned()];
        let before = TreeState::of(folder.path(), paths).unwrap();
        before.compare(folder.path()).unwrap();

        std::fs::write(&file, "fn b() {}").unwrap();
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
        assert!(matches!(
            before.compare(folder.path()),
            Err(CheckError::SourcesChanged { path }) if path == "a.rs"
        ));
    }
}
