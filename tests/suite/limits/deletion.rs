//! Projects that go.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{command, event, id, item, send, stored_events};
use crate::support::eventually;
use crate::support::server::Server;

#[tokio::test]
async fn a_deleted_project_is_gone_at_once_and_its_rows_soon() {
    let server = Server::start();
    let (project, other) = (server.create_project("shop", &[]), server.create_project("b", &[]));
    for number in 1..=450 {
        let files = [event(number), item("attachment", "a file")];
        assert_eq!(send(&server, project.id, &project.key, &files).await.status(), 200);
    }
    assert_eq!(send(&server, other.id, &other.key, &[event(1)]).await.status(), 200);
    let path = format!("/api/projects/{}", project.id);
    let delete = async || {
        let request = server.plain(Method::DELETE, &path).bearer_auth(&server.token);
        request.send().await.unwrap().status()
    };
    assert_eq!(delete().await, StatusCode::ACCEPTED);
    assert_eq!(delete().await, StatusCode::NOT_FOUND, "only once");
    let refused = send(&server, project.id, &project.key, &[event(999)]).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let one = format!("{path}/events/{}", id(1));
    for gone in [one.as_str(), &format!("{path}/items"), &format!("{path}/keys"), "/api/issues/1"] {
        assert_eq!(server.get(gone).await.status(), StatusCode::NOT_FOUND, "{gone}");
    }
    assert_eq!(stored_events(&server).await, 1, "the other project's");
    // Its name is free again, its number is not.
    let again = server.create_project("shop", &[]);
    assert!(again.id > other.id);
    eventually("the rows to go", async || {
        let rows = rows_of(&server, project.id).await;
        (rows == 0).then_some(())
    })
    .await;
    assert_eq!(stored_events(&server).await, 1);
    let trail = server.json(&format!("/api/audit?subject=project:{}", project.id)).await;
    assert_eq!(trail["entries"][0]["action"], "project.deleted");
    assert_eq!(trail["entries"][0]["detail"], json!({ "name": "shop" }));
    assert_eq!(server.json("/health").await["status"], "healthy");
}

/// Rows of every table that belong to a project, as the database has them.
async fn rows_of(server: &Server, project: i64) -> i64 {
    use sqlx::Connection as _;
    let file = server.data().join("andon.db");
    let address = format!("sqlite://{}", file.display());
    let mut database = sqlx::SqliteConnection::connect(&address).await.unwrap();
    let count = sqlx::query_scalar(
        "SELECT (SELECT COUNT(*) FROM events WHERE project_id = $1)
              + (SELECT COUNT(*) FROM issues WHERE project_id = $1)
              + (SELECT COUNT(*) FROM item_counts WHERE project_id = $1)
              + (SELECT COUNT(*) FROM usage WHERE project_id = $1)
              + (SELECT COUNT(*) FROM outcomes WHERE project_id = $1)
              + (SELECT COUNT(*) FROM project_keys WHERE project_id = $1)
              + (SELECT COUNT(*) FROM attachments a
                 WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.id = a.event_row))
              + (SELECT COUNT(*) FROM analyses a
                 WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.id = a.event_row))",
    )
    .bind(project)
    .fetch_one(&mut database)
    .await
    .unwrap();
    database.close().await.unwrap();
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_is_deleted_while_events_arrive_leaves_no_orphan_and_no_500() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let number = project.id.to_string();
    let sends = futures_util::future::join_all((0..8).map(|sender: u32| {
        let (server, project) = (&server, &project);
        async move {
            let mut last = 200;
            for event_number in 0..4000 {
                let items = [event(sender * 10_000 + event_number), item("session", "{}")];
                let answer = send(server, project.id, &project.key, &items).await;
                let status = answer.status().as_u16();
                assert!(status == 200 || status == 403, "{status} after {last}");
                assert!(last == 200 || status == 403, "once refused, refused for good");
                last = status;
                if status == 403 {
                    let problem: serde_json::Value = answer.json().await.unwrap();
                    assert!(problem["detail"].as_str().unwrap().contains("project"), "{problem}");
                    return true;
                }
            }
            false
        }
    }));
    // By another process, which cannot tell the server to forget the project.
    let delete = async {
        let some = async || (rows_of(&server, project.id).await > 0).then_some(());
        eventually("events to be there", some).await;
        tokio::task::block_in_place(|| command(&server, &["project", "delete", &number, "--yes"]))
    };
    let (refused, (code, ..)) = tokio::join!(sends, delete);
    assert_eq!(code, Some(0));
    assert!(refused.iter().all(|end| *end), "every sender was told");
    eventually("the rows to go", async || (rows_of(&server, project.id).await == 0).then_some(()))
        .await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert_eq!(rows_of(&server, project.id).await, 0, "and none came after");
}

#[tokio::test]
async fn deleting_wants_a_yes_and_a_project() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let number = project.id.to_string();
    let (code, _, said) = command(&server, &["project", "delete", &number]);
    assert_eq!(code, Some(1));
    assert!(said.contains("--yes"), "{said}");
    assert_eq!(send(&server, project.id, &project.key, &[event(1)]).await.status(), 200);
    let (code, _, said) = command(&server, &["project", "delete", "999", "--yes"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("there is no project 999"), "{said}");
}
