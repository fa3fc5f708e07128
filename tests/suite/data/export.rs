//! Everything that is stored of a project, taken out.

use reqwest::StatusCode;
use serde_json::json;

use super::{export, id, ids, issue, send, send_event};
use crate::support::server::Server;

#[tokio::test]
async fn every_event_is_exported_on_a_line_of_its_own_in_the_order_in_which_it_came() {
    let server = Server::start();
    let (project, other) = (server.create_project("a", &[]), server.create_project("b", &[]));
    // More than one page of the store.
    for number in 1..=50 {
        send(&server, &project, number, if number % 2 == 0 { "even" } else { "odd" }, "u").await;
    }
    send(&server, &other, 99, "of another project", "u").await;
    let exported = export(&server, &project, "").await;
    assert_eq!(ids(&exported), (1..=50).map(id).collect::<Vec<_>>());
    let (even, odd) = (issue(&server, "even").await, issue(&server, "odd").await);
    for (line, number) in exported.iter().zip(1..) {
        assert_eq!(line["payload"]["event_id"], id(number));
        assert_eq!(line["issue_id"], if number % 2 == 0 { even } else { odd });
        assert!(line["received_at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    }
    let missing = server.get("/api/projects/77/export").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_export_goes_on_after_the_line_that_was_read_last() {
    let server = Server::start();
    let project = server.create_project("a", &[]);
    for number in 1..=45 {
        send(&server, &project, number, "t", "u").await;
    }
    let whole = export(&server, &project, "").await;
    for read in [0, 1, 20, 44, 45] {
        let after = if read == 0 { json!(0) } else { whole[read - 1]["row"].clone() };
        let rest = export(&server, &project, &format!("?after={after}")).await;
        assert_eq!(rest, whole[read..], "after {read}");
    }
}

#[tokio::test]
async fn only_a_users_own_events_are_exported_for_him() {
    let server = Server::start();
    let project = server.create_project("a", &[]);
    for number in 1..=60 {
        send(&server, &project, number, "t", if number % 3 == 0 { "ada" } else { "bob" }).await;
    }
    let named = json!({ "event_id": id(61), "message": "t", "user": { "username": "ada" } });
    send_event(&server, &project, &named).await;
    let nobodys = json!({ "event_id": id(62), "message": "t" });
    send_event(&server, &project, &nobodys).await;
    let his = export(&server, &project, "?user=ada").await;
    let expected: Vec<_> = (1..=20).map(|n| id(n * 3)).chain([id(61)]).collect();
    assert_eq!(ids(&his), expected);
    let after = &his[19]["row"];
    assert_eq!(
        ids(&export(&server, &project, &format!("?user=ada&after={after}")).await),
        [id(61)]
    );
    assert!(export(&server, &project, "?user=ad").await.is_empty());
    assert!(export(&server, &project, "?user=").await.is_empty());
}

#[tokio::test]
async fn what_was_scrubbed_stays_so_and_line_ends_in_an_event_make_no_second_line() {
    let server = Server::start();
    let project = server.create_project("a", &[]);
    let event = "{\n \"event_id\": \"00000000000000000000000000000001\",\n \"message\": \"two\\nlines\",\n \"extra\": {\"password\": \"hunter2\"}\n}";
    let envelope = format!("{{}}\n{{\"type\":\"event\",\"length\":{}}}\n{event}\n", event.len());
    assert_eq!(server.envelope(&project, envelope.into_bytes()).await.status(), StatusCode::OK);
    let exported = export(&server, &project, "").await;
    assert_eq!(exported.len(), 1);
    assert_eq!(exported[0]["payload"]["message"], "two\nlines");
    assert!(!exported[0].to_string().contains("hunter2"));
    assert!(exported[0]["notes"].as_array().is_some_and(|notes| !notes.is_empty()));
}
