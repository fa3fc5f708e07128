//! What is not kept any longer.

use andon::clock::Clock;
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Gui, ask, events_of, export, id, ids, issue, request, send, send_event};
use crate::support::eventually;
use crate::support::server::Server;

/// Events of an issue that stay at least, its first ones and the last.
const LEAST_KEPT: u32 = 11;

#[tokio::test]
async fn what_is_over_the_configured_limit_of_an_issue_goes_and_stays_counted() {
    let mut server = Server::start();
    let project = server.create_project("a", &[]);
    for number in 1..=40 {
        send(&server, &project, number, "flood", "u").await;
    }
    send(&server, &project, 41, "rare", "u").await;
    let (flood, rare) = (issue(&server, "flood").await, issue(&server, "rare").await);
    // The first look is at the start.
    server.kill_and_restart_with(&[("ANDON_RETENTION_EVENTS_PER_ISSUE", "15")]);
    let path = format!("/api/issues/{flood}");
    eventually("the sweep", async || {
        (server.json(&path).await["issue"]["stored_events"] == 15).then_some(())
    })
    .await;
    let shown = server.json(&path).await;
    assert_eq!(shown["issue"]["event_count"], 40);
    assert_eq!(shown["latest_event"]["event_id"], id(40));
    // Its first ten and its last five.
    let mut kept: Vec<_> = (1..=10).chain(36..=41).map(id).collect();
    assert_eq!(ids(&export(&server, &project, "").await), kept);
    kept.pop();
    assert_eq!(events_of(&server, flood).await, kept);
    let gone = format!("/api/projects/{}/events/{}", project.id, id(20));
    assert_eq!(server.get(&gone).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(server.json(&format!("/api/issues/{rare}")).await["issue"]["stored_events"], 1);
    let rollups = server.json(&format!("{path}/rollups?grain=day")).await;
    let counted = rollups["buckets"].as_array().unwrap().iter();
    assert_eq!(counted.map(|b| b["events"].as_i64().unwrap()).sum::<i64>(), 40, "charts stay");

    let gui = Gui::sign_in(&server, &server.token).await;
    assert!(gui.page(&format!("/gui/issues/{flood}")).await.contains("40 events, 15 stored"));
    let page = gui.page(&format!("/gui/projects/{}", project.id)).await;
    assert!(page.contains("16 events") && page.contains("At most 15 events of an issue"), "{page}");
}

#[tokio::test]
async fn a_projects_own_limits_go_before_the_configured_ones() {
    let mut server = Server::start();
    let (project, other) = (server.create_project("a", &[]), server.create_project("b", &[]));
    for number in 1..=20 {
        send(&server, &project, number, "t", "u").await;
        send(&server, &other, number, "u", "u").await;
    }
    let own = json!({ "retention": { "events_per_project": 4 } });
    let path = format!("/api/projects/{}/settings", project.id);
    assert_eq!(ask(&server, Method::PUT, &path, &own).await.0, StatusCode::OK);
    server.kill_and_restart_with(&[("ANDON_RETENTION_EVENTS_PER_ISSUE", "1")]);
    let kept = async |project, count: u32| {
        eventually("the sweep", async || {
            let found = export(&server, project, "").await;
            (found.len() == count as usize).then(|| ids(&found))
        })
        .await
    };
    assert_eq!(kept(&project, 4).await, (17..=20).map(id).collect::<Vec<_>>(), "the newest");
    let least = kept(&other, LEAST_KEPT).await;
    assert_eq!(least, (1..=10).chain([20]).map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_old_issue_without_events_goes_and_is_a_page_that_says_so() {
    let mut server = Server::start();
    let project = server.create_project("a", &[]);
    let then = Clock::system().now() - SignedDuration::from_hours(72);
    let old = json!({
        "event_id": id(1), "message": "old", "timestamp": then.to_string(), "user": { "id": "ada" },
    });
    send_event(&server, &project, &old).await;
    send(&server, &project, 2, "young", "ada").await;
    let (gone, kept) = (issue(&server, "old").await, issue(&server, "young").await);
    let user = format!("/api/projects/{}/users/ada", project.id);
    let deleted = request(&server, Method::DELETE, &user).send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::OK);
    assert_eq!(server.get(&format!("/api/issues/{gone}")).await.status(), StatusCode::OK);
    server.kill_and_restart_with(&[("ANDON_RETENTION_DAYS", "1")]);
    eventually("the sweep", async || {
        let status = server.get(&format!("/api/issues/{gone}")).await.status();
        (status == StatusCode::NOT_FOUND).then_some(())
    })
    .await;
    let gui = Gui::sign_in(&server, &server.token).await;
    let (status, page) = gui.get(&format!("/gui/issues/{gone}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains("may have been deleted"), "{page}");
    gui.page(&format!("/gui/issues/{kept}")).await;
    // It is a new issue when it comes again.
    send(&server, &project, 3, "old", "bob").await;
    assert_ne!(issue(&server, "old").await, gone);
}
