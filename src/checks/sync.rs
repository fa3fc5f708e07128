//! Keeps a private copy in step with the working tree, touching only what changed, so that cargo's
//! build results stay valid.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::Permissions;
use std::io::Read;
use std::ops::Bound;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::CheckError;
use crate::repo::{RepoError, Repository, WorkingFile};

/// A file that changed so shortly before it was copied that a later change could bear the same time
/// stamp is compared by content the next time, in seconds.
const RACY_SECONDS: i64 = 2;

/// The longest lock file that is taken over although git ignores it, in bytes.
const LOCK_FILE_MAX_BYTES: u64 = 32 * 1024 * 1024;

/// What a file looked like when it was last found equal: in the working tree, and in the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    source: Stat,
    copy: Stat,
}

/// What changes when a file is written: size, modification and change times, inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stat(u64, (i64, i64), (i64, i64), u64);

impl Stat {
    fn of_copy(path: &Path) -> Option<Self> {
        let meta = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        Some(Self(
            meta.len(),
            (meta.mtime(), meta.mtime_nsec()),
            (meta.ctime(), meta.ctime_nsec()),
            meta.ino(),
        ))
    }

    fn of_source(file: &WorkingFile) -> Self {
        Self(file.bytes, file.modified, file.changed, file.inode)
    }
}

/// Makes `tree` hold the repository's working files and nothing else. Returns their paths, sorted.
pub(super) fn bring_in_step(
    repository: &Repository,
    folder: &Path,
    tree: &Path,
) -> Result<Vec<String>, CheckError> {
    std::fs::create_dir_all(tree).map_err(CheckError::io("make", tree))?;
    let manifest_path = folder.join("manifest.json");
    let known: HashMap<String, Seen> = std::fs::read(&manifest_path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();

    let mut files = repository.working_files()?;
    add_ignored_lock_files(repository, &mut files);
    let wanted: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    remove_all_but(tree, "", &wanted)?;

    let scratch = folder.join("scratch");
    let now = time_of_file_system(&scratch)?;
    let mut seen = BTreeMap::new();
    let mut paths = Vec::with_capacity(files.len());
    for file in &files {
        let copy = tree.join(&file.path);
        let source = Stat::of_source(file);
        let same = Stat::of_copy(&copy)
            .is_some_and(|copy| known.get(&file.path) == Some(&Seen { source, copy }));
        if !same && !copy_file(repository, file, &copy, &scratch)? {
            // It vanished while we looked.
            continue;
        }
        if source.2.0 + RACY_SECONDS < now
            && let Some(copy) = Stat::of_copy(&copy)
        {
            seen.insert(file.path.as_str(), Seen { source, copy });
        }
        paths.push(file.path.clone());
    }
    let manifest = serde_json::to_vec(&seen).map_err(|error| CheckError::Io {
        what: "write",
        path: manifest_path.clone(),
        source: error.into(),
    })?;
    replace(&manifest_path, &manifest, 0o600, &scratch)?;
    Ok(paths)
}

/// Writes a file of the private copy: beside it first, then in one step to its place.
pub(super) fn replace(
    path: &Path,
    bytes: &[u8],
    mode: u32,
    scratch: &Path,
) -> Result<(), CheckError> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(CheckError::io("make", parent))?;
    }
    std::fs::write(scratch, bytes).map_err(CheckError::io("write", scratch))?;
    std::fs::set_permissions(scratch, Permissions::from_mode(mode))
        .map_err(CheckError::io("write", scratch))?;
    std::fs::rename(scratch, path).map_err(CheckError::io("write", path))
}

/// Makes the copy's bytes and mode those of the source; leaves it alone if they are already.
/// `false`: the source is gone.
fn copy_file(
    repository: &Repository,
    file: &WorkingFile,
    copy: &Path,
    scratch: &Path,
) -> Result<bool, CheckError> {
    let mut source = match repository.open_file(&file.path) {
        Ok(source) => source,
        Err(RepoError::NotAFile { .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let mut bytes = Vec::with_capacity(usize::try_from(file.bytes).unwrap_or(0));
    source.read_to_end(&mut bytes).map_err(CheckError::io("read", copy))?;
    let mode = if file.executable { 0o755 } else { 0o644 };
    let equal = std::fs::symlink_metadata(copy)
        .is_ok_and(|meta| meta.is_file() && meta.len() == bytes.len() as u64)
        && std::fs::read(copy).is_ok_and(|old| old == bytes);
    if equal {
        std::fs::set_permissions(copy, Permissions::from_mode(mode))
            .map_err(CheckError::io("write", copy))?;
    } else {
        replace(copy, &bytes, mode, scratch)?;
    }
    Ok(true)
}

/// Libraries often ignore their lock file; where there is one, it says what is downloaded.
fn add_ignored_lock_files(repository: &Repository, files: &mut Vec<WorkingFile>) {
    let there: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let locks: Vec<String> = there
        .iter()
        .filter_map(|path| path.strip_suffix("Cargo.toml"))
        .filter(|folder| folder.is_empty() || folder.ends_with('/'))
        .map(|folder| format!("{folder}Cargo.lock"))
        .filter(|lock| !there.contains(lock.as_str()))
        .collect();
    for lock in locks {
        if let Some(file) = repository.working_file(&lock)
            && file.bytes <= LOCK_FILE_MAX_BYTES
        {
            files.push(file);
        }
    }
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
}

/// Removes what is in the folder and not wanted. Follows no link.
fn remove_all_but(folder: &Path, prefix: &str, wanted: &BTreeSet<&str>) -> Result<(), CheckError> {
    for entry in std::fs::read_dir(folder).map_err(CheckError::io("list", folder))? {
        let entry = entry.map_err(CheckError::io("list", folder))?;
        let place = entry.path();
        let is_folder = entry.file_type().map_err(CheckError::io("look at", &place))?.is_dir();
        let path = entry.file_name().to_str().map(|name| format!("{prefix}{name}"));
        if is_folder {
            let inside = path.map(|path| path + "/").filter(|inside| {
                wanted
                    .range::<str, _>((Bound::Included(inside.as_str()), Bound::Unbounded))
                    .next()
                    .is_some_and(|next| next.starts_with(inside.as_str()))
            });
            match inside {
                Some(inside) => remove_all_but(&place, &inside, wanted)?,
                None => {
                    std::fs::remove_dir_all(&place).map_err(CheckError::io("remove", &place))?
                }
            }
        } else if !path.is_some_and(|path| wanted.contains(path.as_str())) {
            std::fs::remove_file(&place).map_err(CheckError::io("remove", &place))?;
        }
    }
    Ok(())
}

/// Seconds since 1970, by the clock that time stamps are made with.
fn time_of_file_system(scratch: &Path) -> Result<i64, CheckError> {
    std::fs::write(scratch, b"").map_err(CheckError::io("write", scratch))?;
    let meta = std::fs::metadata(scratch).map_err(CheckError::io("look at", scratch))?;
    Ok(meta.mtime())
}
