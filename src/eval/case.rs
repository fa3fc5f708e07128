//! A case: a panic that happened, the sources that it happened in, and where it was mended.
//!
//! A folder holds `bug.json`, `backtrace.txt` and the sources in `crate/`. Of `bug.json` an agent gets
//! the panic's text only.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;

use super::folder::{FolderSources, cases_in};

/// The folder of a case's sources; paths of a case begin with it.
pub const SOURCES: &str = "crate";

/// What is known of a case.
#[derive(Clone, Debug, Deserialize)]
pub struct Bug {
    /// Its name.
    pub id: String,
    /// What was printed: the header and the message.
    pub panic: String,
    /// A coarse class, for the table.
    #[serde(default = "unclassified")]
    pub class: String,
    /// Where it was mended.
    pub fixed_at: Vec<Place>,
    /// The unit test of the crate that panics, if it is one that does.
    #[serde(default)]
    pub test: Option<String>,
    /// All the tests that fail because of the fault, where that is known.
    #[serde(default)]
    pub fails: Option<Vec<String>>,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Place {
    /// Its path, which begins with `crate/`.
    pub file: String,
    /// From 1.
    pub line: u32,
}

/// A case, opened.
#[derive(Debug)]
pub struct Case {
    /// What is known of it.
    pub bug: Bug,
    /// The backtrace, as it was printed.
    pub backtrace: String,
    /// The sources.
    pub sources: FolderSources,
}

impl Case {
    /// Opens the case in a folder.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let bug: Bug = serde_json::from_slice(&read("bug.json")?)
            .with_context(|| format!("{}/bug.json is not a case", folder.display()))?;
        let backtrace = String::from_utf8_lossy(&read("backtrace.txt")?).into_owned();
        let sources = FolderSources::list(folder, SOURCES).with_context(|| {
            format!("the sources in {}/{SOURCES} cannot be listed", folder.display())
        })?;
        Ok(Self { bug, backtrace, sources })
    }

    /// What the program wrote when it failed.
    pub fn log(&self) -> String {
        format!("{}\n{}", self.bug.panic.trim_end(), self.backtrace)
    }
}

/// The folders below `folder` that hold a case, by name; `folder` itself if it is one.
pub fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let what = format!("bug.json, backtrace.txt and the sources in {SOURCES}/");
    cases_in(folder, "bug.json", &what)
}

fn unclassified() -> String {
    "other".to_owned()
}
