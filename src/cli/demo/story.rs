//! What the demo shows while it runs: on standard error, a line a step, the seconds on long ones.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often the seconds of a long step are shown.
const TICK: Duration = Duration::from_millis(500);

/// Tells the story.
pub(super) struct Story {
    live: bool,
}

impl Story {
    /// Seconds tick only where somebody watches.
    pub(super) fn new() -> Self {
        Self { live: std::io::stderr().is_terminal() }
    }

    /// A headline.
    pub(super) fn step(&self, text: &str) {
        eprintln!("\n▸ {text}");
    }

    /// A fact below it.
    pub(super) fn fact(&self, text: &str) {
        for line in text.lines() {
            eprintln!("    {line}");
        }
    }

    /// Waits for `work`, showing that it goes on. Returns its result and its seconds.
    pub(super) async fn during<T>(&self, what: &str, work: impl Future<Output = T>) -> (T, f64) {
        let begun = Instant::now();
        tokio::pin!(work);
        let mut ticks = tokio::time::interval(TICK);
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                _ = ticks.tick() => self.tick(what, begun),
            }
        };
        if self.live {
            eprint!("\r\x1b[K");
        }
        let seconds = begun.elapsed().as_secs_f64();
        self.fact(&format!("{what}: {seconds:.1} s"));
        (result, seconds)
    }

    fn tick(&self, what: &str, begun: Instant) {
        if self.live {
            eprint!("\r    {what} … {} s", begun.elapsed().as_secs());
            // A progress line that cannot be shown is no reason to stop.
            let _ = std::io::stderr().flush();
        }
    }
}
