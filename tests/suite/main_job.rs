//! The main job through the server: a real report, analysis, healing in place, decisions by the API.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::server::Server;
use crate::support::shop::Shop;
use crate::support::{eventually_within, server};

/// Checks compile code: on a busy machine with cold caches that takes a while.
const COMPILING: std::time::Duration = std::time::Duration::from_secs(300);

async fn report_and_wait(
    server: &Server,
    shop: &Shop,
    project: &server::ProjectFacts,
) -> Vec<Value> {
    assert_eq!(server.envelope(project, shop.index_envelope()).await.status(), StatusCode::OK);
    eventually_within(COMPILING, "verdicts on all suggestions", &mut async || {
        let found = server.json("/api/suggestions").await;
        let found = found["suggestions"].as_array().unwrap().clone();
        let decided = |s: &Value| {
            s["verdict"] != Value::Null && s["status_reason"] != Value::Null
                || s["status"] == "applied"
        };
        (found.len() == 4 && found.iter().all(decided)).then_some(found)
    })
    .await
}

async fn put(server: &Server, id: &Value, body: Value) -> (StatusCode, Value) {
    let request = server
        .plain(Method::PUT, &format!("/api/suggestions/{id}"))
        .bearer_auth(&server.token)
        .json(&body);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn wait_for(server: &Server, id: &Value, status: &str) {
    eventually_within(COMPILING, &format!("suggestion {id} to be {status}"), &mut async || {
        let found = server.json(&format!("/api/suggestions/{id}")).await;
        assert_ne!(found["status"], "failed", "{found:#}");
        (found["status"] == status).then_some(())
    })
    .await;
}

#[tokio::test]
async fn healed_in_place_approved_and_rolled_back_byte_for_byte() {
    let server = Server::start();
    let shop = Shop::new("index");
    let repo = shop.repo.root().to_str().unwrap();
    let project = server.create_project("shop", &["--repo", repo, "--healing", "in_place"]);
    let at_head = shop.read(&shop.file);
    let suggestions = report_and_wait(&server, &shop, &project).await;

    let statuses: Vec<&str> = suggestions.iter().map(|s| s["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["applied", "applied", "applied", "pending"]);
    let healed = shop.read(&shop.file);
    assert_ne!(healed, at_head);
    let logic = &suggestions[3]["id"];

    // A person decides, and must say why when it is a no.
    assert_eq!(put(&server, logic, json!({"status": "rejected"})).await.0, StatusCode::BAD_REQUEST);
    let (status, approved) = put(&server, logic, json!({"status": "approved"})).await;
    assert_eq!((status, &approved["status"]), (StatusCode::ACCEPTED, &json!("approved")));
    wait_for(&server, logic, "applied").await;
    assert_ne!(shop.read(&shop.file), healed);
    assert_eq!(
        put(&server, logic, json!({"status": "rejected", "reason": "x"})).await.0,
        StatusCode::CONFLICT
    );

    // What lies below a later fix cannot be taken back; the other way round it can, to the byte.
    let (status, problem) =
        put(&server, &suggestions[2]["id"], json!({"status": "rolled_back"})).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    for (suggestion, after) in
        suggestions.iter().rev().zip([Some(&healed), None, None, Some(&at_head)])
    {
        let (status, now) = put(&server, &suggestion["id"], json!({"status": "rolled_back"})).await;
        assert_eq!((status, &now["status"]), (StatusCode::OK, &json!("rolled_back")), "{now:#}");
        if let Some(after) = after {
            assert_eq!(&shop.read(&shop.file), after);
        }
    }

    // And once more into the file: taken back is not rejected.
    let first = &suggestions[0]["id"];
    assert_eq!(put(&server, first, json!({"status": "applied"})).await.0, StatusCode::ACCEPTED);
    wait_for(&server, first, "applied").await;

    let trail = server.json("/api/audit?limit=200").await;
    let trail: Vec<String> = trail["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| format!("{} {}", e["actor"].as_str().unwrap(), e["action"].as_str().unwrap()))
        .collect();
    let count = |what: &str| trail.iter().filter(|t| *t == what).count();
    assert_eq!(count("andon healing.kept"), 3, "{trail:?}");
    assert_eq!(count("admin suggestion.approved"), 2, "{trail:?}");
    assert_eq!(count("admin healing.kept"), 2, "{trail:?}");
}

#[tokio::test]
async fn what_does_not_compile_beside_the_failing_file_is_mended_too() {
    let server = Server::start();
    let shop = Shop::new("index");
    let beside = "orders/src/stock.rs";
    let text = String::from_utf8(shop.read(beside)).unwrap();
    let text = text + "\n/// Nothing.\npub fn nothing() -> HashSet<u8> {\n    HashSet::new()\n}\n";
    shop.repo.write(beside, &text);
    shop.repo.commit("more later work");
    let repo = shop.repo.root().to_str().unwrap();
    let project = server.create_project("shop", &["--repo", repo, "--healing", "in_place"]);
    let suggestions = report_and_wait(&server, &shop, &project).await;
    let imports = &suggestions[0];
    assert_eq!(imports["files"], json!([shop.file, beside]), "{imports:#}");
    assert_eq!(imports["status"], "applied", "{imports:#}");
    assert!(
        String::from_utf8(shop.read(beside)).unwrap().contains("use std::collections::HashSet;")
    );
    assert_eq!(suggestions[3]["verification"]["check"], "passed", "{:#}", suggestions[3]);
}

#[tokio::test]
async fn a_new_project_only_observes() {
    let server = Server::start();
    let shop = Shop::new("index");
    let repo = shop.repo.root().to_str().unwrap();
    let project = server.create_project("shop", &["--repo", repo]);
    let at_head = shop.read(&shop.file);
    let suggestions = report_and_wait(&server, &shop, &project).await;
    assert_eq!(shop.read(&shop.file), at_head);
    for suggestion in &suggestions {
        assert_eq!(suggestion["status"], "pending");
        assert_eq!(suggestion["verification"]["applied"], true, "{suggestion:#}");
    }
    let said = suggestions[0]["status_reason"].as_str().unwrap();
    assert!(said.starts_with("would be healed by itself"), "{said}");
    // A new analysis takes the place of what still waits, and leaves the decided alone.
    let again = server
        .plain(Method::POST, "/api/issues/1/analyse")
        .bearer_auth(&server.token)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), StatusCode::ACCEPTED);
    let anew = eventually_within(COMPILING, "the second analysis", &mut async || {
        let found = server.json("/api/suggestions?status=pending").await;
        let found = found["suggestions"].as_array().unwrap().clone();
        let proved = |s: &Value| !s["verdict"].is_null();
        (found.len() == 4 && found[0]["id"] == 5 && found.iter().all(proved)).then_some(found)
    })
    .await;
    let old = server.json("/api/suggestions/1").await;
    assert_eq!(old["status"], "superseded", "{old:#}");
    let suggestions = anew;
    let (status, rejected) =
        put(&server, &suggestions[0]["id"], json!({"status": "rejected", "reason": "not now"}))
            .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&rejected["status"], &rejected["status_reason"]),
        (&json!("rejected"), &json!("not now"))
    );
    assert_eq!(
        put(&server, &json!(999), json!({"status": "approved"})).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        put(&server, &suggestions[1]["id"], json!({"status": "failed"})).await.0,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_release_that_is_not_there_and_source_that_does_not_parse_end_in_notes() {
    let server = Server::start();
    let mut shop = Shop::new("index");
    shop.repo.write(&shop.file, "this is no Rust {{{\n");
    shop.repo.commit("broken");
    shop.release = "0123456789012345678901234567890123456789".to_owned();
    let repo = shop.repo.root().to_str().unwrap();
    let project = server.create_project("shop", &["--repo", repo, "--healing", "in_place"]);
    assert_eq!(server.envelope(&project, shop.index_envelope()).await.status(), StatusCode::OK);
    let issue = eventually_within(COMPILING, "the analysis", &mut async || {
        let issue = server.json("/api/issues/1").await;
        (issue["analysis"]["status"] == "done").then_some(issue)
    })
    .await;
    let notes = issue["analysis"]["notes"].to_string();
    assert!(notes.contains("0123456789"), "{notes}");
    assert_eq!(issue["root_cause"]["class"], "index_out_of_bounds");
    let notes = issue["root_cause"]["notes"].to_string();
    assert!(notes.contains("has no line 71"), "{notes}");
    let failed = issue["executions"].to_string();
    assert!(failed.contains("not formatted"), "{failed}");
    assert_eq!(shop.read(&shop.file), b"this is no Rust {{{\n");
}
