//! Reports a Rust application's errors and panics to Andon, or to Sentry.

#[cfg(feature = "resilience")]
pub mod resilience;

mod facade;

pub use facade::{
    Breadcrumb, EventId, Level, Scope, add_breadcrumb, capture_error, capture_message, with_scope,
};
