//! Trying again: how often, after which delays, and what for.

use std::fmt::Display;
use std::num::NonZeroU32;
use std::time::Duration;

use backon::{BackoffBuilder as _, BlockingRetryable as _, ExponentialBuilder, Retryable as _};
use serde_json::Value;

use super::health::health_monitor;
use super::report;
use crate::Level;
use crate::capture::said;
use crate::scrub::without_queries;

/// How often something is tried in all, the first attempt included.
pub const ATTEMPTS: u32 = 3;

/// The delay before the second attempt, without jitter.
pub const FIRST_DELAY: Duration = Duration::from_millis(200);

/// What each further delay is multiplied by.
pub const DELAY_FACTOR: f32 = 2.0;

/// No delay is longer.
pub const LONGEST_DELAY: Duration = Duration::from_secs(20);

/// A factor beyond this is taken for a mistake.
const LARGEST_FACTOR: f32 = 100.0;

/// How often to try, and how long to wait in between.
///
/// Each delay is [`DELAY_FACTOR`] times the one before it, up to [`LONGEST_DELAY`]. With jitter, which
/// is on unless turned off, a delay `d` becomes a random one from `d / 2` up to `d`: what failed together
/// does not come back together.
///
/// ```
/// use std::time::Duration;
/// use andon_sdk::resilience::Retry;
///
/// let patient = Retry::new().attempts(5).first_delay(Duration::from_millis(50));
/// assert_eq!(patient.without_jitter().delays().count(), 4);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    attempts: NonZeroU32,
    first_delay: Duration,
    factor: f32,
    longest_delay: Duration,
    jitter: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: NonZeroU32::new(ATTEMPTS).unwrap_or(NonZeroU32::MIN),
            first_delay: FIRST_DELAY,
            factor: DELAY_FACTOR,
            longest_delay: LONGEST_DELAY,
            jitter: true,
        }
    }
}

impl Retry {
    /// [`ATTEMPTS`] attempts, delays from [`FIRST_DELAY`] with jitter.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How often to try in all, the first attempt included. Zero is taken for one.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = NonZeroU32::new(attempts).unwrap_or(NonZeroU32::MIN);
        self
    }

    /// The delay before the second attempt.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// What each further delay is multiplied by: 1 keeps them the same. Less than 1, and what is not a
    /// number, counts as 1.
    #[must_use]
    pub fn factor(mut self, factor: f32) -> Self {
        self.factor = if factor.is_nan() { 1.0 } else { factor.clamp(1.0, LARGEST_FACTOR) };
        self
    }

    /// The longest delay; also the first one is not longer.
    #[must_use]
    pub fn longest_delay(mut self, delay: Duration) -> Self {
        self.longest_delay = delay;
        self
    }

    /// Waits for exactly the delays.
    #[must_use]
    pub fn without_jitter(mut self) -> Self {
        self.jitter = false;
        self
    }

    /// The delays between the attempts: one less than there are attempts. With jitter each call gives
    /// others.
    pub fn delays(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        self.backoff().build()
    }

    pub(super) fn number_of_attempts(&self) -> u32 {
        self.attempts.get()
    }

    pub(super) fn backoff(&self) -> ExponentialBuilder {
        // backon's jitter adds up to as much again. Half of each delay is given to it, so that the
        // longest delay stays the longest.
        let share = if self.jitter { 2 } else { 1 };
        let longest = self.longest_delay / share;
        let builder = ExponentialBuilder::new()
            .with_factor(self.factor)
            .with_min_delay((self.first_delay / share).min(longest))
            .with_max_delay(longest)
            .with_max_times(self.attempts.get() as usize - 1);
        if self.jitter { builder.with_jitter() } else { builder }
    }
}

/// Runs `work` until it succeeds or the attempts are used up; whatever error it returns is tried again.
///
/// # Errors
/// The last attempt's error. It is counted by the [`health_monitor`]; reporting it is the caller's
/// choice.
pub async fn retry<T, E, Fut>(retry: &Retry, work: impl FnMut() -> Fut) -> Result<T, E>
where
    E: Display,
    Fut: Future<Output = Result<T, E>>,
{
    retry_if(retry, |_| true, work).await
}

/// As [`retry`], but only for errors for which `worthwhile` is true: there is no use in sending a
/// password again that was refused.
///
/// # Errors
/// The last attempt's error, or the first one that is not worthwhile.
pub async fn retry_if<T, E, Fut>(
    retry: &Retry,
    worthwhile: impl FnMut(&E) -> bool,
    work: impl FnMut() -> Fut,
) -> Result<T, E>
where
    E: Display,
    Fut: Future<Output = Result<T, E>>,
{
    let mut failed = 0;
    let notify = |error: &E, delay| note(&mut failed, retry, error, delay);
    let result = work.retry(retry.backoff()).when(worthwhile).notify(notify).await;
    result.inspect_err(gave_up)
}

/// As [`retry`], for blocking code: the delays block the thread, so it is not for async code.
///
/// # Errors
/// The last attempt's error.
pub fn retry_blocking<T, E: Display>(
    retry: &Retry,
    work: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    retry_blocking_if(retry, |_| true, work)
}

/// As [`retry_if`], for blocking code.
///
/// # Errors
/// The last attempt's error, or the first one that is not worthwhile.
pub fn retry_blocking_if<T, E: Display>(
    retry: &Retry,
    worthwhile: impl FnMut(&E) -> bool,
    work: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    let mut failed = 0;
    let notify = |error: &E, delay| note(&mut failed, retry, error, delay);
    let result = work.retry(retry.backoff()).when(worthwhile).notify(notify).call();
    result.inspect_err(gave_up)
}

/// Notes an attempt that failed and is followed by another.
fn note<E: Display>(failed: &mut u32, retry: &Retry, error: &E, delay: Duration) {
    *failed += 1;
    // The error's text may hold an address with a key.
    let text = without_queries(&said(error));
    note_attempt("retry", *failed, retry, &text, delay);
}

/// The same for the other parts that try again.
pub(super) fn note_attempt(part: &str, attempt: u32, retry: &Retry, error: &str, delay: Duration) {
    let of = retry.number_of_attempts();
    let message = format!("Attempt {attempt} of {of} failed: {error}");
    let delay = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
    report::breadcrumb(part, Level::Warning, message, &[("delay_ms", Value::from(delay))]);
}

fn gave_up<E>(_: &E) {
    health_monitor().record(report::error_type::<E>());
}
