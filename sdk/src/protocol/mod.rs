//! What is sent: the event and its parts, as the envelope protocol names them
//! (<https://develop.sentry.dev/sdk/data-model/>).

mod breadcrumb;
mod event;
mod id;
mod user;

pub use breadcrumb::Breadcrumb;
pub use event::{Event, Exception, Frame, Mechanism, Stacktrace, Values};
pub use id::EventId;
pub use user::{Request, User};

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Of use only while looking for a fault.
    Debug,
    /// Good to know.
    Info,
    /// Something is not as it should be, and the work went on.
    Warning,
    /// The work at hand failed.
    #[default]
    Error,
    /// The process, or a thread of it, ends.
    Fatal,
}

/// Seconds since 1970, as the protocol has times.
pub(crate) fn now() -> f64 {
    // A clock before 1970 is set wrongly; the server gives such an event its own time.
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
