//! The load: blocking threads, a kept-open connection each; closed loop (the next request follows the
//! answer) or open loop (requests are due at a rate, and latency counts from when one was due).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::http::Connection;
use crate::random::Random;
use crate::template::{Scratch, Target, Templates};

/// How long a thread rests when the server cannot be reached.
const REST: Duration = Duration::from_millis(20);

/// Stack of a sending thread, in bytes.
const STACK_BYTES: usize = 256 * 1024;

/// What to send.
#[derive(Clone, Debug)]
pub struct Load {
    /// Connections at once.
    pub connections: usize,
    /// For how long at most.
    pub duration: Duration,
    /// How many requests at most; 0 for no end.
    pub requests: u64,
    /// Requests a second; 0 for as fast as answers come.
    pub rate: f64,
}

/// An event that was answered 2xx.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// Its id.
    pub id: String,
    /// Which of the templates it was.
    pub template: u32,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// How long it took.
    pub seconds: f64,
    /// Every answer's latency in microseconds, sorted.
    pub latencies: Vec<u32>,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Answers with a `Retry-After`.
    pub retry_after: u64,
    /// Requests without an answer.
    pub cut: u64,
    /// What was answered 2xx.
    pub acknowledged: Vec<Acknowledged>,
}

impl Outcome {
    /// Events that were answered 2xx.
    pub fn accepted(&self) -> u64 {
        self.acknowledged.len() as u64
    }

    /// The same a second.
    pub fn accepted_per_second(&self) -> f64 {
        self.accepted() as f64 / self.seconds
    }

    /// A latency in milliseconds: 0.99 for the one that 99 of 100 answers were faster than.
    pub fn latency_ms(&self, quantile: f64) -> f64 {
        quantile_of(&self.latencies, quantile) / 1000.0
    }
}

/// A quantile of a sorted list.
pub fn quantile_of(sorted: &[u32], quantile: f64) -> f64 {
    let at = (sorted.len() as f64 * quantile) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).map_or(0.0, |value| f64::from(*value))
}

/// Sends, and comes back when all threads have ended.
pub fn send(templates: &Templates, to: &Target, load: &Load) -> Outcome {
    let counter = AtomicU64::new(0);
    let begun = Instant::now();
    let mut outcome = Outcome::default();
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..load.connections)
            .map(|_| {
                std::thread::Builder::new()
                    .stack_size(STACK_BYTES)
                    .spawn_scoped(scope, || sender(templates, to, load, begun, &counter))
                    .unwrap_or_else(|e| panic!("no thread: {e}"))
            })
            .collect();
        for sender in senders {
            let part = sender.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome.add(part);
        }
    });
    outcome.seconds = begun.elapsed().as_secs_f64();
    outcome.latencies.sort_unstable();
    outcome
}

impl Outcome {
    fn add(&mut self, part: Self) {
        self.latencies.extend(part.latencies);
        self.acknowledged.extend(part.acknowledged);
        self.cut += part.cut;
        self.retry_after += part.retry_after;
        for (status, count) in part.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }
}

fn sender(
    templates: &Templates,
    to: &Target,
    load: &Load,
    begun: Instant,
    counter: &AtomicU64,
) -> Outcome {
    let mut seen = Outcome::default();
    let mut random = Random::unrepeatable();
    let mut scratch = Scratch::default();
    let mut request = Vec::new();
    let mut connection = None;
    while begun.elapsed() < load.duration {
        let number = counter.fetch_add(1, Relaxed);
        if load.requests > 0 && number >= load.requests {
            break;
        }
        let mut due = None;
        if load.rate > 0.0 {
            let after = Duration::from_secs_f64(number as f64 / load.rate);
            if after >= load.duration {
                break;
            }
            let at = begun + after;
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            due = Some(at);
        }
        let template = random.below(templates.count() as u64) as usize;
        let id = random.event_id();
        templates.request(template, &id, to, &mut scratch, &mut request);
        let mut open = match connection.take().map_or_else(|| Connection::open(&to.address), Ok) {
            Ok(open) => open,
            Err(_) => {
                seen.cut += 1;
                std::thread::sleep(REST);
                continue;
            }
        };
        let start = due.unwrap_or_else(Instant::now);
        let Ok(answer) = open.exchange(&request) else {
            seen.cut += 1;
            continue;
        };
        let micros = start.elapsed().as_micros();
        seen.latencies.push(u32::try_from(micros).unwrap_or(u32::MAX));
        *seen.statuses.entry(answer.status).or_default() += 1;
        seen.retry_after += u64::from(open.header("retry-after").is_some());
        if (200..300).contains(&answer.status) {
            seen.acknowledged.push(Acknowledged { id, template: template as u32 });
        }
        if !answer.closes {
            connection = Some(open);
        }
    }
    seen
}
