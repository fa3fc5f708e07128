//! A folder as sources: what a case's crate is read from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use crate::source::{Revision, Sources};

/// Files of one folder at most; a crate has far fewer.
const MAX_FILES: usize = 50_000;

/// Bytes of a file that is read.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// The folders below `folder` that hold the file `marker`, by name; `folder` itself if it does. None is an
/// error that says what a case is.
pub fn cases_in(folder: &Path, marker: &str, what: &str) -> anyhow::Result<Vec<PathBuf>> {
    let is_case = |folder: &Path| folder.join(marker).is_file();
    if is_case(folder) {
        return Ok(vec![folder.to_owned()]);
    }
    let unreadable = || format!("{} cannot be listed", folder.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if is_case(&path) {
            found.push(path);
        }
    }
    anyhow::ensure!(
        !found.is_empty(),
        "{} holds no cases: a case is a folder with {what}",
        folder.display()
    );
    found.sort();
    Ok(found)
}

/// The regular files below a folder. Links are not followed.
#[derive(Debug)]
pub struct FolderSources {
    root: PathBuf,
    paths: Vec<String>,
    revision: Revision,
}

impl FolderSources {
    /// Lists `root/below`; paths are from `root`, with `/`.
    pub fn list(root: &Path, below: &str) -> std::io::Result<Self> {
        let mut paths = Vec::new();
        let mut folders = vec![root.join(below)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let (kind, path) = (entry.file_type()?, entry.path());
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file()
                    && let Some(relative) = path.strip_prefix(root).ok().and_then(Path::to_str)
                {
                    paths.push(relative.to_owned());
                }
            }
            if paths.len() > MAX_FILES {
                return Err(std::io::Error::other(format!("more than {MAX_FILES} files")));
            }
        }
        paths.sort();
        Ok(Self { root: root.to_owned(), paths, revision: Revision::default() })
    }
}

impl Sources for FolderSources {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn read(&self, path: &str) -> Option<Arc<str>> {
        self.paths.binary_search_by(|known| known.as_str().cmp(path)).ok()?;
        let file = self.root.join(path);
        let small = std::fs::metadata(&file).is_ok_and(|found| found.len() <= MAX_FILE_BYTES);
        if !small {
            return None;
        }
        std::fs::read_to_string(file).ok().map(Arc::from)
    }

    fn revision(&self) -> &Revision {
        &self.revision
    }
}
