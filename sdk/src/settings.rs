//! How the SDK is set up.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::client::Guard;
use crate::protocol::Event;
use crate::scope::MAX_BREADCRUMBS;

/// Captured errors that wait for the SDK's thread before the capturing thread does its part of the work
/// itself.
pub const QUEUE_EVENTS: usize = 1000;

/// Bytes that wait to be sent on the disk, at most: some ten thousand errors.
pub const SPOOL_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes that wait to be sent in memory, at most, where no file can be written.
pub const MEMORY_BYTES: usize = 4 * 1024 * 1024;

/// How long the end of the program waits for what is still to be sent. With a spool on the disk it ends
/// sooner when the server does not answer.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a connection may take to be made.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long sending an event may take in all.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(15);

/// Looks at an event before it is sent, changes it, or keeps it back with `None`.
pub type BeforeSend = Arc<dyn Fn(Event) -> Option<Event> + Send + Sync>;

/// Is told of what goes wrong in the SDK itself, each problem once.
pub type OnProblem = Arc<dyn Fn(&str) + Send + Sync>;

/// Where what waits to be sent lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Spool {
    /// In the user's folder for states (`$XDG_STATE_HOME/andon-sdk`, `~/.local/state/andon-sdk`), or else in
    /// a folder of theirs among the temporary ones.
    #[default]
    Usual,
    /// In this folder. Several processes may have the same.
    At(PathBuf),
    /// In memory only: what waits is lost when the process is killed.
    MemoryOnly,
}

/// How the SDK is set up; [`Options::init`] starts it.
#[derive(Clone)]
#[must_use = "nothing happens before `init`"]
pub struct Options {
    pub(crate) dsn: String,
    pub(crate) release: Option<Arc<str>>,
    pub(crate) environment: Option<Arc<str>>,
    pub(crate) server_name: Option<Arc<str>>,
    pub(crate) sample_rate: f32,
    pub(crate) max_breadcrumbs: usize,
    pub(crate) queue_events: usize,
    pub(crate) spool: Spool,
    pub(crate) spool_bytes: u64,
    pub(crate) memory_bytes: usize,
    pub(crate) panics: bool,
    pub(crate) backtraces: bool,
    pub(crate) scrub: bool,
    pub(crate) scrub_keys: Vec<String>,
    pub(crate) before_send: Option<BeforeSend>,
    pub(crate) on_problem: Option<OnProblem>,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) send_timeout: Duration,
}

impl Options {
    /// Everything as usual, to this DSN. An empty one turns the SDK off.
    pub fn new(dsn: impl Into<String>) -> Self {
        Self {
            dsn: dsn.into(),
            release: None,
            environment: None,
            server_name: None,
            sample_rate: 1.0,
            max_breadcrumbs: MAX_BREADCRUMBS,
            queue_events: QUEUE_EVENTS,
            spool: Spool::Usual,
            spool_bytes: SPOOL_BYTES,
            memory_bytes: MEMORY_BYTES,
            panics: true,
            backtraces: true,
            scrub: true,
            scrub_keys: Vec::new(),
            before_send: None,
            on_problem: None,
            shutdown_timeout: SHUTDOWN_TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            send_timeout: SEND_TIMEOUT,
        }
    }

    /// Everything from the environment: `ANDON_DSN` (or `SENTRY_DSN`), `ANDON_RELEASE` (or
    /// `SENTRY_RELEASE`), `ANDON_ENVIRONMENT` (or `SENTRY_ENVIRONMENT`). Without a DSN the SDK is off.
    pub fn from_env() -> Self {
        let value = |name: &str| {
            ["ANDON_", "SENTRY_"]
                .iter()
                .find_map(|begin| std::env::var(format!("{begin}{name}")).ok())
                .filter(|value| !value.trim().is_empty())
        };
        let mut options = Self::new(value("DSN").unwrap_or_default());
        options.release = value("RELEASE").map(Arc::from);
        options.environment = value("ENVIRONMENT").map(Arc::from);
        options
    }

