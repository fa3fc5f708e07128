//! A connection that does not wait for ever: a request's head must be there soon after its first byte, and
//! an answer must be taken. (How long nothing at all may come between two requests, and how long a body may
//! take, is bounded elsewhere.)

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BufMut as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// Bytes of one read at most: fewer than the HTTP library's smallest buffer has (8 KiB).
const READ_BYTES: usize = 8 * 1024 - 1;

/// How long a connection is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How long a request's head may take from its first byte.
    pub(super) head: Duration,
    /// How long nothing may come, before the first request and between two. Longer than proxies keep theirs
    /// (60 s is usual): who closes first loses no request that is just being sent.
    pub(super) idle: Duration,
    /// How long the other side may take no byte of an answer.
    pub(super) write: Duration,
}

impl Patience {
    /// What is usual.
    pub(super) const USUAL: Self = Self {
        head: Duration::from_secs(10),
        idle: Duration::from_secs(75),
        write: Duration::from_secs(30),
    };
}

/// Whether a request is being handled: then what arrives is its body, which has a time-out of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Busy(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// Requests whose head has come.
    begun: AtomicU64,
    under_way: AtomicBool,
}

impl Busy {
    /// A request's head is there.
    pub(super) fn begin(&self) {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        self.0.under_way.store(true, Ordering::Relaxed);
    }

    /// Its answer is on the way.
    pub(super) fn end(&self) {
        self.0.under_way.store(false, Ordering::Relaxed);
    }
}

/// The connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    busy: Busy,
    /// How many requests had begun when it was last looked.
    begun: u64,
    head: Timer,
    write: Timer,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, busy: Busy, patience: Patience) -> Self {
        let (head, write) = (Timer::new(patience.head), Timer::new(patience.write));
        Self { stream, busy, begun: 0, head, write }
    }

    fn after_write<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.write.stop();
            return written;
        }
        self.write.run(cx).map(Err)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = into.filled().len();
        let read = read_some(&this.stream, cx, into);
        let state = &this.busy.0;
        let begun = state.begun.load(Ordering::Relaxed);
        if begun != this.begun {
            this.begun = begun;
            this.head.stop();
        }
        if into.filled().len() > before && !state.under_way.load(Ordering::Relaxed) {
            this.head.start();
        }
        match read {
            // Nothing has come yet since the last answer: that may last longer.
            Poll::Pending if this.head.is_running() => this.head.run(cx).map(Err),
            read => read,
        }
    }
}

/// Reads what has arrived, but never so much that the HTTP library thinks it should have a larger buffer:
/// each connection keeps its own for as long as it is open.
fn read_some(
    stream: &TcpStream,
    cx: &mut Context<'_>,
    into: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    loop {
        ready!(stream.poll_read_ready(cx))?;
        match stream.try_read_buf(&mut (&mut *into).limit(READ_BYTES)) {
            Ok(_) => return Poll::Ready(Ok(())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.after_write(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bytes);
        this.after_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// A time-out that is set once and kept for the next time.
#[derive(Debug)]
struct Timer {
    after: Duration,
    running: bool,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    fn new(after: Duration) -> Self {
        Self { after, running: false, sleep: None }
    }

    /// Begins, unless it runs already.
    fn start(&mut self) {
        if !self.running {
            self.running = true;
            let deadline = Instant::now() + self.after;
            match &mut self.sleep {
                Some(sleep) => sleep.as_mut().reset(deadline),
                None => self.sleep = Some(Box::pin(tokio::time::sleep_until(deadline))),
            }
        }
    }

    fn stop(&mut self) {
        self.running = false;
    }

    fn is_running(&self) -> bool {
        self.running
    }

    /// Waits on; ready with the error once the time is over.
    fn run(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        self.start();
        match &mut self.sleep {
            Some(sleep) => {
                sleep.as_mut().poll(cx).map(|()| io::Error::from(io::ErrorKind::TimedOut))
            }
            None => Poll::Pending,
        }
    }
}
