//! What browsers report by themselves.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{post, stored};
use crate::support::server::Server;

#[tokio::test]
async fn security_reports_become_issues_by_directive_and_host() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let csp = |directive: &str, blocked: &str| {
        json!({ "csp-report": {
            "document-uri": "https://shop.example/cart?card=4111111111111111",
            "effective-directive": directive, "blocked-uri": blocked, "disposition": "enforce",
        }})
    };
    let list = json!([
        {"type": "csp-violation", "url": "https://shop.example/", "body": {
            "effectiveDirective": "img-src", "blockedURL": "https://evil.example/c.png",
            "documentURL": "https://shop.example/", "disposition": "enforce",
        }},
        {"type": "deprecation", "url": "https://shop.example/", "body": {"id": "unload", "message": "goes"}},
    ]);
    let ct = json!({ "expect-ct-report": {"hostname": "shop.example", "port": 443} });
    let pins = json!({ "hostname": "shop.example", "port": 443, "known-pins": ["x"] });
    let mut ids = Vec::new();
    for (content_type, report) in [
        ("application/csp-report", csp("img-src", "https://evil.example/a.png?q=1")),
        ("application/csp-report", csp("img-src", "https://evil.example/b.png")),
        ("application/csp-report", csp("script-src", "inline")),
        ("application/reports+json", list),
        ("application/expect-ct-report+json", ct),
        ("application/json", pins),
    ] {
        let door = "security/?sentry_release=1.0&sentry_environment=production&x=";
        let headers = [("content-type", content_type)];
        let answer = post(&server, &project, door, &headers, report.to_string().into_bytes()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{report}");
        let answer: Value = answer.json().await.unwrap();
        ids.extend(answer["ids"].as_array().unwrap().clone());
    }
    assert_eq!(ids.len(), 7);
    let first = stored(&server, &project, ids[0].as_str().unwrap()).await["event"].clone();
    assert_eq!(first["message"], "the policy's img-src blocked evil.example");
    assert_eq!(first["tags"]["directive"], "img-src");
    assert_eq!(first["environment"], "production");
    assert!(!first.to_string().contains("4111"), "addresses hold what people typed");

    let issues = server.json("/api/issues").await;
    let mut issues: Vec<(String, i64)> = issues["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| (i["title"].as_str().unwrap().to_owned(), i["event_count"].as_i64().unwrap()))
        .collect();
    issues.sort();
    let expected = [
        ("deprecation: goes", 1),
        ("shop.example showed no certificate transparency", 1),
        ("shop.example showed none of the pinned keys", 1),
        ("the policy's img-src blocked evil.example", 3),
        ("the policy's script-src blocked inline", 1),
    ];
    assert_eq!(issues, expected.map(|(title, count)| (title.to_owned(), count)));

    for bad in ["", "{}", "[{}]", "nonsense"] {
        let refused = post(&server, &project, "security/", &[], bad.into()).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{bad}");
    }
}
