//! Projects' settings, and facts that one process leaves for others.

use andon::domain::settings::{ProjectSettings, Retention};

use super::{Bed, noon, on_both};

on_both!(settings_are_the_defaults_until_they_are_set, the_last_address_is_the_one_that_is_known,);

async fn settings_are_the_defaults_until_they_are_set(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let unset = bed.store.project_settings(project).await.unwrap();
    assert_eq!(unset, ProjectSettings::default());
    for days in [7, 8] {
        let retention = Some(Retention { days, ..Retention::default() });
        let settings = ProjectSettings { fingerprint_rules: "a\0 -> \u{1f980}".into(), retention };
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

async fn the_last_address_is_the_one_that_is_known(bed: Bed) {
    assert_eq!(bed.store.base_url().await.unwrap(), None);
    for url in ["http://a", "http://b"] {
        bed.store.set_base_url(url, noon()).await.unwrap();
        assert_eq!(bed.another().await.base_url().await.unwrap().as_deref(), Some(url));
    }
}
