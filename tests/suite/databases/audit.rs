//! The audit trail: a chain that shows what was done to it.

use andon::domain::hash::ContentHash;
use andon::domain::project::Scope;
use andon::store::Store;
use andon::store::audit::{AuditBreak, AuditEntry};
use serde_json::json;

use super::{Bed, noon, on_both};

on_both!(
    an_untouched_chain_holds_whatever_its_texts,
    a_changed_removed_or_moved_row_is_found,
    writers_of_two_stores_do_not_fork_the_chain,
);

async fn write(store: &Store, n: usize) {
    let detail = json!({"n": n, "why": "because \"so\"\n\0"});
    let entry = AuditEntry { actor: "ada", action: "a.b", subject: "s:1", detail: &detail };
    store.audit(entry, noon()).await.unwrap();
}

async fn an_untouched_chain_holds_whatever_its_texts(bed: Bed) {
    for n in 0..3 {
        write(&bed.store, n).await;
    }
    let detail = json!({});
    for text in ["", "a\0b", "\u{1d11e}", "\\u0000 'x' $1"] {
        let entry = AuditEntry { actor: text, action: text, subject: text, detail: &detail };
        bed.store.audit(entry, noon()).await.unwrap();
    }
    let hash = ContentHash::of(b"token");
    bed.store.create_token("n\0l", &hash, &[Scope::Read], None, "ada", noon()).await.unwrap();
    let report = bed.another().await.verify_audit().await.unwrap();
    assert_eq!((report.entries, report.broken), (8, None));
    let all = bed.store.audit_entries(None, 100).await.unwrap();
    assert_eq!(all.iter().map(|entry| entry.id).collect::<Vec<_>>(), [8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(report.head, all[0].hash);
    let of_subject = bed.store.audit_entries(Some("s:1"), 2).await.unwrap();
    assert_eq!(of_subject.iter().map(|entry| entry.id).collect::<Vec<_>>(), [3, 2]);
}

async fn a_changed_removed_or_moved_row_is_found(bed: Bed) {
    let broken_by = async |statement: &str| -> Option<AuditBreak> {
        bed.run("DELETE FROM audit").await;
        for n in 0..4 {
            write(&bed.store, n).await;
        }
        assert_eq!(bed.store.verify_audit().await.unwrap().broken, None);
        bed.run(statement).await;
        bed.store.verify_audit().await.unwrap().broken
    };
    for statement in [
        "UPDATE audit SET actor = 'eve' WHERE id = 2",
        "UPDATE audit SET detail = '{}' WHERE id = 2",
        "UPDATE audit SET at = at + 1 WHERE id = 2",
        "UPDATE audit SET hash = prev_hash || hash WHERE id = 2",
    ] {
        assert_eq!(broken_by(statement).await.unwrap().id, 2, "{statement}");
    }
    let gap = broken_by("DELETE FROM audit WHERE id = 2").await.unwrap();
    assert_eq!((gap.id, gap.reason.as_str()), (3, "entry 2 is missing"));
    assert!(broken_by("UPDATE audit SET id = 9 WHERE id = 2").await.is_some());
}

async fn writers_of_two_stores_do_not_fork_the_chain(bed: Bed) {
    let other = bed.another().await;
    let mut writers = tokio::task::JoinSet::new();
    for store in [&bed.store, &other, &bed.store, &other] {
        let store = store.clone();
        writers.spawn(async move {
            for n in 0..10 {
                write(&store, n).await;
            }
        });
    }
    writers.join_all().await;
    let report = bed.store.verify_audit().await.unwrap();
    assert_eq!((report.entries, report.broken), (40, None));
}
