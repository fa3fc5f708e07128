//! The quotas that hold for a project, as they are asked for: by category.

use std::collections::BTreeMap;

use crate::domain::category::Category;
use crate::domain::quota::{Scope, Window};
use crate::domain::quota_set::{CategoryQuota, QuotaSet};

/// The categories that have a quota.
#[derive(Debug)]
pub struct Rules {
    categories: BTreeMap<Category, Quota>,
    whose: Whose,
}

/// Who set the quotas, and so where they are to be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The configuration, for every project that has none of its own.
    Configured,
    /// The project's settings.
    Own,
}

/// The quota of one category.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota(CategoryQuota);

impl Rules {
    /// By what was set.
    pub fn new(set: &QuotaSet, whose: Whose) -> Self {
        let counted = set.categories.keys().copied().chain([Category::Error]);
        let categories = counted
            .map(|category| (category, set.of(category)))
            .filter(|(_, quota)| *quota != CategoryQuota::default())
            .map(|(category, quota)| (category, Quota(quota)))
            .collect();
        Self { categories, whose }
    }

    pub(super) fn are_off(&self) -> bool {
        self.categories.is_empty()
    }

    pub(super) fn of(&self, category: Category) -> Option<Quota> {
        self.categories.get(&category).copied()
    }

    pub(super) fn whose(&self) -> Whose {
        self.whose
    }
}

impl Quota {
    /// What may be sent in a window with one key, or with all keys together; `None` for as much as they
    /// like.
    pub(super) fn limit(self, scope: Scope, window: Window) -> Option<i64> {
        let limit = self.0.limit(scope, window);
        (limit > 0).then(|| i64::try_from(limit).unwrap_or(i64::MAX))
    }

    pub(super) fn has(self, window: Window) -> bool {
        self.limit(Scope::Project, window).is_some() || self.limit(Scope::Key, window).is_some()
    }
}
