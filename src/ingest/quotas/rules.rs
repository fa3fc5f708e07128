//! The quotas as they are asked for: by category.

use std::collections::BTreeMap;

use crate::config::{CategoryQuota, QuotasConfig};
use crate::domain::category::Category;
use crate::domain::quota::{Scope, Window};

/// The categories that have a quota.
#[derive(Debug)]
pub(super) struct Rules(BTreeMap<Category, Quota>);

/// The quota of one category.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota(CategoryQuota);

impl Rules {
    pub(super) fn new(config: &QuotasConfig) -> Self {
        let all = config.categories.iter().map(|(category, quota)| (*category, *quota));
        let all = all.chain([(Category::Error, config.events())]);
        Self(
            all.filter(|(_, quota)| *quota != CategoryQuota::default())
                .map(|(category, quota)| (category, Quota(quota)))
                .collect(),
        )
    }

    pub(super) fn are_off(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn of(&self, category: Category) -> Option<Quota> {
        self.0.get(&category).copied()
    }
}

impl Quota {
    /// What all keys together may send in a window; `None` for as much as they like.
    pub(super) fn project(self, window: Window) -> Option<(Scope, i64)> {
        let limit = match window {
            Window::Minute => self.0.per_minute,
            Window::Hour => self.0.per_hour,
            Window::Month => self.0.per_month,
        };
        bounded(Scope::Project, limit)
    }

    /// What may be sent with one key.
    pub(super) fn key(self, window: Window) -> Option<(Scope, i64)> {
        let limit = match window {
            Window::Minute => self.0.key_per_minute,
            Window::Hour => self.0.key_per_hour,
            Window::Month => self.0.key_per_month,
        };
        bounded(Scope::Key, limit)
    }

    pub(super) fn has(self, window: Window) -> bool {
        self.project(window).is_some() || self.key(window).is_some()
    }
}

fn bounded(scope: Scope, limit: u64) -> Option<(Scope, i64)> {
    (limit > 0).then(|| (scope, i64::try_from(limit).unwrap_or(i64::MAX)))
}
