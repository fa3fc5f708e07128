//! A million events: whether it still takes as many a second, and how fast lists and pages are.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::api::Visitor;
use super::options::{Bench, Configuration};
use super::server::Andon;
use super::throughput::wait_for_packing;
use super::{process, say};
use crate::load::{Load, quantile_of, send};

/// What many are compared with.
const FEW: u64 = 10_000;

/// Requests of each page.
const REQUESTS: usize = 200;

/// How long filling up may take.
const FILL_PATIENCE: Duration = Duration::from_secs(2 * 60 * 60);

/// How long packing may take.
const PACKING_PATIENCE: Duration = Duration::from_secs(30 * 60);

/// What was found.
#[derive(Clone, Debug)]
pub struct Million {
    /// Events there at the end.
    pub events: u64,
    /// Accepted a second over ten thousand events.
    pub at_few: f64,
    /// The same over as many as were asked for.
    pub at_many: f64,
    /// Pages with the latency of the slowest of a hundred requests, in milliseconds.
    pub pages: Vec<(String, f64)>,
    /// Resident memory at the end, in MiB.
    pub memory_mib: f64,
    /// Bytes on the disk for one event.
    pub disk_bytes_per_event: f64,
}

/// Fills up to `many` events and measures.
pub fn million(bench: &Bench, configuration: &Configuration, many: u64) -> Result<Million> {
    let mut andon = Andon::start(bench, configuration)?;
    let to = andon.target(&andon.project);
    let load = Load {
        connections: bench.options.connections,
        duration: bench.options.duration(),
        requests: 0,
        rate: 0.0,
    };
    let fill = |requests: u64| {
        say(format!("sending {requests} events"));
        let load = Load { duration: FILL_PATIENCE, requests, ..load.clone() };
        send(&bench.events, &to, &load).accepted()
    };
    let mut there = fill(FEW);
    let at_few = send(&bench.events, &to, &load);
    there += at_few.accepted();
    there += fill(many.saturating_sub(there));
    let at_many = send(&bench.events, &to, &load);
    there += at_many.accepted();
    let sent = Instant::now();

    let mut by_api = Visitor::with_token(&andon)?;
    let counted = by_api.counted(&andon.project, there)?;
    if counted != there {
        bail!("{there} events were accepted, {counted} are counted");
    }
    let issue = by_api.issues(&andon.project)?.first().context("no issue")?.id;
    let mut by_page = Visitor::signed_in(&andon)?;
    let mut pages = Vec::new();
    for path in [
        "/api/issues?limit=50".to_owned(),
        format!("/api/issues/{issue}"),
        format!("/api/issues/{issue}/events?limit=50"),
        "/gui/issues".to_owned(),
        format!("/gui/issues/{issue}"),
    ] {
        let visitor = if path.starts_with("/gui") { &mut by_page } else { &mut by_api };
        let p99 = p99_ms(visitor, &path)?;
        pages.push((path, p99));
    }
    let memory_mib = process::memory_mib(andon.pid());
    drop((by_api, by_page));
    wait_for_packing(&andon, sent, PACKING_PATIENCE);
    let bytes = andon.stop()?;
    Ok(Million {
        events: there,
        at_few: at_few.accepted_per_second(),
        at_many: at_many.accepted_per_second(),
        pages,
        memory_mib,
        disk_bytes_per_event: bytes as f64 / there as f64,
    })
}

fn p99_ms(visitor: &mut Visitor, path: &str) -> Result<f64> {
    let mut micros = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let begun = Instant::now();
        visitor.get(path)?;
        micros.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    micros.sort_unstable();
    Ok(quantile_of(&micros, 0.99) / 1000.0)
}
