//! The healer: puts a verified fix into a working tree, and keeps it only if it stands there too.

use std::path::Path;
use std::time::Duration;

use super::apply::{Content, RestoreError, apply, look, restore};
use super::backup::{BackupError, BackupStore};
use super::journal::{HealObserver, Journal};
use super::policy::Permission;
use super::prove::Verified;
use super::recover::{HEALER, repository_name};
use crate::checks::PrivateCopy;
use crate::clock::Clock;
use crate::domain::fix::SuggestionStatus;
use crate::domain::healing::{HealingFile, HealingStep};
use crate::repo::jail::{Jail, JailError};
use crate::repo::lock::{LockError, RepositoryLock};
use crate::repo::replace::ReplaceError;
use crate::store::healings::{HealingPlan, SuggestionOutcome};
use crate::store::suggestions::Decision;
use crate::store::{Store, StoreError};

/// How long a heal or a roll-back waits for another one in the same repository.
pub const LOCK_PATIENCE: Duration = Duration::from_secs(60);

/// Who lets a fix go.
#[derive(Debug)]
pub enum Authority {
    /// The policy, for what was proved harmless.
    Policy(Permission),
    /// A person who looked at it.
    Person {
        /// The name for the audit trail.
        name: String,
    },
}

impl Authority {
    fn actor(&self) -> &str {
        match self {
            Self::Policy(_) => HEALER,
            Self::Person { name } => name,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Policy(permission) => Some(permission.reason()),
            Self::Person { .. } => None,
        }
    }
}

/// How a healing ended that was carried through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Healed {
    /// The fix is in the working tree.
    Kept {
        /// The healing.
        healing_id: i64,
    },
    /// The fix did not stand in the working tree; the old bytes are back.
    TakenBack {
        /// The healing.
        healing_id: i64,
        /// Why.
        reason: String,
    },
}

/// Why a fix was not applied. Unless it says otherwise, no file was changed, or all were given back.
#[derive(Debug, thiserror::Error)]
pub enum HealError {
    /// Nobody who may has let it go.
    #[error("not applied: {0}")]
    NotAllowed(String),
    /// The repository is in use, or is none.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The journal could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is to be replaced could not be stored, or is no longer what was verified.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A file could not be replaced.
    #[error(transparent)]
    Replace(#[from] ReplaceError),
    /// A path is not one that Andon touches.
    #[error(transparent)]
    Jail(#[from] JailError),
    /// A file could not be given back.
    #[error("it could not be rolled back: {0}")]
    Restore(RestoreError),
    /// Some files may hold the fix and others not.
    #[error("the fix could not be undone and needs a person: {0}")]
    NeedsPerson(String),
}

/// Heals, rolls back and recovers, for one data folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Healer {
    store: Store,
    clock: Clock,
    backups: BackupStore,
}

/// A fix that is to go in: what [`Healer::heal`] takes from its tokens.
pub(super) struct Fix<'a> {
    pub(super) suggestion_id: i64,
    pub(super) root: &'a Path,
    pub(super) files: &'a [HealingFile],
    pub(super) after: Vec<Vec<u8>>,
    pub(super) actor: &'a str,
    pub(super) why: Option<&'a str>,
}

