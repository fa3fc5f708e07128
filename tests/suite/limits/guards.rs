//! The guards on the disk, on memory and on the queue.

use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{event, outcomes, send, stored_events, text};
use crate::support::server::{ProjectFacts, Server};
use crate::support::{PATIENCE, eventually};

#[tokio::test]
async fn with_a_disk_that_is_nearly_full_events_are_refused_and_everything_else_works() {
    // More than any disk has: the reading itself is tried beside the guard.
    let full = [("ANDON_INGEST_MIN_FREE_DISK_BYTES", "9000000000000000000")];
    let mut server = Server::start_with(&full);
    let project = server.create_project("shop", &[]);
    let refused = send(&server, project.id, &project.key, &[event(1)]).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(text(refused.headers(), "retry-after"), Some("5"));
    assert_eq!(text(refused.headers(), "x-sentry-rate-limits"), Some("5::organization:disk_full"));
    let problem: Value = refused.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("ingest.min_free_disk_bytes"));
    for (path, body) in [
        (format!("/api/{}/store/?sentry_key={}", project.id, project.key), "{\"message\":\"x\"}"),
        (format!("/api/{}/security/?sentry_key={}", project.id, project.key), "{}"),
        (format!("/api/events?sentry_key={}", project.key), "{\"message\":\"x\"}"),
    ] {
        let refused = server.plain(Method::POST, &path).body(body).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
    // Who may not send learns nothing of the disk.
    assert_eq!(send(&server, project.id, "0123", &[event(1)]).await.status(), 403);
    let health = server.json("/health").await;
    assert_eq!((&health["status"], &health["reason"]), (&"degraded".into(), &"disk_full".into()));
    assert_eq!(stored_events(&server).await, 0);
    let refused = |category: &str, count| (category.to_owned(), "disk_full".to_owned(), count);
    assert_eq!(
        outcomes(&server, &project).await,
        [refused("default", 1), refused("error", 2), refused("security", 1)],
        "an envelope that was not read is of no category"
    );

    server.kill_and_restart_with(&[]);
    assert_eq!(send(&server, project.id, &project.key, &[event(1)]).await.status(), 200);
    assert_eq!(server.json("/health").await["status"], "healthy");
    assert_eq!(outcomes(&server, &project).await.len(), 3, "what was asked for was written down");
}

/// A body that stops in the middle.
async fn half_a_body(
    server: &Server,
    project: &ProjectFacts,
    announced: usize,
    sent: usize,
) -> TcpStream {
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/{}/envelope/?sentry_key={} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {announced}\r\n\r\n",
        project.id, project.key
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; sent]).await.unwrap();
    stream
}

#[tokio::test]
async fn bodies_under_way_are_bounded_together_and_their_room_comes_back() {
    const MIB: usize = 1024 * 1024;
    let (body, inflight) = ((2 * MIB).to_string(), (4 * MIB).to_string());
    let server = Server::start_with(&[
        ("ANDON_INGEST_MAX_BODY_BYTES", &body),
        ("ANDON_INGEST_MAX_INFLIGHT_BYTES", &inflight),
        // Nobody's time ends here: who has room keeps it until the test lets go.
        ("ANDON_INGEST_BODY_TIMEOUT_SECONDS", "600"),
    ]);
    let project = server.create_project("shop", &[]);
    // The first event and its analysis take memory that the bodies are not to answer for.
    assert_eq!(send(&server, project.id, &project.key, &[event(1)]).await.status(), 200);
    eventually("the analysis", async || {
        let issue = server.json("/api/issues/1").await;
        (issue["analysis"]["status"] == "done").then_some(())
    })
    .await;
    let before = server.peak_memory_kib();
    // Large announcements alone book nothing.
    let mut announced = Vec::new();
    for _ in 0..60 {
        announced.push(half_a_body(&server, &project, 2 * MIB, 10).await);
    }
    assert_eq!(send(&server, project.id, &project.key, &[event(2)]).await.status(), 200);
    // Forty of a megabyte and a half, of which two fit.
    let (answers, mut answered) = tokio::sync::mpsc::unbounded_channel();
    let mut slow = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let address = server.url.trim_start_matches("http://").to_owned();
        let head = format!(
            "POST /api/{}/envelope/?sentry_key={} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
            project.id,
            project.key,
            3 * MIB / 2
        );
        let answers = answers.clone();
        slow.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // The server may end the connection in the middle.
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&vec![b'x'; 3 * MIB / 2 - 1]).await;
            let mut answer = vec![0; 12];
            let _ = answers.send(match stream.read_exact(&mut answer).await {
                Ok(_) => String::from_utf8_lossy(&answer).into_owned(),
                Err(_) => "cut off".to_owned(),
            });
        });
    }
    for refused in 0..38 {
        let answer = tokio::time::timeout(PATIENCE, answered.recv()).await;
        let answer = answer.unwrap_or_else(|_| panic!("{refused} of 40 were refused")).unwrap();
        assert!(["HTTP/1.1 429", "cut off"].contains(&answer.as_str()), "{answer}");
    }
    let grown = server.memory_growth_kib(before);
    assert!(grown < 40 * 1024, "{grown} KiB more");
    slow.shutdown().await;
    drop(announced);
    eventually("the room to come back", async || {
        let sent = send(&server, project.id, &project.key, &[event(3)]).await;
        (sent.status() == StatusCode::OK).then_some(())
    })
    .await;
    let counted = outcomes(&server, &project).await;
    assert!(
        counted.iter().any(|(_, reason, count)| reason == "memory_full" && *count >= 38),
        "{counted:?}"
    );
}

