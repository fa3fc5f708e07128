//! Reading code: where a frame points, what stands around it.

mod history;
pub mod paths;
pub mod rust;
pub mod script;
pub mod tree;

pub use history::{BlameLine, Change, History, HistoryError};

/// The files of a repository at one revision, or as much of them as is known.
pub trait Sources: Send + Sync {
    /// Every file's path below the root, with `/`, sorted.
    fn paths(&self) -> &[String];

    /// A file's text. `None` if there is no such file or it is not UTF-8.
    fn read(&self, path: &str) -> Option<std::sync::Arc<str>>;

    /// What was read, for a reader: a commit and, where it is not the release's own, why.
    fn revision(&self) -> &Revision;
}

/// Which state of the code was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The commit's full SHA, if it is one.
    pub commit: Option<String>,
    /// Why it is not the release's own commit, if it is not.
    pub note: Option<String>,
}

/// No code at all: what there is to read where a project has no repository.
#[derive(Clone, Debug, Default)]
pub struct NoSources {
    revision: Revision,
}

impl Sources for NoSources {
    fn paths(&self) -> &[String] {
        &[]
    }

    fn read(&self, _: &str) -> Option<std::sync::Arc<str>> {
        None
    }

    fn revision(&self) -> &Revision {
        &self.revision
    }
}
