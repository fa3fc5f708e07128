//! A suggestion's patch meets the files as they are now.

use super::apply::read;
use super::protected::{in_macro_package, protected};
use crate::checks::{CheckError, PrivateCopy};
use crate::domain::facts::RunOutcome;
use crate::domain::hash::ContentHash;
use crate::domain::healing::HealingFile;
use crate::domain::patch::{FileChange, Patch, PatchError};
use crate::domain::verdict::Verdict;
use crate::domain::verification::{Verification, VerificationRun};
use crate::repo::Repository;
use crate::repo::jail::{Jail, JailError};

/// The most files that one fix may change.
const MAX_FILES: usize = 50;

/// Why a suggestion could not even be tried.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// Advice only.
    #[error("the suggestion has no patch")]
    NoPatch,
    /// Two changes of one file, or too many files.
    #[error("the patch is not usable: {0}")]
    OddPatch(String),
    /// The file may not be read or changed.
    #[error(transparent)]
    Jail(#[from] JailError),
    /// The file is not text.
    #[error("{path} is not valid UTF-8")]
    NotText {
        /// Path below the repository root.
        path: String,
    },
    /// The patch does not fit the file as it is now.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// The working tree changes faster than it can be copied.
    #[error("{path} is being changed; try again when it is at rest")]
    Restless {
        /// Path below the repository root.
        path: String,
    },
    /// Every try to verify it failed.
    #[error("it could not be verified: {0}")]
    GivenUp(String),
    /// The private copy failed.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl ProveError {
    /// What is to be stored on the suggestion: nothing was proved, nothing ran, and why.
    pub fn as_result(&self) -> (Verdict, Verification) {
        let verification = Verification {
            applied: false,
            check: RunOutcome::NotRun,
            tests: RunOutcome::NotRun,
            seconds: 0.0,
            runs: vec![VerificationRun {
                name: "apply".into(),
                outcome: RunOutcome::Failed,
                summary: self.to_string(),
                seconds: 0.0,
            }],
        };
        (Verdict::not_proved(self.to_string()), verification)
    }
}

/// A suggestion's patch, made to fit the working tree as it is now.
pub(super) struct Carried {
    pub(super) patch: Patch,
    /// In the order of the patch.
    pub(super) files: Vec<HealingFile>,
    /// Why a file is never healed by itself, if one is so.
    pub(super) protected: Option<String>,
}

/// Carries a patch over to the working tree as it is now, as if the changes of `earlier` were in it. Brings
/// the private copy in step where it is not.
pub(super) async fn carry_over(
    copy: &mut PrivateCopy,
    repository: &Repository,
    patch: &Patch,
    earlier: &[FileChange],
) -> Result<Carried, ProveError> {
    if patch.files.is_empty() {
        return Err(ProveError::NoPatch);
    }
    if patch.files.len() > MAX_FILES {
        let count = patch.files.len();
        return Err(ProveError::OddPatch(format!("{count} files are more than {MAX_FILES}")));
    }
    let jail = Jail::open(repository.root())?;
    let mut carried = Patch { files: Vec::with_capacity(patch.files.len()) };
    let mut files = Vec::with_capacity(patch.files.len());
    let mut reason = None;
    let mut refreshed = false;
    for change in &patch.files {
        let path = &change.path;
        if carried.files.iter().any(|other| other.path == *path) {
            return Err(ProveError::OddPatch(format!("it changes {path} twice")));
        }
        let snapshot = read(&jail, path)?;
        let text = String::from_utf8(snapshot.bytes)
            .map_err(|_| ProveError::NotText { path: path.clone() })?;
        while copy.read(path).ok().as_deref() != Some(text.as_str()) {
            if refreshed {
                return Err(ProveError::Restless { path: path.clone() });
            }
            copy.refresh().await?;
            refreshed = true;
        }
        let text = match earlier.iter().rev().find(|file| file.path == *path) {
            Some(file) => file.after.clone(),
            None => text,
        };
        let fitted = change.rebase(&text)?;
        if fitted.after == text {
            return Err(PatchError::AlreadyThere { path: path.clone() }.into());
        }
        reason =
            reason.or_else(|| protected(path, &text)).or_else(|| in_macro_package(&jail, path));
        files.push(HealingFile {
            path: path.clone(),
            before_hash: ContentHash::of(text.as_bytes()),
            after_hash: ContentHash::of(fitted.after.as_bytes()),
            mode: snapshot.mode,
        });
        carried.files.push(fitted);
    }
    Ok(Carried { patch: carried, files, protected: reason })
}
