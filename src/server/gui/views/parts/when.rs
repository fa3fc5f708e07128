//! A moment, as people read it.

use jiff::Timestamp;

const MINUTE_SECONDS: i64 = 60;
const HOUR_SECONDS: i64 = 60 * MINUTE_SECONDS;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;
/// From here on a date says more than a number of days.
const DATE_FROM_DAYS: i64 = 60;

/// A moment, three ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// For `datetime`: RFC 3339 in UTC, whole seconds.
    pub iso: String,
    /// For the tool tip: `2026-11-21 13:05:09 UTC`.
    pub exact: String,
    /// For the page: `5 min ago`. The script renews it by the same rule.
    pub relative: String,
}

impl When {
    /// The moment `at`, seen from `now`.
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        Self {
            iso: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            exact: at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
            relative: relative(at, now),
        }
    }

    /// `13:05:09`, for lists of moments close together.
    pub fn time_of_day(&self) -> &str {
        self.exact.split(' ').nth(1).unwrap_or(&self.exact)
    }
}

fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(at.as_second());
    let size = seconds.saturating_abs();
    if size < MINUTE_SECONDS {
        return "just now".to_owned();
    }
    let amount = if size < HOUR_SECONDS {
        format!("{} min", size / MINUTE_SECONDS)
    } else if size < DAY_SECONDS {
        format!("{} h", size / HOUR_SECONDS)
    } else if size < 2 * DAY_SECONDS {
        "1 day".to_owned()
    } else if size < DATE_FROM_DAYS * DAY_SECONDS {
        format!("{} days", size / DAY_SECONDS)
    } else {
        return at.strftime("%Y-%m-%d").to_string();
    };
    if seconds < 0 { format!("in {amount}") } else { format!("{amount} ago") }
}

/// A length of time: `under 0.1 s`, `0.4 s`, `12 s`, `3 min 5 s`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "–".to_owned();
    }
    if seconds > 0.0 && seconds < 0.05 {
        return "under 0.1 s".to_owned();
    }
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    match (whole / 60, whole % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_people_say_them() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        for (at, expected) in [
            ("2026-11-21T11:59:30Z", "just now"),
            ("2026-11-21T12:00:20Z", "just now"),
            ("2026-11-21T11:55:00Z", "5 min ago"),
            ("2026-11-21T09:00:01Z", "2 h ago"),
            ("2026-11-20T11:00:00Z", "1 day ago"),
            ("2026-11-01T12:00:00Z", "20 days ago"),
            ("2026-01-05T12:00:00Z", "2026-01-05"),
            ("2026-11-21T12:10:00Z", "in 10 min"),
        ] {
            assert_eq!(When::new(at.parse().unwrap(), now).relative, expected, "{at}");
        }
        let when = When::new("2026-11-21T09:00:01.5Z".parse().unwrap(), now);
        assert_eq!(when.exact, "2026-11-21 09:00:01 UTC");
        assert_eq!(when.iso, "2026-11-21T09:00:01Z");
    }

    #[test]
    fn lengths_have_a_unit() {
        assert_eq!(duration(0.42), "0.4 s");
        assert_eq!((duration(0.0), duration(0.04)), ("0.0 s".into(), "under 0.1 s".into()));
        assert_eq!(duration(12.3), "12 s");
        assert_eq!(duration(59.7), "1 min");
        assert_eq!(duration(185.0), "3 min 5 s");
        assert_eq!(duration(f64::NAN), "–");
    }
}
