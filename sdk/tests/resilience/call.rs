//! Calls by any closure. The clock is the tests' own.

use std::cell::Cell;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use andon_sdk::resilience::{
    Breaker, BreakerState, CallError, CallPolicy, Retry, Verdict, resilient_call,
};
use tokio::time::Instant;

use crate::support::{assert_send, counted};

/// Tells by itself what it means.
#[derive(Debug, thiserror::Error)]
#[error("secret detail")]
struct Fails(Verdict);

fn verdict(error: &Fails) -> Verdict {
    error.0
}

fn policy() -> CallPolicy {
    let retry = Retry::new().attempts(3).first_delay(Duration::from_secs(1)).without_jitter();
    CallPolicy::new().service("The tutor").retry(retry)
}

const LIMITED: Verdict = Verdict::RateLimited { retry_after: None };
const UNAVAILABLE: Verdict = Verdict::Unavailable { retry_after: None };

/// Calls what always fails in the same way, and tells the error and the attempts.
async fn failing(policy: &CallPolicy, how: Verdict) -> (CallError<Fails>, u32) {
    let attempts = Cell::new(0);
    let result: Result<(), _> = resilient_call(policy, verdict, async || {
        attempts.set(attempts.get() + 1);
        Err(Fails(how))
    })
    .await;
    let error = result.unwrap_err();
    assert_eq!(error.attempts(), attempts.get());
    (error, attempts.get())
}

#[tokio::test(start_paused = true)]
async fn only_what_is_safe_is_sent_again() {
    for (how, once, idempotent) in [
        (Verdict::NotSent, 3, 3),
        (LIMITED, 3, 3),
        (UNAVAILABLE, 1, 3),
        (Verdict::Unavailable { retry_after: Some(Duration::ZERO) }, 3, 3),
        (Verdict::Failed, 1, 3),
        (Verdict::Refused, 1, 1),
    ] {
        assert_eq!(failing(&policy(), how).await.1, once, "{how:?}");
        let policy = policy().idempotent(true);
        assert_eq!(failing(&policy, how).await.1, idempotent, "{how:?}, idempotent");
    }
}

