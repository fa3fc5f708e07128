//! A git repository that a command lays out, with a history of its own making.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;

/// The repository in the making.
pub(super) struct LaidOut {
    /// Where it is.
    pub(super) root: PathBuf,
    repository: git2::Repository,
}

impl LaidOut {
    /// An empty one.
    pub(super) fn begin(root: &Path) -> anyhow::Result<Self> {
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main").external_template(false);
        let repository = git2::Repository::init_opts(root, &options)?;
        Ok(Self { root: root.to_owned(), repository })
    }

    /// Writes a file; its path is below the root.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let target = self.root.join(path);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&target, bytes)
            .with_context(|| format!("{} cannot be written", target.display()))
    }

    /// Commits all that is there. `author` is `Name <mail>`. Returns the SHA.
    pub(super) fn commit(
        &self,
        author: &str,
        date: Timestamp,
        message: &str,
    ) -> anyhow::Result<String> {
        let (name, mail) = author
            .trim_end_matches('>')
            .split_once(" <")
            .with_context(|| format!("`{author}` is not `Name <mail>`"))?;
        let who = git2::Signature::new(name, mail, &git2::Time::new(date.as_second(), 0))?;
        let mut index = self.repository.index()?;
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None)?;
        index.write()?;
        let tree = self.repository.find_tree(index.write_tree()?)?;
        let parent = match self.repository.head() {
            Ok(head) => Some(head.peel_to_commit()?),
            Err(_) => None,
        };
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        let made = self.repository.commit(Some("HEAD"), &who, &who, message, &tree, &parents)?;
        Ok(made.to_string())
    }
}
