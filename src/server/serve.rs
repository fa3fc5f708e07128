//! Listening: connections are bounded in number, in time and in what they hold, and end in an orderly way
//! when the server stops.
//!
//! Further connections than may be open at once are not refused: they wait in the kernel's queue until one
//! ends, because a sender that waits a moment loses nothing, and one that is refused may.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower::Service as _;

use super::connection::{Busy, Connection, Patience};

/// Bytes of a connection's buffer at most; a request's head must fit in.
const BUFFER_BYTES: usize = 64 * 1024;

/// Open files beside connections: the database's, logs, repositories, sandboxes.
const OTHER_FILES: u64 = 256;

/// The wait after the operating system refused a connection for want of something, most likely of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `stop` turns true, and then until the requests under way are answered. Dropping it ends
/// every connection.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    max_connections: usize,
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(allowed_connections(max_connections)));
    let mut connections = JoinSet::new();
    let told = stop.clone();
    loop {
        tokio::select! {
            // An error means that the sender is gone, which is a stop as well.
            _ = stop.wait_for(|stop| *stop) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            (stream, slot) = accept(&listener, &slots) => {
                connections.spawn(connection(stream, slot, router.clone(), patience, told.clone()));
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // An error would mean that the semaphore was closed, which nobody does.
    let slot = Arc::clone(slots).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, slot),
            Err(error) if is_the_others_fault(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted just now");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_the_others_fault(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(
    stream: TcpStream,
    _slot: Option<OwnedSemaphorePermit>,
    router: Router,
    patience: Patience,
    mut stop: watch::Receiver<bool>,
) {
    let busy = Busy::default();
    let io = TokioIo::new(Connection::new(stream, busy.clone(), patience));
    let service = service_fn(move |request: Request<Incoming>| {
        let (busy, mut router) = (busy.clone(), router.clone());
        async move {
            busy.begin();
            let answer = router.call(request).await;
            busy.end();
            Ok::<_, Infallible>(answer.unwrap_or_else(|never| match never {}))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Also from the connection's beginning, and from one request to the next.
        .header_read_timeout(patience.idle)
        .max_buf_size(BUFFER_BYTES)
        // Else each connection has a buffer, while its request is under way, in which the end of the
        // connection would be noticed; and each request costs a read of nothing.
        .half_close(true)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    // An error means that the sender is gone, which is a stop as well.
    let stopping = async { drop(stop.wait_for(|stop| *stop).await) };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// As many connections as were asked for, if the operating system lets the process open that many files;
/// asks it for them first.
fn allowed_connections(wanted: usize) -> usize {
    let needed = (wanted as u64).saturating_add(OTHER_FILES);
    let mut limit = getrlimit(Resource::Nofile);
    let short = |files: Option<u64>| files.is_some_and(|files| files < needed);
    if short(limit.current) {
        limit.current = if short(limit.maximum) { limit.maximum } else { Some(needed) };
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the limit on open files was not raised");
            limit = getrlimit(Resource::Nofile);
        }
    }
    match limit.current {
        Some(files) if files < needed => {
            let files = usize::try_from(files).unwrap_or(wanted);
            let allowed = files.saturating_sub(OTHER_FILES as usize).max(files / 2).max(1);
            tracing::warn!(
                wanted,
                allowed,
                "connections at once; the limit on open files allows no more"
            );
            allowed.min(wanted)
        }
        _ => wanted.min(Semaphore::MAX_PERMITS),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const ANSWER_BYTES: usize = 64 * 1024 * 1024;

    const SHORT: Patience = Patience {
        head: Duration::from_millis(400),
        idle: Duration::from_millis(1200),
        write: Duration::from_millis(400),
    };

    async fn server() -> (std::net::SocketAddr, watch::Sender<bool>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let slow = || async {
            tokio::time::sleep(SHORT.head * 2).await;
            "slow"
        };
        let router = Router::new()
            .route("/slow", get(slow))
            .route("/large", get(|| async { vec![b'x'; ANSWER_BYTES] }));
        tokio::spawn(serve(listener, router, 10, SHORT, stopped));
        (address, stop)
    }

    async fn ask(stream: &mut TcpStream, path: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
    }

    /// What comes until the other side closes, and how long that takes.
    async fn rest(stream: &mut TcpStream) -> (usize, Duration) {
        let begun = Instant::now();
        let mut bytes = Vec::new();
        // A reset is an end as well.
        let _ = stream.read_to_end(&mut bytes).await;
        (bytes.len(), begun.elapsed())
    }

    #[tokio::test]
    async fn a_connection_without_requests_is_closed_when_it_was_idle_for_long() {
        let (address, _stop) = server().await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut used = TcpStream::connect(address).await.unwrap();
        // A handler that takes longer than a head may does not count against the connection.
        for _ in 0..2 {
            ask(&mut used, "/slow").await;
            let mut answer = vec![0; 1000];
            let length = used.read(&mut answer).await.unwrap();
            assert!(answer[..length].ends_with(b"slow"));
        }
        let (bytes, after) = rest(&mut used).await;
        assert_eq!(bytes, 0);
        assert!(after >= SHORT.idle - Duration::from_millis(100), "{after:?}");
        assert_eq!(rest(&mut silent).await.0, 0);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_takes_ends_the_connection() {
        let (address, _stop) = server().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        ask(&mut stream, "/large").await;
        tokio::time::sleep(SHORT.write * 3).await;
        assert!(rest(&mut stream).await.0 < ANSWER_BYTES);
        // Whoever takes it, slowly, gets it all.
        let mut stream = TcpStream::connect(address).await.unwrap();
        ask(&mut stream, "/large").await;
        let (mut bytes, mut piece) = (0, vec![0; 8 * 1024 * 1024]);
        while bytes < ANSWER_BYTES {
            match stream.read(&mut piece).await.unwrap() {
                0 => break,
                length => bytes += length,
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(bytes >= ANSWER_BYTES, "{bytes}");
    }

    #[tokio::test]
    async fn stopping_waits_for_what_is_under_way_and_for_nothing_else() {
        let (address, stop) = server().await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        let mut slow = TcpStream::connect(address).await.unwrap();
        ask(&mut slow, "/slow").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.send(true).unwrap();
        let (bytes, after) = rest(&mut idle).await;
        assert_eq!(bytes, 0);
        assert!(after < SHORT.idle / 2, "{after:?}");
        assert!(rest(&mut slow).await.0 > 4);
        assert!(TcpStream::connect(address).await.is_err());
    }
}
