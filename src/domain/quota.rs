//! Fixed windows of time, and why something was refused.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::fix::word_enum;

const MICROS_PER_MINUTE: i64 = 60 * 1_000_000;
const MICROS_PER_HOUR: i64 = 60 * MICROS_PER_MINUTE;
const MICROS_PER_SECOND: i64 = 1_000_000;

word_enum! {
    /// A window that a quota holds for; each begins where the one before it ended.
    Window {
        /// A minute of the clock.
        Minute = "minute",
        /// An hour of the clock.
        Hour = "hour",
        /// A calendar month, in UTC.
        Month = "month",
    }
}

impl Window {
    /// When the window that holds `now` began, in microseconds since 1970.
    pub fn start(self, now: Timestamp) -> i64 {
        let micros = now.as_microsecond();
        match self {
            Self::Minute => micros - micros.rem_euclid(MICROS_PER_MINUTE),
            Self::Hour => micros - micros.rem_euclid(MICROS_PER_HOUR),
            Self::Month => {
                let first = now.to_zoned(TimeZone::UTC).date().first_of_month();
                // Only the first month of the year -9999 has no such beginning.
                first.to_zoned(TimeZone::UTC).map_or(i64::MIN, |z| z.timestamp().as_microsecond())
            }
        }
    }

    /// Seconds until the next window begins, at least 1.
    pub fn seconds_left(self, now: Timestamp) -> u64 {
        let end = match self {
            Self::Minute => self.start(now) + MICROS_PER_MINUTE,
            Self::Hour => self.start(now) + MICROS_PER_HOUR,
            Self::Month => {
                let next = now.to_zoned(TimeZone::UTC).date().last_of_month().tomorrow();
                let next = next.and_then(|date| date.to_zoned(TimeZone::UTC));
                next.map_or(i64::MAX, |z| z.timestamp().as_microsecond())
            }
        };
        let left = end.saturating_sub(now.as_microsecond());
        u64::try_from(left).unwrap_or(0).div_ceil(MICROS_PER_SECOND.unsigned_abs()).max(1)
    }

    /// What is said of a quota of this window that is used up.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Minute => Reason::QuotaMinute,
            Self::Hour => Reason::QuotaHour,
            Self::Month => Reason::QuotaMonth,
        }
    }
}

word_enum! {
    /// Why something was refused that could have been read.
    Reason {
        /// The minute's quota is used up.
        QuotaMinute = "quota_minute",
        /// The hour's.
        QuotaHour = "quota_hour",
        /// The month's.
        QuotaMonth = "quota_month",
        /// More arrives than can be stored.
        QueueFull = "queue_full",
        /// The disk is nearly full.
        DiskFull = "disk_full",
        /// Too many bodies are under way.
        MemoryFull = "memory_full",
    }
}

word_enum! {
    /// Whom a limit holds for.
    Scope {
        /// Everybody who sends here.
        Organization = "organization",
        /// All keys of a project together.
        Project = "project",
        /// One key.
        Key = "key",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn windows_begin_and_end_on_the_clock_and_the_calendar() {
        for (window, now, start, left) in [
            (Window::Minute, "2026-11-21T10:59:00Z", "2026-11-21T10:59:00Z", 60),
            (Window::Minute, "2026-11-21T10:59:59.999999Z", "2026-11-21T10:59:00Z", 1),
            (Window::Minute, "1969-12-31T23:59:58Z", "1969-12-31T23:59:00Z", 2),
            (Window::Hour, "2026-11-21T10:59:59.5Z", "2026-11-21T10:00:00Z", 1),
            (Window::Hour, "2026-11-21T11:00:00Z", "2026-11-21T11:00:00Z", 3600),
            (Window::Month, "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", 1),
            (Window::Month, "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 31 * 86_400),
            (Window::Month, "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", 43_200),
        ] {
            let now = at(now);
            assert_eq!(window.start(now), at(start).as_microsecond(), "{window} {now}");
            assert_eq!(window.seconds_left(now), left, "{window} {now}");
        }
    }

    #[test]
    fn no_time_is_too_early_or_too_late() {
        for now in [Timestamp::MIN, Timestamp::MAX] {
            for window in Window::ALL {
                assert!(window.start(now) <= now.as_microsecond());
                assert!(window.seconds_left(now) >= 1);
            }
        }
    }
}
