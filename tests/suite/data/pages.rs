//! Pages about what is stored no longer, and about projects.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Gui, create, id, issue, on_postgres, reader, request, send};
use crate::support::eventually;
use crate::support::server::Server;

#[tokio::test]
async fn an_issue_without_stored_events_answers_and_has_a_page_with_its_analysis() {
    let server = Server::start();
    let project = server.create_project("a", &[]);
    for number in 1..=3 {
        send(&server, &project, number, "gone", "ada").await;
    }
    let gone = issue(&server, "gone").await;
    let path = format!("/api/issues/{gone}");
    let analysis = eventually("the analysis", async || {
        let shown = server.json(&path).await["analysis"].clone();
        (!shown["finished_at"].is_null()).then_some(shown)
    })
    .await;
    assert!(analysis["event_row"].is_number());
    let user = format!("/api/projects/{}/users/ada", project.id);
    let deleted = request(&server, Method::DELETE, &user).send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::OK);

    let shown = server.json(&path).await;
    assert_eq!(
        (&shown["issue"]["event_count"], &shown["issue"]["stored_events"]),
        (&3.into(), &0.into())
    );
    assert!(shown["latest_event"].is_null());
    assert_eq!(shown["analysis"]["id"], analysis["id"]);
    assert!(shown["analysis"]["event_row"].is_null(), "its event is gone");
    assert_eq!(server.json(&format!("{path}/events")).await, json!({ "events": [], "next": null }));

    let gui = Gui::sign_in(&server, &server.token).await;
    let page = gui.page(&format!("/gui/issues/{gone}")).await;
    for said in ["3 events, none stored", "events is stored any more", "3 events, all in one day"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("/analyse\""), "there is nothing to analyse");
    let (status, _) = gui.post(&format!("/gui/issues/{gone}/analyse"), &[]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let list = gui.page("/gui/issues").await;
    assert!(list.contains("aria-label=\"3 events in the last 24 hours\""), "{list}");

    // It is the same issue when it comes again.
    send(&server, &project, 4, "gone", "bob").await;
    assert_eq!(server.json(&path).await["latest_event"]["event_id"], id(4));
    assert!(gui.page(&format!("/gui/issues/{gone}")).await.contains("4 events, 1 stored"));
}

/// Three events an hour.
const QUOTA: [(&str, &str); 1] = [("ANDON_QUOTAS_EVENTS_PER_HOUR", "3")];

#[tokio::test]
async fn a_projects_page_says_what_is_stored_used_refused_and_counted() {
    let server = Server::start_with(&QUOTA);
    let reader = reader(&server);
    a_projects_page(&server, &reader).await;
}

#[tokio::test]
async fn a_projects_page_says_the_same_on_postgres() {
    let server = on_postgres(&QUOTA).await;
    a_projects_page(&server, &server.token).await;
}

async fn a_projects_page(server: &Server, token: &str) {
    let project = create(server, "a").await;
    let other = create(server, "b").await;
    let items = "{}\n{\"type\":\"session\"}\n{}\n{\"type\":\"session\"}\n{}\n";
    assert_eq!(server.envelope(&project, items.into()).await.status(), StatusCode::OK);
    for number in 1..=3 {
        send(server, &project, number, "t", "u").await;
    }
    let event = format!("{{}}\n{{\"type\":\"event\"}}\n{{\"event_id\":\"{}\"}}\n", id(4));
    let refused = server.envelope(&project, event.into_bytes()).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);

    let gui = Gui::sign_in(server, token).await;
    let page = gui.page(&format!("/gui/projects/{}", project.id)).await;
    for said in [
        project.dsn.as_str(),
        "<dd>3 events</dd>",
        "<td>hour</td><td class=\"num\">3</td>",
        "<td class=\"num\">3</td>\n",
        "<td>events</td><td>quota hour</td><td class=\"num\">1</td>",
        "<td>session</td><td class=\"num\">2</td>",
        "Events are deleted after 90 days.",
        "as the server is set",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let list = gui.page("/gui/projects").await;
    for id in [project.id, other.id] {
        assert!(list.contains(&format!("href=\"/gui/projects/{id}\"")), "{list}");
    }
    let page = gui.page(&format!("/gui/projects/{}", other.id)).await;
    assert!(page.contains("Nothing was refused.") && page.contains("<dd>0 events</dd>"), "{page}");
    let path = format!("/api/projects/{}", other.id);
    let deleted = request(server, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(deleted.status(), StatusCode::ACCEPTED);
    for gone in [format!("/gui/projects/{}", other.id), "/gui/projects/x".into()] {
        assert_eq!(gui.get(&gone).await.0, StatusCode::NOT_FOUND, "{gone}");
    }
}
