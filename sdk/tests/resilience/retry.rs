//! Attempts, delays, jitter, and what is tried again.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use andon_sdk::resilience::{Retry, retry, retry_blocking, retry_blocking_if, retry_if};

use crate::support::{assert_send, counted, own_error, quick};

#[tokio::test(start_paused = true)]
async fn work_that_recovers_succeeds_and_is_not_counted() {
    own_error!(Recovers);
    let attempts = Cell::new(0);
    let result = retry(&Retry::new().attempts(5), async || {
        attempts.set(attempts.get() + 1);
        if attempts.get() < 4 { Err(Recovers) } else { Ok(attempts.get()) }
    })
    .await;
    assert_eq!(result.unwrap(), 4);
    assert_eq!(counted("Recovers"), 0);
}

#[tokio::test(start_paused = true)]
async fn work_that_never_recovers_is_tried_as_often_as_told_and_counted_once() {
    own_error!(NeverRecovers);
    for (told, tried) in [(0, 1), (1, 1), (7, 7)] {
        let attempts = Cell::new(0);
        let result: Result<(), _> = retry(&Retry::new().attempts(told), async || {
            attempts.set(attempts.get() + 1);
            Err(NeverRecovers)
        })
        .await;
        assert!(result.is_err());
        assert_eq!(attempts.get(), tried);
    }
    assert_eq!(counted("NeverRecovers"), 3);
}

#[tokio::test(start_paused = true)]
async fn delays_grow_and_are_waited_for() {
    let policy = Retry::new()
        .attempts(4)
        .first_delay(Duration::from_secs(1))
        .longest_delay(Duration::from_secs(3))
        .without_jitter();
    let begun = tokio::time::Instant::now();
    let result: Result<(), _> = retry(&policy, async || Err("broken")).await;
    assert!(result.is_err());
    // The clock is the test's: 1 + 2 + 3 seconds, to the millisecond.
    assert_eq!(begun.elapsed().as_secs(), 6);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_worthwhile_is_not_tried_again() {
    let attempts = Cell::new(0);
    let result: Result<(), _> = retry_if(
        &Retry::new().attempts(9),
        |error| *error == "passes",
        async || {
            attempts.set(attempts.get() + 1);
            Err(if attempts.get() < 3 { "passes" } else { "stays" })
        },
    )
    .await;
    assert_eq!(result, Err("stays"));
    assert_eq!(attempts.get(), 3);
}

#[test]
fn blocking_work_is_tried_again_too() {
    let mut attempts = 0;
    let result = retry_blocking(&quick(3), || {
        attempts += 1;
        if attempts < 3 { Err("broken") } else { Ok(attempts) }
    });
    assert_eq!(result, Ok(3));

    let mut attempts = 0;
    let result: Result<(), _> = retry_blocking_if(
        &quick(3),
        |_| false,
        || {
            attempts += 1;
            Err("broken")
        },
    );
    assert_eq!((result, attempts), (Err("broken"), 1));
}

#[test]
fn jitter_stays_within_half_of_the_delay_and_the_delay() {
    let policy = Retry::new()
        .attempts(6)
        .first_delay(Duration::from_secs(1))
        .longest_delay(Duration::from_secs(5));
    let mut different = std::collections::HashSet::new();
    for _ in 0..2_000 {
        let delays: Vec<Duration> = policy.delays().collect();
        assert_eq!(delays.len(), 5);
        for (delay, full) in delays.iter().zip([1, 2, 4, 5, 5].map(Duration::from_secs)) {
            assert!(*delay >= full / 2 && *delay <= full, "{delay:?} of {full:?}");
        }
        different.insert(delays);
    }
    assert!(different.len() > 1_000, "jitter is not random: {}", different.len());
}

#[test]
fn no_setting_makes_delays_panic() {
    for factor in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -3.0, 0.0, f32::MAX] {
        for delay in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            for jitter in [false, true] {
                let policy = Retry::new().attempts(200).factor(factor);
                let policy = policy.first_delay(delay).longest_delay(delay);
                let policy = if jitter { policy } else { policy.without_jitter() };
                assert!(policy.delays().all(|one| one <= delay));
            }
        }
    }
    assert_eq!(Retry::new().attempts(u32::MAX).delays().take(10_000).count(), 10_000);
}

#[test]
fn a_panic_of_the_work_is_passed_on_and_not_tried_again() {
    let mut attempts = 0;
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        retry_blocking(&quick(5), || -> Result<(), String> {
            attempts += 1;
            panic!("on purpose")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(attempts, 1);
}

#[test]
fn an_error_whose_display_panics_is_tried_again_too() {
    struct Nasty;
    impl std::fmt::Display for Nasty {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no Display")
        }
    }
    let mut attempts = 0;
    let result = retry_blocking(&quick(3), || {
        attempts += 1;
        if attempts < 3 { Err(Nasty) } else { Ok(attempts) }
    });
    assert!(matches!(result, Ok(3)));
}

#[tokio::test]
async fn the_future_can_be_sent() {
    let name = "andon".to_owned();
    let work = async || Ok::<_, String>(name.len());
    assert_eq!(assert_send(retry(&quick(2), work)).await, Ok(5));
}
