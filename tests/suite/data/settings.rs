//! What is set for one project.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Gui, ask};
use crate::support::server::Server;

#[tokio::test]
async fn settings_are_given_back_as_they_were_set() {
    let server = Server::start();
    let (project, other) = (server.create_project("a", &[]), server.create_project("b", &[]));
    let path = format!("/api/projects/{}/settings", project.id);
    let nothing = json!({ "fingerprint_rules": "", "retention": null, "quotas": null });
    assert_eq!(server.json(&path).await, nothing);
    let wanted = json!({
        "fingerprint_rules": "type:TimeoutError -> timeouts\n",
        "retention": {
            "days": 7, "events_per_project": 1000, "events_per_issue": 50,
            "bytes_per_project": 123_456_789_012_u64,
        },
        "quotas": {
            "events_per_minute": 0, "events_per_hour": 4321, "events_per_month": 0,
            "key_events_per_minute": 0, "key_events_per_hour": 0, "key_events_per_month": 0,
            "categories": { "attachment": {
                "per_minute": 0, "per_hour": 0, "per_month": 8_000_000,
                "key_per_minute": 0, "key_per_hour": 0, "key_per_month": 0,
            } },
        },
    });
    assert_eq!(ask(&server, Method::PUT, &path, &wanted).await, (StatusCode::OK, wanted.clone()));
    assert_eq!(server.json(&path).await, wanted);
    let gui = Gui::sign_in(&server, &server.token).await;
    let page = gui.page(&format!("/gui/projects/{}", project.id)).await;
    for said in [
        "after 7 days",
        "1000 events of the project",
        "123 GB",
        "type:TimeoutError -&#62;",
        "as this project is set, and what was used",
        ">4321<",
        "8.0 MB",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let page = gui.page(&format!("/gui/projects/{}", other.id)).await;
    assert!(page.contains("as the server is set, and what was used"), "{page}");
    let others = server.json(&format!("/api/projects/{}/settings", other.id)).await;
    assert_eq!(others, nothing, "those of another project");
    let trail = server.json(&format!("/api/audit?subject=project:{}", project.id)).await;
    assert_eq!(trail["entries"][0]["action"], "project.settings");
    // What is left out is as the configuration says again.
    assert_eq!(ask(&server, Method::PUT, &path, &json!({})).await, (StatusCode::OK, nothing));
}

#[tokio::test]
async fn nonsense_is_refused_by_the_name_of_its_field_and_changes_nothing() {
    let server = Server::start();
    let project = server.create_project("a", &[]);
    let path = format!("/api/projects/{}/settings", project.id);
    let before = server.json(&path).await;
    let long = "a".repeat(64 * 1024 + 1);
    for (nonsense, field) in [
        (json!({ "retention_days": 3 }), "retention_days"),
        (json!({ "retention": { "weeks": 3 } }), "weeks"),
        (json!({ "retention": { "days": -1 } }), "retention.days"),
        (json!({ "retention": { "days": "soon" } }), "retention.days"),
        (json!({ "retention": { "days": 5_000_000_000_u64 } }), "retention.days"),
        (json!({ "retention": { "events_per_issue": 1.5 } }), "retention.events_per_issue"),
        (json!({ "fingerprint_rules": 7 }), "fingerprint_rules"),
        (json!({ "quotas": 7 }), "quotas"),
        (json!({ "quotas": { "events_per_day": 3 } }), "events_per_day"),
        (json!({ "quotas": { "events_per_hour": -3 } }), "quotas.events_per_hour"),
        (json!({ "quotas": { "events_per_month": 1e15 as u64 + 1 } }), "quotas.events_per_month"),
        (json!({ "quotas": { "categories": { "errors": {} } } }), "errors"),
        (json!({ "quotas": { "categories": { "error": {} } } }), "quotas.events_per_minute"),
        (
            json!({ "quotas": { "categories": { "span": { "key_per_hour": 1e16 as u64 } } } }),
            "quotas.categories.span.key_per_hour",
        ),
        (json!({ "fingerprint_rules": long }), "fingerprint_rules"),
        (json!({ "fingerprint_rules": "nonsense" }), "fingerprint_rules"),
    ] {
        let (status, problem) = ask(&server, Method::PUT, &path, &nonsense).await;
        assert!(status.is_client_error(), "{status} {problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(field), "{field} is not named: {detail}");
    }
    assert_eq!(server.json(&path).await, before);
    let nowhere = ask(&server, Method::PUT, "/api/projects/77/settings", &json!({})).await;
    assert_eq!(nowhere.0, StatusCode::NOT_FOUND);
    let trail: Value = server.json(&format!("/api/audit?subject=project:{}", project.id)).await;
    assert_eq!(trail["entries"].as_array().unwrap().len(), 1, "it was created: {trail}");
}
