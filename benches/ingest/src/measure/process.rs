//! What a process and its children use, from `/proc`.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How often memory is looked at while something runs.
const SAMPLE_EVERY: Duration = Duration::from_millis(200);

/// Fields of `/proc/PID/stat` after the name: the parent, and the two clocks.
const PARENT: usize = 1;
const USER_TICKS: usize = 11;
const SYSTEM_TICKS: usize = 12;

/// Processor seconds that these processes and all below them have used.
pub fn cpu_seconds(roots: &[u32]) -> f64 {
    let all = stats();
    let mut ticks = 0;
    for (pid, stat) in &all {
        if roots.contains(pid) || below(*pid, roots, &all) {
            ticks += stat.ticks;
        }
    }
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

struct Stat {
    parent: u32,
    ticks: u64,
}

fn stats() -> HashMap<u32, Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let text = fs::read_to_string(entry.path().join("stat")).ok()?;
            let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
            let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
            let parent = u32::try_from(number(PARENT)?).ok()?;
            Some((pid, Stat { parent, ticks: number(USER_TICKS)? + number(SYSTEM_TICKS)? }))
        })
        .collect()
}

fn below(mut pid: u32, roots: &[u32], all: &HashMap<u32, Stat>) -> bool {
    // A process tree is not deeper than there are processes.
    for _ in 0..all.len() {
        let Some(stat) = all.get(&pid) else { return false };
        if roots.contains(&stat.parent) {
            return true;
        }
        pid = stat.parent;
    }
    false
}

/// Resident memory of a process now, in MiB.
pub fn memory_mib(pid: u32) -> f64 {
    status_kib(pid, "VmRSS:") as f64 / 1024.0
}

/// The most resident memory that a process has had, in MiB.
pub fn peak_memory_mib(pid: u32) -> f64 {
    status_kib(pid, "VmHWM:") as f64 / 1024.0
}

fn status_kib(pid: u32, field: &str) -> u64 {
    fs::read_to_string(format!("/proc/{pid}/status"))
        .ok()
        .and_then(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix(field))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        })
        .unwrap_or(0)
}

/// Resident memory once it has not changed by more than a hundredth for two seconds, in MiB; waits at
/// most `patience`.
pub fn settled_memory_mib(pid: u32, patience: Duration) -> f64 {
    let begun = Instant::now();
    let (mut reference, mut since) = (memory_mib(pid), Instant::now());
    while since.elapsed() < Duration::from_secs(2) && begun.elapsed() < patience {
        std::thread::sleep(SAMPLE_EVERY);
        let now = memory_mib(pid);
        if (now - reference).abs() > reference / 100.0 {
            (reference, since) = (now, Instant::now());
        }
    }
    memory_mib(pid)
}

/// Waits until a process has used less than a twentieth of a processor for three seconds, at most
/// `patience`.
pub fn settle(pid: u32, patience: Duration) {
    let begun = Instant::now();
    let mut quiet = 0;
    while quiet < 3 && begun.elapsed() < patience {
        let before = cpu_seconds(&[pid]);
        std::thread::sleep(Duration::from_secs(1));
        quiet = if cpu_seconds(&[pid]) - before < 0.05 { quiet + 1 } else { 0 };
    }
}

/// Runs something, and returns with it the most resident memory of a process meanwhile, in MiB.
pub fn with_peak<T: Send>(pid: u32, run: impl FnOnce() -> T + Send) -> (T, f64) {
    let done = AtomicBool::new(false);
    let peak_kib = AtomicU64::new(0);
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                peak_kib.fetch_max(status_kib(pid, "VmRSS:"), Relaxed);
                std::thread::sleep(SAMPLE_EVERY);
            }
        });
        let result = run();
        done.store(true, Relaxed);
        result
    });
    (result, peak_kib.load(Relaxed) as f64 / 1024.0)
}

/// Watches how much of the processors other programs use.
pub struct Others {
    ours: Vec<u32>,
    ours_before: f64,
    busy_before: f64,
    all_before: f64,
}

impl Others {
    /// Begins; `ours` are the processes that do not count, with all below them.
    pub fn watch(ours: &[u32]) -> Self {
        let (busy_before, all_before) = processor_seconds();
        Self { ours: ours.to_vec(), ours_before: cpu_seconds(ours), busy_before, all_before }
    }

    /// The share that others had since, from 0 to 1.
    pub fn share(&self) -> f64 {
        let (busy, all) = processor_seconds();
        let ours = cpu_seconds(&self.ours) - self.ours_before;
        let others = busy - self.busy_before - ours;
        (others / (all - self.all_before).max(f64::EPSILON)).clamp(0.0, 1.0)
    }
}

/// Busy and all seconds of the processors that this program may use.
fn processor_seconds() -> (f64, f64) {
    /// Fields after the name: user, nice, system, idle, waiting, interrupts twice, stolen.
    const FIELDS: usize = 8;
    const IDLE: [usize; 2] = [3, 4];
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let may = rustix::thread::sched_getaffinity(None).ok();
    let (mut busy, mut all) = (0, 0);
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default();
        let number = name.strip_prefix("cpu").and_then(|number| number.parse::<usize>().ok());
        if !number.is_some_and(|number| may.is_none_or(|may| may.is_set(number))) {
            continue;
        }
        for (field, ticks) in words.take(FIELDS).enumerate() {
            let ticks: u64 = ticks.parse().unwrap_or(0);
            all += ticks;
            busy += if IDLE.contains(&field) { 0 } else { ticks };
        }
    }
    let second = rustix::param::clock_ticks_per_second() as f64;
    (busy as f64 / second, all as f64 / second)
}
