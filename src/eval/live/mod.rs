//! How well a configured model answers: cases with red herrings, whose right answer is known in part.
//!
//! A case's folder holds `case.toml` (what happened, and the commits of its repository, each a folder that is
//! copied over what was there), `event.json` (the error, as an SDK sends it) and `answer.toml` (what a good
//! answer holds and what it must not, see [`answer`]).

pub mod answer;
pub mod exchange;
pub mod judge;
pub mod report;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::answer::Expected;
use super::folder::cases_in;

/// `case.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What happened, and what leads astray.
    pub about: String,
    /// The repository's history, the oldest first; the last is the one that failed.
    pub commits: Vec<CommitFacts>,
}

/// A commit of the case's repository.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitFacts {
    /// The folder whose files it brings, below the case's.
    pub folder: String,
    /// `Name <mail>`
    pub author: String,
    /// When.
    pub date: Timestamp,
    /// The message.
    pub message: String,
}

/// A case, opened.
#[derive(Clone, Debug)]
pub struct LiveCase {
    /// The name of its folder.
    pub id: String,
    /// Where it is.
    pub folder: PathBuf,
    /// What happened.
    pub about: About,
    /// The error, as it is sent.
    pub event: Value,
    /// What its answer is judged by.
    pub expected: Expected,
}

impl LiveCase {
    /// Opens the case in a folder.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let event = folder.join("event.json");
        let text =
            std::fs::read(&event).with_context(|| format!("{} cannot be read", event.display()))?;
        let event: Value = serde_json::from_slice(&text)
            .with_context(|| format!("{} is no JSON", event.display()))?;
        anyhow::ensure!(event.is_object(), "{}/event.json is no event", folder.display());
        let about: About = toml_file(folder, "case.toml")?;
        anyhow::ensure!(!about.commits.is_empty(), "{}: no commits", folder.display());
        let expected: Expected = toml_file(folder, "answer.toml")?;
        expected.check().with_context(|| format!("{}/answer.toml", folder.display()))?;
        let id = folder.file_name().and_then(|name| name.to_str()).unwrap_or("case").to_owned();
        Ok(Self { id, folder: folder.to_owned(), about, event, expected })
    }
}

fn toml_file<T: DeserializeOwned>(folder: &Path, name: &str) -> anyhow::Result<T> {
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not right", path.display()))
}

/// The cases below a folder, by name; the folder itself if it is one.
pub fn cases(folder: &Path) -> anyhow::Result<Vec<LiveCase>> {
    let found = cases_in(folder, "answer.toml", "case.toml, event.json and answer.toml")?;
    found.iter().map(|path| LiveCase::open(path)).collect()
}
