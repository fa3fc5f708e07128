//! What was refused, counted in memory until somebody writes it down: a refusal must cost next to nothing,
//! or refusing would not help. What a crash loses of it are some seconds of statistics, never an event.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::category::Category;
use crate::domain::quota::Reason;
use crate::store::outcomes::Outcome;
use crate::store::{Store, StoreError};

/// Different refusals that are kept in memory at most. Categories, reasons and days are few, so that this
/// is reached only with thousands of projects while the database is out of reach.
const MAX_KEPT: usize = 50_000;

/// What was refused and is not written yet.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<BTreeMap<Outcome, i64>>);

impl Refusals {
    /// Counts a refusal.
    pub fn add(
        &self,
        project_id: i64,
        category: Category,
        reason: Reason,
        quantity: u64,
        now: Timestamp,
    ) {
        let day = now.to_zoned(TimeZone::UTC).date();
        let quantity = i64::try_from(quantity).unwrap_or(i64::MAX);
        self.keep(Outcome { project_id, category, reason, day }, quantity);
    }

    /// Writes down what there is. What the database does not take stays for the next time.
    pub async fn write(&self, store: &Store) -> Result<(), StoreError> {
        let kept: Vec<(Outcome, i64)> = std::mem::take(&mut *self.lock()).into_iter().collect();
        if kept.is_empty() {
            return Ok(());
        }
        let written = store.add_outcomes(&kept).await;
        if written.is_err() {
            kept.into_iter().for_each(|(outcome, quantity)| self.keep(outcome, quantity));
        }
        written
    }

    fn keep(&self, outcome: Outcome, quantity: i64) {
        let mut kept = self.lock();
        if kept.len() < MAX_KEPT || kept.contains_key(&outcome) {
            let sum = kept.entry(outcome).or_default();
            *sum = sum.saturating_add(quantity);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Outcome, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
