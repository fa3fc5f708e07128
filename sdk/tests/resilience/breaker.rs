//! The breaker opens, tries, and closes.

use std::sync::Arc;
use std::time::Duration;

use andon_sdk::resilience::{Breaker, BreakerState, Permit};

/// So long that a test is over before.
const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);

/// So short that it is over when the thread has slept for a moment.
const MOMENT: Duration = Duration::from_millis(1);

fn sleep_past_the_moment() {
    std::thread::sleep(Duration::from_millis(20));
}

fn fail(breaker: &Breaker) {
    breaker.permit().expect("the breaker lets calls through").failed();
}

#[test]
fn failures_in_a_row_open_it_and_successes_in_between_do_not_let_them_add_up() {
    let breaker = Breaker::new("Service").opens_after(3).open_for(FOR_EVER).build();
    for _ in 0..10 {
        fail(&breaker);
        fail(&breaker);
        breaker.permit().unwrap().succeeded();
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(breaker.open_for(), None);
    for _ in 0..3 {
        fail(&breaker);
    }
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn an_open_breaker_tells_how_long_it_refuses() {
    let minutes = Duration::from_secs(5 * 60);
    let breaker = Breaker::new("Service").opens_after(1).open_for(FOR_EVER).build();
    fail(&breaker);
    let left = breaker.permit().unwrap_err();
    // The longest time is five minutes unless told otherwise.
    assert!(left > Duration::ZERO && left <= minutes, "{left:?}");
    assert!(breaker.open_for().unwrap() <= left);
}

#[test]
fn a_trial_that_succeeds_closes_it() {
    let breaker = Breaker::new("Service").opens_after(1).open_for(MOMENT).build();
    fail(&breaker);
    assert_eq!(breaker.state(), BreakerState::Open);
    sleep_past_the_moment();
    let trial = breaker.permit().unwrap();
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    trial.succeeded();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_trial_that_fails_opens_it_for_longer() {
    let builder = Breaker::new("Service").opens_after(1).open_for(MOMENT).longest_open(FOR_EVER);
    let breaker = builder.build();
    fail(&breaker);
    sleep_past_the_moment();
    // After thirty failed trials a millisecond has doubled to more than a week, so it ends sooner.
    let mut longest = Duration::ZERO;
    for _ in 0..30 {
        match breaker.permit() {
            Ok(trial) => trial.failed(),
            Err(left) => {
                longest = left;
                break;
            }
        }
        assert_eq!(breaker.state(), BreakerState::Open);
        std::thread::sleep(breaker.open_for().unwrap_or_default().min(Duration::from_millis(40)));
    }
    assert!(longest > Duration::ZERO);
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn only_so_many_trials_are_under_way_at_once() {
    let breaker = Breaker::new("Service").opens_after(1).open_for(MOMENT).trials(2).build();
    fail(&breaker);
    sleep_past_the_moment();
    let first = breaker.permit().unwrap();
    let second = breaker.permit().unwrap();
    assert!(breaker.permit().is_err());
    // One that is cancelled makes room for another.
    drop(second);
    let third = breaker.permit().unwrap();
    assert!(breaker.permit().is_err());
    drop(third);
    first.succeeded();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_late_answer_from_before_does_not_count() {
    let breaker = Breaker::new("Service").opens_after(1).open_for(MOMENT).build();
    let late = breaker.permit().unwrap();
    let later = breaker.permit().unwrap();
    fail(&breaker);
    sleep_past_the_moment();
    let trial = breaker.permit().unwrap();
    late.succeeded();
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    trial.succeeded();
    later.failed();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn a_call_that_panics_leaves_the_breaker_usable() {
    let breaker = Arc::new(Breaker::new("Service").opens_after(1).open_for(MOMENT).build());
    fail(&breaker);
    sleep_past_the_moment();
    let shared = breaker.clone();
    let call = std::thread::spawn(move || {
        let _trial = shared.permit().unwrap();
        panic!("on purpose");
    });
    assert!(call.join().is_err());
    breaker.permit().unwrap().succeeded();
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn many_threads_leave_it_in_order() {
    let builder = Breaker::new("Service").opens_after(2).open_for(MOMENT).longest_open(MOMENT);
    let breaker = builder.build();
    std::thread::scope(|scope| {
        for thread in 0..50 {
            let breaker = &breaker;
            scope.spawn(move || {
                for call in 0..200 {
                    match (breaker.permit(), (thread + call) % 3) {
                        (Ok(permit), 0) => permit.failed(),
                        (Ok(permit), 1) => drop(permit),
                        (Ok(permit), _) => permit.succeeded(),
                        (Err(_), _) => std::thread::yield_now(),
                    }
                }
            });
        }
    });
    sleep_past_the_moment();
    breaker.permit().map(Permit::succeeded).expect("no trial was left behind");
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn no_time_makes_it_panic() {
    for time in [Duration::ZERO, Duration::MAX] {
        let builder = Breaker::new("Service").opens_after(0).trials(0);
        let breaker = builder.open_for(time).longest_open(time).build();
        fail(&breaker);
        let _ = breaker.permit();
        let _ = breaker.open_for();
    }
}
