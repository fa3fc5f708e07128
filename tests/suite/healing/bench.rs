//! A repository and a data folder to heal in.

use std::path::{Path, PathBuf};

use andon::checks::{Checker, CheckerSettings, PrivateCopy};
use andon::clock::Clock;
use andon::domain::fix::{ClaimedClass, IssueType, Severity, SuggestionStatus};
use andon::domain::healing::Healing;
use andon::domain::patch::{FileChange, Patch};
use andon::domain::suggestion::{Proposal, Suggestion};
use andon::healing::healer::{Authority, HealError, Healed, Healer};
use andon::healing::journal::HealObserver;
use andon::healing::prove::{ProveError, Verified, prove_and_verify};
use andon::repo::Repository;
use andon::store::Store;
use andon::store::suggestions::SuggestionOrigin;

/// A small library that compiles, with an unused import.
pub(super) const LIBRARY: &str =
    "use std::collections::HashMap;\n\npub fn one() -> u32 {\n    1\n}\n";

/// Everything that a healing needs, on real files.
pub(super) struct Bench {
    pub(super) repo: PathBuf,
    pub(super) data: PathBuf,
    pub(super) store: Store,
    pub(super) healer: Healer,
    /// Removes the folders; `None` in a child process, whose parent does.
    _folder: Option<tempfile::TempDir>,
}

impl Bench {
    /// A repository with these files, committed.
    pub(super) async fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (repo, data) = (folder.path().join("repo"), folder.path().join("data"));
        for (path, text) in files {
            let full = repo.join(path);
            std::fs::create_dir_all(full.parent().unwrap()).unwrap();
            std::fs::write(full, text).unwrap();
        }
        commit_all(&repo);
        Self::open(repo, data, Some(folder)).await
    }

    /// A package whose library is `text`.
    pub(super) async fn with_library(text: &str) -> Self {
        Self::with(&[
            (
                "Cargo.toml",
                "[package]\nname = \"small\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
            ),
            ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"small\"\nversion = \"0.1.0\"\n"),
            ("src/lib.rs", text),
        ])
        .await
    }

    /// The same folders, from a child process or after a crash.
    pub(super) async fn reopen(repo: PathBuf, data: PathBuf) -> Self {
        Self::open(repo, data, None).await
    }

    async fn open(repo: PathBuf, data: PathBuf, folder: Option<tempfile::TempDir>) -> Self {
        let store = Store::open(&data).await.unwrap();
        let healer = Healer::new(store.clone(), Clock::system());
        Self { repo, data, store, healer, _folder: folder }
    }

    pub(super) fn repository(&self) -> Repository {
        Repository::open(&self.repo).unwrap()
    }

    pub(super) async fn copy(&self) -> PrivateCopy {
        let checker = Checker::new(CheckerSettings::new(&self.data));
        checker.private_copy(&self.repository()).await.unwrap()
    }

    pub(super) fn read(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.repo.join(path)).unwrap()
    }

    pub(super) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.repo.join(path), text).unwrap();
    }

    pub(super) async fn status(&self, suggestion: i64) -> SuggestionStatus {
        self.store.suggestion(suggestion).await.unwrap().unwrap().status
    }

    pub(super) async fn last_healing(&self, suggestion: i64) -> Healing {
        self.store.healings_of_suggestion(suggestion).await.unwrap().pop().unwrap()
    }

    /// Stores a suggestion of somebody who claims that it changes logic.
    pub(super) async fn suggest(&self, changes: &[(&str, &str, &str)]) -> Suggestion {
        self.suggest_as(proposal(changes)).await
    }

    pub(super) async fn suggest_as(&self, proposal: Proposal) -> Suggestion {
        let origin = SuggestionOrigin::default();
        let now = Clock::system().now();
        let id = self.store.create_suggestion(&proposal, origin, now).await.unwrap();
        self.store.suggestion(id).await.unwrap().unwrap()
    }

    pub(super) async fn verify(&self, suggestion: &Suggestion) -> Result<Verified, ProveError> {
        let mut copy = self.copy().await;
        prove_and_verify(&mut copy, &self.repository(), suggestion).await
    }

    /// Verifies and heals, by the word of Ada.
    pub(super) async fn heal(
        &self,
        suggestion: &Suggestion,
        observer: &dyn HealObserver,
    ) -> Result<Healed, HealError> {
        let mut copy = self.copy().await;
        let repository = self.repository();
        let verified = prove_and_verify(&mut copy, &repository, suggestion).await.unwrap();
        self.healer.heal(&mut copy, &verified, &ada(), observer).await
    }

    /// Names of temporary files of ours in the repository's top folder.
    pub(super) fn leftovers(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.repo).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with(".andon-tmp-"))
            .collect()
    }
}

pub(super) fn ada() -> Authority {
    Authority::Person { name: "Ada".into() }
}

/// A proposal with `(path, before, after)` for each file.
pub(super) fn proposal(changes: &[(&str, &str, &str)]) -> Proposal {
    let change = |(path, before, after): &(&str, &str, &str)| FileChange {
        path: (*path).into(),
        before: (*before).into(),
        after: (*after).into(),
    };
    Proposal {
        agent: "test".into(),
        title: "Change it".into(),
        explanation: String::new(),
        issue_type: IssueType::Bug,
        severity: Severity::Medium,
        claimed_class: ClaimedClass::Logic,
        patch: Patch { files: changes.iter().map(change).collect() },
        mends: None,
    }
}

pub(super) fn commit_all(repo: &Path) {
    let git = git2::Repository::init(repo).unwrap();
    let mut index = git.index().unwrap();
    index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = git.find_tree(index.write_tree().unwrap()).unwrap();
    let who = git2::Signature::now("Test", "test@example.org").unwrap();
    let parent = git.head().ok().and_then(|head| head.peel_to_commit().ok());
    let parents: Vec<_> = parent.iter().collect();
    git.commit(Some("HEAD"), &who, &who, "state", &tree, &parents).unwrap();
}
