//! What the tests share.

pub(crate) mod postgres;
pub(crate) mod server;

use std::time::Duration;

use andon_sdk::resilience::{Retry, health_monitor};

/// How long a test waits for something that must happen before it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Waits until `look` finds something.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = std::time::Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Fails the test instead of leaving it to wait for ever.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("the test waits for something in vain")
}

/// Attempts in quick succession.
pub(crate) fn quick(attempts: u32) -> Retry {
    Retry::new().attempts(attempts).first_delay(Duration::from_millis(1))
}

/// How many errors of a type the process's monitor has counted.
pub(crate) fn counted(error_type: &str) -> u64 {
    health_monitor().summary().errors_by_type.get(error_type).copied().unwrap_or(0)
}

/// Compiles only for futures that a handler of axum may await.
pub(crate) fn assert_send<T: Send>(future: T) -> T {
    future
}

/// An error type for one test, so that what is counted for it is that test's doing.
macro_rules! own_error {
    ($name:ident) => {
        #[derive(Debug, thiserror::Error)]
        #[error("broken")]
        struct $name;
    };
}
pub(crate) use own_error;
