//! What a request took of its quotas, until it is committed.

use std::sync::Arc;

use super::Shared;
use crate::store::usage::Usage;

/// Given back when it is dropped, unless it was settled.
#[derive(Debug)]
#[must_use = "what was taken is given back at once if it is dropped"]
pub struct Taken {
    shared: Arc<Shared>,
    /// What the commit has to add.
    usage: Vec<Usage>,
    /// Whether the counters in memory know of it.
    held: bool,
}

impl Taken {
    pub(super) fn new(shared: Arc<Shared>, usage: Vec<Usage>) -> Self {
        Self { shared, usage, held: true }
    }

    /// Of a category that has no quota: nothing is held, and the month is counted.
    pub(super) fn unlimited(shared: Arc<Shared>, month: Usage) -> Self {
        Self { shared, usage: vec![month], held: false }
    }

    /// What the commit that stores this has to add.
    pub fn usage(&self) -> &[Usage] {
        &self.usage
    }

    fn release(&mut self) {
        if std::mem::take(&mut self.held) {
            let usage = std::mem::take(&mut self.usage);
            self.shared.with(|projects| {
                for used in &usage {
                    if let Some(counters) = projects.get_mut(&used.project_id) {
                        counters.release(used);
                    }
                }
            });
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.release();
    }
}

/// After a commit: what it brought the sums to takes the place of what was only taken, in one step, so that
/// nobody sees it twice or not at all.
pub fn settle(taken: Vec<Taken>, totals: &[Usage]) {
    let Some(shared) = taken.iter().find(|one| one.held).map(|one| Arc::clone(&one.shared)) else {
        return;
    };
    shared.with(|projects| {
        for total in totals {
            if let Some(counters) = projects.get_mut(&total.project_id) {
                counters.learn(total);
            }
        }
        for mut one in taken {
            if std::mem::take(&mut one.held) {
                for used in &one.usage {
                    if let Some(counters) = projects.get_mut(&used.project_id) {
                        counters.release(used);
                    }
                }
            }
        }
    });
}
