//! The demo's project as a repository of a test: the release, then the commit that broke it.

use std::path::{Path, PathBuf};

use crate::support_repo::TestRepo;

/// The shop's repository at HEAD of one case.
pub(crate) struct Shop {
    pub(crate) repo: TestRepo,
    /// The released commit.
    pub(crate) release: String,
    /// The file that HEAD broke.
    pub(crate) file: String,
}

impl Shop {
    /// Lays out `case`.
    pub(crate) fn new(case: &str) -> Self {
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
        let repo = TestRepo::empty();
        copy(&demo.join("project"), &repo);
        let release = repo.commit("release");
        let head = demo.join("head").join(case);
        copy(&head, &repo);
        repo.commit("later work");
        let file = files(&head).remove(0);
        Self { repo, release, file: file.strip_prefix(&head).unwrap().to_str().unwrap().to_owned() }
    }

    /// What a file holds now.
    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.repo.root().join(path)).unwrap()
    }

    /// The envelope that the demo's program really sent for the case `index`, with this repository's
    /// release.
    pub(crate) fn index_envelope(&self) -> Vec<u8> {
        let fixture = include_str!("../../fixtures/envelopes/demo_index.envelope");
        let mut lines = fixture.lines();
        let header = lines.next().unwrap();
        let item_header = lines.next().unwrap();
        let mut event: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
        assert!(item_header.contains("\"event\""));
        event["release"] = self.release.clone().into();
        // The fixture's time would no longer be believed.
        event.as_object_mut().unwrap().remove("timestamp");
        format!("{header}\n{{\"type\":\"event\"}}\n{event}\n").into_bytes()
    }
}

fn copy(from: &Path, repo: &TestRepo) {
    for file in files(from) {
        let below = file.strip_prefix(from).unwrap().to_str().unwrap();
        repo.write(below, &std::fs::read_to_string(&file).unwrap());
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true if path.ends_with("target") => {}
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}