#[tokio::test(start_paused = true)]
async fn errors_can_be_shown_and_keep_their_detail() {
    let soon = Some(Duration::from_secs(15));
    for (how, said) in [
        (
            Verdict::NotSent,
            "The tutor is not available just now. Please try again in a few minutes.",
        ),
        (
            Verdict::Unavailable { retry_after: soon },
            "The tutor is not available just now. Please try again in 15 seconds.",
        ),
        (
            Verdict::RateLimited { retry_after: soon },
            "The tutor has too much to do just now. Please try again in 15 seconds.",
        ),
        (
            Verdict::Failed,
            "The tutor could not do this just now. Please try again in a few minutes.",
        ),
        (
            Verdict::Refused,
            "The tutor could not take this. Please check what you entered before you try again.",
        ),
    ] {
        let (error, _) = failing(&policy(), how).await;
        assert_eq!(error.to_string(), said);
        assert_eq!(error.source().unwrap().to_string(), "secret detail");
        assert!(error.detail().ends_with(": secret detail"), "{}", error.detail());
        assert!(error.into_source().is_some());
    }
    let (unnamed, _) = failing(&CallPolicy::new(), UNAVAILABLE).await;
    assert!(unnamed.to_string().starts_with("The service is not available"));
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_is_asked_for_is_kept() {
    let begun = Instant::now();
    let how = Verdict::RateLimited { retry_after: Some(Duration::from_secs(7)) };
    let (error, attempts) = failing(&policy(), how).await;
    assert_eq!((attempts, begun.elapsed().as_secs()), (3, 14));
    assert_eq!(error.retry_in(), Some(Duration::from_secs(7)));

    // No wait is asked for: the own delays are kept, of 1 and 2 seconds.
    let begun = Instant::now();
    let how = Verdict::RateLimited { retry_after: Some(Duration::ZERO) };
    failing(&policy(), how).await;
    assert_eq!(begun.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_a_year_is_capped() {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    for asked_for in [YEAR, Duration::MAX] {
        let how = Verdict::Unavailable { retry_after: Some(asked_for) };
        let begun = Instant::now();
        let (error, attempts) = failing(&policy(), how).await;
        // Twice 20 seconds.
        assert_eq!((attempts, begun.elapsed().as_secs()), (3, 40));
        assert_eq!(error.retry_in(), Some(asked_for));
        assert!(error.to_string().ends_with("Please try again on another day."));

        let begun = Instant::now();
        let policy = policy().longest_wait(Duration::from_secs(4));
        assert_eq!(failing(&policy, how).await.1, 3);
        assert_eq!(begun.elapsed().as_secs(), 8);

        // A wait that does not fit into the whole time is not begun.
        let begun = Instant::now();
        let policy = policy.longest_wait(YEAR);
        assert_eq!(failing(&policy, how).await.1, 1);
        assert_eq!(begun.elapsed().as_secs(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_and_the_whole_call_have_a_time_out() {
    let never = || std::future::pending::<Result<(), Fails>>();
    let policy = policy().attempt_timeout(Duration::from_secs(10)).idempotent(true);

    let begun = Instant::now();
    let error = resilient_call(&policy, verdict, never).await.unwrap_err();
    // 10 + 1 + 10 + 2 + 10.
    assert_eq!((error.attempts(), begun.elapsed().as_secs()), (3, 33));
    assert_eq!(
        error.to_string(),
        "The tutor is taking too long to answer. Please try again in a few minutes."
    );

    let begun = Instant::now();
    let policy = policy.total_timeout(Duration::from_secs(15));
    let error = resilient_call(&policy, verdict, never).await.unwrap_err();
    assert_eq!((error.attempts(), begun.elapsed().as_secs()), (2, 15));

    // It may have been acted on, so it is not sent again.
    let error = resilient_call(&policy.idempotent(false), verdict, never).await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { attempts: 1, .. }));
    assert!(counted("CallTimedOut") >= 3);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_for_which_there_is_no_time_is_not_begun_nor_held_against_the_service() {
    // It would have half a second.
    let policy = policy().total_timeout(Duration::from_millis(7500));
    let how = Verdict::RateLimited { retry_after: Some(Duration::from_secs(7)) };
    let (error, attempts) = failing(&policy, how).await;
    assert_eq!((attempts, error.retry_in()), (1, Some(Duration::from_secs(7))));

    let breaker = Arc::new(Breaker::new("The tutor").opens_after(2).build());
    let policy = policy.idempotent(true).breaker(breaker.clone());
    let attempts = Cell::new(0);
    let fails_then_hangs = async || {
        attempts.set(attempts.get() + 1);
        if attempts.get() == 1 {
            return Err::<(), _>(Fails(Verdict::Failed));
        }
        std::future::pending().await
    };
    let error = resilient_call(&policy, verdict, fails_then_hangs).await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { attempts: 2, .. }));
    assert_eq!(breaker.state(), BreakerState::Closed, "it had less than its time");
    // One that never answers within the whole of its time is ill.
    let never = || std::future::pending::<Result<(), Fails>>();
    assert!(resilient_call(&policy, verdict, never).await.is_err());
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[tokio::test(start_paused = true)]
async fn no_time_out_makes_it_panic() {
    for time in [Duration::ZERO, Duration::MAX] {
        let policy = policy().attempt_timeout(time).total_timeout(time).longest_wait(time);
        let result = resilient_call(&policy, verdict, async || Ok::<_, Fails>(1)).await;
        assert_eq!(result.unwrap(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_spares_the_service() {
    let breaker = Breaker::new("The tutor").opens_after(2).open_for(Duration::from_secs(240));
    let breaker = Arc::new(breaker.build());
    let policy = policy().breaker(breaker.clone());
    // The second failure opens the breaker: the third attempt would be in vain, so its error is told.
    let policy = policy.idempotent(true);
    let (error, attempts) = failing(&policy, UNAVAILABLE).await;
    assert_eq!((attempts, breaker.state()), (2, BreakerState::Open));
    assert!(matches!(error, CallError::Unavailable { attempts: 2, .. }));

    let (error, attempts) = failing(&policy, UNAVAILABLE).await;
    assert_eq!(attempts, 0);
    assert!(matches!(error, CallError::HeldBack { .. }));
    assert!(error.retry_in().unwrap() > Duration::ZERO);
    let said = error.to_string();
    assert!(
        said.starts_with("The tutor is not available just now. Please try again in "),
        "{said}"
    );
    assert!(counted("CallHeldBack") >= 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_limits_or_refuses_does_not_open_the_breaker() {
    let breaker = Arc::new(Breaker::new("The tutor").opens_after(1).build());
    let policy = policy().breaker(breaker.clone());
    for how in [LIMITED, Verdict::Refused] {
        failing(&policy, how).await;
        assert_eq!(breaker.state(), BreakerState::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_gives_its_trial_back() {
    let breaker = Breaker::new("The tutor").opens_after(1).open_for(Duration::from_millis(1));
    let breaker = Arc::new(breaker.build());
    breaker.permit().unwrap().failed();
    // The breaker's clock is the real one.
    std::thread::sleep(Duration::from_millis(20));
    let policy = policy().breaker(breaker.clone());
    let never = || std::future::pending::<Result<(), Fails>>();
    let call = resilient_call(&policy, verdict, never);
    assert!(tokio::time::timeout(Duration::from_secs(1), call).await.is_err());
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    let answered = resilient_call(&policy, verdict, async || Ok(())).await;
    assert!(answered.is_ok());
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[tokio::test]
async fn a_closure_that_panics_is_passed_on_and_does_not_block_the_breaker() {
    let breaker = Breaker::new("The tutor").opens_after(1).open_for(Duration::from_millis(1));
    let breaker = Arc::new(breaker.build());
    breaker.permit().unwrap().failed();
    std::thread::sleep(Duration::from_millis(20));
    let policy = policy().breaker(breaker.clone());
    let task = tokio::spawn(async move {
        let panics = async || -> Result<(), Fails> { panic!("on purpose") };
        assert_send(resilient_call(&policy, verdict, panics)).await
    });
    assert!(task.await.unwrap_err().is_panic());
    breaker.permit().unwrap().succeeded();
    assert_eq!(breaker.state(), BreakerState::Closed);
}
