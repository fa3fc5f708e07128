//! A default instead of an error.

use std::error::Error;

use super::health::health_monitor;
use super::report;
use crate::{Level, capture_error};

/// Awaits `work` and gives `default` if it fails. The error is counted by the [`health_monitor`] and,
/// with `log_errors`, reported as an event.
///
/// A panic in `work` is not an error: it is not caught here, and the SDK's panic hook reports it.
pub async fn safe_execute<T, E: Error>(
    default: T,
    log_errors: bool,
    work: impl Future<Output = Result<T, E>>,
) -> T {
    match work.await {
        Ok(value) => value,
        Err(error) => instead(default, log_errors, &error),
    }
}

/// As [`safe_execute`], for blocking code.
pub fn safe_execute_blocking<T, E: Error>(
    default: T,
    log_errors: bool,
    work: impl FnOnce() -> Result<T, E>,
) -> T {
    match work() {
        Ok(value) => value,
        Err(error) => instead(default, log_errors, &error),
    }
}

fn instead<T, E: Error>(default: T, log_errors: bool, error: &E) -> T {
    let name = report::error_type::<E>();
    health_monitor().record(name);
    if log_errors {
        capture_error(error);
    } else {
        let message = format!("{name}: a default was used instead");
        report::breadcrumb("safe_execute", Level::Info, message, &[]);
    }
    default
}