#[tokio::test]
async fn a_body_that_finds_no_room_is_told_so() {
    let server = Server::start_with(&[
        ("ANDON_INGEST_MAX_BODY_BYTES", "16384"),
        ("ANDON_INGEST_MAX_INFLIGHT_BYTES", "16384"),
        ("ANDON_INGEST_BODY_TIMEOUT_SECONDS", "600"),
    ]);
    let project = server.create_project("shop", &[]);
    // An event that comes just before may have the share, and the half body is refused.
    let (held, refused) = eventually("a half body to have its share", async || {
        let held = half_a_body(&server, &project, 1000, 10).await;
        let sent = send(&server, project.id, &project.key, &[event(1)]).await;
        (sent.status() != StatusCode::OK).then_some((held, sent))
    })
    .await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(text(refused.headers(), "retry-after"), Some("5"));
    assert_eq!(
        text(refused.headers(), "x-sentry-rate-limits"),
        Some("5::organization:memory_full")
    );
    assert_eq!(text(refused.headers(), "connection"), Some("close"));
    drop(held);
    eventually("the share to come back", async || {
        let sent = send(&server, project.id, &project.key, &[event(1)]).await;
        (sent.status() == StatusCode::OK).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_says_for_how_long_nothing_should_be_sent() {
    use sqlx::Connection as _;
    let server = Server::start_with(&[("ANDON_INGEST_QUEUE_EVENTS", "1")]);
    let project = server.create_project("shop", &[]);
    let address = format!("sqlite://{}", server.data().join("andon.db").display());
    let mut database = sqlx::SqliteConnection::connect(&address).await.unwrap();
    // While somebody else writes, one event waits in the writer's hand and one in the queue.
    sqlx::query("BEGIN IMMEDIATE").execute(&mut database).await.unwrap();
    let answered = std::sync::atomic::AtomicUsize::new(0);
    let sends = futures_util::future::join_all((0..10).map(|number| {
        let (server, project, answered) = (&server, &project, &answered);
        async move {
            let answer = send(server, project.id, &project.key, &[event(number)]).await;
            answered.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let limits = text(answer.headers(), "x-sentry-rate-limits").map(str::to_owned);
            let retry = text(answer.headers(), "retry-after").map(str::to_owned);
            (answer.status().as_u16(), limits, retry)
        }
    }));
    let release = async {
        // All are answered but those that wait for the database.
        eventually("the queue is full", async || {
            (answered.load(std::sync::atomic::Ordering::Relaxed) >= 8).then_some(())
        })
        .await;
        sqlx::query("ROLLBACK").execute(&mut database).await.unwrap();
    };
    let (answers, ()) = tokio::join!(sends, release);
    let refused: Vec<_> = answers.iter().filter(|(status, ..)| *status != 200).collect();
    assert!((7..10).contains(&refused.len()), "{answers:?}");
    for (status, limits, retry) in &refused {
        assert_eq!(*status, 429);
        assert_eq!(limits.as_deref(), Some("5::organization:queue_full"));
        assert_eq!(retry.as_deref(), Some("5"));
    }
    let stored = 10 - refused.len() as i64;
    assert_eq!(stored_events(&server).await, stored);
    let count = refused.len() as i64;
    let expected = [("error".to_owned(), "queue_full".to_owned(), count)];
    assert_eq!(outcomes(&server, &project).await, expected);
}
