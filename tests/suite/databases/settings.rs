//! Projects' settings, and facts that one process leaves for others.

use std::collections::BTreeSet;

use andon::domain::quota_set::{MAX_QUOTA, QuotaKey, QuotaSet};
use andon::domain::settings::{ProjectSettings, Retention};
use andon::store::Store;

use super::{Bed, noon, on_both};

on_both!(
    settings_are_the_defaults_until_they_are_set,
    changes_at_once_lose_nothing_of_each_other,
    the_last_address_is_the_one_that_is_known,
);

/// The largest number, and one of a category.
fn quotas() -> QuotaSet {
    let mut set = QuotaSet::default();
    set.set("key_events_per_month".parse::<QuotaKey>().unwrap(), MAX_QUOTA);
    set.set("categories.attachment.per_hour".parse::<QuotaKey>().unwrap(), 5);
    set
}

async fn settings_are_the_defaults_until_they_are_set(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let unset = bed.store.project_settings(project).await.unwrap();
    assert_eq!(unset, ProjectSettings::default());
    for days in [7, 8] {
        let retention = Some(Retention { days, ..Retention::default() });
        let settings = ProjectSettings {
            fingerprint_rules: "a\0 -> \u{1f980}".into(),
            retention,
            quotas: Some(quotas()),
        };
        bed.store.set_project_settings(project, &settings, "ada", noon()).await.unwrap();
        assert_eq!(bed.another().await.project_settings(project).await.unwrap(), settings);
    }
    assert_eq!(bed.store.project_settings(other).await.unwrap(), ProjectSettings::default());
    let entries = bed.store.audit_entries(Some(&format!("project:{project}")), 1).await.unwrap();
    assert_eq!(entries[0].action, "project.settings");
    assert!(entries[0].detail.contains("\"days\":8"), "{}", entries[0].detail);
    let nobodys =
        bed.store.set_project_settings(999, &ProjectSettings::default(), "ada", noon()).await;
    assert!(!nobodys.unwrap_err().is_unavailable());
    assert_eq!(bed.number("SELECT COUNT(*) FROM project_settings").await, 1);
}

async fn changes_at_once_lose_nothing_of_each_other(bed: Bed) {
    let project = bed.project("shop").await;
    let rules = async |store: Store, text: &str| {
        let change = |settings: &mut ProjectSettings| settings.fingerprint_rules.push_str(text);
        store.change_project_settings(project, change, "ada", noon()).await.unwrap()
    };
    let quota = async |store: Store, key: &str| {
        let key: QuotaKey = key.parse().unwrap();
        let change = |settings: &mut ProjectSettings| {
            settings.quotas.get_or_insert_default().set(key, 7);
        };
        store.change_project_settings(project, change, "bob", noon()).await.unwrap()
    };
    let other = bed.another().await;
    tokio::join!(
        rules(bed.store.clone(), "a -> b\n"),
        quota(other.clone(), "events_per_hour"),
        rules(other.clone(), "c -> d\n"),
        quota(bed.store.clone(), "categories.span.per_month"),
    );
    let now = other.project_settings(project).await.unwrap();
    let lines: BTreeSet<&str> = now.fingerprint_rules.lines().collect();
    assert_eq!(lines, BTreeSet::from(["a -> b", "c -> d"]));
    let set: Vec<_> =
        now.quotas.iter().flat_map(QuotaSet::limits).map(|l| l.0.to_string()).collect();
    assert_eq!(set.len(), 2, "{set:?}");
    let entries = bed.store.audit_entries(Some(&format!("project:{project}")), 9).await.unwrap();
    let changes = entries.iter().filter(|entry| entry.action == "project.settings");
    assert_eq!(changes.count(), 4);
    let nobodys = bed.store.change_project_settings(999, |_| (), "ada", noon()).await;
    assert!(!nobodys.unwrap_err().is_unavailable());
}

async fn the_last_address_is_the_one_that_is_known(bed: Bed) {
    assert_eq!(bed.store.base_url().await.unwrap(), None);
    for url in ["http://a", "http://b"] {
        bed.store.set_base_url(url, noon()).await.unwrap();
        assert_eq!(bed.another().await.base_url().await.unwrap().as_deref(), Some(url));
    }
}
