//! A person's events, deleted.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{events_of, export, id, ids, issue, reader, request, send};
use crate::support::server::Server;

#[tokio::test]
async fn a_deleted_users_events_are_gone_everywhere_and_others_stay() {
    let server = Server::start();
    let (project, other) = (server.create_project("a", &[]), server.create_project("b", &[]));
    for number in 1..=30 {
        send(&server, &project, number, "shared", if number % 2 == 0 { "ada" } else { "bob" })
            .await;
    }
    send(&server, &project, 31, "only hers", "ada").await;
    send(&server, &other, 32, "elsewhere", "ada").await;
    let (shared, hers) = (issue(&server, "shared").await, issue(&server, "only hers").await);

    let path = format!("/api/projects/{}/users/ada", project.id);
    let refused = server.plain(Method::DELETE, &path).bearer_auth(reader(&server));
    assert_eq!(refused.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(export(&server, &project, "?user=ada").await.len(), 16, "nothing was deleted");

    let delete = async || {
        let answer = request(&server, Method::DELETE, &path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json::<serde_json::Value>().await.unwrap()
    };
    assert_eq!(delete().await, json!({ "deleted_events": 16 }));
    assert_eq!(delete().await, json!({ "deleted_events": 0 }));

    for number in (2..=30).step_by(2).chain([31]) {
        let event = format!("/api/projects/{}/events/{}", project.id, id(number));
        for gone in [&event, &format!("{event}/payload")] {
            assert_eq!(server.get(gone).await.status(), StatusCode::NOT_FOUND, "{gone}");
        }
    }
    let others: Vec<_> = (1..=29).step_by(2).map(id).collect();
    assert_eq!(events_of(&server, shared).await, others);
    assert_eq!(ids(&export(&server, &project, "").await), others);
    assert_eq!(ids(&export(&server, &other, "?user=ada").await), [id(32)]);

    // How many there were stays; how many are stored does not.
    let shown = server.json(&format!("/api/issues/{shared}")).await;
    assert_eq!(
        (&shown["issue"]["event_count"], &shown["issue"]["stored_events"]),
        (&30.into(), &15.into())
    );
    let shown = server.json(&format!("/api/issues/{hers}")).await;
    assert_eq!(
        (&shown["issue"]["event_count"], &shown["issue"]["stored_events"]),
        (&1.into(), &0.into())
    );
    assert!(shown["latest_event"].is_null());

    let trail = server.json(&format!("/api/audit?subject=project:{}", project.id)).await;
    let entry = &trail["entries"][0];
    assert_eq!(entry["action"], "user.deleted");
    assert!(!entry.to_string().contains("ada"), "the trail does not name her: {entry}");
    let nowhere = request(&server, Method::DELETE, "/api/projects/77/users/ada");
    assert_eq!(nowhere.send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn no_byte_of_a_deleted_event_is_left_in_the_data_folder() {
    let mut server = Server::start();
    let project = server.create_project("a", &[]);
    send(&server, &project, 1, "hers", "ada-lovelace-1815").await;
    send(&server, &project, 2, "his", "bob").await;
    let path = format!("/api/projects/{}/users/ada-lovelace-1815", project.id);
    let answer = request(&server, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    server.kill_and_restart();
    assert_eq!(ids(&export(&server, &project, "").await), [id(2)]);
    for file in ["andon.db", "andon.db-wal"] {
        // The log is there only while something stands in it.
        let bytes = std::fs::read(server.data().join(file)).unwrap_or_default();
        for what in [id(1).as_bytes(), b"ada-lovelace-1815"] {
            let found = bytes.windows(what.len()).any(|window| window == what);
            assert!(!found, "{} is still in {file}", String::from_utf8_lossy(what));
        }
    }
}
