//! The harness: a real server process, reached only as users reach it.

pub(crate) mod browser;
pub(crate) mod gui;
pub(crate) mod postgres;
pub(crate) mod server;
pub(crate) mod shop;

use std::time::{Duration, Instant};

/// How long a test waits for something that should happen soon.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often it looks.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Waits until `look` finds something; fails, naming `what`, if it never does.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(PATIENCE, what, &mut look).await
}

/// The same with a patience of one's own.
pub(crate) async fn eventually_within<T>(
    patience: Duration,
    what: &str,
    look: &mut impl AsyncFnMut() -> Option<T>,
) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < patience, "waited {patience:?} in vain for {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
