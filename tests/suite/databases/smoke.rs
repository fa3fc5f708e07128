//! Projects and tokens: that a store opens at all.

use andon::clock::Clock;
use andon::domain::healing::HealingMode;
use andon::store::StoreError;
use andon::store::projects::NewProject;

use super::{Bed, on_both};

on_both!(a_project_is_created_once_and_found_by_number_and_key);

async fn a_project_is_created_once_and_found_by_number_and_key(bed: Bed) {
    let now = Clock::system().now();
    let new = NewProject { name: "shop", public_key: "k", repo: None, healing: HealingMode::Off };
    let made = bed.store.create_project(&new, "ada", now).await.unwrap();
    let again = bed.store.create_project(&new, "ada", now).await.unwrap_err();
    assert!(matches!(again, StoreError::Exists(_)), "{again}");
    let other = bed.another().await;
    assert_eq!(other.project(made.id).await.unwrap().unwrap(), made);
    assert_eq!(other.project_id_by_key("k").await.unwrap().unwrap(), made.id);
}
