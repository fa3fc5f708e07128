//! Projects.

use andon::domain::healing::HealingMode;
use andon::store::StoreError;
use andon::store::projects::NewProject;

use super::{Bed, noon, on_both};

on_both!(
    a_project_is_created_once_and_found_by_number_and_key,
    what_is_not_named_stays_when_a_project_is_changed,
);

async fn a_project_is_created_once_and_found_by_number_and_key(bed: Bed) {
    let new = NewProject { name: "shop", public_key: "k", repo: None, healing: HealingMode::Off };
    let other = bed.another().await;
    // Two at once: one of them is the first.
    let (a, b) = tokio::join!(
        bed.store.create_project(&new, "ada", noon()),
        other.create_project(&new, "bob", noon()),
    );
    let (made, refused) = if a.is_ok() { (a, b) } else { (b, a) };
    let (made, refused) = (made.unwrap(), refused.unwrap_err());
    assert!(matches!(refused, StoreError::Exists(_)), "{refused}");
    assert!(!refused.is_unavailable());
    assert_eq!(other.project(made.id).await.unwrap().unwrap(), made);
    assert_eq!(other.project_id_by_key("k").await.unwrap(), Some(made.id));
    assert!(other.project_id_by_key("K").await.unwrap().is_none());
    // What was refused left nothing behind, not even in the trail.
    assert_eq!(bed.store.projects().await.unwrap(), [made]);
    assert_eq!(bed.store.verify_audit().await.unwrap().entries, 1);
    let again = bed.store.create_project(&new, "ada", noon()).await.unwrap_err();
    assert!(matches!(again, StoreError::Exists(_)), "{again}");
}

async fn what_is_not_named_stays_when_a_project_is_changed(bed: Bed) {
    let id = bed.project("shop").await;
    let change = async |repo, healing| {
        let changed = bed.store.update_project(id, repo, healing, "ada", noon()).await.unwrap();
        assert_eq!(bed.another().await.project(id).await.unwrap().unwrap(), changed);
        (changed.repo, changed.healing)
    };
    let repo = Some("/srv/shop".to_owned());
    assert_eq!(change(repo.as_deref(), None).await, (repo.clone(), HealingMode::Off));
    assert_eq!(
        change(None, Some(HealingMode::Observe)).await,
        (repo.clone(), HealingMode::Observe)
    );
    assert_eq!(change(None, None).await, (repo, HealingMode::Observe));
    let missing = bed.store.update_project(999, None, None, "ada", noon()).await.unwrap_err();
    assert!(matches!(missing, StoreError::NotFound(_)), "{missing}");
}
