//! Calls of other services: time-outs, retries of what is safe to repeat, `Retry-After`, a breaker, and
//! errors that can be shown to a person.

mod error;
mod policy;
mod retry_after;
#[cfg(feature = "reqwest")]
mod send;

use std::time::Duration;

use backon::Retryable as _;
use tokio::time::Instant;

pub use self::error::CallError;
pub use self::policy::{ATTEMPT_TIMEOUT, CallPolicy, LONGEST_WAIT, TOTAL_TIMEOUT};
pub use self::retry_after::parse_retry_after;
#[cfg(feature = "reqwest")]
pub use self::send::{SendError, resilient_send};

use super::breaker::{Breaker, Permit};
use super::health::health_monitor;
use super::{report, retry};

/// What an attempt's error means for the attempts after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The service did not get to see the request, such as when there was no connection: it can be sent
    /// again, whatever it is.
    NotSent,
    /// The service is asked too often (HTTP 429). It did not act on the request.
    RateLimited {
        /// When to ask again, if the service told.
        retry_after: Option<Duration>,
    },
    /// The service is down or overloaded, and says so (HTTP 503). If it told when to ask again, it did not
    /// act on the request. If not, it may be a proxy that says so, whose service ended over the request: it
    /// is sent again only if that does no harm, see [`CallPolicy::idempotent`].
    Unavailable {
        /// When to ask again, if the service told.
        retry_after: Option<Duration>,
    },
    /// It failed, and the service may or may not have acted on the request: sent again only if that does
    /// no harm, see [`CallPolicy::idempotent`].
    Failed,
    /// The service works and refuses the request, which it would do again.
    Refused,
}

impl Verdict {
    fn is_worth_another(self, idempotent: bool) -> bool {
        match self {
            Self::NotSent | Self::RateLimited { .. } => true,
            Self::Unavailable { retry_after } => retry_after.is_some() || idempotent,
            Self::Failed => idempotent,
            Self::Refused => false,
        }
    }

    fn retry_after(self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Unavailable { retry_after } => retry_after,
            Self::NotSent | Self::Failed | Self::Refused => None,
        }
    }

    /// Tells the breaker. A service that limits or refuses is one that works.
    fn settle(self, permit: Permit<'_>) {
        match self {
            Self::RateLimited { .. } | Self::Refused => permit.succeeded(),
            Self::NotSent | Self::Unavailable { .. } | Self::Failed => permit.failed(),
        }
    }
}

/// How an attempt ended that did not succeed.
#[derive(Debug)]
enum Attempt<E> {
    HeldBack { retry_in: Duration },
    TimedOut { after: Duration },
    Error { verdict: Verdict, error: E },
}

impl<E> Attempt<E> {
    fn is_worth_another(&self, idempotent: bool) -> bool {
        match self {
            Self::HeldBack { .. } => false,
            Self::TimedOut { .. } => idempotent,
            Self::Error { verdict, .. } => verdict.is_worth_another(idempotent),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::HeldBack { .. } | Self::TimedOut { .. } => None,
            Self::Error { verdict, .. } => verdict.retry_after(),
        }
    }
}

/// Calls a service by `attempt`, as often as `policy` allows and as it is safe; `classify` tells what an
/// error means. An answer that is to be tried again, such as HTTP 503, must be made an error by
/// `attempt`; `resilient_send` does that for reqwest.
///
/// Dropping the future ends the call.
///
/// # Errors
/// A [`CallError`], whose `Display` can be shown to a person and whose `source` is the last attempt's
/// error. It is counted by the [`health_monitor`]; reporting it is the caller's choice.
pub async fn resilient_call<T, E, Fut>(
    policy: &CallPolicy,
    classify: impl Fn(&E) -> Verdict,
    attempt: impl FnMut() -> Fut,
) -> Result<T, CallError<E>>
where
    E: std::error::Error + 'static,
    Fut: Future<Output = Result<T, E>>,
{
    let deadline = Deadline::after(policy.total_timeout);
    let mut attempts = 0;
    let mut failures = 0;
    let result = {
        let (classify, attempts, mut attempt) = (&classify, &mut attempts, attempt);
        let once = || {
            let permit = policy.breaker.as_deref().map(Breaker::permit).transpose();
            let work = permit.map(|permit| {
                *attempts += 1;
                (permit, attempt())
            });
            one_attempt(policy.time(deadline.left()), classify, work)
        };
        once.retry(policy.retry.backoff())
            .when(|failure| failure.is_worth_another(policy.is_idempotent()))
            .adjust(|failure, delay| policy.wait(failure.retry_after(), delay?, deadline.left()))
            .notify(|failure, delay| {
                failures += 1;
                let what = policy.describe(failure);
                retry::note_attempt("call", failures, &policy.retry, &what, delay);
            })
            .await
    };
    result.map_err(|failure| {
        health_monitor().record(match &failure {
            Attempt::HeldBack { .. } => "CallHeldBack",
            Attempt::TimedOut { .. } => "CallTimedOut",
            Attempt::Error { .. } => report::error_type::<E>(),
        });
        CallError::new(policy.service.clone(), attempts, failure)
    })
}

/// `work` is what the breaker lets through, or for how long it does not.
async fn one_attempt<T, E, Fut: Future<Output = Result<T, E>>>(
    (time, is_whole): (Duration, bool),
    classify: &impl Fn(&E) -> Verdict,
    work: Result<(Option<Permit<'_>>, Fut), Duration>,
) -> Result<T, Attempt<E>> {
    let (permit, work) = work.map_err(|retry_in| Attempt::HeldBack { retry_in })?;
    match tokio::time::timeout(time, work).await {
        Ok(Ok(value)) => {
            permit.into_iter().for_each(Permit::succeeded);
            Ok(value)
        }
        Ok(Err(error)) => {
            let verdict = classify(&error);
            permit.into_iter().for_each(|permit| verdict.settle(permit));
            Err(Attempt::Error { verdict, error })
        }
        Err(_) => {
            // A service that was given less than its time is not known to be ill.
            permit.into_iter().filter(|_| is_whole).for_each(Permit::failed);
            Err(Attempt::TimedOut { after: time })
        }
    }
}

/// When the call must have ended.
#[derive(Debug, Clone, Copy)]
struct Deadline(Option<Instant>);

impl Deadline {
    /// A time too far away to be told is none.
    fn after(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    fn left(self) -> Duration {
        self.0.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
    }
}
