use super::*;

const EVENT: &str = "INSERT INTO events (id, project_id, event_id, issue_id, timestamp,
        received_at, level, body, payload, block_id, slot)
    VALUES ($1, 1, $2, 1, 0, 0, 'error', '', '', $3, $4)";

async fn put(store: &Store, id: i64, block_id: Option<i64>, slot: i64) {
    sql::query("DELETE FROM events WHERE id = $1").bind(id).execute(store.pool()).await.unwrap();
    let event_id = format!("{id} {block_id:?} {slot}");
    let event = sql::query(EVENT).bind(id).bind(event_id).bind(block_id).bind(slot);
    event.execute(store.pool()).await.unwrap();
}

#[tokio::test]
async fn an_event_that_got_the_number_of_a_deleted_one_is_not_taken_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    for statement in [
        "INSERT INTO projects (name, public_key, healing, created_at) VALUES ('a', 'k', 'off', 0)",
        "INSERT INTO issues (id, project_id, fingerprint, title, level, platform, first_seen,
            last_seen, event_count) VALUES (1, 1, 'f', 't', 'error', 'other', 0, 0, 0)",
    ] {
        sql::query(statement).execute(store.pool()).await.unwrap();
    }
    for id in 1..=5 {
        put(&store, id, Some(1), id).await;
    }
    put(&store, 6, None, 0).await;
    let query = sql::query_as(UNPACKED).bind(0_i64).bind(STEP_EVENTS);
    let listed: Vec<Unpacked> = query.fetch_all(store.pool()).await.unwrap();
    let left = async || {
        let mut tx = store.begin_write().await.unwrap();
        let left = still_there(&mut tx, &listed, (0, 6)).await.unwrap();
        left.iter().map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!(left().await, [1, 2, 3, 4, 5, 6]);
    put(&store, 6, Some(2), 0).await;
    assert_eq!(left().await, [1, 2, 3, 4, 5], "it had no block");
    put(&store, 4, Some(2), 4).await;
    assert_eq!(left().await, [1, 2, 3], "nor what comes after it, which is new as well");
    sql::query("DELETE FROM events WHERE id = 2").execute(store.pool()).await.unwrap();
    assert_eq!(left().await, [1, 3], "what was deleted is left out");
}
