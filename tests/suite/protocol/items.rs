//! Items that are not events: kept with one, or counted.

use reqwest::{StatusCode, header};
use serde_json::{Value, json};

use super::{envelope, id, message, post, stored};
use crate::support::server::{ProjectFacts, Server};

/// Every type that SDKs send and Andon only counts.
const COUNTED: &[&str] = &[
    "transaction",
    "session",
    "sessions",
    "check_in",
    "client_report",
    "log",
    "otel_log",
    "span",
    "profile",
    "profile_chunk",
    "replay_event",
    "replay_recording",
    "statsd",
    "metric_buckets",
    "feedback",
    "user_report",
    "attachment",
    "minidump",
];

async fn counts(server: &Server, project: &ProjectFacts) -> Vec<(String, i64)> {
    let listed = server.json(&format!("/api/projects/{}/items?limit=200", project.id)).await;
    listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["type"].as_str().unwrap().to_owned(), row["count"].as_i64().unwrap()))
        .collect()
}

#[tokio::test]
async fn every_other_item_is_taken_and_counted_by_project_and_type() {
    let server = Server::start();
    let (project, other) =
        (server.create_project("shop", &[]), server.create_project("other", &[]));
    for kind in COUNTED {
        for payload in ["{}", "not json at all", ""] {
            let body =
                format!("{{}}\n{{\"type\":\"{kind}\",\"length\":{}}}\n{payload}\n", payload.len());
            let answer = post(&server, &project, "envelope/", &[], body.into_bytes()).await;
            assert_eq!(answer.status(), StatusCode::OK, "{kind}");
        }
    }
    let mut many = b"{}\n".to_vec();
    for number in 0..20 {
        many.extend_from_slice(format!("{{\"type\":\"made_up_{number}\"}}\n{{}}\n").as_bytes());
        many.extend_from_slice(b"{\"type\":\"session\"}\n{}\n");
    }
    assert_eq!(post(&server, &project, "envelope/", &[], many).await.status(), StatusCode::OK);

    let mut expected: Vec<(String, i64)> = COUNTED
        .iter()
        .map(|kind| ((*kind).to_owned(), if *kind == "session" { 23 } else { 3 }))
        .chain([("other".to_owned(), 20)])
        .collect();
    expected.sort();
    let listed = server.json(&format!("/api/projects/{}/items?limit=200", project.id)).await;
    let day = listed["items"][0]["day"].as_str().unwrap().to_owned();
    assert!(day.parse::<jiff::civil::Date>().is_ok(), "{day}");
    // A run over midnight has two rows a type.
    if listed["items"].as_array().unwrap().iter().all(|row| row["day"] == day) {
        assert_eq!(counts(&server, &project).await, expected);
    }
    assert!(counts(&server, &other).await.is_empty());
    assert_eq!(server.json("/api/issues").await["issues"], json!([]), "none became an issue");
    let nowhere = server.get("/api/projects/999/items").await;
    assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
    let limited = server.json(&format!("/api/projects/{}/items?limit=2", project.id)).await;
    assert_eq!(limited["items"].as_array().unwrap().len(), 2);
}

fn with_attachments(event: &Value, attachments: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = envelope(event);
    for (name, bytes) in attachments {
        let head = json!({
            "type": "attachment", "length": bytes.len(), "filename": name,
            "content_type": "text/html",
        });
        body.extend_from_slice(format!("{head}\n").as_bytes());
        body.extend_from_slice(bytes);
        body.push(b'\n');
    }
    body
}

