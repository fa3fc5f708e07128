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

use super::connection::{Busy, Connection};

/// How long a connection may stay open without a request. Longer than proxies keep theirs (60 s is usual):
/// who closes first loses no request that is just being sent.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

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
    mut stop: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(allowed_connections(max_connections)));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // An error means that the sender is gone, which is a stop as well.
            _ = stop.wait_for(|stop| *stop) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            (stream, slot) = accept(&listener, &slots) => {
                connections.spawn(connection(stream, slot, router.clone(), stop.clone()));
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
    mut stop: watch::Receiver<bool>,
) {
    let busy = Busy::default();
    let io = TokioIo::new(Connection::new(stream, busy.clone()));
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
        .header_read_timeout(IDLE_TIMEOUT)
        .max_buf_size(BUFFER_BYTES)
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
        if let Err(error) = setrlimit(Resource::Nofile, limit.clone()) {
            tracing::warn!(%error, "the limit on open files was not raised");
            limit = getrlimit(Resource::Nofile);
        }
    }
    match limit.current {
        Some(files) if files < needed => {
            let files = usize::try_from(files).unwrap_or(wanted);
            let allowed = files.saturating_sub(OTHER_FILES as usize).max(files / 2).max(1);
            tracing::warn!(wanted, allowed, "connections at once; the limit on open files allows no more");
            allowed.min(wanted)
        }
        _ => wanted.min(Semaphore::MAX_PERMITS),
    }
}
