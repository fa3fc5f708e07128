//! Deleting a user's events.

use super::sample::{Sample, id, several};
use super::{Bed, noon, on_both};

on_both!(only_the_users_events_of_the_project_are_deleted, what_breaks_off_is_in_the_trail,);

async fn only_the_users_events_of_the_project_are_deleted(bed: Bed) {
    let (shop, other) = (bed.project("shop").await, bed.project("other").await);
    let user = "mallory@example.org";
    let mut batch: Vec<_> = (0..450)
        .map(|n| {
            let of = if n % 2 == 0 { user } else { "bob" };
            Sample::new(shop, n, &format!("f{}", n % 3)).of_user(of)
        })
        .map(|sample| sample.with_files(&[("log", b"text")]))
        .collect();
    batch.push(Sample::new(other, 1, "f0").of_user(user).ready());
    batch.extend(several(shop, 900, 5, "f0"));
    bed.keep(&batch).await;
    let deleted = bed.store.delete_events_of_user(shop, user, "ada", noon()).await.unwrap();
    assert_eq!(deleted, 225);
    for n in 0..450 {
        let there = bed.store.event(shop, &id(n)).await.unwrap().is_some();
        assert_eq!(there, n % 2 == 1);
    }
    assert!(bed.store.event(other, &id(1)).await.unwrap().is_some(), "another project's");
    assert_eq!(bed.number("SELECT COUNT(*) FROM events").await, 231);
    assert_eq!(bed.number("SELECT COUNT(*) FROM attachments").await, 225);
    bed.counts_hold().await;
    let again = bed.store.delete_events_of_user(shop, user, "ada", noon()).await.unwrap();
    assert_eq!(again, 0);

    let trail = bed.store.audit_entries(Some(&format!("project:{shop}")), 10).await.unwrap();
    let said: Vec<_> = trail.iter().filter(|entry| entry.action == "user.deleted").collect();
    assert_eq!(said.len(), 2);
    assert!(said[1].detail.contains("225") && said[1].actor == "ada");
    let begun: Vec<_> =
        trail.iter().filter(|entry| entry.action == "user.deletion_begun").collect();
    assert_eq!(begun.len(), 1, "the second time there was nothing to begin");
    assert!(begun[0].id < said[1].id);
    for entry in bed.store.audit_entries(None, 100).await.unwrap() {
        assert!(!format!("{entry:?}").contains("mallory"), "the trail does not name him");
    }
    let plain = "SELECT COUNT(*) FROM events WHERE user_hash LIKE '%mallory%'";
    assert_eq!(bed.number(plain).await, 0);
}

async fn what_breaks_off_is_in_the_trail(bed: Bed) {
    let project = bed.project("shop").await;
    for first in (0..2000).step_by(200) {
        let batch: Vec<_> = (first..first + 200)
            .map(|n| Sample::new(project, n, "f").of_user("mallory").ready())
            .collect();
        bed.keep(&batch).await;
    }
    let (store, events) = (bed.store.clone(), "SELECT COUNT(*) FROM events");
    let deleting = tokio::spawn(async move {
        store.delete_events_of_user(project, "mallory", "ada", noon()).await
    });
    while bed.number(events).await == 2000 {
        tokio::task::yield_now().await;
    }
    deleting.abort();
    let trail = bed.store.audit_entries(Some(&format!("project:{project}")), 10).await.unwrap();
    assert!(trail.iter().any(|entry| entry.action == "user.deletion_begun"), "{trail:?}");
    assert!(bed.store.verify_audit().await.unwrap().broken.is_none());
}
