//! The files of one commit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use git2::{ObjectType, Oid};

use super::RepoError;
use crate::source::{Revision, Sources};

/// The largest file that is read as source, in bytes.
pub(super) const SOURCE_MAX_BYTES: usize = 2 * 1024 * 1024;

/// The most files of one commit or working tree.
pub(super) const FILES_MAX: usize = 300_000;

/// Texts kept in memory, in bytes in all; beyond it the cache starts anew.
const CACHE_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Folders within folders, at most. Git itself allows any depth; a stack does not.
const DEPTH_MAX: usize = 200;

/// The files of one commit. Listed once; each is read when it is asked for. Links and submodules are
/// not files.
pub struct CommitSources {
    git: Mutex<git2::Repository>,
    paths: Vec<String>,
    blobs: HashMap<String, Oid>,
    cache: TextCache,
    revision: Revision,
}

impl CommitSources {
    pub(super) fn load(
        git: git2::Repository,
        commit: Oid,
        note: Option<String>,
    ) -> Result<Self, RepoError> {
        let mut blobs = HashMap::new();
        let tree = git.find_commit(commit)?.tree_id();
        let mut folders = vec![(String::new(), tree, 0)];
        while let Some((prefix, id, depth)) = folders.pop() {
            let tree = git.find_tree(id)?;
            for entry in &tree {
                // A name that is not UTF-8 cannot be named by an event or a patch either.
                let Ok(name) = entry.name() else { continue };
                let path = format!("{prefix}{name}");
                match (entry.kind(), entry.filemode_raw() & 0o170_000) {
                    (Some(ObjectType::Tree), _) if depth < DEPTH_MAX => {
                        folders.push((path + "/", entry.id(), depth + 1));
                    }
                    (Some(ObjectType::Blob), 0o100_000) => {
                        if blobs.len() == FILES_MAX {
                            return Err(RepoError::TooManyFiles { limit: FILES_MAX });
                        }
                        blobs.insert(path, entry.id());
                    }
                    _ => {}
                }
            }
        }
        let mut paths: Vec<String> = blobs.keys().cloned().collect();
        paths.sort_unstable();
        let revision = Revision { commit: Some(commit.to_string()), note };
        Ok(Self { git: Mutex::new(git), paths, blobs, cache: TextCache::default(), revision })
    }
}

impl Sources for CommitSources {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn read(&self, path: &str) -> Option<Arc<str>> {
        let id = *self.blobs.get(path)?;
        self.cache.get_or_read(path, || {
            let git = self.git.lock().unwrap_or_else(PoisonError::into_inner);
            let (bytes, _) = git.odb().ok()?.read_header(id).ok()?;
            if bytes > SOURCE_MAX_BYTES {
                return None;
            }
            let blob = git.find_blob(id).ok()?;
            std::str::from_utf8(blob.content()).ok().map(Arc::from)
        })
    }

    fn revision(&self) -> &Revision {
        &self.revision
    }
}

impl std::fmt::Debug for CommitSources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommitSources")
            .field("revision", &self.revision)
            .field("files", &self.paths.len())
            .finish_non_exhaustive()
    }
}

/// Texts that were read lately.
#[derive(Default)]
pub(super) struct TextCache(Mutex<(HashMap<String, Arc<str>>, usize)>);

impl TextCache {
    pub(super) fn get_or_read(
        &self,
        path: &str,
        read: impl FnOnce() -> Option<Arc<str>>,
    ) -> Option<Arc<str>> {
        if let Some(text) = self.0.lock().unwrap_or_else(PoisonError::into_inner).0.get(path) {
            return Some(text.clone());
        }
        let text = read()?;
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (texts, bytes) = &mut *cache;
        if *bytes + text.len() > CACHE_MAX_BYTES {
            texts.clear();
            *bytes = 0;
        }
        if texts.insert(path.to_owned(), text.clone()).is_none() {
            *bytes += text.len();
        }
        Some(text)
    }
}
