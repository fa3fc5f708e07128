//! Input that is broken, huge or hostile: each is kept as far as it goes or refused with a reason, and
//! costs no more memory than the caps allow.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::encodings::{brotli, deflate, zlib, zstd};
use super::{envelope, id, is_stored, message, post, stored};
use crate::support::server::{Server, gzip};

const MAX_DECODED_BYTES: usize = 6_000_000;

/// What the process may grow by over the whole table, in KiB: some times the cap, because a body is
/// held encoded, decoded, as values and compressed; and a decoder's window.
const MAX_GROWTH_KIB: u64 = 80 * 1024;

fn server() -> Server {
    Server::start_with(&[
        ("ANDON_INGEST_MAX_BODY_BYTES", "5000000"),
        ("ANDON_INGEST_MAX_DECODED_BYTES", &MAX_DECODED_BYTES.to_string()),
        ("ANDON_INGEST_MAX_EVENT_BYTES", "4000000"),
    ])
}

/// An event as text, with its id put in.
fn raw(number: u32, fields: &str) -> Vec<u8> {
    format!("{{}}\n{{\"type\":\"event\"}}\n{{\"event_id\":\"{}\",{fields}}}\n", id(number))
        .into_bytes()
}

#[tokio::test]
async fn what_can_be_read_is_kept_and_what_was_left_out_is_said() {
    let server = server();
    let project = server.create_project("shop", &[]);
    let frame = json!({"function": "shop::walk", "lineno": 3, "abs_path": "/app/src/walk.rs"});
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let stack = json!({"values": [{"type": "E", "value": "x", "stacktrace": {"frames": vec![frame; 10_000]}}]});
    let tags: serde_json::Map<String, Value> =
        (0..100_000).map(|n| (format!("tag{n}"), json!("v"))).collect();
    let long = "k".repeat(1_000_000);
    let whole = message(8).to_string();
    let before = server.peak_memory_kib();
    for (number, body, field, reason) in [
        (1, raw(1, &format!("\"exception\":{stack}")), "stacktrace", "frames in the middle"),
        (2, raw(2, &format!("\"tags\":{}", Value::from(tags))), "tags", "only 100"),
        (3, raw(3, &format!("\"tags\":{{\"{long}\":\"{long}\"}},\"{long}\":1")), "tags", "cut to"),
        (4, raw(4, "\"message\":\"x\",\"timestamp\":0"), "timestamp", "not believable"),
        (5, raw(5, "\"message\":\"x\",\"timestamp\":7258118400"), "timestamp", "not believable"),
        (
            6,
            raw(6, "\"message\":\"x\",\"timestamp\":\"2200-01-01T00:00:00Z\""),
            "timestamp",
            "2200",
        ),
        (7, raw(7, r#""message":"a\ud83db \ude00""#), "event", "lone surrogates"),
        (
            8,
            format!("{{}}\n{{\"type\":\"event\",\"length\":99999999999}}\n{whole}").into(),
            "items[0]",
            "99999999999 bytes",
        ),
        (
            9,
            [envelope(&message(9)), b"no json\n{}\n".to_vec()].concat(),
            "items[1]",
            "not a JSON object",
        ),
        (
            10,
            raw(10, "\"message\":\"x\",\"level\":\"\\u0000\",\"tags\":[[1]]"),
            "level",
            "not a level",
        ),
        (11, raw(11, &format!("\"message\":\"x\",\"tags\":{}", deep(50))), "tags", "not a pair"),
        (
            12,
            raw(12, "\"message\":\"x\",\"exception\":{\"values\":[7]}"),
            "exception",
            "not an object",
        ),
    ] {
        let answer = post(&server, &project, "envelope/", &[], body).await;
        assert_eq!(answer.status(), StatusCode::OK, "{number}");
        let event = stored(&server, &project, &id(number)).await["event"].clone();
        let dropped = event["dropped"].as_array().unwrap();
        assert!(
            dropped.iter().any(|d| d["field"].as_str().unwrap().contains(field)
                && d["reason"].as_str().unwrap().contains(reason)),
            "{number}: {dropped:?}"
        );
        assert!(dropped.len() <= 50, "{number}: {} notes", dropped.len());
        assert!(event.to_string().len() < 200_000, "{number}");
    }
    assert_eq!(stored(&server, &project, &id(7)).await["event"]["message"], "a\u{fffd}b \u{fffd}");

    // NUL bytes, which databases refuse, everywhere.
    let nul = raw(
        13,
        r#""message":"a\u0000b","release":"\u0000","tags":{"\u0000":"\u0000"},"exception":[{"type":"\u0000","value":"\u0000"}]"#,
    );
    assert_eq!(post(&server, &project, "envelope/", &[], nul).await.status(), StatusCode::OK);
    assert_eq!(stored(&server, &project, &id(13)).await["event"]["message"], "a\u{fffd}b");

    // A length that cuts the event off: what is half
    // is refused, and nothing of it is kept.
    let short = format!("{{}}\n{{\"type\":\"event\",\"length\":20}}\n{}\n", message(14));
    assert_eq!(post(&server, &project, "envelope/", &[], short.into()).await.status(), 400);
    assert!(!is_stored(&server, &project, &id(14)).await);
    let grown = server.memory_growth_kib(before);
    assert!(grown < MAX_GROWTH_KIB, "{grown} KiB more");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_what_to_do_and_costs_no_more_than_the_caps() {
    let server = server();
    let project = server.create_project("shop", &[]);
    let zeros = vec![b' '; 40_000_000];
    type Encode = fn(&[u8]) -> Vec<u8>;
    let encoders: [(&str, Encode); 5] =
        [("gzip", gzip), ("deflate", zlib), ("deflate", deflate), ("br", brotli), ("zstd", zstd)];
    let header = |filler: &str| format!("{{\"a\":{filler}}}\n").into_bytes();
    let half = gzip(&envelope(&message(1)));
    let mut cases = vec![
        ("envelope/", "", header(&format!("[{}0]", "[0],".repeat(1_000_000))), 400, "first line"),
        ("envelope/", "", header(&"[".repeat(1_000_000)), 400, "first line"),
        (
            "envelope/",
            "",
            raw(1, &format!("\"a\":{}", "[".repeat(1_000_000))),
            400,
            "not a JSON object",
        ),
        ("envelope/", "", raw(1, "\"message\":\"half"), 400, "not a JSON object"),
        (
            "store/",
            "",
            format!("{{\"a\":{}", "{\"a\":".repeat(500_000)).into(),
            400,
            "not a JSON object",
        ),
        ("security/", "", "[".repeat(1_000_000).into(), 400, "not valid JSON"),
        ("security/", "", "[0,".repeat(1_500_000).into(), 413, "max_event_bytes"),
        ("envelope/", "gzip", half[..half.len() / 2].to_vec(), 400, "not valid gzip"),
        ("envelope/", "br", envelope(&message(1)), 400, "not valid br"),
        ("envelope/", "gzip", zstd(&envelope(&message(1))), 400, "not valid gzip"),
        ("envelope/", "gzip,gzip,gzip,gzip", gzip(b"{}"), 400, "more than 3 times"),
        ("envelope/", "compress", gzip(b"{}"), 415, "gzip, deflate, br, zstd"),
        ("envelope/", "gzip, rot13", gzip(b"{}"), 415, "rot13"),
    ];
    for (name, encode) in encoders {
        cases.push(("envelope/", name, encode(&zeros), 413, "6000000"));
        cases.push(("store/", name, encode(&zeros), 413, "6000000"));
    }
    let (once, twice) = (gzip(&zeros), brotli(&gzip(&zeros)));
    cases.push(("envelope/", "gzip, br", twice.clone(), 413, "6000000"));
    cases.push(("envelope/", "gzip, br, zstd", zstd(&twice), 413, "6000000"));
    cases.push(("envelope/", "gzip, gzip, deflate", zlib(&gzip(&once)), 413, "6000000"));
    // Not said, and unwrapped all the same.
    cases.push(("store/", "", zlib(&zeros), 413, "6000000"));

    let before = server.peak_memory_kib();
    for (door, encoding, body, status, words) in cases {
        let size = body.len();
        let headers = [("content-encoding", encoding)];
        let answer = post(&server, &project, door, &headers, body).await;
        let found = answer.status().as_u16();
        let detail = answer.json::<Value>().await.unwrap()["detail"].to_string();
        assert_eq!(found, status, "{door} {encoding} {size}: {detail}");
        assert!(detail.contains(words), "{door} {encoding} {size}: {detail}");
    }
    let grown = server.memory_growth_kib(before);
    assert!(grown < MAX_GROWTH_KIB, "{grown} KiB more");
    assert_eq!(server.json("/api/issues").await["issues"], json!([]));
    assert_eq!(server.json("/health").await["status"], "healthy");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_many_times_at_once_is_kept_once() {
    let server = server();
    let project = server.create_project("shop", &[]);
    let sends = (0..24).map(|number| {
        let door = if number % 2 == 0 { "envelope/" } else { "store/" };
        let event = message(1);
        let body = if number % 2 == 0 { envelope(&event) } else { event.to_string().into_bytes() };
        post(&server, &project, door, &[], body)
    });
    for answer in futures_util::future::join_all(sends).await {
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let issues = server.json("/api/issues").await;
    assert_eq!(issues["issues"][0]["event_count"], 1);
    let events = server.json("/api/issues/1/events").await;
    assert_eq!(events["events"].as_array().unwrap().len(), 1);
}
