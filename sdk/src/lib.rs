//! Reports a Rust application's errors and panics to Andon, or to Sentry, and helps the application to mend
//! itself.
//!
//! ```no_run
//! let _guard = andon_sdk::Options::new("http://KEY@localhost:5001/1")
//!     .release(option_env!("GIT_COMMIT").unwrap_or("unknown"))
//!     .environment("production")
//!     .init();
//!
//! # fn work() -> Result<(), std::io::Error> { Ok(()) }
//! if let Err(error) = work() {
//!     andon_sdk::capture_error(&error);
//! }
//! // Panics are captured by themselves.
//! ```
//!
//! Capturing costs the calling thread microseconds: it notes addresses and text, and a thread of the SDK's
//! makes an event of them, writes it to a file (the spool), and another one sends it. So neither a slow
//! server nor one that is away slows the application; what was captured before a crash is sent at the next
//! start; and what is sent twice the server keeps once.
//!
//! | Feature | |
//! |---|---|
//! | `tls` (default) | `https` addresses |
//! | `tracing` | [`tracing`-layer](crate::tracing_layer): events of the `tracing` crate become breadcrumbs and errors |
//! | `tower` | [`tower`-layer](crate::tower_layer): a scope a request, for axum, tonic and the like |
//! | `api` | a client for Andon's API |
//! | `resilience`, `reqwest`, `sqlx`, `tower-sessions` | retry, resilient calls, commits, session healing, a health monitor |
//!
//! A process that forks after [`Options::init`] has no SDK in its child, whose threads do not exist there:
//! start it after the fork. A panic hook that is set after [`Options::init`] must call the one before it.

mod agent;
#[cfg(feature = "api")]
pub mod api;
mod capture;
mod client;
mod dsn;
mod envelope;
mod exit;
mod guarded;
mod panics;
mod pipeline;
mod problems;
mod protocol;
mod queue;
#[cfg(feature = "resilience")]
pub mod resilience;
mod scope;
mod scrub;
mod settings;
mod spool;
mod stack;
mod time;
#[cfg(feature = "tower")]
mod tower_layer;
#[cfg(feature = "tracing")]
mod tracing_layer;
mod transport;

pub use capture::{add_breadcrumb, capture_error, capture_event, capture_message};
pub use client::{Guard, flush};
pub use dsn::{Dsn, DsnError};
pub use protocol::{
    Breadcrumb, Event, EventId, Exception, Frame, Level, Mechanism, Request, Stacktrace, User,
    Values,
};
pub use scope::{
    InScope, MAX_BREADCRUMBS, Scope, SharedScope, configure_scope, in_scope, with_scope,
};
pub use scrub::FILTERED;
pub use settings::{
    BeforeSend, CONNECT_TIMEOUT, MEMORY_BYTES, OnProblem, Options, QUEUE_EVENTS, SEND_TIMEOUT,
    SHUTDOWN_TIMEOUT, SPOOL_BYTES, Spool,
};

#[cfg(feature = "tower")]
pub use tower_layer::{TowerFuture, TowerLayer, TowerService, tower_layer};
#[cfg(feature = "tracing")]
pub use tracing_layer::{TracingLayer, tracing_layer};

/// Starts the SDK with everything as usual, to this DSN; [`Options`] has what can be set.
pub fn init(dsn: impl Into<String>) -> Guard {
    Options::new(dsn).init()
}

/// The SDK's name, as it tells the server.
pub(crate) const SDK_NAME: &str = "andon-sdk";

/// The SDK's version, as it tells the server.
pub(crate) const SDK_VERSION: &str = env!("CARGO_PKG_VERSION");
