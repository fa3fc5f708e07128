//! The journal as the healer writes it: a step goes to disk before what it names is begun, and whoever
//! watches is told after it was carried out.

use crate::clock::Clock;
use crate::domain::healing::{Healing, HealingStep};
use crate::store::audit::AuditEntry;
use crate::store::healings::{HealingPlan, StepChange, SuggestionOutcome};
use crate::store::{Store, StoreError};

/// Something that a healing has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealEvent<'a> {
    /// The healing.
    pub healing_id: i64,
    /// The step that the journal is in.
    pub step: HealingStep,
    /// One file of a step that takes several; `None` when the step is done.
    pub path: Option<&'a str>,
}

/// Is told what a healing does, right after it was done: for displays, and for tests that end the process
/// at that instant.
pub trait HealObserver: Send + Sync {
    /// Called after something was carried out.
    fn carried_out(&self, event: &HealEvent<'_>);
}

/// Watches nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl HealObserver for Unwatched {
    fn carried_out(&self, _: &HealEvent<'_>) {}
}

impl<F: Fn(&HealEvent<'_>) + Send + Sync> HealObserver for F {
    fn carried_out(&self, event: &HealEvent<'_>) {
        self(event);
    }
}

/// One healing's pen.
pub(super) struct Journal<'a> {
    store: &'a Store,
    clock: &'a Clock,
    observer: &'a dyn HealObserver,
    healing: Healing,
}

impl<'a> Journal<'a> {
    /// Plans a new healing.
    pub(super) async fn plan(
        store: &'a Store,
        clock: &'a Clock,
        observer: &'a dyn HealObserver,
        plan: HealingPlan<'_>,
    ) -> Result<Self, StoreError> {
        let now = clock.now();
        let id = store.plan_healing(plan, now).await?;
        let healing = Healing {
            id,
            suggestion_id: plan.suggestion_id,
            repo: plan.repo.to_owned(),
            step: HealingStep::Planned,
            actor: plan.actor.to_owned(),
            reason: None,
            files: plan.files.to_vec(),
            started_at: now,
            updated_at: now,
        };
        let journal = Self { store, clock, observer, healing };
        journal.done();
        Ok(journal)
    }

    /// Goes on with a healing that was read from the journal.
    pub(super) fn resume(
        store: &'a Store,
        clock: &'a Clock,
        observer: &'a dyn HealObserver,
        healing: Healing,
    ) -> Self {
        Self { store, clock, observer, healing }
    }

    pub(super) fn healing(&self) -> &Healing {
        &self.healing
    }

    /// Writes the next step; what it names may begin when this returns.
    pub(super) async fn step(
        &mut self,
        to: HealingStep,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let change = StepChange { from: self.healing.step, to, reason };
        self.store.advance_healing(self.healing.id, change, self.clock.now()).await?;
        self.moved(to, reason);
        Ok(())
    }

    /// Writes the last step, with what becomes of the suggestion and the entry in the audit trail.
    pub(super) async fn finish(
        &mut self,
        to: HealingStep,
        reason: Option<&str>,
        outcome: SuggestionOutcome<'_>,
        actor: &str,
    ) -> Result<(), StoreError> {
        let files: Vec<_> = self
            .healing
            .files
            .iter()
            .map(|file| {
                serde_json::json!({
                    "path": file.path,
                    "before": file.before_hash,
                    "after": file.after_hash,
                })
            })
            .collect();
        let detail = serde_json::json!({
            "healing": self.healing.id,
            "repo": self.healing.repo,
            "reason": reason,
            "files": files,
        });
        let entry = AuditEntry {
            actor,
            action: &format!("healing.{to}"),
            subject: &format!("suggestion:{}", self.healing.suggestion_id),
            detail: &detail,
        };
        let change = StepChange { from: self.healing.step, to, reason };
        self.store.finish_healing(&self.healing, change, outcome, entry, self.clock.now()).await?;
        self.moved(to, reason);
        self.done();
        Ok(())
    }

    /// Tells the observer that the current step was carried out.
    pub(super) fn done(&self) {
        self.tell(None);
    }

    /// Tells the observer that the current step was carried out for one file.
    pub(super) fn done_with(&self, path: &str) {
        self.tell(Some(path));
    }

    fn tell(&self, path: Option<&str>) {
        let event = HealEvent { healing_id: self.healing.id, step: self.healing.step, path };
        self.observer.carried_out(&event);
    }

    fn moved(&mut self, to: HealingStep, reason: Option<&str>) {
        self.healing.step = to;
        self.healing.reason = reason.map(str::to_owned);
    }
}
