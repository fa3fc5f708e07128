//! Times that do not overflow: whoever waits "as long as it takes" says `Duration::MAX`.

use std::time::{Duration, Instant};

/// The longest that anything waits: a year, which every clock bears to have added.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// So long from now.
pub(crate) fn from_now(by: Duration) -> Instant {
    Instant::now() + by.min(LONGEST)
}
