//! Merging issues and parting them, by the API and by the GUI; and what was counted of them.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Gui, ask, create, issue, on_postgres, reader, send};
use crate::support::server::Server;

async fn counts(server: &Server, id: i64) -> (i64, i64) {
    let shown = server.json(&format!("/api/issues/{id}")).await;
    let count = |name: &str| shown["issue"][name].as_i64().unwrap();
    (count("event_count"), count("stored_events"))
}

/// Events of an issue by hour, day or minute, all buckets together.
async fn rolled_up(server: &Server, id: i64, grain: &str) -> i64 {
    let answer = server.json(&format!("/api/issues/{id}/rollups?grain={grain}")).await;
    let buckets = answer["buckets"].as_array().unwrap();
    buckets.iter().map(|bucket| bucket["events"].as_i64().unwrap()).sum()
}

async fn listed(server: &Server) -> Vec<i64> {
    let answer = server.json("/api/issues").await;
    let mut ids: Vec<i64> =
        answer["issues"].as_array().unwrap().iter().map(|i| i["id"].as_i64().unwrap()).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn merged_issues_count_as_one_and_parting_gives_each_its_own_back() {
    let server = Server::start();
    let (project, other) = (server.create_project("a", &[]), server.create_project("b", &[]));
    let mut number = 0;
    for (title, events) in [("one", 3), ("two", 2), ("three", 1)] {
        for _ in 0..events {
            number += 1;
            send(&server, &project, number, title, "u").await;
        }
    }
    send(&server, &other, 90, "foreign", "u").await;
    let mut ids = Vec::new();
    for title in ["one", "two", "three", "foreign"] {
        ids.push(issue(&server, title).await);
    }
    let [one, two, three, foreign] = ids[..] else { unreachable!() };
    let merge = async |into: i64, from: Value| {
        ask(&server, Method::POST, &format!("/api/issues/{into}/merge"), &json!({ "issues": from }))
            .await
    };

    let (status, shown) = merge(one, json!([two, three])).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(shown["issue"]["event_count"], 6);
    assert_eq!(shown["merged"].as_array().unwrap().len(), 2);
    assert_eq!(counts(&server, one).await, (6, 6));
    assert_eq!(listed(&server).await, [one, foreign]);
    let events = server.json(&format!("/api/issues/{one}/events")).await;
    assert_eq!(events["events"].as_array().unwrap().len(), 6);
    for grain in ["minute", "hour", "day"] {
        assert_eq!(rolled_up(&server, one, grain).await, 6, "{grain}");
        assert_eq!(rolled_up(&server, two, grain).await, 2, "{grain}");
    }
    // An event that comes now belongs to its own issue still, and counts for both.
    send(&server, &project, 50, "two", "u").await;
    assert_eq!(counts(&server, one).await, (7, 7));
    assert_eq!(server.json(&format!("/api/issues/{two}")).await["issue"]["merged_into"], one);

    for (into, from, status, said) in [
        (one, json!([one]), StatusCode::CONFLICT, "itself"),
        (one, json!([foreign]), StatusCode::CONFLICT, "different projects"),
        (two, json!([one]), StatusCode::CONFLICT, "merge into that one"),
        (one, json!([]), StatusCode::BAD_REQUEST, "from 1 to 100"),
        (one, json!([9999]), StatusCode::NOT_FOUND, "9999"),
    ] {
        let (answered, problem) = merge(into, from.clone()).await;
        assert_eq!(answered, status, "{from} into {into}");
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }

    let part = format!("/api/issues/{two}/unmerge");
    let (status, shown) = ask(&server, Method::POST, &part, &json!({})).await;
    assert_eq!((status, &shown["issue"]["event_count"]), (StatusCode::OK, &3.into()));
    assert_eq!(ask(&server, Method::POST, &part, &json!({})).await.0, StatusCode::CONFLICT);
    assert_eq!(counts(&server, one).await, (4, 4));
    assert_eq!(listed(&server).await, [one, two, foreign]);
    assert_eq!(rolled_up(&server, one, "hour").await, 4);
}

#[tokio::test]
async fn rollups_answer_by_grain_and_time_and_refuse_nonsense() {
    let server = Server::start();
    let project = server.create_project("a", &[]);
    for number in 1..=5 {
        send(&server, &project, number, "t", "u").await;
    }
    let id = issue(&server, "t").await;
    for (grain, seconds) in [("minute", 60), ("hour", 3600), ("day", 86_400)] {
        let path = format!("/api/issues/{id}/rollups?grain={grain}");
        let answer = server.json(&path).await;
        assert_eq!(answer["grain_seconds"], seconds);
        for bucket in answer["buckets"].as_array().unwrap() {
            assert_eq!(bucket["bucket"].as_i64().unwrap() % seconds, 0, "{grain}");
        }
        assert_eq!(rolled_up(&server, id, grain).await, 5);
        let later = server.json(&format!("{path}&since=2200-01-01T00:00:00Z")).await;
        assert_eq!(later["buckets"], json!([]), "{grain}");
    }
    let by_default = server.json(&format!("/api/issues/{id}/rollups")).await;
    assert_eq!(by_default["grain_seconds"], 3600);
    for (path, status) in [
        (format!("/api/issues/{id}/rollups?grain=year"), StatusCode::BAD_REQUEST),
        (format!("/api/issues/{id}/rollups?since=yesterday"), StatusCode::BAD_REQUEST),
        ("/api/issues/9999/rollups".to_owned(), StatusCode::NOT_FOUND),
    ] {
        assert_eq!(server.get(&path).await.status(), status, "{path}");
    }
}

#[tokio::test]
async fn issues_are_merged_and_parted_by_forms() {
    let server = Server::start();
    let reader = reader(&server);
    by_forms(&server).await;
    let (one, two) = (issue(&server, "one").await, issue(&server, "two").await);
    let looker = Gui::sign_in(&server, &reader).await;
    let (merge, into) = (format!("/gui/issues/{two}/merge"), one.to_string());
    assert_eq!(looker.post(&merge, &[("into", &into)]).await.0, StatusCode::FORBIDDEN);
    assert!(!looker.page(&format!("/gui/issues/{two}")).await.contains("/merge\""));
    assert_eq!(counts(&server, one).await, (1, 1), "nothing was merged");
}

#[tokio::test]
async fn issues_are_merged_and_parted_by_forms_on_postgres() {
    by_forms(&on_postgres(&[]).await).await;
}

async fn by_forms(server: &Server) {
    let project = create(server, "a").await;
    for (number, title) in [(1, "one"), (2, "two"), (3, "two")] {
        send(server, &project, number, title, "u").await;
    }
    let (one, two) = (issue(server, "one").await, issue(server, "two").await);
    let gui = Gui::sign_in(server, &server.token).await;
    let merge = format!("/gui/issues/{two}/merge");
    let number = format!(" #{one} ");
    let (status, place) = gui.post(&merge, &[("into", &number)]).await;
    assert_eq!((status, place), (StatusCode::SEE_OTHER, format!("/gui/issues/{one}?done=merged")));
    let page = gui.page(&format!("/gui/issues/{one}?done=merged")).await;
    assert!(page.contains("3 events") && page.contains(&format!("/gui/issues/{two}/unmerge")));
    assert!(page.contains("Merged. This issue now shows"));
    let page = gui.page(&format!("/gui/issues/{two}")).await;
    assert!(page.contains("This issue was merged into"));
    assert!(page.contains(&format!("<a href=\"/gui/issues/{one}\">#{one} one</a>")));
    let list = gui.page("/gui/issues").await;
    assert!(!list.contains(&format!("href=\"/gui/issues/{two}\"")));
    assert!(list.contains("aria-label=\"3 events in the last 24 hours\""), "{list}");

    let part = format!("/gui/issues/{two}/unmerge");
    let (status, place) = gui.post(&part, &[("from", "whole")]).await;
    assert_eq!((status, place), (StatusCode::SEE_OTHER, format!("/gui/issues/{one}?done=parted")));
    let (status, page) = gui.post(&part, &[]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("is not merged into another"));
    let itself = two.to_string();
    for (into, status, said) in [
        ("", StatusCode::BAD_REQUEST, "give the number of an issue"),
        ("seven", StatusCode::BAD_REQUEST, "give the number of an issue"),
        ("9999", StatusCode::BAD_REQUEST, "there is no issue 9999"),
        (&itself, StatusCode::CONFLICT, "cannot be merged into itself"),
    ] {
        let (answered, page) = gui.post(&merge, &[("into", into)]).await;
        assert_eq!(answered, status, "{into}");
        assert!(page.contains(said) && page.contains("<!doctype html>"), "{into}: {page}");
    }
    let (status, _) = gui.post("/gui/issues/9999/merge", &[("into", &itself)]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
