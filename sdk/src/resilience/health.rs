//! How the application does: a rolling count of its errors.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::counts::Counts;
use super::report;
use crate::Level;

/// The time which the summary is about.
pub const WINDOW: Duration = Duration::from_secs(15 * SECONDS_A_MINUTE);

/// From so many errors in the window on the application is degraded.
pub const DEGRADED_FROM: u64 = 5;

/// From so many errors in the window on the application's state is critical.
pub const CRITICAL_FROM: u64 = 20;

/// More errors of one type than this in [`ALERT_WINDOW`] raise an alert.
pub const ALERT_ABOVE: u64 = 10;

/// The time over which alerts count, and for which an alert is not repeated.
pub const ALERT_WINDOW: Duration = Duration::from_secs(60 * SECONDS_A_MINUTE);

/// So many types of errors are counted by name; the rest is counted as [`OTHER`].
pub const MOST_TYPES: usize = 64;

/// What the errors beyond [`MOST_TYPES`] are called.
pub const OTHER: &str = "other";

/// No window is longer: each type keeps a number for each of its minutes.
pub const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * SECONDS_A_MINUTE);

const SECONDS_A_MINUTE: u64 = 60;

/// How the application does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// No more errors than are to be expected.
    Healthy,
    /// More than that.
    Degraded,
    /// So many that somebody should look now.
    Critical,
}

/// What a [`HealthMonitor`] says, in the shape in which it is serialised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthSummary {
    /// How the application does.
    pub status: HealthStatus,
    /// How many errors there were in the window.
    pub total_errors: u64,
    /// How many of each type; types without errors in the window are left out.
    pub errors_by_type: BTreeMap<String, u64>,
    /// The window in words, such as `Last 15 minutes`.
    pub time_window: String,
}

/// An error that happens too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthAlert {
    /// The type of error.
    pub error_type: String,
    /// How often it happened within the alert window.
    pub count: u64,
    /// The alert window.
    pub window: Duration,
}

impl fmt::Display for HealthAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { error_type, count, window } = self;
        let minutes = minutes(*window);
        write!(f, "{error_type} happened {count} times in the last {minutes} minutes")
    }
}

/// Tells the time that has passed since some moment; it does not go back.
pub trait Clock: Send + Sync {
    /// The time since the moment, which is the same one on each call.
    fn elapsed(&self) -> Duration;
}

impl<F: Fn() -> Duration + Send + Sync> Clock for F {
    fn elapsed(&self) -> Duration {
        self()
    }
}

type OnAlert = Box<dyn Fn(&HealthAlert) + Send + Sync>;

/// Counts errors by type and minute over a rolling window.
///
/// The window is the running minute and the whole ones before it. Memory is bounded: [`MOST_TYPES`] types
/// with a number a minute each. Counting an error of a known type allocates nothing.
pub struct HealthMonitor {
    window: Duration,
    degraded_from: u64,
    critical_from: u64,
    alert_above: u64,
    alert_window: Duration,
    most_types: usize,
    clock: Box<dyn Clock>,
    on_alert: Option<OnAlert>,
    counts: Mutex<Counts>,
}

impl fmt::Debug for HealthMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthMonitor").field("window", &self.window).finish_non_exhaustive()
    }
}

impl Default for HealthMonitor {
    fn default() -> Self {
        let start = Instant::now();
        Self {
            window: WINDOW,
            degraded_from: DEGRADED_FROM,
            critical_from: CRITICAL_FROM,
            alert_above: ALERT_ABOVE,
            alert_window: ALERT_WINDOW,
            most_types: MOST_TYPES,
            clock: Box::new(move || start.elapsed()),
            on_alert: None,
            counts: Mutex::default(),
        }
    }
}

