//! Connections that say nothing, or too little.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{event, send};
use crate::support::PATIENCE;
use crate::support::server::Server;

/// What a head may take at least before its connection is closed.
const HEAD_PATIENCE: Duration = Duration::from_secs(9);

const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n";

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap()
}

/// What still comes until the other side closes.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    // A reset is an end as well.
    let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "it is never closed");
    String::from_utf8_lossy(&rest).into_owned()
}

/// Reads one answer with an empty or small body.
async fn answer(stream: &mut TcpStream) -> String {
    let mut buffer = vec![0; 4096];
    let length = stream.read(&mut buffer).await.unwrap();
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

#[tokio::test]
async fn half_a_head_is_closed_and_an_idle_connection_is_kept() {
    let server = Server::start();
    let begun = Instant::now();
    let (mut fresh, mut used, mut dripping, mut idle) = (
        connect(&server).await,
        connect(&server).await,
        connect(&server).await,
        connect(&server).await,
    );
    fresh.write_all(b"GET /health HTTP/1.1\r\nhos").await.unwrap();
    for stream in [&mut used, &mut idle] {
        stream.write_all(HEALTH).await.unwrap();
        assert!(answer(stream).await.starts_with("HTTP/1.1 200"));
    }
    used.write_all(b"GET /heal").await.unwrap();
    let drips = tokio::spawn(async move {
        let begun = Instant::now();
        // A byte now and then does not help.
        while begun.elapsed() < PATIENCE {
            if dripping.write_all(b"G").await.is_err() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        false
    });
    let (first, second) = tokio::join!(until_closed(&mut fresh), until_closed(&mut used));
    assert!(begun.elapsed() >= HEAD_PATIENCE, "{:?}", begun.elapsed());
    for said in [first, second] {
        assert!(!said.contains("200"), "{said}");
    }
    assert!(drips.await.unwrap(), "it is closed as well");
    // Longer than a head may take, and the connection still works.
    tokio::time::sleep(Duration::from_secs(2)).await;
    idle.write_all(HEALTH).await.unwrap();
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn more_connections_than_are_allowed_wait_for_their_turn() {
    let server = Server::start_with(&[("ANDON_INGEST_MAX_CONNECTIONS", "2")]);
    let (mut one, mut two) = (connect(&server).await, connect(&server).await);
    for stream in [&mut one, &mut two] {
        stream.write_all(HEALTH).await.unwrap();
        assert!(answer(stream).await.starts_with("HTTP/1.1 200"));
    }
    let mut three = connect(&server).await;
    three.write_all(HEALTH).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(500), answer(&mut three)).await;
    assert!(early.is_err(), "{early:?}");
    drop(one);
    assert!(answer(&mut three).await.starts_with("HTTP/1.1 200"));
    drop((two, three));
    let project = server.create_project("shop", &[]);
    let sent = send(&server, project.id, &project.key, &[event(1)]).await;
    assert_eq!(sent.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_server_that_is_asked_to_stop_answers_what_is_under_way_and_lets_go_of_idle_connections()
{
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let mut idle = connect(&server).await;
    idle.write_all(HEALTH).await.unwrap();
    answer(&mut idle).await;
    let mut late = connect(&server).await;
    let body = format!("{{}}\n{}", event(1));
    let head = format!(
        "POST /api/{}/envelope/?sentry_key={} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        project.id,
        project.key,
        body.len()
    );
    late.write_all(head.as_bytes()).await.unwrap();
    assert!(answer(&mut late).await.starts_with("HTTP/1.1 100"), "it is under way");
    late.write_all(&body.as_bytes()[..10]).await.unwrap();
    let stopped = tokio::task::spawn_blocking(move || server.terminate());
    // Let go of while the other is still under way, and not because the process has ended.
    assert_eq!(until_closed(&mut idle).await, "");
    late.write_all(&body.as_bytes()[10..]).await.unwrap();
    assert!(answer(&mut late).await.starts_with("HTTP/1.1 200"), "it is stored");
    assert_eq!(stopped.await.unwrap(), Some(0));
}
