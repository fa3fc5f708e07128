//! The demo's project: embedded in the binary, laid out as a git repository with history.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use rust_embed::RustEmbed;
use serde::Deserialize;

#[derive(RustEmbed)]
#[folder = "demo/"]
#[exclude = "**/target/**"]
#[exclude = "verify.sh"]
struct Files;

/// The demo's cases and history, as `demo/cases.toml` tells them.
#[derive(Debug, Deserialize)]
pub(super) struct Cases {
    first: CommitFacts,
    release: CommitFacts,
    case: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct CommitFacts {
    author: String,
    date: Timestamp,
    message: String,
}

/// One panic to choose from.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Case {
    /// What `--case` takes.
    pub(super) name: String,
    /// The file concerned.
    pub(super) file: String,
    author: String,
    date: Timestamp,
    message: String,
}

impl Cases {
    /// Reads the embedded list.
    pub(super) fn read() -> anyhow::Result<Self> {
        let file = Files::get("cases.toml").context("the demo's list of cases is missing")?;
        Ok(toml::from_str(std::str::from_utf8(&file.data)?)?)
    }

    /// The case with this name; the error lists what there is.
    pub(super) fn find(&self, name: &str) -> anyhow::Result<&Case> {
        match self.case.iter().find(|case| case.name == name) {
            Some(case) => Ok(case),
            None => {
                let names: Vec<&str> = self.case.iter().map(|c| c.name.as_str()).collect();
                bail!("there is no case `{name}`; there are {}", names.join(", "))
            }
        }
    }
}

/// The repository in the making: at the release's commit, or at HEAD.
pub(super) struct Shop {
    root: PathBuf,
    repository: git2::Repository,
}

impl Shop {
    /// Lays the project out at its release: two commits. Returns it with the release's SHA.
    pub(super) fn lay_out(root: &Path, cases: &Cases) -> anyhow::Result<(Self, String)> {
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main").external_template(false);
        let repository = git2::Repository::init_opts(root, &options)?;
        let shop = Self { root: root.to_owned(), repository };
        shop.write("project/")?;
        shop.write("first/")?;
        shop.commit(&cases.first.author, cases.first.date, &cases.first.message)?;
        shop.write("project/")?;
        let release =
            shop.commit(&cases.release.author, cases.release.date, &cases.release.message)?;
        Ok((shop, release.to_string()))
    }

    /// Adds the commit that somebody made after the release, with what it broke in the case's file.
    pub(super) fn go_on(&self, case: &Case) -> anyhow::Result<()> {
        self.write(&format!("head/{}/", case.name))?;
        self.commit(&case.author, case.date, &case.message)?;
        Ok(())
    }

    /// Writes every embedded file below `prefix`.
    fn write(&self, prefix: &str) -> anyhow::Result<()> {
        let mut any = false;
        for path in Files::iter() {
            let Some(below) = path.strip_prefix(prefix) else { continue };
            let file = Files::get(&path).with_context(|| format!("{path} is not embedded"))?;
            let target = self.root.join(below);
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&target, &file.data)
                .with_context(|| format!("{} cannot be written", target.display()))?;
            any = true;
        }
        if !any {
            bail!("nothing is embedded below demo/{prefix}");
        }
        Ok(())
    }

    fn commit(&self, author: &str, date: Timestamp, message: &str) -> anyhow::Result<git2::Oid> {
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
        Ok(self.repository.commit(Some("HEAD"), &who, &who, message, &tree, &parents)?)
    }
}