impl HealthMonitor {
    /// A monitor with this module's constants, and the real time.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The time which the summary is about, in whole minutes: at least one, at most [`LONGEST_WINDOW`].
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = whole_minutes(window);
        self
    }

    /// From how many errors in the window the application is degraded, and from how many critical.
    #[must_use]
    pub fn thresholds(mut self, degraded_from: u64, critical_from: u64) -> Self {
        self.degraded_from = degraded_from;
        self.critical_from = critical_from;
        self
    }

    /// An error that happens more than `above` times within `window` raises an alert, once a window.
    #[must_use]
    pub fn alert(mut self, above: u64, window: Duration) -> Self {
        self.alert_above = above;
        self.alert_window = whole_minutes(window);
        self
    }

    /// How many types are counted by name.
    #[must_use]
    pub fn most_types(mut self, most: usize) -> Self {
        self.most_types = most;
        self
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Is called with each alert, on the thread that counted the error. A panic in it is not passed on.
    #[must_use]
    pub fn on_alert(mut self, call: impl Fn(&HealthAlert) + Send + Sync + 'static) -> Self {
        self.on_alert = Some(Box::new(call));
        self
    }

    /// Counts an error under a name. Names should be few, such as those of types: they are shown, and
    /// what is in them is sent with an alert.
    pub fn record(&self, error_type: &str) {
        let Some(alert) = self.count(error_type) else { return };
        // The lock is free again: what is called here may count errors itself.
        let context = json!({
            "error_type": alert.error_type,
            "count": alert.count,
            "window_seconds": alert.window.as_secs(),
        });
        let fingerprint = ["andon-health-alert", alert.error_type.as_str()];
        report::message(Level::Fatal, &alert.to_string(), &fingerprint, context);
        if let Some(call) = &self.on_alert {
            // The panic hook has reported it; what called `record` has an error of its own to deal with.
            let _ = catch_unwind(AssertUnwindSafe(|| call(&alert)));
        }
    }

    /// Counts an error under its type's name.
    pub fn record_error<E: std::error::Error + ?Sized>(&self, _error: &E) {
        self.record(report::error_type::<E>());
    }

    /// How the application does now.
    #[must_use]
    pub fn summary(&self) -> HealthSummary {
        let span = minutes(self.window);
        let errors_by_type = self.counts().by_type(self.minute(), span);
        let total_errors = errors_by_type.values().sum();
        let status = match total_errors {
            total if total >= self.critical_from => HealthStatus::Critical,
            total if total >= self.degraded_from => HealthStatus::Degraded,
            _ => HealthStatus::Healthy,
        };
        let plural = if span == 1 { "" } else { "s" };
        let time_window = format!("Last {span} minute{plural}");
        HealthSummary { status, total_errors, errors_by_type, time_window }
    }

    fn count(&self, error_type: &str) -> Option<HealthAlert> {
        let kept = minutes(self.window).max(minutes(self.alert_window));
        let span = minutes(self.alert_window);
        let mut counts = self.counts();
        // Read with the lock held, so that threads do not overtake each other.
        let now = self.minute();
        let counter = counts.counter(error_type, now, kept, self.most_types);
        counter.add(now);
        let count = counter.sum(now, span);
        if count <= self.alert_above || !counter.may_alert(now, span) {
            return None;
        }
        let error_type = counter.name().to_owned();
        Some(HealthAlert { error_type, count, window: self.alert_window })
    }

    fn minute(&self) -> u64 {
        self.clock.elapsed().as_secs() / SECONDS_A_MINUTE
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn whole_minutes(window: Duration) -> Duration {
    let minutes = window.as_secs().div_ceil(SECONDS_A_MINUTE).max(1);
    Duration::from_secs(minutes.saturating_mul(SECONDS_A_MINUTE)).min(LONGEST_WINDOW)
}

fn minutes(window: Duration) -> u64 {
    window.as_secs() / SECONDS_A_MINUTE
}

static INSTALLED: OnceLock<HealthMonitor> = OnceLock::new();
static DEFAULT: LazyLock<HealthMonitor> = LazyLock::new(HealthMonitor::new);

/// The process's monitor, into which the parts of [`resilience`](crate::resilience) count.
#[must_use]
pub fn health_monitor() -> &'static HealthMonitor {
    INSTALLED.get().unwrap_or_else(|| &DEFAULT)
}

/// Makes `monitor` the process's one. To be called at the start: what was counted before stays in the
/// one from before.
///
/// # Errors
/// Gives the monitor back if one was installed already.
pub fn install_health_monitor(monitor: HealthMonitor) -> Result<(), Box<HealthMonitor>> {
    INSTALLED.set(monitor).map_err(Box::new)
}
