//! How it bears up: latency at half the load that it can take, and memory under twice of it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;

use super::api::Visitor;
use super::options::{Bench, Configuration};
use super::process;
use super::throughput::warmed_up;
use crate::load::{Load, send};

/// Connections that send more than the server can take: enough that its queue overflows.
const CROWD: usize = 1_024;

/// Seconds until memory is looked at after the load.
const MEMORY_PATIENCE: Duration = Duration::from_secs(20);

/// At half the load.
#[derive(Clone, Debug)]
pub struct Half {
    /// Requests a second.
    pub rate: f64,
    /// Latencies in milliseconds, from when each request was due.
    pub p50_ms: f64,
    /// The slowest of a hundred.
    pub p99_ms: f64,
    /// Answers that were not 2xx, and requests without one.
    pub failed: u64,
}

/// Sends half of what the server can take, in an open loop.
pub fn half(bench: &Bench, configuration: &Configuration, capacity: f64) -> Result<Half> {
    let (mut andon, _) = warmed_up(bench, configuration)?;
    let rate = capacity / 2.0;
    let load = Load {
        connections: bench.options.connections,
        duration: bench.options.duration(),
        requests: 0,
        rate,
    };
    let outcome = send(&bench.events, &andon.target(&andon.project), &load);
    let answers: u64 = outcome.statuses.values().sum();
    andon.stop()?;
    Ok(Half {
        rate,
        p50_ms: outcome.latency_ms(0.5),
        p99_ms: outcome.latency_ms(0.99),
        failed: answers - outcome.accepted() + outcome.cut,
    })
}

/// Under twice the load.
#[derive(Clone, Debug)]
pub struct Twice {
    /// For how many minutes.
    pub minutes: u64,
    /// Requests a second that were due.
    pub rate: f64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Refusals that said when to come back.
    pub retry_after: u64,
    /// Requests without an answer.
    pub cut: u64,
    /// Events accepted a second.
    pub accepted_per_second: f64,
    /// Whether all that was accepted is counted, and nothing else.
    pub stored_all: bool,
    /// The most resident memory, and what was left once it had settled, in MiB.
    pub memory_peak_mib: f64,
    /// See above.
    pub memory_after_mib: f64,
}

impl Twice {
    /// Whether every request was answered 2xx or 429.
    pub fn only_2xx_and_429(&self) -> bool {
        self.cut == 0 && self.statuses.keys().all(|s| (200..300).contains(s) || *s == 429)
    }
}

/// Sends twice of what the server can take.
pub fn twice(bench: &Bench, configuration: &Configuration, capacity: f64) -> Result<Twice> {
    let (mut andon, warm_up) = warmed_up(bench, configuration)?;
    let (minutes, rate) = (bench.options.minutes, capacity * 2.0);
    let load =
        Load { connections: CROWD, duration: Duration::from_secs(minutes * 60), requests: 0, rate };
    let to = andon.target(&andon.project);
    let (outcome, memory_peak_mib) =
        process::with_peak(andon.pid(), || send(&bench.events, &to, &load));
    let accepted = warm_up + outcome.accepted();
    let counted = Visitor::with_token(&andon)?.counted(&andon.project, accepted)?;
    let memory_after_mib = process::settled_memory_mib(andon.pid(), MEMORY_PATIENCE);
    andon.stop()?;
    Ok(Twice {
        minutes,
        rate,
        accepted_per_second: outcome.accepted_per_second(),
        statuses: outcome.statuses,
        retry_after: outcome.retry_after,
        cut: outcome.cut,
        stored_all: counted == accepted,
        memory_peak_mib,
        memory_after_mib,
    })
}
