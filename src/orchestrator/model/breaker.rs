//! Leaves a route alone that fails again and again, until some time has passed. Which routes there are is
//! not known here: that the last one is never left alone is the matter of who chooses.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One route's record.
#[derive(Debug)]
pub struct Breaker {
    failures: u32,
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    in_a_row: u32,
    rests_until: Option<Instant>,
}

impl Breaker {
    /// Leaves it alone for `rest` after so many failures in a row.
    pub fn new(failures: u32, rest: Duration) -> Self {
        Self { failures, rest, state: Mutex::default() }
    }

    /// Whether the route may be asked.
    pub fn is_closed(&self, now: Instant) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.rests_until.is_none_or(|until| until <= now)
    }

    /// How often it failed since it last answered, and for how long it is left alone still.
    pub fn standing(&self, now: Instant) -> (u32, Option<Duration>) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let rests = state.rests_until.and_then(|until| until.checked_duration_since(now));
        (state.in_a_row, rests.filter(|rest| !rest.is_zero()))
    }

    /// It answered.
    pub fn succeeded(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// It failed. After a rest one failure is enough for the next.
    pub fn failed(&self, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.in_a_row = state.in_a_row.saturating_add(1);
        if state.in_a_row >= self.failures {
            state.rests_until = Some(now + self.rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_fails_rests_and_is_tried_again() {
        let breaker = Breaker::new(2, Duration::from_secs(60));
        let begin = Instant::now();
        breaker.failed(begin);
        assert!(breaker.is_closed(begin));
        breaker.failed(begin);
        assert!(!breaker.is_closed(begin + Duration::from_secs(59)));
        assert_eq!(breaker.standing(begin), (2, Some(Duration::from_secs(60))));
        let later = begin + Duration::from_secs(60);
        assert!(breaker.is_closed(later));
        assert_eq!(breaker.standing(later), (2, None));
        breaker.failed(later);
        assert!(!breaker.is_closed(later), "one more failure is enough");
        breaker.succeeded();
        assert!(breaker.is_closed(later));
    }
}
