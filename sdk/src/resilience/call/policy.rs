//! How a service is called.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::super::breaker::Breaker;
use super::super::retry::Retry;
use super::{Attempt, Verdict};

/// How long one attempt may take.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long all attempts and the delays between them may take.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(45);

/// The longest wait that a service's `Retry-After` can bring about.
pub const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// What an attempt after the first has at least: with less left it is not begun, as it would only put a
/// time-out in the place of the error that is known.
const LEAST_TIME: Duration = Duration::from_secs(1);

/// A difference of times that is none.
const LITTLE: Duration = Duration::from_millis(10);

/// What a service is called in messages, unless it has a name.
const ANY_SERVICE: &str = "The service";

/// How a service is called: attempts, time-outs, the breaker.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use andon_sdk::resilience::{Breaker, CallPolicy, Retry};
///
/// let policy = CallPolicy::new()
///     .service("The tutor")
///     .retry(Retry::new().attempts(4))
///     .attempt_timeout(Duration::from_secs(20))
///     .breaker(Arc::new(Breaker::new("The tutor").build()));
/// # let _ = policy;
/// ```
#[derive(Debug, Clone)]
pub struct CallPolicy {
    pub(super) service: Cow<'static, str>,
    pub(super) retry: Retry,
    pub(super) attempt_timeout: Duration,
    pub(super) total_timeout: Duration,
    pub(super) breaker: Option<Arc<Breaker>>,
    longest_wait: Duration,
    idempotent: Option<bool>,
}

impl Default for CallPolicy {
    fn default() -> Self {
        Self {
            service: ANY_SERVICE.into(),
            retry: Retry::new(),
            attempt_timeout: ATTEMPT_TIMEOUT,
            total_timeout: TOTAL_TIMEOUT,
            breaker: None,
            longest_wait: LONGEST_WAIT,
            idempotent: None,
        }
    }
}

impl CallPolicy {
    /// This module's constants, no breaker.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What messages call the service, as at the start of a sentence: `The payment service`.
    #[must_use]
    pub fn service(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.service = name.into();
        self
    }

    /// How often to try, and the delays where the service does not ask for one.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// How long one attempt may take.
    #[must_use]
    pub fn attempt_timeout(mut self, time: Duration) -> Self {
        self.attempt_timeout = time;
        self
    }

    /// How long the call may take in all. A delay that leaves less than a second of it, or than an attempt's
    /// time-out, is not begun.
    #[must_use]
    pub fn total_timeout(mut self, time: Duration) -> Self {
        self.total_timeout = time;
        self
    }

    /// The longest wait for a service that asks for one: if it asks for more, the next attempt is made
    /// after this time.
    #[must_use]
    pub fn longest_wait(mut self, time: Duration) -> Self {
        self.longest_wait = time;
        self
    }

    /// Whether doing the request twice is as good as doing it once. If so, it is also sent again after
    /// failures in which the service may have acted on it. Without this, `resilient_call` takes it for
    /// not so, and `resilient_send` goes by the method: `POST` and `PATCH` are not.
    #[must_use]
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// The breaker that all calls of the service share.
    #[must_use]
    pub fn breaker(mut self, breaker: Arc<Breaker>) -> Self {
        self.breaker = Some(breaker);
        self
    }

    /// The same policy for a request of which the method tells whether it is idempotent.
    #[cfg(feature = "reqwest")]
    pub(super) fn or_idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = self.idempotent.or(Some(idempotent));
        self
    }

    pub(super) fn is_idempotent(&self) -> bool {
        self.idempotent.unwrap_or(false)
    }

    /// How long to wait before the next attempt, or none if there is no use in one.
    pub(super) fn wait(
        &self,
        asked_for: Option<Duration>,
        delay: Duration,
        left: Duration,
    ) -> Option<Duration> {
        let wait = asked_for.map_or(delay, |asked_for| asked_for.min(self.longest_wait).max(delay));
        // The breaker may have opened by this very failure.
        let held_back = self.breaker.as_ref().and_then(|breaker| breaker.open_for());
        let in_vain = held_back.is_some_and(|time| time > wait);
        let least = LEAST_TIME.min(self.whole_time());
        (wait.saturating_add(least) <= left && !in_vain).then_some(wait)
    }

    /// How long an attempt may take with so much left of the call, and whether that is all it can have.
    pub(super) fn time(&self, left: Duration) -> (Duration, bool) {
        let time = left.min(self.attempt_timeout);
        // The clock may have gone on a little since the call began.
        (time, time.saturating_add(LITTLE) >= self.whole_time())
    }

    fn whole_time(&self) -> Duration {
        self.attempt_timeout.min(self.total_timeout)
    }

    /// What happened, for a breadcrumb. Not the error's own text, which may hold a person's data.
    pub(super) fn describe<E>(&self, failure: &Attempt<E>) -> String {
        let what = match failure {
            Attempt::HeldBack { .. } => "held back",
            Attempt::TimedOut { .. } => "no answer in time",
            Attempt::Error { verdict: Verdict::NotSent, .. } => "could not be reached",
            Attempt::Error { verdict: Verdict::RateLimited { .. }, .. } => "asked too often",
            Attempt::Error { verdict: Verdict::Unavailable { .. }, .. } => "unavailable",
            Attempt::Error { verdict: Verdict::Failed, .. } => "failed",
            Attempt::Error { verdict: Verdict::Refused, .. } => "refused",
        };
        format!("{}: {what}", self.service)
    }
}
