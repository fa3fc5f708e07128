//! What a crash left under way is finished or undone: no file stays half a fix.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::apply::{Content, look, restore};
use super::healer::{HealError, Healer, LOCK_PATIENCE};
use super::journal::{HealObserver, Journal};
use crate::domain::fix::SuggestionStatus;
use crate::domain::healing::{Healing, HealingStep};
use crate::repo::jail::{Jail, JailError, JailedPath};
use crate::repo::lock::{LockError, RepositoryLock};
use crate::repo::replace::{ReplaceError, remove_leftovers};
use crate::store::StoreError;
use crate::store::healings::SuggestionOutcome;
use crate::store::suggestions::Decision;

/// How long recovery waits for a repository that somebody else is changing. Who changes it recovers it.
const RECOVERY_PATIENCE: Duration = Duration::from_secs(2);

/// What recovery did with one healing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The healing.
    pub healing_id: i64,
    /// Whose fix it was.
    pub suggestion_id: i64,
    /// In which repository.
    pub repo: String,
    /// The step that it was interrupted in.
    pub interrupted_in: HealingStep,
    /// Where it ended: `failed` (nothing had been changed), `rolled_back` or `needs_person`.
    pub ended_as: HealingStep,
    /// Why, for a reader.
    pub reason: String,
}

/// What recovery did in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Healings that were brought to an end.
    pub recovered: Vec<Recovered>,
    /// Temporary files that were removed.
    pub leftovers_removed: usize,
    /// Repositories that could not be looked at, and why. Their healings stay in the journal.
    pub postponed: Vec<(String, String)>,
}

impl Healer {
    /// Finishes or undoes everything that was interrupted. Called at start; a heal or a roll-back does it
    /// for its own repository first.
    pub async fn recover(&self) -> Result<RecoveryReport, StoreError> {
        let mut report = RecoveryReport::default();
        let unfinished = self.store().unfinished_healings(None).await?;
        let repositories: BTreeSet<String> = unfinished.into_iter().map(|h| h.repo).collect();
        for repo in repositories {
            let outcome = match RepositoryLock::acquire(Path::new(&repo), RECOVERY_PATIENCE).await {
                Ok(lock) => self.recover_locked(&lock, &super::journal::Unwatched).await,
                Err(LockError::Busy { .. }) => {
                    report.postponed.push((repo, "another Andon is changing it".into()));
                    continue;
                }
                Err(error) => Err(error.into()),
            };
            match outcome {
                Ok(one) => {
                    report.recovered.extend(one.recovered);
                    report.leftovers_removed += one.leftovers_removed;
                }
                Err(HealError::Store(error)) => return Err(error),
                Err(error) => report.postponed.push((repo, error.to_string())),
            }
        }
        Ok(report)
    }

    /// [`Self::recover`] for one repository, before its files are looked at for a new fix: what an
    /// interrupted healing left there is no fix that is in place.
    pub async fn recover_repository(&self, root: &Path) -> Result<RecoveryReport, HealError> {
        if self.store().unfinished_healings(Some(&repository_name(root)?)).await?.is_empty() {
            return Ok(RecoveryReport::default());
        }
        let lock = RepositoryLock::acquire(root, LOCK_PATIENCE).await?;
        self.recover_locked(&lock, &super::journal::Unwatched).await
    }

