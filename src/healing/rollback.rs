//! Takes a kept fix out again, to the byte.

use std::path::Path;

use similar::TextDiff;

use super::apply::{Content, RestoreError, look, restore};
use super::healer::{HealError, Healer, LOCK_PATIENCE};
use super::journal::{HealObserver, Journal};
use super::recover::repository_name;
use crate::domain::fix::SuggestionStatus;
use crate::domain::hash::ContentHash;
use crate::domain::healing::{Healing, HealingFile, HealingStep};
use crate::repo::jail::Jail;
use crate::repo::lock::RepositoryLock;
use crate::store::healings::SuggestionOutcome;
use crate::store::suggestions::Decision;

/// Lines of context in the diff of a file that moved on.
const DIFF_CONTEXT_LINES: usize = 3;

/// A fix that was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolledBack {
    /// The healing that was undone.
    pub healing_id: i64,
    /// In which repository.
    pub repo: String,
    /// The files that have their old bytes and mode again.
    pub files: Vec<String>,
}

/// Why a fix was not taken out. No file was changed.
#[derive(Debug, thiserror::Error)]
pub enum RollbackError {
    /// There is no such suggestion.
    #[error("there is no suggestion {0}")]
    UnknownSuggestion(i64),
    /// None of its healings was kept.
    #[error("nothing to roll back: suggestion {id} is {status} and none of its fixes is in place")]
    NothingToRollBack {
        /// The suggestion.
        id: i64,
        /// What it is.
        status: SuggestionStatus,
    },
    /// A file is no longer what the fix left.
    #[error(
        "refused: {} changed since the fix, and rolling back would lose that.{hint}\n\
         What changed since:\n{diff}",
        paths.join(", ")
    )]
    MovedOn {
        /// The files, below the repository root.
        paths: Vec<String>,
        /// What to do, in sentences that begin with a space.
        hint: String,
        /// What changed since the fix, as a unified diff.
        diff: String,
    },
    /// Something else is in the way.
    #[error(transparent)]
    Heal(#[from] HealError),
}

impl Healer {
    /// Gives back the bytes and mode from before the latest kept healing of a suggestion: of all its files
    /// or of none.
    pub async fn rollback(
        &self,
        suggestion_id: i64,
        actor: &str,
        observer: &dyn HealObserver,
    ) -> Result<RolledBack, RollbackError> {
        let repo = self.kept_healing(suggestion_id).await?.repo;
        let lock = RepositoryLock::acquire(Path::new(&repo), LOCK_PATIENCE)
            .await
            .map_err(HealError::from)?;
        self.recover_locked(&lock, observer).await?;
        // Again, now that nobody else can change it.
        let healing = self.kept_healing(suggestion_id).await?;
        let jail = Jail::open(lock.root()).map_err(HealError::from)?;
        self.refuse_if_moved_on(&jail, &healing).await?;

        let mut journal = Journal::resume(self.store(), self.clock(), observer, healing);
        let reason = format!("rolled back by {actor}");
        journal.step(HealingStep::RollingBack, Some(&reason)).await.map_err(HealError::from)?;
        let files = journal.healing().files.clone();
        let restored =
            restore(&lock, &jail, self.backups(), &files, |path| journal.done_with(path));
        if let Err(error) = restored {
            return Err(self.not_rolled_back(&jail, &mut journal, error, actor).await?.into());
        }
        journal.done();
        let decision = Decision {
            status: SuggestionStatus::RolledBack,
            reason: Some(&reason),
            by: Some(actor),
        };
        let outcome = SuggestionOutcome::IfItMay(decision);
        journal
            .finish(HealingStep::RolledBack, Some(&reason), outcome, actor)
            .await
            .map_err(HealError::from)?;
        let healing = journal.healing();
        Ok(RolledBack {
            healing_id: healing.id,
            repo: healing.repo.clone(),
            files: healing.files.iter().map(|file| file.path.clone()).collect(),
        })
    }

    /// A roll-back that a file refused: the fix is in place again, or a person has to look.
    async fn not_rolled_back(
        &self,
        jail: &Jail,
        journal: &mut Journal<'_>,
        error: RestoreError,
        actor: &str,
    ) -> Result<HealError, HealError> {
        let files = journal.healing().files.clone();
        if look(jail, &files).iter().all(|content| *content == Content::After) {
            let reason = format!("a roll-back was refused: {error}");
            journal.step(HealingStep::Kept, Some(&reason)).await?;
        } else {
            let reason = format!("a roll-back stopped half way: {error}");
            let outcome = SuggestionOutcome::Note(&reason);
            journal.finish(HealingStep::NeedsPerson, Some(&reason), outcome, actor).await?;
        }
        Ok(HealError::Restore(error))
    }

    async fn kept_healing(&self, suggestion_id: i64) -> Result<Healing, RollbackError> {
        let suggestion = self.store().suggestion(suggestion_id).await.map_err(HealError::from)?;
        let suggestion = suggestion.ok_or(RollbackError::UnknownSuggestion(suggestion_id))?;
        let healings =
            self.store().healings_of_suggestion(suggestion_id).await.map_err(HealError::from)?;
        let kept = healings.into_iter().rev().find(|healing| healing.step == HealingStep::Kept);
        kept.ok_or(RollbackError::NothingToRollBack {
            id: suggestion_id,
            status: suggestion.status,
        })
    }

    async fn refuse_if_moved_on(
        &self,
        jail: &Jail,
        healing: &Healing,
    ) -> Result<(), RollbackError> {
        let (mut paths, mut diff, mut hint) = (Vec::new(), String::new(), String::new());
        let repo = repository_name(jail.root())?;
        for (file, content) in healing.files.iter().zip(look(jail, &healing.files)) {
            match content {
                Content::Before | Content::After => continue,
                Content::Other(now) => {
                    diff.push_str(&self.what_changed(file, &now));
                    let last = self
                        .store()
                        .last_healing_of_file(&repo, &file.path)
                        .await
                        .map_err(HealError::from)?;
                    if let Some((later, hash)) = last
                        && later != healing.suggestion_id
                        && hash == ContentHash::of(&now)
                    {
                        hint.push_str(&format!(
                            " Suggestion {later} changed {} later: roll it back first.",
                            file.path
                        ));
                    }
                }
                Content::Unreadable(why) => diff.push_str(&format!("{why}\n")),
            }
            paths.push(file.path.clone());
        }
        if paths.is_empty() {
            return Ok(());
        }
        if hint.is_empty() {
            hint =
                " Take those changes out (or keep them and undo the fix by hand), then try again."
                    .to_owned();
        }
        Err(RollbackError::MovedOn { paths, hint, diff })
    }

    fn what_changed(&self, file: &HealingFile, now: &[u8]) -> String {
        match self.backups().read(&file.after_hash) {
            Ok(fixed) => {
                let (fixed, now) = (String::from_utf8_lossy(&fixed), String::from_utf8_lossy(now));
                TextDiff::from_lines(fixed.as_ref(), now.as_ref())
                    .unified_diff()
                    .context_radius(DIFF_CONTEXT_LINES)
                    .header(&format!("a/{} (fixed)", file.path), &format!("b/{} (now)", file.path))
                    .to_string()
            }
            Err(error) => format!("{}: what changed cannot be shown: {error}\n", file.path),
        }
    }
}
