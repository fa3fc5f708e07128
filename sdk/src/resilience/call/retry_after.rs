//! The `Retry-After` header.

use std::time::{Duration, SystemTime};

/// How long to wait, by the value of a `Retry-After` header: a number of seconds, or an HTTP date, which
/// is compared with `now`. A date in the past is no wait at all; a number too large to hold is
/// [`Duration::MAX`]. Anything else is none.
#[must_use]
pub fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    Some(at.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read_and_nonsense_is_not() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (value, wait) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("31536000", Some(31_536_000)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("\u{0661}\u{0662}", None),
        ] {
            assert_eq!(parse_retry_after(value, now), wait.map(Duration::from_secs), "{value}");
        }
        assert_eq!(parse_retry_after(&"9".repeat(400), now), Some(Duration::MAX));
    }
}
