//! The rolling monitor. Its clock is the tests' own.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use andon_sdk::resilience::{
    HealthAlert, HealthMonitor, HealthStatus, HealthSummary, health_monitor,
};
use serde_json::json;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// A monitor, its clock in seconds, and the alerts that it gave.
struct Rig {
    monitor: HealthMonitor,
    seconds: Arc<AtomicU64>,
    alerts: Arc<Mutex<Vec<HealthAlert>>>,
}

impl Rig {
    fn new(configure: impl FnOnce(HealthMonitor) -> HealthMonitor) -> Self {
        let seconds = Arc::new(AtomicU64::new(0));
        let alerts = Arc::new(Mutex::new(Vec::new()));
        let (clock, given) = (seconds.clone(), alerts.clone());
        let monitor = configure(HealthMonitor::new())
            .clock(move || Duration::from_secs(clock.load(Ordering::SeqCst)))
            .on_alert(move |alert| given.lock().unwrap().push(alert.clone()));
        Self { monitor, seconds, alerts }
    }

    fn record(&self, error_type: &str, times: usize) {
        (0..times).for_each(|_| self.monitor.record(error_type));
    }

    fn pass(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn total(&self) -> u64 {
        self.monitor.summary().total_errors
    }

    fn alerts(&self) -> Vec<String> {
        std::mem::take(&mut *self.alerts.lock().unwrap()).iter().map(ToString::to_string).collect()
    }
}

#[test]
fn the_summary_has_the_shape_that_was_promised() {
    let rig = Rig::new(|monitor| monitor);
    rig.record("KeyError", 1);
    rig.record("OperationalError", 2);
    let summary = rig.monitor.summary();
    let shape = json!({
        "status": "healthy",
        "total_errors": 3,
        "errors_by_type": { "KeyError": 1, "OperationalError": 2 },
        "time_window": "Last 15 minutes",
    });
    assert_eq!(serde_json::to_value(&summary).unwrap(), shape);
    assert_eq!(serde_json::from_value::<HealthSummary>(shape).unwrap(), summary);
}

#[test]
fn the_status_follows_the_thresholds() {
    let rig = Rig::new(|monitor| monitor);
    let mut statuses = Vec::new();
    for number in 0..25 {
        statuses.push(rig.monitor.summary().status);
        rig.record(&format!("type {}", number % 5), 1);
    }
    let before = |status| statuses.iter().filter(|one| **one == status).count();
    assert!(statuses.is_sorted());
    assert_eq!((before(HealthStatus::Healthy), before(HealthStatus::Degraded)), (5, 15));

    let strict = Rig::new(|monitor| monitor.thresholds(1, 2));
    strict.record("error", 1);
    assert_eq!(strict.monitor.summary().status, HealthStatus::Degraded);
    strict.record("error", 1);
    assert_eq!(strict.monitor.summary().status, HealthStatus::Critical);
}

#[test]
fn errors_leave_the_window_minute_by_minute() {
    let rig = Rig::new(|monitor| monitor);
    for _ in 0..20 {
        rig.record("error", 1);
        rig.pass(MINUTE);
    }
    // The running minute has none; the fourteen before it have one each.
    assert_eq!(rig.total(), 14);
    rig.pass(13 * MINUTE);
    assert_eq!(rig.total(), 1);
    rig.pass(MINUTE);
    assert_eq!(rig.monitor.summary().errors_by_type.len(), 0);
    // A ring that was gone round in between has nothing old in it.
    rig.pass(1_000 * HOUR);
    rig.record("error", 1);
    assert_eq!(rig.total(), 1);
}

#[test]
fn windows_are_whole_minutes_within_bounds() {
    for (window, said) in [
        (Duration::ZERO, "Last 1 minute"),
        (Duration::from_secs(61), "Last 2 minutes"),
        (Duration::MAX, "Last 1440 minutes"),
    ] {
        let rig = Rig::new(|monitor| monitor.window(window).alert(0, window));
        rig.record("error", 3);
        assert_eq!(rig.monitor.summary().time_window, said);
        assert_eq!(rig.total(), 3);
    }
}

#[test]
fn the_eleventh_of_a_type_within_an_hour_raises_an_alert_once_an_hour() {
    let rig = Rig::new(|monitor| monitor);
    rig.record("error", 10);
    assert_eq!(rig.alerts(), [""; 0]);
    rig.record("error", 1);
    assert_eq!(rig.alerts(), ["error happened 11 times in the last 60 minutes"]);
    rig.record("error", 500);
    assert_eq!(rig.alerts(), [""; 0]);
    // Another type has its own alert.
    rig.record("other error", 11);
    assert_eq!(rig.alerts().len(), 1);

    rig.pass(59 * MINUTE);
    rig.record("error", 1);
    assert_eq!(rig.alerts(), [""; 0]);
    rig.pass(MINUTE);
    rig.record("error", 10);
    assert_eq!(rig.alerts(), ["error happened 11 times in the last 60 minutes"]);
}

#[test]
fn errors_that_are_spread_over_more_than_an_hour_raise_none() {
    let rig = Rig::new(|monitor| monitor);
    for _ in 0..200 {
        rig.record("error", 1);
        rig.pass(6 * MINUTE);
    }
    assert_eq!(rig.alerts(), [""; 0]);
}

#[test]
fn a_callback_may_count_errors_itself_and_may_panic() {
    let inner = Arc::new(HealthMonitor::new().alert(0, Duration::from_secs(MINUTE)));
    let counted = inner.clone();
    let monitor = HealthMonitor::new().alert(1, Duration::from_secs(HOUR)).on_alert(move |alert| {
        counted.record(&alert.error_type);
        panic!("on purpose");
    });
    (0..5).for_each(|_| monitor.record("error"));
    assert_eq!(monitor.summary().total_errors, 5);
    assert_eq!(inner.summary().total_errors, 1);

    // One that counts into the monitor that called it.
    static SELF: std::sync::OnceLock<HealthMonitor> = std::sync::OnceLock::new();
    let again = HealthMonitor::new().alert(1, Duration::from_secs(HOUR));
    let monitor =
        SELF.get_or_init(|| again.on_alert(|alert| SELF.get().unwrap().record(&alert.error_type)));
    (0..3).for_each(|_| monitor.record("error"));
    assert_eq!(monitor.summary().total_errors, 4);
}

#[test]
fn the_number_of_types_is_bounded_and_old_ones_make_room() {
    let rig = Rig::new(|monitor| monitor.most_types(3).alert(1_000_000, Duration::ZERO));
    for number in 0..10_000 {
        rig.record(&format!("type {number}"), 1);
    }
    let types = rig.monitor.summary().errors_by_type;
    assert_eq!(types.keys().collect::<Vec<_>>(), ["other", "type 0", "type 1", "type 2"]);
    assert_eq!(types["other"], 9_997);

    rig.pass(20 * MINUTE);
    rig.record("new", 1);
    assert_eq!(rig.monitor.summary().errors_by_type.keys().collect::<Vec<_>>(), ["new"]);
    // A name of any length and script is counted, under its beginning.
    rig.record(&"\u{1F600}".repeat(100_000), 2);
    let types = rig.monitor.summary().errors_by_type;
    let longest = types.iter().max_by_key(|(name, _)| name.len()).unwrap();
    assert!(longest.0.len() <= 200 && *longest.1 == 2, "{}", longest.0);
}

#[test]
fn a_clock_that_goes_back_does_no_harm() {
    let rig = Rig::new(|monitor| monitor);
    rig.pass(HOUR);
    rig.record("error", 2);
    rig.seconds.store(0, Ordering::SeqCst);
    rig.record("error", 2);
    assert_eq!(rig.total(), 4);
    rig.seconds.store(u64::MAX, Ordering::SeqCst);
    rig.record("error", 1);
    assert_eq!(rig.total(), 1);
}

#[test]
fn a_hundred_threads_lose_nothing_and_raise_one_alert_a_type() {
    let alerts = Arc::new(AtomicUsize::new(0));
    let given = alerts.clone();
    // Real time passes meanwhile, so the window is as long as can be.
    let monitor = HealthMonitor::new()
        .window(Duration::MAX)
        .alert(10, Duration::MAX)
        .on_alert(move |_| _ = given.fetch_add(1, Ordering::SeqCst));
    std::thread::scope(|scope| {
        for thread in 0..100 {
            let monitor = &monitor;
            scope.spawn(move || {
                for number in 0..1_000 {
                    monitor.record(["a", "b", "c", "d"][(thread + number) % 4]);
                    if number % 100 == 0 {
                        assert!(monitor.summary().total_errors > 0);
                    }
                }
            });
        }
    });
    let summary = monitor.summary();
    assert_eq!(summary.total_errors, 100_000);
    assert!(summary.errors_by_type.values().all(|number| *number == 25_000));
    assert_eq!(alerts.load(Ordering::SeqCst), 4);
}

#[test]
fn the_process_has_one_monitor_that_counts_errors_by_their_type() {
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct HasSecrets(&'static str);
    health_monitor().record_error(&HasSecrets("top secret"));
    let summary = serde_json::to_string(&health_monitor().summary()).unwrap();
    assert!(summary.contains("\"HasSecrets\":1"), "{summary}");
    assert!(!summary.contains("top secret"));
}
