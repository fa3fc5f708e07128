//! For how long the server wants to be left alone.

use std::time::Duration;

/// How long is waited after a refusal that does not say for how long.
const REFUSED: Duration = Duration::from_secs(60);

/// The longest that is waited whatever the server says: it may be mistaken, and it is asked again.
const LONGEST: Duration = Duration::from_secs(3600);

/// The categories of what this SDK sends.
const OURS: [&str; 2] = ["error", "default"];

/// How long `X-Sentry-Rate-Limits` wants no errors, if it says something of them: a list of
/// `SECONDS:CATEGORY;CATEGORY:…`, where no category means all
/// (<https://develop.sentry.dev/sdk/expected-features/rate-limiting/>).
pub(super) fn of_limits(header: &str) -> Option<Duration> {
    let waits = header.split(',').filter_map(|limit| {
        let mut parts = limit.trim().split(':');
        let seconds = seconds(parts.next()?)?;
        let mut categories = parts.next().unwrap_or("").split(';');
        categories.any(|name| name.is_empty() || OURS.contains(&name)).then_some(seconds)
    });
    waits.max()
}

/// How long an answer of 429 wants nothing: what it says of errors, or `Retry-After`, or what is usual.
pub(super) fn of_refusal(limits: Option<&str>, retry_after: Option<&str>) -> Duration {
    limits.and_then(of_limits).or_else(|| retry_after.and_then(seconds)).unwrap_or(REFUSED)
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds = text.trim().parse().ok().filter(|seconds: &f64| !seconds.is_nan())?;
    let seconds = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
    Some(seconds.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_is_kept_to() {
        let seconds = |n| Some(Duration::from_secs(n));
        for (header, wait) in [
            ("60:error:key", seconds(60)),
            ("60::organization", seconds(60)),
            ("60:transaction;replay:key", None),
            ("5:transaction:key, 7:default;error:project", seconds(7)),
            ("5:error, 9:error", seconds(9)),
            ("99999999:error", seconds(3600)),
            ("-5:error", seconds(0)),
            ("x:error, , ::", None),
            ("NaN:error", None),
            ("", None),
        ] {
            assert_eq!(of_limits(header), wait, "{header}");
        }
        assert_eq!(of_refusal(Some("5:error"), Some("90")), Duration::from_secs(5));
        assert_eq!(of_refusal(Some("5:session"), Some("90")), Duration::from_secs(90));
        assert_eq!(of_refusal(None, Some("tomorrow")), REFUSED);
    }
}