impl Healer {
    /// A healer over the store's data folder.
    pub fn new(store: Store, clock: Clock) -> Self {
        let backups = BackupStore::new(store.folder());
        Self { store, clock, backups }
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn backups(&self) -> &BackupStore {
        &self.backups
    }

    /// Puts a verified fix into its repository's working tree, checks it there with the private copy that
    /// verified it, and keeps it or takes it back. `observer` is told after each step.
    pub async fn heal(
        &self,
        copy: &mut PrivateCopy,
        verified: &Verified,
        authority: &Authority,
        observer: &dyn HealObserver,
    ) -> Result<Healed, HealError> {
        match authority {
            Authority::Policy(permission) if !permission.is_for(verified) => {
                return Err(HealError::NotAllowed("the permission is for another fix".into()));
            }
            Authority::Policy(_) => {}
            Authority::Person { .. } => {
                verified.refuse_if_broken().map_err(HealError::NotAllowed)?
            }
        }
        let fix = Fix {
            suggestion_id: verified.suggestion_id(),
            root: verified.root(),
            files: verified.files(),
            after: verified.contents_after(),
            actor: authority.actor(),
            why: authority.reason(),
        };
        self.carry_out(fix, observer, async || verified.verify_in_place(copy).await).await
    }

    /// The journalled way of a fix: planned → backed up → applied → verified → kept or taken back.
    pub(super) async fn carry_out(
        &self,
        fix: Fix<'_>,
        observer: &dyn HealObserver,
        verify: impl AsyncFnOnce() -> Result<(), String>,
    ) -> Result<Healed, HealError> {
        let lock = RepositoryLock::acquire(fix.root, LOCK_PATIENCE).await?;
        self.recover_locked(&lock, &super::journal::Unwatched).await?;
        let repo = repository_name(lock.root())?;
        let plan = HealingPlan {
            suggestion_id: fix.suggestion_id,
            repo: &repo,
            actor: fix.actor,
            files: fix.files,
        };
        let mut journal = Journal::plan(&self.store, &self.clock, observer, plan).await?;
        let healing_id = journal.healing().id;

        let backup = match self.backups.back_up(&lock, fix.files, fix.after) {
            Ok(backup) => backup,
            Err(error) => {
                let reason = error.to_string();
                let note = SuggestionOutcome::Note(&reason);
                journal.finish(HealingStep::Failed, Some(&reason), note, fix.actor).await?;
                return Err(error.into());
            }
        };
        journal.step(HealingStep::BackedUp, None).await?;
        journal.done();

        journal.step(HealingStep::Applying, None).await?;
        if let Err(error) = apply(&lock, &backup, |path| journal.done_with(path)) {
            let reason = error.to_string();
            self.take_back(&lock, &mut journal, &reason, Undo::Applying, fix.actor).await?;
            return Err(error.into());
        }
        journal.done();
        journal.step(HealingStep::Applied, None).await?;
        journal.done();

        journal.step(HealingStep::Verifying, None).await?;
        let mut verdict = verify().await;
        if verdict.is_ok() && look(backup.jail(), fix.files).iter().any(|c| *c != Content::After) {
            verdict = Err("the file was changed while it was being verified".into());
        }
        journal.done();
        if let Ok(()) = verdict {
            let decision = Decision {
                status: SuggestionStatus::Applied,
                reason: fix.why,
                by: Some(fix.actor),
            };
            let outcome = SuggestionOutcome::Must(decision);
            match journal.finish(HealingStep::Kept, fix.why, outcome, fix.actor).await {
                Ok(()) => return Ok(Healed::Kept { healing_id }),
                // Somebody rejected it in the meantime: their word counts.
                Err(error @ StoreError::IllegalTransition { .. }) => {
                    verdict = Err(error.to_string());
                }
                Err(error) => return Err(error.into()),
            }
        }
        let reason = verdict.err().unwrap_or_default();
        self.take_back(&lock, &mut journal, &reason, Undo::Verified, fix.actor).await?;
        Ok(Healed::TakenBack { healing_id, reason })
    }

    async fn take_back(
        &self,
        lock: &RepositoryLock,
        journal: &mut Journal<'_>,
        reason: &str,
        undo: Undo,
        actor: &str,
    ) -> Result<(), HealError> {
        journal.step(HealingStep::RollingBack, Some(reason)).await?;
        let jail = Jail::open(lock.root())?;
        let files = journal.healing().files.clone();
        let restored = match undo {
            // A file that refused its fix was never ours: only those that hold the fix are given back.
            Undo::Applying => {
                let ours: Vec<_> = files
                    .iter()
                    .zip(look(&jail, &files))
                    .filter(|(_, content)| *content == Content::After)
                    .map(|(file, _)| file.clone())
                    .collect();
                restore(lock, &jail, &self.backups, &ours, |path| journal.done_with(path))
            }
            Undo::Verified => {
                restore(lock, &jail, &self.backups, &files, |path| journal.done_with(path))
            }
        };
        let (step, reason) = match &restored {
            Ok(()) => (HealingStep::RolledBack, reason.to_owned()),
            Err(error) => (HealingStep::NeedsPerson, format!("{reason}; not undone: {error}")),
        };
        let outcome = match (undo, step) {
            // It was not its fault: it can be verified again for the file as it is.
            (Undo::Applying, HealingStep::RolledBack) => SuggestionOutcome::Note(&reason),
            _ => SuggestionOutcome::IfItMay(Decision {
                status: SuggestionStatus::Failed,
                reason: Some(&reason),
                by: Some(actor),
            }),
        };
        journal.finish(step, Some(&reason), outcome, actor).await?;
        match restored {
            Ok(()) => Ok(()),
            Err(_) => Err(HealError::NeedsPerson(reason)),
        }
    }
}

/// From where a fix is taken back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undo {
    Applying,
    Verified,
}