    /// [`Self::recover`] for the repository whose lock is held: what is unfinished there now belongs to
    /// nobody who lives.
    pub(super) async fn recover_locked(
        &self,
        lock: &RepositoryLock,
        observer: &dyn HealObserver,
    ) -> Result<RecoveryReport, HealError> {
        let mut report = RecoveryReport::default();
        let repo = repository_name(lock.root())?;
        let unfinished = self.store().unfinished_healings(Some(&repo)).await?;
        if unfinished.is_empty() {
            return Ok(report);
        }
        let jail = Jail::open(lock.root())?;
        // The latest first: it may stand on the content that an earlier one left.
        for healing in unfinished.into_iter().rev() {
            for file in &healing.files {
                match remove_leftovers(&jail, &JailedPath::parse(&file.path)?) {
                    Ok(removed) => report.leftovers_removed += removed,
                    // The folder is gone, or a link now: nothing of ours is in it.
                    Err(ReplaceError::Jail(
                        JailError::Missing { .. }
                        | JailError::NotAFile { .. }
                        | JailError::Symlink { .. },
                    )) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            report.recovered.push(self.recover_one(lock, &jail, healing, observer).await?);
        }
        Ok(report)
    }

    async fn recover_one(
        &self,
        lock: &RepositoryLock,
        jail: &Jail,
        healing: Healing,
        observer: &dyn HealObserver,
    ) -> Result<Recovered, HealError> {
        let interrupted_in = healing.step;
        let (healing_id, suggestion_id) = (healing.id, healing.suggestion_id);
        let repo = healing.repo.clone();
        let mut journal = Journal::resume(self.store(), self.clock(), observer, healing);
        let (ended_as, reason) = match interrupted_in {
            HealingStep::Planned | HealingStep::BackedUp => {
                let reason =
                    "it was interrupted before anything was changed; it can be tried again";
                let note = SuggestionOutcome::Note(reason);
                journal.finish(HealingStep::Failed, Some(reason), note, HEALER).await?;
                (HealingStep::Failed, reason.to_owned())
            }
            _ => self.undo_interrupted(lock, jail, &mut journal).await?,
        };
        tracing::warn!(healing_id, suggestion_id, %interrupted_in, %ended_as, "healing recovered");
        Ok(Recovered { healing_id, suggestion_id, repo, interrupted_in, ended_as, reason })
    }

    async fn undo_interrupted(
        &self,
        lock: &RepositoryLock,
        jail: &Jail,
        journal: &mut Journal<'_>,
    ) -> Result<(HealingStep, String), HealError> {
        let files = journal.healing().files.clone();
        let strange: Vec<String> = files
            .iter()
            .zip(look(jail, &files))
            .filter_map(|(file, content)| match content {
                Content::Before | Content::After => None,
                Content::Other(_) => Some(format!("{} was edited", file.path)),
                Content::Unreadable(why) => Some(why),
            })
            .collect();
        if !strange.is_empty() {
            let reason = format!(
                "it was interrupted, and meanwhile {}; no file was touched. The content from before \
                 the fix is in the backups",
                strange.join(", ")
            );
            return give_up(journal, reason).await;
        }
        if journal.healing().step != HealingStep::RollingBack {
            let reason = "it was interrupted before it was verified in place";
            journal.step(HealingStep::RollingBack, Some(reason)).await?;
        }
        let restored = restore(lock, jail, self.backups(), &files, |path| journal.done_with(path));
        if let Err(error) = restored {
            return give_up(journal, format!("it could not be undone: {error}")).await;
        }
        let reason = match &journal.healing().reason {
            Some(why) => format!("taken back after a crash: {why}"),
            None => "taken back after a crash".to_owned(),
        };
        let outcome = SuggestionOutcome::IfItMay(Decision {
            status: SuggestionStatus::RolledBack,
            reason: Some(&reason),
            by: Some(HEALER),
        });
        journal.finish(HealingStep::RolledBack, Some(&reason), outcome, HEALER).await?;
        Ok((HealingStep::RolledBack, reason))
    }
}

/// The healer's own name in the audit trail.
pub(super) const HEALER: &str = "andon";

async fn give_up(
    journal: &mut Journal<'_>,
    reason: String,
) -> Result<(HealingStep, String), HealError> {
    let outcome = SuggestionOutcome::IfItMay(Decision {
        status: SuggestionStatus::Failed,
        reason: Some(&reason),
        by: Some(HEALER),
    });
    journal.finish(HealingStep::NeedsPerson, Some(&reason), outcome, HEALER).await?;
    Ok((HealingStep::NeedsPerson, reason))
}

/// A repository's name in the journal: its root folder.
pub(super) fn repository_name(root: &Path) -> Result<String, HealError> {
    root.to_str().map(str::to_owned).ok_or_else(|| {
        let path = root.display();
        HealError::NotAllowed(format!("{path} is not valid UTF-8; move the repository"))
    })
}