#[tokio::test]
async fn attachments_are_kept_with_their_event_through_a_kill_and_come_back_as_bytes() {
    let mut server = Server::start_with(&[
        ("ANDON_INGEST_MAX_ATTACHMENT_BYTES", "1000"),
        ("ANDON_INGEST_MAX_ATTACHMENTS_BYTES_PER_EVENT", "1500"),
    ]);
    let project = server.create_project("shop", &[]);
    let other = server.create_project("other", &[]);
    let page = b"<script>\n\x00\xff\n{\"type\":\"event\"}\n</script>";
    let body = with_attachments(
        &message(1),
        &[
            ("../../x\"\r\ny.html", page),
            ("large.log", &[b'x'; 1001]),
            ("fits.log", &[b'y'; 1000]),
            ("together.log", &[b'z'; 900]),
        ],
    );
    assert_eq!(post(&server, &project, "envelope/", &[], body.clone()).await.status(), 200);
    server.kill_and_restart();

    let found = stored(&server, &project, &id(1)).await;
    let listed = found["attachments"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["filename"], "../../x\"\r\ny.html");
    assert_eq!(listed[0]["size_bytes"], page.len());
    assert_eq!(listed[1]["filename"], "fits.log");
    let dropped = found["event"]["dropped"].as_array().unwrap();
    let named: Vec<&str> = dropped.iter().map(|d| d["field"].as_str().unwrap()).collect();
    assert_eq!(named, ["envelope.items[2] large.log", "envelope.items[4] together.log"]);

    let path = |project: &ProjectFacts, event: u32, attachment: &Value| {
        format!("/api/projects/{}/events/{}/attachments/{attachment}", project.id, id(event))
    };
    let answer = server.get(&path(&project, 1, &listed[0]["id"])).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers();
    assert_eq!(headers[header::CONTENT_TYPE], "application/octet-stream");
    assert_eq!(headers[header::CONTENT_DISPOSITION], "attachment; filename=\"x___y.html\"");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(&answer.bytes().await.unwrap()[..], page);

    // Not by way of another event, another project, or a number that is none.
    assert_eq!(
        post(&server, &project, "envelope/", &[], envelope(&message(2))).await.status(),
        200
    );
    assert_eq!(post(&server, &other, "envelope/", &[], envelope(&message(1))).await.status(), 200);
    for wrong in [
        path(&project, 2, &listed[0]["id"]),
        path(&other, 1, &listed[0]["id"]),
        path(&project, 1, &json!(999)),
        path(&project, 1, &json!("x")).replace('"', ""),
    ] {
        assert_eq!(server.get(&wrong).await.status(), StatusCode::NOT_FOUND, "{wrong}");
    }
    assert_eq!(stored(&server, &project, &id(2)).await["attachments"], json!([]));

    // The same once more, as a sender does that missed the answer.
    assert_eq!(post(&server, &project, "envelope/", &[], body).await.status(), 200);
    let again = stored(&server, &project, &id(1)).await;
    assert_eq!(again["attachments"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn events_of_one_envelope_without_ids_of_their_own_are_all_kept_and_once_when_sent_again() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let mut body = format!("{{\"event_id\":\"{}\"}}\n", id(1)).into_bytes();
    let mut number_two = message(2);
    number_two["message"] = json!("its own id");
    for event in
        [json!({"message": "a"}), json!({"message": "b"}), number_two, json!({"message": "c"})]
    {
        body.extend_from_slice(format!("{{\"type\":\"event\"}}\n{event}\n").as_bytes());
    }
    // A sender that did not hear the answer sends the same again.
    for _ in 0..2 {
        let answer = post(&server, &project, "envelope/", &[], body.clone()).await;
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({ "id": id(1) }));
    }
    let issues = server.json("/api/issues").await;
    let mut found = Vec::new();
    for issue in issues["issues"].as_array().unwrap() {
        assert_eq!(issue["event_count"], 1, "{issue}");
        let events = server.json(&format!("/api/issues/{}/events", issue["id"])).await;
        let event = &events["events"][0]["event"];
        let text = |field: &str| event[field].as_str().unwrap().to_owned();
        found.push((text("message"), text("event_id")));
    }
    found.sort();
    let said: Vec<&str> = found.iter().map(|(message, _)| message.as_str()).collect();
    assert_eq!(said, ["a", "b", "c", "its own id"]);
    let ids: std::collections::BTreeSet<&str> = found.iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!(ids.len(), 4, "{found:?}");
    assert_eq!((found[0].1.as_str(), found[3].1.as_str()), (id(1).as_str(), id(2).as_str()));
}

/// An id in the answer says that the event is kept; so there is none where it could not be found.
#[tokio::test]
async fn an_event_behind_what_cannot_be_read_is_not_said_to_be_kept() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let id = id(1);
    let lost = format!(
        "{{\"event_id\":\"{id}\"}}\n{{\"type\":\"session\"}}\n{{}}\n{{\"type\":\"attachment\"}}\ntwo\nlines\n{{\"type\":\"event\"}}\n{{\"message\":\"boom\"}}\n"
    );
    let answer = post(&server, &project, "envelope/", &[], lost.into_bytes()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let text = answer.text().await.unwrap();
    assert!(text.contains("item 2 of the envelope"), "{text}");
    let counted = counts(&server, &project).await;
    assert!(counted.contains(&("session".to_owned(), 1)), "{counted:?}");

    let kept = format!(
        "{{\"event_id\":\"{id}\"}}\n{{\"type\":\"event\"}}\n{{\"message\":\"boom\"}}\n{{\"type\":\"attachment\"}}\ntwo\nlines\n{{}}\n"
    );
    let answer = post(&server, &project, "envelope/", &[], kept.into_bytes()).await;
    assert_eq!(answer.status(), StatusCode::OK, "what stands before it is kept");
    assert_eq!(answer.json::<Value>().await.unwrap()["id"], id);
}

#[tokio::test]
async fn of_very_many_attachments_the_first_are_kept() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let mut body = format!(
        "{{\"event_id\":\"{}\"}}\n{{\"type\":\"event\"}}\n{{\"message\":\"boom\"}}\n",
        id(1)
    );
    for number in 0..150 {
        body += &format!("{{\"type\":\"attachment\",\"filename\":\"{number}\"}}\n{number}\n");
    }
    let answer = post(&server, &project, "envelope/", &[], body.into_bytes()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let event = stored(&server, &project, &id(1)).await;
    let names: Vec<_> = event["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["filename"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, (0..50).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(event.to_string().contains("more than the 50 attachments"), "{event}");
}
