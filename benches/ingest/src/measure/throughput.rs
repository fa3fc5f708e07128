//! The table: how many events a second, how fast, and at what price; each server alone.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::api::Visitor;
use super::options::{Bench, Configuration};
use super::readback::{ReadBack, read_back};
use super::server::{Andon, start_ceiling};
use super::{process, say};
use crate::load::{Load, Outcome, send};
use crate::template::Target;

/// Events before anything is measured: what a dictionary is trained on has come by then.
pub const WARM_UP_EVENTS: u64 = 3_000;

/// How long events are sent to a server that was just started, unmeasured.
const SETTLE: Duration = Duration::from_secs(2);

/// How long a server may take until its memory does not change any more.
const MEMORY_PATIENCE: Duration = Duration::from_secs(20);

/// How long the lists are read for all ids.
const LIST_PATIENCE: Duration = Duration::from_secs(180);

/// How long after the last event everything is old enough to be packed; and how long that may take.
const PACKING_BEGINS: Duration = Duration::from_secs(63);
const PACKING_PATIENCE: Duration = Duration::from_secs(120);

/// Acknowledged events that are read back whole.
const READ_BACK_EVENTS: usize = 1_000;

/// A measurement of one server.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Events answered 2xx, a second.
    pub accepted_per_second: f64,
    /// Latencies in milliseconds.
    pub p50_ms: f64,
    /// The slowest of a hundred.
    pub p99_ms: f64,
    /// The slowest of a thousand.
    pub p999_ms: f64,
    /// Processor milliseconds of the server (and its database) for one event.
    pub cpu_ms_per_event: f64,
    /// The most resident memory, in MiB.
    pub memory_peak_mib: f64,
    /// The share of the processors that neither server nor generator had, from 0 to 1.
    pub others_share: f64,
    /// What only a server that stores has.
    pub kept: Option<Kept>,
}

/// What is there afterwards.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Events answered 2xx, warm-up included.
    pub accepted: u64,
    /// The sum of what the issues count.
    pub counted: u64,
    /// Events found in the lists one by one; `None` if reading them took too long.
    pub listed: Option<u64>,
    /// Resident memory before the first event, in MiB.
    pub memory_before_mib: f64,
    /// The same after the last, once it has settled.
    pub memory_after_mib: f64,
    /// Bytes on the disk for one event, all counted.
    pub disk_bytes_per_event: f64,
    /// Bytes on the disk for one event after the warm-up.
    pub disk_bytes_per_event_trained: f64,
    /// What was read back whole.
    pub read_back: ReadBack,
}

/// Measures a ceiling.
pub fn ceiling(bench: &Bench, what: &str) -> Result<Run> {
    let server = start_ceiling(bench, what)?;
    let to = Target::envelopes(&server.address, "0123456789abcdef0123456789abcdef", "1");
    settle(bench, &to);
    Ok(measured(bench, &to, server.pid(), &[server.pid()]).0)
}

/// One measurement of a server that has settled; `pids` are all whose processor time counts.
fn measured(bench: &Bench, to: &Target, pid: u32, pids: &[u32]) -> (Run, Outcome) {
    let all_of_ours: Vec<u32> = pids.iter().copied().chain([std::process::id()]).collect();
    let others = process::Others::watch(&all_of_ours);
    let before = process::cpu_seconds(pids);
    let outcome = send(&bench.events, to, &closed_loop(bench, bench.options.duration()));
    let cpu = process::cpu_seconds(pids) - before;
    let run = Run {
        accepted_per_second: outcome.accepted_per_second(),
        p50_ms: outcome.latency_ms(0.5),
        p99_ms: outcome.latency_ms(0.99),
        p999_ms: outcome.latency_ms(0.999),
        cpu_ms_per_event: cpu * 1000.0 / outcome.accepted().max(1) as f64,
        memory_peak_mib: process::peak_memory_mib(pid),
        others_share: others.share(),
        kept: None,
    };
    (run, outcome)
}

/// Sends for a moment, unmeasured.
fn settle(bench: &Bench, to: &Target) -> Outcome {
    send(&bench.events, to, &closed_loop(bench, SETTLE))
}

fn closed_loop(bench: &Bench, duration: Duration) -> Load {
    Load { connections: bench.options.connections, duration, requests: 0, rate: 0.0 }
}

/// Starts Andon over an empty folder and sends the warm-up; returns what was accepted.
pub fn warmed_up(bench: &Bench, configuration: &Configuration) -> Result<(Andon, u64)> {
    let andon = Andon::start(bench, configuration)?;
    let load = Load { requests: WARM_UP_EVENTS, ..closed_loop(bench, Duration::from_secs(120)) };
    let outcome = send(&bench.events, &andon.target(&andon.project), &load);
    if outcome.accepted() < WARM_UP_EVENTS {
        bail!("the warm-up was not taken; answers by status: {:?}", outcome.statuses);
    }
    Ok((andon, outcome.accepted()))
}

/// Waits until what was sent until `sent` is compressed anew, which begins a minute later.
pub fn wait_for_packing(andon: &Andon, sent: Instant, patience: Duration) {
    say("waiting until payloads are packed");
    std::thread::sleep(PACKING_BEGINS.saturating_sub(sent.elapsed()));
    process::settle(andon.pid(), patience);
}

/// Measures Andon, and looks at what is there afterwards.
pub fn andon(bench: &Bench, configuration: &Configuration, reads_back: bool) -> Result<Run> {
    let idle = Andon::start(bench, configuration)?;
    let memory_before_mib = process::settled_memory_mib(idle.pid(), MEMORY_PATIENCE);
    drop(idle);

    let (mut andon, warm_up) = warmed_up(bench, configuration)?;
    wait_for_packing(&andon, Instant::now(), PACKING_PATIENCE);
    let bytes_warmed_up = andon.restart()?;
    let to = andon.target(&andon.project);
    let settled = settle(bench, &to);
    let (run, outcome) = measured(bench, &to, andon.pid(), &andon.pids()?);
    let sent = Instant::now();

    let accepted = warm_up + settled.accepted() + outcome.accepted();
    let mut visitor = Visitor::with_token(&andon)?;
    let counted = visitor.counted(&andon.project, accepted)?;
    let memory_after_mib = process::settled_memory_mib(andon.pid(), MEMORY_PATIENCE);
    let begun = Instant::now();
    let ids = visitor.listed(&andon.project, LIST_PATIENCE)?;
    if let Some(ids) = &ids {
        let lost = outcome.acknowledged.iter().filter(|a| !ids.contains(&a.id)).count();
        if lost > 0 {
            bail!("{lost} of {} acknowledged events are not in the lists", outcome.accepted());
        }
        say(format!("read {} ids from the lists in {:.0?}", ids.len(), begun.elapsed()));
    }
    let count = if reads_back { READ_BACK_EVENTS } else { 0 };
    let read_back =
        read_back(&mut visitor, &andon.project, &bench.events, &outcome.acknowledged, count)?;
    drop(visitor);
    wait_for_packing(&andon, sent, PACKING_PATIENCE);
    let bytes = andon.stop()?;
    let after_warm_up = (accepted - warm_up).max(1) as f64;
    let kept = Kept {
        accepted,
        counted,
        listed: ids.map(|ids| ids.len() as u64),
        memory_before_mib,
        memory_after_mib,
        disk_bytes_per_event: bytes as f64 / accepted.max(1) as f64,
        disk_bytes_per_event_trained: bytes.saturating_sub(bytes_warmed_up) as f64 / after_warm_up,
        read_back,
    };
    Ok(Run { kept: Some(kept), ..run })
}
