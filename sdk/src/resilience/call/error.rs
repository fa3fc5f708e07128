//! Errors of calls, in words for whoever waits for the answer.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use super::{Attempt, Verdict};

/// A call that did not succeed. Its `Display` can be shown to a person; [`detail`](Self::detail) and
/// `source` are for the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError<E: Error + 'static> {
    /// The breaker is open: the service was not asked.
    #[error("{service} is not available just now. {}", again(Some(*retry_in)))]
    HeldBack {
        /// The service's name.
        service: Cow<'static, str>,
        /// How often it was tried before.
        attempts: u32,
        /// When it is worthwhile to call again.
        retry_in: Duration,
    },
    /// The last attempt had no answer in time.
    #[error("{service} is taking too long to answer. {}", again(None))]
    TimedOut {
        /// The service's name.
        service: Cow<'static, str>,
        /// How often it was tried.
        attempts: u32,
        /// How long the last attempt took.
        after: Duration,
    },
    /// The service is asked too often.
    #[error("{service} has too much to do just now. {}", again(*retry_in))]
    RateLimited {
        /// The service's name.
        service: Cow<'static, str>,
        /// How often it was tried.
        attempts: u32,
        /// When to ask again, if the service told.
        retry_in: Option<Duration>,
        /// The last attempt's error.
        source: E,
    },
    /// The service is down, overloaded, or could not be reached.
    #[error("{service} is not available just now. {}", again(*retry_in))]
    Unavailable {
        /// The service's name.
        service: Cow<'static, str>,
        /// How often it was tried.
        attempts: u32,
        /// When to ask again, if the service told.
        retry_in: Option<Duration>,
        /// The last attempt's error.
        source: E,
    },
    /// The service failed.
    #[error("{service} could not do this just now. {}", again(None))]
    Failed {
        /// The service's name.
        service: Cow<'static, str>,
        /// How often it was tried.
        attempts: u32,
        /// The last attempt's error.
        source: E,
    },
    /// The service refused the request.
    #[error("{service} could not take this. Please check what you entered before you try again.")]
    Refused {
        /// The service's name.
        service: Cow<'static, str>,
        /// How often it was tried.
        attempts: u32,
        /// The last attempt's error.
        source: E,
    },
}

impl<E: Error + 'static> CallError<E> {
    pub(super) fn new(service: Cow<'static, str>, attempts: u32, failure: Attempt<E>) -> Self {
        match failure {
            Attempt::HeldBack { retry_in } => Self::HeldBack { service, attempts, retry_in },
            Attempt::TimedOut { after } => Self::TimedOut { service, attempts, after },
            Attempt::Error { verdict, error: source } => match verdict {
                Verdict::NotSent => Self::Unavailable { service, attempts, retry_in: None, source },
                Verdict::RateLimited { retry_after: retry_in } => {
                    Self::RateLimited { service, attempts, retry_in, source }
                }
                Verdict::Unavailable { retry_after: retry_in } => {
                    Self::Unavailable { service, attempts, retry_in, source }
                }
                Verdict::Failed => Self::Failed { service, attempts, source },
                Verdict::Refused => Self::Refused { service, attempts, source },
            },
        }
    }

    /// When it is worthwhile to call again, if that is known; fit for a `Retry-After` of one's own.
    #[must_use]
    pub fn retry_in(&self) -> Option<Duration> {
        match self {
            Self::HeldBack { retry_in, .. } => Some(*retry_in),
            Self::RateLimited { retry_in, .. } | Self::Unavailable { retry_in, .. } => *retry_in,
            Self::TimedOut { .. } | Self::Failed { .. } | Self::Refused { .. } => None,
        }
    }

    /// How often the service was asked in this call.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        match self {
            Self::HeldBack { attempts, .. }
            | Self::TimedOut { attempts, .. }
            | Self::RateLimited { attempts, .. }
            | Self::Unavailable { attempts, .. }
            | Self::Failed { attempts, .. }
            | Self::Refused { attempts, .. } => *attempts,
        }
    }

    /// What happened, with all causes, for the log. Not for the person who waits.
    #[must_use]
    pub fn detail(&self) -> String {
        let mut detail = match self {
            Self::HeldBack { .. } => "the breaker is open".to_owned(),
            Self::TimedOut { after, .. } => format!("no answer within {after:?}"),
            Self::RateLimited { .. } => "rate limited".to_owned(),
            Self::Unavailable { .. } => "unavailable".to_owned(),
            Self::Failed { .. } => "failed".to_owned(),
            Self::Refused { .. } => "refused".to_owned(),
        };
        detail.push_str(&format!(" after {} attempts", self.attempts()));
        let mut cause = self.source();
        while let Some(error) = cause {
            detail.push_str(&format!(": {error}"));
            cause = error.source();
        }
        detail
    }

    /// The last attempt's error, if there was one.
    #[must_use]
    pub fn into_source(self) -> Option<E> {
        match self {
            Self::HeldBack { .. } | Self::TimedOut { .. } => None,
            Self::RateLimited { source, .. }
            | Self::Unavailable { source, .. }
            | Self::Failed { source, .. }
            | Self::Refused { source, .. } => Some(source),
        }
    }
}

/// Asks to try again, at a time that people find easy to read: never too early.
fn again(retry_in: Option<Duration>) -> String {
    const SECONDS_A_MINUTE: u64 = 60;
    const SECONDS_AN_HOUR: u64 = 60 * SECONDS_A_MINUTE;
    const SECONDS_A_DAY: u64 = 24 * SECONDS_AN_HOUR;
    let Some(time) = retry_in else {
        return "Please try again in a few minutes.".to_owned();
    };
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0 && time.as_secs() < u64::MAX);
    let (number, unit) = match seconds {
        0..=1 => return "Please try again in a moment.".to_owned(),
        _ if seconds < 2 * SECONDS_A_MINUTE => (seconds, "seconds"),
        _ if seconds < 2 * SECONDS_AN_HOUR => (seconds.div_ceil(SECONDS_A_MINUTE), "minutes"),
        _ if seconds < 2 * SECONDS_A_DAY => (seconds.div_ceil(SECONDS_AN_HOUR), "hours"),
        _ => return "Please try again on another day.".to_owned(),
    };
    format!("Please try again in {number} {unit}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_told_in_easy_numbers_and_never_too_short() {
        for (time, said) in [
            (Duration::ZERO, "in a moment"),
            (Duration::from_millis(1500), "in 2 seconds"),
            (Duration::from_secs(30), "in 30 seconds"),
            (Duration::from_secs(121), "in 3 minutes"),
            (Duration::from_secs(7201), "in 3 hours"),
            (Duration::from_secs(365 * 24 * 60 * 60), "on another day"),
            (Duration::MAX, "on another day"),
        ] {
            assert_eq!(again(Some(time)), format!("Please try again {said}."));
        }
    }
}
