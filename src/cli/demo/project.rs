//! The demo's project: embedded in the binary, laid out as a git repository with history.

use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::cli::laid_out::LaidOut;

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
pub(super) struct Shop(LaidOut);

impl Shop {
    /// Lays the project out at its release: two commits. Returns it with the release's SHA.
    pub(super) fn lay_out(root: &Path, cases: &Cases) -> anyhow::Result<(Self, String)> {
        let shop = Self(LaidOut::begin(root)?);
        shop.write("project/")?;
        shop.write("first/")?;
        shop.commit(&cases.first.author, cases.first.date, &cases.first.message)?;
        shop.write("project/")?;
        let release =
            shop.commit(&cases.release.author, cases.release.date, &cases.release.message)?;
        Ok((shop, release))
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
            self.0.write(below, &file.data)?;
            any = true;
        }
        if !any {
            bail!("nothing is embedded below demo/{prefix}");
        }
        Ok(())
    }

    fn commit(&self, author: &str, date: Timestamp, message: &str) -> anyhow::Result<String> {
        self.0.commit(author, date, message)
    }
}
