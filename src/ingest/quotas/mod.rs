//! Quotas: what a project, or one of its keys, may send in a minute, an hour and a calendar month. A
//! project's settings may hold its own, in the place of those configured.
//!
//! Every node counts what it takes at once, in memory, and the database adds up what all of them took: in
//! the commit that stores what was taken. A node looks at the sums when it first sees a project, and again
//! every [`REFRESH`]; so several nodes together take at most what they can in that time over a quota, and
//! one node alone takes nothing over it.

mod counters;
mod limited;
mod refusals;
mod rules;
mod taken;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use moka::future::Cache;

use self::counters::Counters;
use crate::domain::category::Category;
use crate::domain::quota::{Scope, Window};
use crate::domain::quota_set::{QuotaKey, QuotaSet};
use crate::store::usage::Usage;
use crate::store::{Store, StoreError};

pub use limited::{Limited, Limits};
pub use refusals::Refusals;
pub use rules::{Rules, Whose};
pub use taken::{Taken, settle};

/// How old what a node knows of the others' counts may be.
pub const REFRESH: Duration = Duration::from_secs(5);

/// Projects whose counts are kept in memory; the counts of others are read again when they are needed.
const MAX_PROJECTS: usize = 10_000;

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The project.
    pub project_id: i64,
    /// The number of the key.
    pub key_id: i64,
}

/// The quotas and what was taken of them.
#[derive(Debug)]
pub struct Quotas {
    /// For projects without their own.
    configured: Arc<Rules>,
    shared: Arc<Shared>,
    /// Which projects' counts were read within the last [`REFRESH`].
    fresh: Cache<i64, ()>,
    store: Store,
}

/// What reservations point back at.
#[derive(Debug, Default)]
struct Shared {
    /// Locked for a few look-ups at a time, never across an await.
    projects: Mutex<HashMap<i64, Counters>>,
}

impl Shared {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<i64, Counters>) -> T) -> T {
        work(&mut self.projects.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Quotas {
    /// With what was configured.
    pub fn new(configured: &QuotaSet, store: Store) -> Self {
        let configured = Arc::new(Rules::new(configured, Whose::Configured));
        let fresh =
            Cache::builder().max_capacity(MAX_PROJECTS as u64).time_to_live(REFRESH).build();
        Self { configured, shared: Arc::default(), fresh, store }
    }

    /// The quotas of a project that has none of its own.
    pub fn configured(&self) -> &Arc<Rules> {
        &self.configured
    }

    /// Reads what a project has used so far, if its quotas ask for it and nobody did within the last
    /// [`REFRESH`]. To be called before [`Self::check`].
    pub async fn load(
        &self,
        rules: &Rules,
        project_id: i64,
        now: Timestamp,
    ) -> Result<(), Arc<StoreError>> {
        if rules.are_off() {
            return Ok(());
        }
        let read = async {
            let used = self.store.usage(project_id, now).await?;
            self.learn(project_id, &used);
            Ok(())
        };
        self.fresh.try_get_with(project_id, read).await
    }

    /// Has what a project has used read again: a quota that was set just now may be of something that was
    /// not counted here until now.
    pub async fn forget(&self, project_id: i64) {
        self.fresh.invalidate(&project_id).await;
    }

    fn learn(&self, project_id: i64, used: &[Usage]) {
        let crowded = self.shared.with(|projects| {
            let crowded = projects.len() >= MAX_PROJECTS && !projects.contains_key(&project_id);
            if crowded {
                projects.retain(|_, counters| counters.are_waited_for());
            }
            let counters = projects.entry(project_id).or_default();
            used.iter().for_each(|one| counters.learn(one));
            crowded
        });
        if crowded {
            self.fresh.invalidate_all();
        }
    }

    /// Takes `quantity` of a category's quotas: of the project and of the key, for every window, or of none
    /// of them. The rules are those that hold for the sender's project. What is taken is given back unless it is settled with the commit that stores what it is for.
    pub fn check(
        &self,
        rules: &Rules,
        sender: Sender,
        category: Category,
        quantity: u64,
        now: Timestamp,
    ) -> Result<Taken, Limited> {
        let counted = category.counts_as();
        let quota = rules.of(counted);
        let quantity = i64::try_from(quantity).unwrap_or(i64::MAX);
        let used = |window: Window, bucket: i64| Usage {
            project_id: sender.project_id,
            key_id: sender.key_id,
            category: counted,
            window,
            bucket,
            quantity,
        };
        // The month is counted always: a quota that is set on the 20th must know of the days before.
        let Some(quota) = quota else {
            let month = used(Window::Month, Window::Month.start(now));
            return Ok(Taken::unlimited(Arc::clone(&self.shared), month));
        };
        self.shared.with(|projects| {
            let counters = projects.entry(sender.project_id).or_default();
            let mut refused: Option<Limited> = None;
            for &window in Window::ALL {
                if !quota.has(window) {
                    continue;
                }
                let counter = counters.at(counted, window, window.start(now));
                for (scope, taken) in
                    [(Scope::Project, counter.all()), (Scope::Key, counter.of(sender.key_id))]
                {
                    let Some(limit) = quota.limit(scope, window) else { continue };
                    if taken.saturating_add(quantity) > limit {
                        let key = QuotaKey { category, scope, window };
                        let found = Limited::new(key, limit, rules.whose(), now);
                        // The one that lasts longest says when it is worth coming back.
                        if refused.is_none_or(|r| r.retry_after_seconds < found.retry_after_seconds)
                        {
                            refused = Some(found);
                        }
                    }
                }
            }
            if let Some(refused) = refused {
                return Err(refused);
            }
            let mut taken = Vec::new();
            for &window in Window::ALL {
                if window == Window::Month || quota.has(window) {
                    let counter = counters.at(counted, window, window.start(now));
                    taken.push(used(window, counter.bucket()));
                    counter.take(sender.key_id, quantity);
                }
            }
            Ok(Taken::new(Arc::clone(&self.shared), taken))
        })
    }
}
