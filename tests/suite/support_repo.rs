//! Small git repositories in temporary folders.

use std::path::Path;

/// A git repository that is removed at the end of the test.
pub(crate) struct TestRepo {
    folder: tempfile::TempDir,
    git: git2::Repository,
}

impl TestRepo {
    /// An empty repository.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let git = git2::Repository::init(folder.path()).unwrap();
        Self { folder, git }
    }

    /// A repository with these files in one commit.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let repo = Self::empty();
        for (path, text) in files {
            repo.write(path, text);
        }
        repo.commit("first");
        repo
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn git(&self) -> &git2::Repository {
        &self.git
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let place = self.root().join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }

    /// Commits all that is there; returns the full SHA.
    pub(crate) fn commit(&self, message: &str) -> String {
        let mut index = self.git.index().unwrap();
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        let tree = self.git.find_tree(index.write_tree().unwrap()).unwrap();
        let who = git2::Signature::now("Test", "test@example.com").unwrap();
        let parent = self.git.head().ok().map(|head| head.peel_to_commit().unwrap());
        let parents: Vec<_> = parent.iter().collect();
        self.git.commit(Some("HEAD"), &who, &who, message, &tree, &parents).unwrap().to_string()
    }

    /// Puts a light tag on HEAD.
    pub(crate) fn tag(&self, name: &str) {
        let head = self.git.head().unwrap().peel(git2::ObjectType::Commit).unwrap();
        self.git.tag_lightweight(name, &head, false).unwrap();
    }
}

/// A Cargo package's manifest without dependencies.
pub(crate) fn manifest(name: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n")
}

/// Its lock file.
pub(crate) fn lock_file(name: &str) -> String {
    format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n")
}
