//! API tokens and sign-ins.

use andon::domain::hash::ContentHash;
use andon::domain::project::Scope;
use andon::store::sessions::Session;
use jiff::SignedDuration;

use super::{Bed, noon, on_both};

on_both!(
    a_token_is_found_by_its_hash_until_it_is_revoked,
    of_many_first_tokens_one_is_stored,
    a_sign_in_ends_by_itself_or_by_hand,
);

async fn a_token_is_found_by_its_hash_until_it_is_revoked(bed: Bed) {
    let (hash, other) = (ContentHash::of(b"a"), ContentHash::of(b"b"));
    let scopes = [Scope::Read, Scope::Review];
    let id = bed.store.create_token("ci", &hash, &scopes, None, "ada", noon()).await.unwrap();
    let none = bed.store.create_token("none", &other, &[], None, "ada", noon()).await.unwrap();
    let found = bed.another().await.principal_by_token_hash(&hash).await.unwrap().unwrap();
    assert_eq!((found.token_id, found.name.as_str()), (id, "ci"));
    assert_eq!(found.scopes, scopes);
    assert!(bed.store.principal(none).await.unwrap().unwrap().scopes.is_empty());
    let twice = bed.store.create_token("again", &hash, &scopes, None, "ada", noon()).await;
    assert!(!twice.unwrap_err().is_unavailable(), "a hash is one token's");
    assert!(bed.store.principal_by_token_hash(&ContentHash::of(b"c")).await.unwrap().is_none());
    assert_eq!(bed.store.tokens().await.unwrap().len(), 2);
    assert!(bed.store.revoke_token(id, "ada", noon()).await.unwrap());
    assert!(!bed.store.revoke_token(id, "ada", noon()).await.unwrap());
    assert!(bed.store.principal_by_token_hash(&hash).await.unwrap().is_none());
    assert!(bed.store.principal(id).await.unwrap().is_none());
    assert_eq!(bed.store.tokens().await.unwrap()[0].token_id, none);
    let trail = bed.store.audit_entries(Some(&format!("token:{id}")), 10).await.unwrap();
    let actions: Vec<_> = trail.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["token.revoked", "token.created"]);
}

async fn of_many_first_tokens_one_is_stored(bed: Bed) {
    let other = bed.another().await;
    let mut starting = tokio::task::JoinSet::new();
    for (n, store) in [&bed.store, &other, &bed.store, &other].into_iter().enumerate() {
        let store = store.clone();
        starting.spawn(async move {
            let hash = ContentHash::of(&[n as u8]);
            store.create_first_token("admin", &hash, noon()).await.unwrap()
        });
    }
    let stored = starting.join_all().await;
    assert_eq!(stored.iter().filter(|stored| **stored).count(), 1);
    assert_eq!(bed.store.tokens().await.unwrap().len(), 1);
}

async fn a_sign_in_ends_by_itself_or_by_hand(bed: Bed) {
    let token_id = bed
        .store
        .create_token("ada", &ContentHash::of(b"a"), &[], None, "ada", noon())
        .await
        .unwrap();
    let [first, second] = [b"1", b"2"].map(|cookie| ContentHash::of(cookie));
    let session = Session { token_id, csrf: "c".into() };
    let hour = |n| noon() + SignedDuration::from_hours(n);
    bed.store.create_session(&first, &session, noon(), hour(1)).await.unwrap();
    bed.store.create_session(&second, &session, noon(), hour(9)).await.unwrap();
    let found = bed.another().await.session(&first, noon()).await.unwrap().unwrap();
    assert_eq!((found.token_id, found.csrf.as_str()), (token_id, "c"));
    assert!(bed.store.session(&first, hour(1)).await.unwrap().is_none(), "it has run out");
    let third = ContentHash::of(b"3");
    bed.store.create_session(&third, &session, hour(2), hour(9)).await.unwrap();
    assert_eq!(bed.number("SELECT COUNT(*) FROM sessions").await, 2, "what ran out is gone");
    bed.store.delete_session(&second).await.unwrap();
    assert!(bed.store.session(&second, hour(2)).await.unwrap().is_none());
    assert!(bed.store.session(&third, hour(2)).await.unwrap().is_some());
    let nobody = Session { token_id: 999, csrf: String::new() };
    let fourth = ContentHash::of(b"4");
    assert!(bed.store.create_session(&fourth, &nobody, noon(), hour(1)).await.is_err());
}
