//! Reports a Rust application's errors and panics to Andon, or to Sentry.
