//! Quotas: how much a project, or one of its keys, may send in a minute, an hour and a calendar month.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::category::Category;

/// The largest quota.
const MAX_QUOTA: u64 = 1_000_000_000_000_000;

/// What every project may send, and what each key; 0 is no limit. A month is one of the calendar, in UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotasConfig {
    /// Events and security reports that a project may send in a minute.
    pub events_per_minute: u64,
    /// The same in an hour.
    pub events_per_hour: u64,
    /// The same in a month.
    pub events_per_month: u64,
    /// Events and security reports that may be sent with one key in a minute.
    pub key_events_per_minute: u64,
    /// The same in an hour.
    pub key_events_per_hour: u64,
    /// The same in a month.
    pub key_events_per_month: u64,
    /// Quotas of other categories, by Sentry's name for them: `[quotas.categories.transaction]`.
    pub categories: BTreeMap<Category, CategoryQuota>,
}

/// The quota of one category; 0 is no limit. `attachment` counts bytes, every other counts items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CategoryQuota {
    /// What a project may send in a minute.
    pub per_minute: u64,
    /// The same in an hour.
    pub per_hour: u64,
    /// The same in a month.
    pub per_month: u64,
    /// What may be sent with one key in a minute.
    pub key_per_minute: u64,
    /// The same in an hour.
    pub key_per_hour: u64,
    /// The same in a month.
    pub key_per_month: u64,
}

impl QuotasConfig {
    /// The quota of events.
    pub fn events(&self) -> CategoryQuota {
        CategoryQuota {
            per_minute: self.events_per_minute,
            per_hour: self.events_per_hour,
            per_month: self.events_per_month,
            key_per_minute: self.key_events_per_minute,
            key_per_hour: self.key_events_per_hour,
            key_per_month: self.key_events_per_month,
        }
    }

    /// What no type can say. The text names the key.
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(events) = self.categories.keys().find(|c| c.counts_as() == Category::Error) {
            return Err(format!(
                "quotas.categories.{events}: events and security reports have quotas.events_per_minute and its like"
            ));
        }
        let tables = self.categories.iter().map(|(category, quota)| (category.as_str(), *quota));
        for (name, quota) in tables.chain([("events", self.events())]) {
            let largest = [
                quota.per_minute,
                quota.per_hour,
                quota.per_month,
                quota.key_per_minute,
                quota.key_per_hour,
                quota.key_per_month,
            ]
            .into_iter()
            .max()
            .unwrap_or(0);
            if largest > MAX_QUOTA {
                return Err(format!(
                    "a quota of {name} in [quotas] is {largest}; it must be at most {MAX_QUOTA}"
                ));
            }
        }
        Ok(())
    }
}
