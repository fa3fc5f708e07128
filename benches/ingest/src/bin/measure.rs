//! Measures ingest and prints one table. `make bench` runs this.

use andon_bench_ingest::measure::options::{Bench, Configuration, Options, remove};
use andon_bench_ingest::measure::report::{Report, Row};
use andon_bench_ingest::measure::{endurance, grouping, million, say, throughput};
use anyhow::Result;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Processors that servers and generator share.
const PROCESSORS: usize = 2;

fn main() -> Result<()> {
    let options = Options::read();
    share_processors()?;
    let bench = Bench::new(options)?;
    let configurations = bench.options.configurations();
    let mut report = Report { about: about(&bench), rows: Vec::new() };
    report.rows.push(Row::new("bare server: gunzip and parse"));
    report.rows.push(Row::new("bare server: body only"));
    report.rows.extend(configurations.iter().map(|c| Row::new(&c.name)));
    let (ceilings, andons) = (2, configurations.len());

    // In turn, so that a disturbance hits all of them alike.
    for round in 1..=bench.options.rounds {
        let turn = |name: &str| say(format!("round {round} of {}: {name}", bench.options.rounds));
        for (row, what) in report.rows[..ceilings].iter_mut().zip(["parse", "body"]) {
            turn(&row.name);
            row.runs.push(throughput::ceiling(&bench, what)?);
        }
        for (row, configuration) in report.rows[ceilings..].iter_mut().zip(&configurations) {
            turn(&row.name);
            let last = round == bench.options.rounds;
            row.runs.push(throughput::andon(&bench, configuration, last)?);
        }
    }
    if !bench.options.table_only {
        // What follows takes long: whoever ends it early keeps this, and what is said on the way.
        report.write(&bench.options.out)?;
        for index in 0..andons {
            endure(&bench, &configurations[index], &mut report.rows[ceilings + index])?;
        }
    }
    remove(&bench.options.out.join("data"))?;
    report.about.push_str(&disturbance(&report));
    report.write(&bench.options.out)?;
    print!("{}", report.markdown());
    Ok(())
}

fn endure(bench: &Bench, configuration: &Configuration, row: &mut Row) -> Result<()> {
    let capacity = row.median(|run| run.accepted_per_second);
    say(format!("{}: half the load", row.name));
    row.half = Some(found(endurance::half(bench, configuration, capacity)?));
    say(format!("{}: grouping", row.name));
    row.grouping = Some(found(grouping::grouping(bench, configuration)?));
    say(format!("{}: {} min of twice the load", row.name, bench.options.minutes));
    row.twice = Some(found(endurance::twice(bench, configuration, capacity)?));
    if let Some(events) = bench.options.million {
        row.million = Some(found(million::million(bench, configuration, events)?));
    }
    Ok(())
}

fn found<T: std::fmt::Debug>(found: T) -> T {
    say(format!("{found:?}"));
    found
}

/// Keeps this program and all that it starts on the first processors that it may use.
fn share_processors() -> Result<()> {
    let may = sched_getaffinity(None)?;
    let mut chosen = CpuSet::new();
    (0..CpuSet::MAX_CPU).filter(|cpu| may.is_set(*cpu)).take(PROCESSORS).for_each(|cpu| {
        chosen.set(cpu);
    });
    if chosen.count() < PROCESSORS as u32 {
        say("this machine has one processor; the figures are not comparable");
    }
    Ok(sched_setaffinity(None, &chosen)?)
}

/// How much the figures may be trusted.
fn disturbance(report: &Report) -> String {
    let shares = report.rows.iter().flat_map(|row| &row.runs).map(|run| run.others_share);
    let most = shares.fold(0.0, f64::max);
    format!(" Other programs had at most {:.0} % of them during a measurement.", most * 100.0)
}

fn about(bench: &Bench) -> String {
    let (plain, sent) = bench.events.average_bytes();
    let options = &bench.options;
    format!(
        "Medians of {} measurements of {} s each, in turn; {} connections, {} different events of {:.1} KB ({:.1} KB gzipped), generator and server on the same {PROCESSORS} processors.",
        options.rounds,
        options.seconds,
        options.connections,
        bench.events.count(),
        plain as f64 / 1000.0,
        sent as f64 / 1000.0,
    )
}
