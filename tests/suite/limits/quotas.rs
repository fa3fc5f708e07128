//! Quotas, through the door.

use std::io::Write as _;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{envelope, event, id, item, outcomes, send, stored_events, text};
use crate::support::server::{ProjectFacts, Server};

/// Seconds that a fresh hour must have left, so that no test runs over its end.
const ROOM_SECONDS: i64 = 120;

/// Hours are used here, because minutes end while a test runs. The few tests that begin in the last
/// minutes of an hour wait for the next one.
async fn in_the_middle_of_an_hour() {
    let left = || {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
        3600 - now % 3600
    };
    while left() < ROOM_SECONDS {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

fn seconds(header: &str) -> u64 {
    header.split(':').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_quota_that_is_used_up_is_answered_with_both_headers_and_what_to_do() {
    in_the_middle_of_an_hour().await;
    let server = Server::start_with(&[("ANDON_QUOTAS_EVENTS_PER_HOUR", "3")]);
    let project = server.create_project("shop", &[]);
    let other = server.create_project("other", &[]);
    for number in 1..=3 {
        let taken = send(&server, project.id, &project.key, &[event(number)]).await;
        assert_eq!(taken.status(), StatusCode::OK);
        assert_eq!(text(taken.headers(), "x-sentry-rate-limits"), None);
    }
    let refused = send(&server, project.id, &project.key, &[event(4)]).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let headers = refused.headers().clone();
    let retry = text(&headers, "retry-after").unwrap();
    assert_eq!(
        text(&headers, "x-sentry-rate-limits").unwrap(),
        format!("{retry}:error;security:project:quota_hour")
    );
    assert!((1..=3600).contains(&retry.parse::<u64>().unwrap()));
    assert_eq!(
        text(&headers, "access-control-expose-headers").unwrap(),
        "X-Sentry-Error, X-Sentry-Rate-Limits, Retry-After"
    );
    assert_eq!(text(&headers, "content-type").unwrap(), "application/problem+json");
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["status"], 429);
    let detail = body["detail"].as_str().unwrap();
    assert!(detail.contains("this project may send 3 events an hour"), "{detail}");
    assert!(detail.contains("quotas.events_per_hour"), "{detail}");

    // By the other doors, too.
    let message = json!({ "event_id": id(5), "message": "x" }).to_string();
    let csp = json!({ "csp-report": {"document-uri": "https://a.example/", "effective-directive": "img-src", "blocked-uri": "https://b.example/"} });
    for (path, body) in [
        (format!("/api/{}/store/?sentry_key={}", project.id, project.key), message.clone()),
        (format!("/api/{}/security/?sentry_key={}", project.id, project.key), csp.to_string()),
        (format!("/api/events?sentry_key={}", project.key), message),
    ] {
        let refused = server.plain(Method::POST, &path).body(body).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
        let limits = text(refused.headers(), "x-sentry-rate-limits").unwrap();
        assert!(limits.ends_with(":error;security:project:quota_hour"), "{path}: {limits}");
        assert!(refused.headers().contains_key("retry-after"), "{path}");
    }
    let neighbour = send(&server, other.id, &other.key, &[event(1)]).await;
    assert_eq!(neighbour.status(), StatusCode::OK, "another project has its own");
    assert_eq!(stored_events(&server).await, 4);
    let quota = |category: &str, quantity| (category.to_owned(), "quota_hour".to_owned(), quantity);
    assert_eq!(outcomes(&server, &project).await, [quota("error", 3), quota("security", 1)]);
    assert!(outcomes(&server, &other).await.is_empty());
}

#[tokio::test]
async fn a_project_with_quotas_of_its_own_goes_by_those_and_others_by_the_servers() {
    in_the_middle_of_an_hour().await;
    let server = Server::start_with(&[("ANDON_QUOTAS_EVENTS_PER_HOUR", "3")]);
    let (own, other) = (server.create_project("own", &[]), server.create_project("other", &[]));
    let settings = format!("/api/projects/{}/settings", own.id);
    let set = async |quotas: Value| {
        let wanted = json!({ "quotas": quotas });
        let set = server
            .plain(Method::PUT, &settings)
            .bearer_auth(&server.token)
            .json(&wanted)
            .send()
            .await
            .unwrap();
        assert_eq!(set.status(), StatusCode::OK);
    };
    let to = async |project: &ProjectFacts, item: String| {
        send(&server, project.id, &project.key, &[item]).await
    };
    set(json!({ "events_per_hour": 1, "categories": { "transaction": { "per_hour": 1 } } })).await;
    for item in [event(1), item("transaction", "{}")] {
        assert_eq!(to(&own, item).await.status(), StatusCode::OK);
    }
    for (item, names, key) in [
        (event(2), "error;security", "quotas.events_per_hour"),
        (item("transaction", "{}"), "transaction", "quotas.categories.transaction.per_hour"),
    ] {
        let refused = to(&own, item).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        let limits = text(refused.headers(), "x-sentry-rate-limits").unwrap().to_owned();
        assert_eq!(limits, format!("{}:{names}:project:quota_hour", seconds(&limits)));
        let problem: Value = refused.json().await.unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("{key} in the project's settings")), "{detail}");
    }
    // The server's hold for the other one: of events three, of transactions as many as it likes.
    for number in 1..=3 {
        assert_eq!(to(&other, event(number)).await.status(), StatusCode::OK);
        assert_eq!(to(&other, item("transaction", "{}")).await.status(), StatusCode::OK);
    }
    let refused = to(&other, event(4)).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let problem: Value = refused.json().await.unwrap();
    assert!(!problem["detail"].as_str().unwrap().contains("settings"), "{problem}");

    // A change takes effect at once, and knows what was sent before: raised, none, the server's again.
    set(json!({ "events_per_hour": 2 })).await;
    assert_eq!(to(&own, event(2)).await.status(), StatusCode::OK);
    assert_eq!(to(&own, event(3)).await.status(), StatusCode::TOO_MANY_REQUESTS);
    set(json!({})).await;
    for number in 3..=6 {
        assert_eq!(to(&own, event(number)).await.status(), StatusCode::OK);
    }
    set(json!({ "events_per_month": 6 })).await;
    let refused = to(&own, event(7)).await;
    let limits = text(refused.headers(), "x-sentry-rate-limits").unwrap();
    assert!(limits.ends_with(":error;security:project:quota_month"), "{limits}");
    set(Value::Null).await;
    assert_eq!(to(&own, event(7)).await.status(), StatusCode::OK, "the hour has two of three");
    assert_eq!(to(&own, event(8)).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(stored_events(&server).await, 7 + 3);
}

#[tokio::test]
async fn of_a_mixed_envelope_only_what_is_over_is_dropped_and_counted() {
    in_the_middle_of_an_hour().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("andon.toml");
    let text_of_file = "[quotas]\nevents_per_hour = 2\n[quotas.categories.transaction]\nper_hour = 1\n[quotas.categories.attachment]\nper_hour = 10\n";
    std::fs::File::create(&file).unwrap().write_all(text_of_file.as_bytes()).unwrap();
    let server = Server::start_with(&[("ANDON_CONFIG", file.to_str().unwrap())]);
    let project = server.create_project("shop", &[]);
    let transaction = || item("transaction", "{}");
    let items = [
        transaction(),
        event(1),
        item("attachment", "seven b"),
        item("attachment", "seven b"),
        event(2),
        transaction(),
        event(3),
        item("session", "{}"),
        item("client_report", "{}"),
    ];
    let taken = send(&server, project.id, &project.key, &items).await;
    assert_eq!(taken.status(), StatusCode::OK);
    let limits = text(taken.headers(), "x-sentry-rate-limits").unwrap().to_owned();
    let first = seconds(&limits);
    let expected = ["attachment", "error;security", "transaction"]
        .map(|names| format!("{first}:{names}:project:quota_hour"));
    let mut found: Vec<&str> = limits.split(", ").collect();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(text(taken.headers(), "retry-after"), None, "the request was taken");
    assert_eq!(taken.json::<Value>().await.unwrap()["id"], id(1));

    let kept = server.json(&format!("/api/projects/{}/events/{}", project.id, id(1))).await;
    assert_eq!(kept["attachments"].as_array().unwrap().len(), 1);
    let dropped = kept["event"]["dropped"][0]["reason"].as_str().unwrap();
    assert!(dropped.contains("over the project's quota"), "{dropped}");
    assert_eq!(stored_events(&server).await, 2);
    let items = server.json(&format!("/api/projects/{}/items", project.id)).await;
    let counted: Vec<_> = items["items"].as_array().unwrap().iter().collect();
    assert_eq!(counted.len(), 3, "{counted:?}");
    assert!(counted.iter().all(|row| row["count"] == 1), "{counted:?}");

    // Nothing of it passes: 429. What reports losses passes always.
    let only = [event(4), transaction(), item("attachment", "abcd")];
    let refused = send(&server, project.id, &project.key, &only).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let report = [event(5), item("client_report", "{}")];
    let taken = send(&server, project.id, &project.key, &report).await;
    assert_eq!(taken.status(), StatusCode::OK);
    assert!(taken.headers().contains_key("x-sentry-rate-limits"));
    let quota = |category: &str, quantity| (category.to_owned(), "quota_hour".to_owned(), quantity);
    assert_eq!(
        outcomes(&server, &project).await,
        [quota("attachment", 7 + 4), quota("error", 3), quota("transaction", 2)]
    );
}

#[tokio::test]
async fn counts_survive_a_kill_and_what_was_not_stored_is_not_counted() {
    in_the_middle_of_an_hour().await;
    let variables = [("ANDON_QUOTAS_EVENTS_PER_HOUR", "4"), ("ANDON_QUOTAS_EVENTS_PER_MONTH", "5")];
    let mut server = Server::start_with(&variables);
    let project = server.create_project("shop", &[]);
    let broken = || item("event", "{\"a\":");
    assert_eq!(send(&server, project.id, &project.key, &[broken()]).await.status(), 400);
    // An event that comes twice counts twice.
    for number in [1, 2, 2] {
        assert_eq!(send(&server, project.id, &project.key, &[event(number)]).await.status(), 200);
    }
    server.kill_and_restart_with(&variables);
    assert_eq!(send(&server, project.id, &project.key, &[event(3)]).await.status(), 200);
    let refused = send(&server, project.id, &project.key, &[event(4)]).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    // Without a quota everything passes, and the month counts on.
    server.kill_and_restart_with(&[]);
    assert_eq!(send(&server, project.id, &project.key, &[event(4)]).await.status(), 200);
    server.kill_and_restart_with(&variables[1..]);
    let refused = send(&server, project.id, &project.key, &[event(5)]).await;
    let limits = text(refused.headers(), "x-sentry-rate-limits").unwrap();
    assert!(limits.ends_with(":error;security:project:quota_month"), "{limits}");
    assert_eq!(seconds(limits), 3600, "not until the month ends: a raised quota is to be noticed");
    assert_eq!(stored_events(&server).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_senders_at_once_get_exactly_what_there_is() {
    in_the_middle_of_an_hour().await;
    let server = Server::start_with(&[("ANDON_QUOTAS_EVENTS_PER_HOUR", "50")]);
    let project = server.create_project("shop", &[]);
    let sends = (0..120).map(|number| {
        let path = format!("/api/{}/envelope/?sentry_key={}", project.id, project.key);
        server.plain(Method::POST, &path).body(envelope(&[event(number)])).send()
    });
    let answers = futures_util::future::join_all(sends).await;
    let statuses: Vec<u16> = answers.into_iter().map(|a| a.unwrap().status().as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 50);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 70);
    assert_eq!(stored_events(&server).await, 50);
}
