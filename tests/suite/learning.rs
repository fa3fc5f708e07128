//! Learning, through the public door: rules from repeated verdicts, commits of fixes, and what came back.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::eventually_within;
use crate::support::server::{ProjectFacts, Server};
use crate::support_repo::{TestRepo, lock_file, manifest};

/// Checks compile code: on a busy machine with cold caches that takes a while.
const COMPILING: std::time::Duration = std::time::Duration::from_secs(300);

/// Functions that fail alike. Their lines: 2, 6, 10, 14.
const DESK: &str = "\
pub fn first(list: &[u32]) -> Option<u32> {
    Some(list[0])
}

pub fn cheapest(prices: &[u32]) -> Option<u32> {
    Some(prices[0])
}

pub fn oldest(orders: &[u32]) -> Option<u32> {
    Some(orders[0])
}

pub fn next(queue: &[u32]) -> Option<u32> {
    Some(queue[0])
}
";

fn desk() -> TestRepo {
    TestRepo::with(&[
        ("Cargo.toml", &manifest("desk")),
        ("Cargo.lock", &lock_file("desk")),
        ("src/lib.rs", DESK),
        (".gitignore", "target\n"),
    ])
}

/// The panic in one of the functions.
async fn report(
    server: &Server,
    project: &ProjectFacts,
    function: &str,
    line: u32,
    release: Option<&str>,
) -> StatusCode {
    let trace = format!(
        "thread 'main' panicked at src/lib.rs:{line}:10:\nindex out of bounds: the len is 0 but the index is 0\nstack backtrace:\n   0: core::panicking::panic_bounds_check\n             at /rustc/59807616/library/core/src/panicking.rs:80:14\n   1: desk::{function}\n             at ./src/lib.rs:{line}:10\n"
    );
    let mut body = json!({ "stack_trace": trace, "platform": "rust" });
    if let Some(release) = release {
        body["release"] = json!(release);
    }
    let key = format!("Sentry sentry_key={}, sentry_version=7", project.key);
    let request = server.plain(Method::POST, "/api/events").header("x-sentry-auth", key);
    request.json(&body).send().await.unwrap().status()
}

async fn send(server: &Server, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = server.plain(method, path).bearer_auth(&server.token).json(body);
    let answer = request.send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or_default())
}

/// The fix that the issue's last analysis proposed for the fault.
async fn proposed(server: &Server, issue: i64, analyses: i64) -> Value {
    eventually_within(COMPILING, "a fix", &mut async || {
        let response = server.get(&format!("/api/issues/{issue}")).await;
        if response.status() != StatusCode::OK {
            return None;
        }
        let said: Value = response.json().await.unwrap();
        let analysis = &said["analysis"];
        if analysis["status"] != "done" || analysis["id"].as_i64()? < analyses {
            return None;
        }
        let all = said["suggestions"].as_array().unwrap();
        let fix = all.iter().rfind(|fix| fix["issue_type"] == "bug").unwrap_or_else(|| {
            panic!("no fix of the fault: {said:#}");
        });
        assert_eq!(fix["analysis_id"], analysis["id"], "{said:#}");
        Some(fix.clone())
    })
    .await
}

