//! How much a project, or one of its keys, may send in a minute, an hour and a calendar month: as the
//! configuration says it for every project, and a project's settings for itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::category::Category;
use super::quota::{Scope, Window};

/// The largest quota.
pub const MAX_QUOTA: u64 = 1_000_000_000_000_000;

/// The first part of a quota's key that the configuration's sections bring and nobody has to write.
const SECTION: &str = "quotas.";

/// What a project may send, and what each key; 0 is no limit. A month is one of the calendar, in UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotaSet {
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

/// One number of a [`QuotaSet`]. Written as in the configuration: `events_per_hour`,
/// `categories.transaction.key_per_month`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaKey {
    /// What is counted.
    pub category: Category,
    /// Whom it holds for: [`Scope::Key`] is each key, anything else all keys together.
    pub scope: Scope,
    /// For how long.
    pub window: Window,
}

impl CategoryQuota {
    /// What may be sent in a window: with one key, or with all keys together. 0 is no limit.
    pub const fn limit(&self, scope: Scope, window: Window) -> u64 {
        match (scope, window) {
            (Scope::Key, Window::Minute) => self.key_per_minute,
            (Scope::Key, Window::Hour) => self.key_per_hour,
            (Scope::Key, Window::Month) => self.key_per_month,
            (_, Window::Minute) => self.per_minute,
            (_, Window::Hour) => self.per_hour,
            (_, Window::Month) => self.per_month,
        }
    }

    const fn limit_mut(&mut self, scope: Scope, window: Window) -> &mut u64 {
        match (scope, window) {
            (Scope::Key, Window::Minute) => &mut self.key_per_minute,
            (Scope::Key, Window::Hour) => &mut self.key_per_hour,
            (Scope::Key, Window::Month) => &mut self.key_per_month,
            (_, Window::Minute) => &mut self.per_minute,
            (_, Window::Hour) => &mut self.per_hour,
            (_, Window::Month) => &mut self.per_month,
        }
    }
}

impl QuotaSet {
    /// The quota of a category; that of events for all that counts as events.
    pub fn of(&self, category: Category) -> CategoryQuota {
        match category.counts_as() {
            Category::Error => CategoryQuota {
                per_minute: self.events_per_minute,
                per_hour: self.events_per_hour,
                per_month: self.events_per_month,
                key_per_minute: self.key_events_per_minute,
                key_per_hour: self.key_events_per_hour,
                key_per_month: self.key_events_per_month,
            },
            other => self.categories.get(&other).copied().unwrap_or_default(),
        }
    }

    /// Sets one number.
    pub fn set(&mut self, key: QuotaKey, most: u64) {
        let limit = match (key.category.counts_as(), key.scope, key.window) {
            (Category::Error, Scope::Key, Window::Minute) => &mut self.key_events_per_minute,
            (Category::Error, Scope::Key, Window::Hour) => &mut self.key_events_per_hour,
            (Category::Error, Scope::Key, Window::Month) => &mut self.key_events_per_month,
            (Category::Error, _, Window::Minute) => &mut self.events_per_minute,
            (Category::Error, _, Window::Hour) => &mut self.events_per_hour,
            (Category::Error, _, Window::Month) => &mut self.events_per_month,
            (other, scope, window) => {
                self.categories.entry(other).or_default().limit_mut(scope, window)
            }
        };
        *limit = most;
    }

    /// Every number that limits something, by its key.
    pub fn limits(&self) -> impl Iterator<Item = (QuotaKey, u64)> {
        QuotaKey::all()
            .map(|key| (key, self.of(key.category).limit(key.scope, key.window)))
            .filter(|(_, most)| *most > 0)
    }

    /// What no type can say. The text names the key.
    pub fn check(&self) -> Result<(), String> {
        if let Some(events) = self.categories.keys().find(|c| c.counts_as() == Category::Error) {
            return Err(format!(
                "quotas.categories.{events}: events and security reports have quotas.events_per_minute and its like"
            ));
        }
        match self.limits().find(|(_, most)| *most > MAX_QUOTA) {
            Some((key, most)) => {
                Err(format!("{SECTION}{key} is {most}; it must be at most {MAX_QUOTA}"))
            }
            None => Ok(()),
        }
    }
}

impl QuotaKey {
    /// Every key there is.
    fn all() -> impl Iterator<Item = Self> {
        let counted = Category::ALL.iter().copied().filter(|c| c.counts_as() == *c);
        counted.flat_map(|category| {
            [Scope::Project, Scope::Key].into_iter().flat_map(move |scope| {
                Window::ALL.iter().map(move |&window| Self { category, scope, window })
            })
        })
    }
}

impl std::fmt::Display for QuotaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let prefix = if self.scope == Scope::Key { "key_" } else { "" };
        let window = self.window;
        match self.category.counts_as() {
            Category::Error => write!(f, "{prefix}events_per_{window}"),
            other => write!(f, "categories.{other}.{prefix}per_{window}"),
        }
    }
}

/// A text that names no quota.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no quota; there are events_per_minute, events_per_hour, events_per_month, categories.CATEGORY.per_minute and so on, and the same for each key: key_events_per_hour, categories.CATEGORY.key_per_hour"
)]
pub struct UnknownQuota(String);

impl std::str::FromStr for QuotaKey {
    type Err = UnknownQuota;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.strip_prefix(SECTION).unwrap_or(text);
        Self::all().find(|key| key.to_string() == name).ok_or_else(|| UnknownQuota(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_key_that_reads_back_and_sets_it_alone() {
        let mut keys = 0;
        for key in QuotaKey::all() {
            assert_eq!(key.to_string().parse(), Ok(key));
            assert_eq!(format!("quotas.{key}").parse(), Ok(key));
            let mut set = QuotaSet::default();
            set.set(key, 7);
            assert_eq!(set.limits().collect::<Vec<_>>(), [(key, 7)]);
            // The key is the path to the number where settings are JSON.
            let json = serde_json::to_value(&set).unwrap();
            let path = format!("/{}", key.to_string().replace('.', "/"));
            assert_eq!(json.pointer(&path), Some(&serde_json::json!(7)), "{key}");
            keys += 1;
        }
        // Events and every other category but security reports, which count as events.
        assert_eq!(keys, (Category::ALL.len() - 1) * 2 * 3);
    }

    #[test]
    fn what_names_no_quota_is_refused_with_the_names_that_do() {
        for text in ["", "events", "events_per_day", "per_hour", "categories.security.per_hour"] {
            let error = text.parse::<QuotaKey>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
            assert!(error.contains("events_per_hour"), "{error}");
        }
    }

    #[test]
    fn a_number_too_large_is_refused_by_its_key() {
        let mut set = QuotaSet::default();
        let key: QuotaKey = "categories.attachment.key_per_month".parse().unwrap();
        set.set(key, MAX_QUOTA);
        assert_eq!(set.check(), Ok(()));
        set.set(key, MAX_QUOTA + 1);
        let error = set.check().unwrap_err();
        assert!(error.starts_with("quotas.categories.attachment.key_per_month is 1"), "{error}");
    }
}
