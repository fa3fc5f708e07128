//! Looking through what was learnt.

use andon::domain::pattern::{Likeness, Pattern, PatternVerdict};

use super::{Bed, noon, on_both};

on_both!(patterns_are_found_by_a_text_anywhere_in_them_the_pinned_first);

async fn patterns_are_found_by_a_text_anywhere_in_them_the_pinned_first(bed: Bed) {
    let (shop, other) = (bed.project("shop").await, bed.project("other").await);
    let learn = async |project_id, title: &str, cause: &str, fix: &str, pinned| {
        let mut pattern = Pattern {
            id: 0,
            project_id,
            issue_id: None,
            suggestion_id: None,
            fingerprint: title.to_owned(),
            class: "index_out_of_bounds".to_owned(),
            title: title.to_owned(),
            cause: cause.to_owned(),
            fix: fix.to_owned(),
            frames: Vec::new(),
            verdict: PatternVerdict::Corrected,
            fix_commit: None,
            recurred: false,
            hits: 0,
            pinned,
            created_at: noon(),
            updated_at: noon(),
        };
        let likeness = Likeness::default();
        pattern.id = bed.store.learn_pattern(&pattern, &likeness, noon()).await.unwrap();
        assert!(bed.store.edit_pattern(&pattern, "ada", noon()).await.unwrap());
        pattern.id
    };
    let pinned = learn(shop, "Cart::total", "the cart is EMPTY", "ask first", true).await;
    let plain = learn(shop, "Cart::last", "100% of carts", "use last_price", false).await;
    let elsewhere = learn(other, "Session", "an empty session", "", false).await;
    let found = async |project, text: &str| {
        let found = bed.store.search_patterns(project, text, 0, 50).await.unwrap();
        found.iter().map(|pattern| pattern.id).collect::<Vec<_>>()
    };
    assert_eq!(found(None, "").await, [pinned, elsewhere, plain]);
    assert_eq!(found(None, " empty ").await, [pinned, elsewhere], "large or small letters");
    assert_eq!(found(Some(shop), "empty").await, [pinned]);
    assert_eq!(found(None, "OUT_OF").await.len(), 3);
    assert_eq!(found(None, "last_price").await, [plain]);
    assert_eq!(found(None, "lastXprice").await, Vec::<i64>::new());
    assert_eq!(found(None, "0%").await, [plain], "signs of the database are letters");
    assert_eq!(found(None, "!").await, Vec::<i64>::new());
    let second = bed.store.search_patterns(None, "", 1, 1).await.unwrap();
    assert_eq!(second[0].id, elsewhere);
}
