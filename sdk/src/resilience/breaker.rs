//! A circuit breaker: a service that keeps failing is left alone for a while.

mod watch;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use failsafe::StateMachine;
use failsafe::failure_policy::{ConsecutiveFailures, consecutive_failures};
use serde_json::Value;

use self::watch::{OpenTimes, Telling, Watch};
use super::report;
use crate::Level;

/// After so many failures in a row the breaker opens.
pub const OPENS_AFTER: u32 = 5;

/// How long the breaker stays open the first time. Each time that a trial fails it is twice as long.
pub const OPEN_FOR: Duration = Duration::from_secs(10);

/// The breaker does not stay open for longer without a trial.
pub const LONGEST_OPEN: Duration = Duration::from_secs(5 * 60);

/// How many calls may be under way at once to try whether the service works again.
pub const TRIALS: u32 = 1;

/// A longer open time is not taken: points in time far away cannot be told.
const OPEN_LIMIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Whether calls are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// All calls are let through.
    Closed,
    /// None is.
    Open,
    /// A few are, to try whether the service works again: the first success closes the breaker, the
    /// first failure opens it.
    HalfOpen,
}

/// A breaker, to be shared by all calls of a service.
///
/// ```
/// use std::time::Duration;
/// use andon_sdk::resilience::{Breaker, BreakerState};
///
/// let breaker = Breaker::new("Payment").opens_after(3).open_for(Duration::from_secs(30)).build();
/// assert_eq!(breaker.state(), BreakerState::Closed);
/// ```
pub struct Breaker {
    name: Cow<'static, str>,
    trials: u32,
    watch: Arc<Watch>,
    inner: Mutex<Inner>,
}

struct Inner {
    machine: StateMachine<ConsecutiveFailures<OpenTimes>, Telling>,
    /// Trials under way in the present half-open time.
    under_way: u32,
    /// Until when it is open.
    open_until: Option<Instant>,
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Breaker");
        shown.field("name", &self.name).field("state", &self.state()).finish_non_exhaustive()
    }
}

impl Breaker {
    /// Begins a breaker; `name` is the service's.
    #[expect(clippy::new_ret_no_self, reason = "the builder is all that there is to begin with")]
    pub fn new(name: impl Into<Cow<'static, str>>) -> BreakerBuilder {
        BreakerBuilder {
            name: name.into(),
            opens_after: OPENS_AFTER,
            open_for: OPEN_FOR,
            longest_open: LONGEST_OPEN,
            trials: TRIALS,
        }
    }

    /// The state as it was left by the last call: an open breaker becomes half-open with the first call
    /// after its time.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.watch.state()
    }

    /// How long calls are refused from now on, if they are.
    #[must_use]
    pub fn open_for(&self) -> Option<Duration> {
        let inner = self.inner();
        let left = inner.open_until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Lets a call through, or tells for how long none is.
    ///
    /// # Errors
    /// The time after which to ask again; zero while the trials of a half-open breaker are under way.
    pub fn permit(&self) -> Result<Permit<'_>, Duration> {
        let mut inner = self.inner();
        if !inner.machine.is_call_permitted() {
            let left =
                inner.open_until.map(|until| until.saturating_duration_since(Instant::now()));
            return Err(left.unwrap_or_default());
        }
        self.after(&mut inner);
        if self.state() == BreakerState::HalfOpen {
            if inner.under_way >= self.trials {
                return Err(Duration::ZERO);
            }
            inner.under_way += 1;
        }
        Ok(Permit { breaker: self, period: self.watch.period(), settled: false })
    }

    fn settle(&self, period: u64, success: Option<bool>) {
        let mut inner = self.inner();
        // A late answer from before the last change of state says nothing about the service now.
        if self.watch.period() != period {
            return;
        }
        if self.state() == BreakerState::HalfOpen {
            inner.under_way = inner.under_way.saturating_sub(1);
        }
        match success {
            Some(true) => inner.machine.on_success(),
            Some(false) => inner.machine.on_error(),
            None => {}
        }
        self.after(&mut inner);
    }

    /// Follows a change of state, and notes it.
    fn after(&self, inner: &mut Inner) {
        let Some(state) = self.watch.take_change() else { return };
        inner.under_way = 0;
        inner.open_until = None;
        let name = &self.name;
        let (level, message, data) = match state {
            BreakerState::Open => {
                let time = self.watch.open_time();
                inner.open_until = Instant::now().checked_add(time);
                let seconds = [("seconds", Value::from(time.as_secs()))];
                (Level::Warning, format!("{name}: calls are held back"), Vec::from(seconds))
            }
            BreakerState::HalfOpen => {
                (Level::Info, format!("{name}: a call is let through as a trial"), Vec::new())
            }
            BreakerState::Closed => (Level::Info, format!("{name} works again"), Vec::new()),
        };
        report::breadcrumb("breaker", level, message, &data);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that was let through. Dropped without a word, as when the call is cancelled, it counts
/// neither way.
#[derive(Debug)]
#[must_use = "tell how the call went"]
pub struct Permit<'b> {
    breaker: &'b Breaker,
    period: u64,
    settled: bool,
}

impl Permit<'_> {
    /// The service answered.
    pub fn succeeded(mut self) {
        self.settled = true;
        self.breaker.settle(self.period, Some(true));
    }

    /// The service failed.
    pub fn failed(mut self) {
        self.settled = true;
        self.breaker.settle(self.period, Some(false));
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.breaker.settle(self.period, None);
        }
    }
}

/// Makes a [`Breaker`].
#[derive(Debug, Clone)]
#[must_use]
pub struct BreakerBuilder {
    name: Cow<'static, str>,
    opens_after: u32,
    open_for: Duration,
    longest_open: Duration,
    trials: u32,
}

impl BreakerBuilder {
    /// After how many failures in a row it opens; at least one.
    pub fn opens_after(mut self, failures: u32) -> Self {
        self.opens_after = failures.max(1);
        self
    }

    /// How long it stays open the first time. Doubles with each failed trial.
    pub fn open_for(mut self, time: Duration) -> Self {
        self.open_for = time;
        self
    }

    /// The longest time without a trial.
    pub fn longest_open(mut self, time: Duration) -> Self {
        self.longest_open = time;
        self
    }

    /// How many trials may be under way at once; at least one.
    pub fn trials(mut self, trials: u32) -> Self {
        self.trials = trials.max(1);
        self
    }

    /// The breaker, closed.
    #[must_use]
    pub fn build(self) -> Breaker {
        let watch = Arc::new(Watch::default());
        let longest = self.longest_open.min(OPEN_LIMIT);
        let times = OpenTimes::new(self.open_for, longest, watch.clone());
        let policy = consecutive_failures(self.opens_after, times);
        let machine = StateMachine::new(policy, Telling(watch.clone()));
        let _ = watch.take_change();
        let inner = Inner { machine, under_way: 0, open_until: None };
        Breaker { name: self.name, trials: self.trials, watch, inner: Mutex::new(inner) }
    }
}
