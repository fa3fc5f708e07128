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
use server::{Server, bytes_in, dsn, nobody};

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

/// Says to this program that it is the one whose memory is looked at; its value is the DSN.
const ALONE: &str = "ANDON_SDK_BENCH_DSN";

fn options(dsn: String, folder: &Path) -> Options {
    Options::new(dsn)
        .spool(Spool::At(folder.to_owned()))
        .spool_bytes(OUTAGE_SPOOL_BYTES)
        .on_problem(|_| {})
}

/// A hundred thousand captures in a process that does nothing else.
fn alone(dsn: String, folder: &Path) {
    set_up();
    let guard = options(dsn, folder).init();
    run(100, false);
    guard.flush(PATIENCE);
    let before = memory("VmRSS");
    let begun = Instant::now();
    row("server away, 100,000 as fast as it goes", run(OUTAGE_CAPTURES, false));
    let took = begun.elapsed().as_secs_f64();
    // The end of the program, which waits for what is not on the disk yet.
    drop(guard);
    let grown = memory("VmHWM").saturating_sub(before) as f64 / 1024.0;
    let disk = bytes_in(folder) as f64 / 1e6;
    println!(
        "\nThat took {took:.1} s, at most {grown:.1} MB more memory, and {disk:.0} MB on the disk."
    );
}

fn main() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
    if let (Ok(dsn), Ok(folder)) = (std::env::var(ALONE), std::env::var("SPOOL")) {
        return alone(dsn, Path::new(&folder));
    }
    println!(
        "| capture_error, 20 calls deep, 100 breadcrumbs | p50 µs | p99 µs | p99.9 µs | max µs |"
    );
    println!("|---|---|---|---|---|");
    set_up();
    {
        let there = Server::start();
        there.forget_contents();
        let guard = options(there.dsn(), folder.path()).init();
        run(100, false);
        row("server there, 2,000 a second", run(CAPTURES, true));
        guard.flush(PATIENCE);
    }
    let away = nobody();
    {
        let elsewhere = tempfile::tempdir().unwrap_or_else(|error| panic!("no folder: {error}"));
        let guard = options(dsn(away), elsewhere.path()).init();
        run(100, false);
        row("server away, 2,000 a second", run(CAPTURES, true));
        drop(guard);
    }
    let me = std::env::current_exe().unwrap_or_else(|error| panic!("no program: {error}"));
    let ended = std::process::Command::new(me)
        .env(ALONE, dsn(away))
        .env("SPOOL", folder.path())
        .status()
        .unwrap_or_else(|error| panic!("the other process was not started: {error}"));
    assert!(ended.success());
    let back = Server::start_at(away);
    back.forget_contents();
    let guard = options(dsn(away), folder.path()).init();
    let begun = Instant::now();
    eventually("all of them to arrive", || back.different() >= OUTAGE_CAPTURES + 100);
    println!(
        "The server back, and the program started again: {} different events arrived in {:.0} s, each at most {} time(s).",
        back.different(),
        begun.elapsed().as_secs_f64(),
        back.most_often(),
    );
    drop(guard);
}

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(600);

fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
