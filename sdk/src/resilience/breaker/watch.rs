//! What a breaker learns from the state machine inside.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use failsafe::Instrument;

use super::BreakerState;

impl BreakerState {
    fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Closed,
            1 => Self::Open,
            _ => Self::HalfOpen,
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Open => 1,
            Self::HalfOpen => 2,
        }
    }
}

/// How long the breaker is open each time, as the state machine asks for it.
#[derive(Debug, Clone)]
pub(super) struct OpenTimes {
    next: Duration,
    longest: Duration,
    watch: Arc<Watch>,
}

impl OpenTimes {
    pub(super) fn new(first: Duration, longest: Duration, watch: Arc<Watch>) -> Self {
        Self { next: first.min(longest), longest, watch }
    }
}

impl Iterator for OpenTimes {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let time = self.next;
        self.next = time.saturating_mul(2).min(self.longest);
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.watch.open_millis.store(millis, Ordering::Relaxed);
        Some(time)
    }
}

/// What the state machine tells. It is only called with the breaker's lock held.
#[derive(Debug, Default)]
pub(super) struct Watch {
    state: AtomicU8,
    /// Grows with each change of state.
    period: AtomicU64,
    /// The last period that the breaker has followed.
    followed: AtomicU64,
    open_millis: AtomicU64,
}

impl Watch {
    pub(super) fn state(&self) -> BreakerState {
        BreakerState::from_number(self.state.load(Ordering::Acquire))
    }

    pub(super) fn period(&self) -> u64 {
        self.period.load(Ordering::Acquire)
    }

    pub(super) fn open_time(&self) -> Duration {
        Duration::from_millis(self.open_millis.load(Ordering::Relaxed))
    }

    pub(super) fn take_change(&self) -> Option<BreakerState> {
        let period = self.period();
        (self.followed.swap(period, Ordering::AcqRel) != period).then(|| self.state())
    }

    fn change(&self, state: BreakerState) {
        self.state.store(state.number(), Ordering::Release);
        self.period.fetch_add(1, Ordering::AcqRel);
    }
}

/// The watch in the state machine's hands.
pub(super) struct Telling(pub(super) Arc<Watch>);

impl Instrument for Telling {
    fn on_call_rejected(&self) {}

    fn on_open(&self) {
        self.0.change(BreakerState::Open);
    }

    fn on_half_open(&self) {
        self.0.change(BreakerState::HalfOpen);
    }

    fn on_closed(&self) {
        self.0.change(BreakerState::Closed);
    }
}