    /// What was built: best the commit, so that the analysis reads the code as it was built.
    pub fn release(mut self, release: impl Into<Arc<str>>) -> Self {
        self.release = Some(release.into());
        self
    }

    /// Where it runs: `production`, `test`, …
    pub fn environment(mut self, environment: impl Into<Arc<str>>) -> Self {
        self.environment = Some(environment.into());
        self
    }

    /// The machine's name, which is not sent unless it is set here.
    pub fn server_name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Which part of the errors is sent, from 0 to 1. Panics are always sent.
    pub fn sample_rate(mut self, rate: f32) -> Self {
        self.sample_rate = if rate.is_nan() { 1.0 } else { rate.clamp(0.0, 1.0) };
        self
    }

    /// Breadcrumbs that an event has at most; [`MAX_BREADCRUMBS`] unless said otherwise.
    pub fn max_breadcrumbs(mut self, most: usize) -> Self {
        self.max_breadcrumbs = most;
        self
    }

    /// Errors that wait for the SDK's thread; [`QUEUE_EVENTS`] unless said otherwise.
    pub fn queue_events(mut self, events: usize) -> Self {
        self.queue_events = events.max(1);
        self
    }

    /// Where what waits to be sent lies.
    pub fn spool(mut self, spool: Spool) -> Self {
        self.spool = spool;
        self
    }

    /// Bytes that wait to be sent on the disk, at most; [`SPOOL_BYTES`] unless said otherwise. When it is
    /// full the oldest go, and the server is told how many.
    pub fn spool_bytes(mut self, bytes: u64) -> Self {
        self.spool_bytes = bytes;
        self
    }

    /// Bytes that wait to be sent in memory, at most; [`MEMORY_BYTES`] unless said otherwise.
    pub fn memory_bytes(mut self, bytes: usize) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Whether panics are captured, which they are unless said otherwise.
    pub fn capture_panics(mut self, capture: bool) -> Self {
        self.panics = capture;
        self
    }

    /// Whether errors are given the stack of where they were captured, which they are unless said otherwise.
    /// Panics always have one.
    pub fn backtraces(mut self, take: bool) -> Self {
        self.backtraces = take;
        self
    }

    /// Whether values that look secret by their name are taken out before anything leaves the process, which
    /// they are unless said otherwise.
    pub fn scrub(mut self, scrub: bool) -> Self {
        self.scrub = scrub;
        self
    }

    /// One more word whose values are taken out, wherever it is part of a name.
    pub fn scrub_key(mut self, word: impl Into<String>) -> Self {
        self.scrub_keys.push(word.into().to_lowercase());
        self
    }

    /// Looks at each event before it is sent, changes it, or keeps it back with `None`. It runs on the SDK's
    /// thread; while it cannot keep up, a capture waits for it, two seconds at most, and then the oldest error
    /// that waits goes, which the server is told. If it panics the event is sent without anything that it might have taken out: the types of
    /// its errors and their stacks.
    pub fn before_send(
        mut self,
        hook: impl Fn(Event) -> Option<Event> + Send + Sync + 'static,
    ) -> Self {
        self.before_send = Some(Arc::new(hook));
        self
    }

    /// Is told of what goes wrong in the SDK itself, each problem once, instead of standard error.
    pub fn on_problem(mut self, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.on_problem = Some(Arc::new(tell));
        self
    }

    /// How long the end of the program waits; [`SHUTDOWN_TIMEOUT`] unless said otherwise.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// How long a connection may take to be made; [`CONNECT_TIMEOUT`] unless said otherwise.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long sending an event may take in all; [`SEND_TIMEOUT`] unless said otherwise.
    pub fn send_timeout(mut self, timeout: Duration) -> Self {
        self.send_timeout = timeout;
        self
    }

    /// Starts the SDK. Keep the guard until the program ends: dropped, it sends what is still to be sent.
    pub fn init(self) -> Guard {
        crate::client::init(self)
    }
}

impl fmt::Debug for Options {
    /// Without the DSN, which has a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("release", &self.release)
            .field("environment", &self.environment)
            .field("sample_rate", &self.sample_rate)
            .field("spool", &self.spool)
            .finish_non_exhaustive()
    }
}
