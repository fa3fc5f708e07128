//! What capturing costs the application: time of the calling thread, memory, disk; with a server that
//! answers and with one that is away. `cargo bench -p andon-sdk --all-features` prints one table.

#[path = "../tests/capture/server.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests' server, of which little is used here"
)]
mod server;

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use andon_sdk::{Breadcrumb, Options, Spool, User, add_breadcrumb, capture_error, configure_scope};
use server::{Server, dsn, eventually, nobody};

/// Captures of each latency row.
const CAPTURES: usize = 20_000;

/// Captures while the server is away.
const OUTAGE_CAPTURES: usize = 100_000;

/// Room for them on the disk, in bytes.
const OUTAGE_SPOOL_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Captures a second of the paced rows.
const PER_SECOND: u32 = 2000;

#[derive(Debug)]
struct NotStored {
    number: usize,
    source: std::io::Error,
}

impl fmt::Display for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order {} was not stored", self.number)
    }
}

impl Error for NotStored {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// Some calls deep, as errors of real programs are.
#[inline(never)]
fn deep(levels: u32, number: usize) -> Duration {
    if levels > 0 {
        return std::hint::black_box(deep(levels - 1, number));
    }
    let error = NotStored { number, source: std::io::ErrorKind::StorageFull.into() };
    let begun = Instant::now();
    capture_error(&error);
    begun.elapsed()
}

fn set_up() {
    configure_scope(|scope| {
        scope.set_tag("shop", "north");
        scope.set_tag("till", "3");
        scope.set_user(Some(User::with_id("ada")));
        scope.set_context("order", serde_json::json!({"id": 7, "lines": [1, 2, 3]}));
    });
    for n in 0..100 {
        add_breadcrumb(Breadcrumb::new(format!("step {n}")).category("till").data("n", n));
    }
}

/// `VmRSS` and `VmHWM`, in KiB.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    found.and_then(|rest| rest.trim_matches([':', ' ', '\t', 'k', 'B']).parse().ok()).unwrap_or(0)
}

fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let of = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(is) if is.is_dir() => bytes_in(&entry.path()),
        Ok(is) => is.len(),
        Err(_) => 0,
    };
    entries.flatten().map(of).sum()
}

fn row(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e6;
    println!("| {what} | {:.1} | {:.1} | {:.1} | {:.0} |", at(0.5), at(0.99), at(0.999), at(1.0));
}

fn run(captures: usize, paced: bool) -> Vec<Duration> {
    let begun = Instant::now();
    let one = |n: usize| {
        if paced {
            let due = begun + Duration::from_secs(1) * u32::try_from(n).unwrap_or(0) / PER_SECOND;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        deep(20, n)
    };
    (0..captures).map(one).collect()
}

fn main() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
    let options = |dsn: String| {
        Options::new(dsn)
            .spool(Spool::At(folder.path().to_owned()))
            .spool_bytes(OUTAGE_SPOOL_BYTES)
            .on_problem(|_| {})
    };
    set_up();
    println!(
        "| capture_error, 20 calls deep, 100 breadcrumbs | p50 µs | p99 µs | p99.9 µs | max µs |"
    );
    println!("|---|---|---|---|---|");
    {
        let there = Server::start();
        let guard = options(there.dsn()).init();
        run(100, false);
        row("server there, 2,000 a second", run(CAPTURES, true));
        guard.flush(Duration::from_secs(60));
    }
    let away = nobody();
    let guard = options(dsn(away)).init();
    run(100, false);
    row("server away, 2,000 a second", run(CAPTURES, true));
    row("server away, as fast as it goes", run(CAPTURES, false));
    guard.flush(Duration::from_secs(60));
    let before = (100 + 2 * CAPTURES, memory("VmRSS"));
    let begun = Instant::now();
    row("server away, 100,000 as fast as it goes", run(OUTAGE_CAPTURES, false));
    let took = begun.elapsed();
    let grown = memory("VmHWM").saturating_sub(before.1);
    println!();
    println!(
        "100,000 captures while the server was away: {:.1} s, {:.1} MB more memory at most, {:.0} MB on the disk",
        took.as_secs_f64(),
        grown as f64 / 1024.0,
        bytes_in(folder.path()) as f64 / 1e6,
    );
    let back = Server::start_at(away);
    let begun = Instant::now();
    eventually_all(&back, before.0 + OUTAGE_CAPTURES, &guard);
    println!(
        "back again: {} different events arrived in {:.1} s, each at most {} time(s)",
        back.count(),
        begun.elapsed().as_secs_f64(),
        back.most_often(),
    );
    drop(guard);
    eventually("the spool to be empty", || bytes_in(folder.path()) < 1024);
}

fn eventually_all(server: &Server, count: usize, guard: &andon_sdk::Guard) {
    let mut seen = 0;
    while server.count() < count {
        guard.flush(Duration::from_secs(60));
        assert!(server.count() > seen, "nothing arrives any more: {} of {count}", server.count());
        seen = server.count();
    }
}