#[tokio::test]
async fn what_people_reject_again_and_again_is_held_back_once_a_person_confirms_it() {
    let (server, repo) = (Server::start(), desk());
    let root = repo.root().to_str().unwrap();
    let project = server.create_project("desk", &["--repo", root]);
    for (issue, (function, line)) in (1..).zip([("first", 2), ("cheapest", 6), ("oldest", 10)]) {
        assert_eq!(server.json("/api/rules").await["rules"], json!([]), "before the third verdict");
        assert_eq!(report(&server, &project, function, line, None).await, StatusCode::OK);
        let fix = proposed(&server, issue, 0).await;
        let no = json!({ "status": "rejected", "reason": "lists are never empty here" });
        let (status, said) =
            send(&server, Method::PUT, &format!("/api/suggestions/{}", fix["id"]), &no).await;
        assert_eq!(status, StatusCode::OK, "{said:#}");
    }
    let rules = server.json("/api/rules?status=proposed").await;
    let rule = &rules["rules"][0];
    assert_eq!(
        (&rule["kind"], &rule["class"]),
        (&json!("hold_back"), &json!("index_out_of_bounds"))
    );
    assert_eq!(rule["path"], "src", "{rule:#}");
    assert_eq!(rule["evidence"].as_array().unwrap().len(), 3, "{rule:#}");
    assert_eq!(rule["evidence"][0]["by"], "admin");
    assert!(rule["sentence"].as_str().unwrap().contains("rejected all 3"), "{rule:#}");

    // Nobody has confirmed it: the next fix is proposed as ever.
    assert_eq!(report(&server, &project, "next", 14, None).await, StatusCode::OK);
    let fix = proposed(&server, 4, 0).await;
    assert_eq!(fix["status"], "pending", "{fix:#}");

    let path = format!("/api/rules/{}", rule["id"]);
    let (status, _) = send(&server, Method::PUT, &path, &json!({ "status": "proposed" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, said) = send(&server, Method::PUT, &path, &json!({ "status": "confirmed" })).await;
    assert_eq!((status, &said["decided_by"]), (StatusCode::OK, &json!("admin")));
    let analysed = server.json("/api/issues/4").await["analysis"]["id"].as_i64().unwrap();
    let again = json!({});
    send(&server, Method::POST, "/api/issues/4/analyse", &again).await;
    let held = proposed(&server, 4, analysed + 1).await;
    assert_eq!((&held["status"], &held["decided_by"]), (&json!("rejected"), &json!("rule 1")));
    let reason = held["status_reason"].as_str().unwrap();
    assert!(reason.contains("rule 1, confirmed by admin") && reason.contains("src/"), "{reason}");
    assert_eq!(server.json(&path).await["hits"], 1);
    let yes = json!({ "status": "approved" });
    let (status, _) =
        send(&server, Method::PUT, &format!("/api/suggestions/{}", held["id"]), &yes).await;
    assert_eq!(status, StatusCode::CONFLICT, "what a rule holds back nobody applies by accident");

    // Taken back: as before.
    assert_eq!(send(&server, Method::DELETE, &path, &again).await.0, StatusCode::NO_CONTENT);
    send(&server, Method::POST, "/api/issues/4/analyse", &again).await;
    let free = proposed(&server, 4, analysed + 2).await;
    assert_eq!(free["status"], "pending", "{free:#}");
    let trail = server.json("/api/audit?limit=200").await.to_string();
    for action in ["rule.proposed", "rule.confirmed", "rule.deleted"] {
        assert!(trail.contains(action), "{action} is not in the trail");
    }
}

#[tokio::test]
async fn a_fix_that_did_not_last_is_known_by_its_commit_and_the_release() {
    let (server, repo) = (Server::start(), desk());
    repo.tag("v1.0.0");
    let root = repo.root().to_str().unwrap();
    let project = server.create_project("desk", &["--repo", root]);
    let old = Some("desk@1.0.0");
    assert_eq!(report(&server, &project, "first", 2, old).await, StatusCode::OK);
    let fix = proposed(&server, 1, 0).await;
    let cause = server.json("/api/issues/1").await["root_cause"].clone();
    assert!(cause["confidence"].as_f64().is_some_and(|share| share > 0.0), "{cause:#}");
    assert!(cause["confidence_cases"].as_u64().is_some_and(|cases| cases > 5), "{cause:#}");

    let path = format!("/api/suggestions/{}", fix["id"]);
    eventually_within(COMPILING, "the verification", &mut async || {
        let now = server.json(&path).await;
        (!now["verification"].is_null()).then_some(())
    })
    .await;
    let (status, said) = send(&server, Method::PUT, &path, &json!({ "status": "approved" })).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{said:#}");
    let pattern = eventually_within(COMPILING, "the lesson", &mut async || {
        let learnt = server.json("/api/patterns").await;
        learnt["patterns"].as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!((&pattern["verdict"], &pattern["recurred"]), (&json!("accepted"), &json!(false)));
    assert!(!pattern["mended_at"].is_null() && pattern["fix_commit"].is_null(), "{pattern:#}");

    // Somebody still runs the old release: that is no news.
    assert_eq!(report(&server, &project, "first", 2, old).await, StatusCode::OK);
    // The next one has the fix, and fails all the same.
    let commit = repo.commit("Answer nothing for nothing\n\nFixes andon#1.");
    repo.tag("v2.0.0");
    let lesson = format!("/api/patterns/{}", pattern["id"]);
    let pending = eventually_within(COMPILING, "the look at the old release", &mut async || {
        let metrics = server.json("/api/metrics").await;
        (metrics["queue"]["waiting"] == 0).then_some(server.json(&lesson).await)
    })
    .await;
    assert_eq!(pending["recurred"], false, "{pending:#}");
    assert_eq!(report(&server, &project, "first", 2, Some("desk@2.0.0")).await, StatusCode::OK);
    let known = eventually_within(COMPILING, "what came back", &mut async || {
        let known = server.json(&lesson).await;
        (known["recurred"] == true).then_some(known)
    })
    .await;
    assert_eq!(known["fix_commit"], json!(commit), "{known:#}");
    assert_eq!(known["commit_why"], "its message names the issue");
    assert_eq!(
        (&known["recurrences"], &known["recurred_in"]),
        (&json!(1), &json!("desk@2.0.0")),
        "{known:#}"
    );
    let issue = server.json("/api/issues/1").await;
    let back = &issue["came_back"][0];
    assert_eq!((&back["release"], &back["times"]), (&json!("desk@2.0.0"), &json!(1)), "{back:#}");
    assert!(back["why"].as_str().unwrap().contains(&commit[..12]), "{back:#}");
}

#[tokio::test]
async fn a_cause_that_people_name_again_and_again_is_said_first_once_confirmed() {
    let server = Server::start();
    server.create_project("app", &[]);
    let fail = async |function: &str| {
        let trace = format!(
            "Traceback (most recent call last):\n  File \"/srv/app/{function}.py\", line 14, in {function}\n    return client.name\nAttributeError: 'NoneType' object has no attribute 'name'\n"
        );
        let body = json!({ "task_type": "error_analysis", "input_data": { "stack_trace": trace } });
        let (status, answer) = send(&server, Method::POST, "/api/execute", &body).await;
        assert_eq!((status, &answer["status"]), (StatusCode::OK, &json!("done")), "{answer:#}");
        answer["results"]["issue_id"].as_i64().unwrap()
    };
    for (function, cause) in [
        ("show", "The directory service is down at night."),
        ("edit", "No answer of the directory service."),
        ("list", "The directory was restarted."),
    ] {
        let issue = fail(function).await;
        let said = json!({ "cause": cause, "classification": "action" });
        let path = format!("/api/issues/{issue}/cause");
        let (status, learnt) = send(&server, Method::PUT, &path, &said).await;
        assert_eq!((status, &learnt["classification"]), (StatusCode::OK, &json!("action")));
    }
    let rules = server.json("/api/rules").await;
    let rule = &rules["rules"][0];
    assert_eq!((&rule["kind"], &rule["status"]), (&json!("known_cause"), &json!("proposed")));
    let before = fail("print").await;
    let summary = async |issue: i64| {
        let issue = server.json(&format!("/api/issues/{issue}")).await;
        issue["root_cause"].clone()
    };
    assert!(!summary(before).await["summary"].as_str().unwrap().contains("directory"));

    let path = format!("/api/rules/{}", rule["id"]);
    let (status, _) = send(&server, Method::PUT, &path, &json!({ "status": "confirmed" })).await;
    assert_eq!(status, StatusCode::OK);
    let cause = summary(fail("export").await).await;
    let said = cause["summary"].as_str().unwrap();
    assert!(said.starts_with("The directory was restarted."), "{said}");
    assert!(said.contains("action") && said.ends_with("confirmed by admin)"), "{said}");
    assert!(cause["notes"][0].as_str().unwrap().starts_with("Without the rule: "), "{cause:#}");
    assert_eq!(server.json(&path).await["hits"], 1);
}

#[tokio::test]
async fn without_a_repository_the_time_tells_whether_something_came_back() {
    let server = Server::start();
    let project = server.create_project("app", &[]);
    let fail = async |function: &str, release: Option<&str>| {
        assert_eq!(report(&server, &project, function, 2, release).await, StatusCode::OK);
    };
    let mended = async |issue: i64| {
        let said = json!({ "cause": "Lists may be empty.", "fix": "Look before." });
        let path = format!("/api/issues/{issue}/cause");
        let (status, learnt) = send(&server, Method::PUT, &path, &said).await;
        assert_eq!(status, StatusCode::OK, "{learnt:#}");
        format!("/api/patterns/{}", learnt["id"])
    };
    let came_back = async |lesson: &str| {
        eventually_within(COMPILING, "what came back", &mut async || {
            let known = server.json(lesson).await;
            (known["recurred"] == true).then_some(known)
        })
        .await
    };
    fail("first", Some("desk@1")).await;
    fail("next", None).await;
    let (first, next) = (mended(1).await, mended(2).await);
    fail("first", Some("desk@1")).await;
    fail("next", None).await;
    let known = came_back(&next).await;
    assert_eq!(known["recurred_in"], Value::Null);
    assert!(known["recurred_why"].as_str().unwrap().contains("only their time tells"), "{known:#}");
    fail("first", Some("desk@2")).await;
    let known = came_back(&first).await;
    assert_eq!((&known["recurrences"], &known["recurred_in"]), (&json!(1), &json!("desk@2")));
    assert!(known["recurred_why"].as_str().unwrap().contains("first seen after"), "{known:#}");

    // The next error like it is told so.
    fail("first_of_all", Some("desk@2")).await;
    let notes = eventually_within(COMPILING, "the next analysis", &mut async || {
        let response = server.get("/api/issues/3").await;
        let issue: Value = response.json().await.ok()?;
        (issue["analysis"]["status"] == "done").then(|| issue["analysis"]["notes"].to_string())
    })
    .await;
    assert!(notes.contains("It came back after that, with desk@2"), "{notes}");
}
