//! What is printed, and written: one table, the findings below it, and the same as JSON.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::endurance::{Half, Twice};
use super::grouping::Grouping;
use super::million::Million;
use super::readback::ReadBack;
use super::throughput::{Kept, Run};

/// All that was measured.
#[derive(Default)]
pub struct Report {
    /// What the figures were measured on and with.
    pub about: String,
    /// The rows, in order; the first is the ceiling that the ratios are to.
    pub rows: Vec<Row>,
}

/// One server.
pub struct Row {
    /// Its name.
    pub name: String,
    /// Every measurement, in order.
    pub runs: Vec<Run>,
    /// At half the load.
    pub half: Option<Half>,
    /// Under twice the load.
    pub twice: Option<Twice>,
    /// Grouping.
    pub grouping: Option<Grouping>,
    /// A million events.
    pub million: Option<Million>,
}

impl Row {
    /// One without measurements yet.
    pub fn new(name: &str) -> Self {
        let name = name.to_owned();
        Self { name, runs: Vec::new(), half: None, twice: None, grouping: None, million: None }
    }

    /// The median of something over all measurements.
    pub fn median(&self, of: impl Fn(&Run) -> f64) -> f64 {
        let mut values: Vec<f64> = self.runs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        match values.len() {
            0 => 0.0,
            n if n % 2 == 1 => values[n / 2],
            n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
        }
    }

    fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.runs.iter().filter_map(|run| run.kept.as_ref())
    }

    fn median_kept(&self, of: impl Fn(&Kept) -> f64) -> f64 {
        self.median(|run| run.kept.as_ref().map_or(0.0, &of))
    }

    /// Whether all that was accepted is counted and listed, in every measurement; `None` for a server
    /// that keeps nothing.
    fn stored_all(&self) -> Option<bool> {
        self.kept()
            .map(|k| k.counted == k.accepted && k.listed.is_none_or(|listed| listed == k.accepted))
            .reduce(|all, one| all && one)
    }

    fn read_back(&self) -> ReadBack {
        self.kept().map(|k| k.read_back).fold(ReadBack::default(), |sum, one| ReadBack {
            events: sum.events + one.events,
            marks: sum.marks + one.marks,
        })
    }
}

impl Report {
    /// The table and the findings, as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            text,
            "| | accepted/s | of the parse ceiling | p50 / p99 / p99.9 ms | stored | CPU ms/event | memory before / peak / after MiB | bytes on disk/event (after the warm-up) |"
        );
        let _ = writeln!(text, "|---|---|---|---|---|---|---|---|");
        for row in &self.rows {
            let stored = match row.stored_all() {
                None => "–".to_owned(),
                Some(all) => {
                    let sum = |of: fn(&Kept) -> u64| row.kept().map(of).sum::<u64>();
                    let verdict = if all { "all" } else { "NOT ALL" };
                    let (counted, accepted) = (sum(|k| k.counted), sum(|k| k.accepted));
                    let listed = match row.kept().all(|k| k.listed.is_some()) {
                        true => format!("{} listed", sum(|k| k.listed.unwrap_or(0))),
                        false => "not all lists read".to_owned(),
                    };
                    format!("{verdict}: {counted} of {accepted}, {listed}")
                }
            };
            let (memory, disk) = match row.kept().next() {
                Some(_) => (
                    format!(
                        "{:.0} / {:.0} / {:.0}",
                        row.median_kept(|k| k.memory_before_mib),
                        row.median(|r| r.memory_peak_mib),
                        row.median_kept(|k| k.memory_after_mib)
                    ),
                    format!(
                        "{:.0} ({:.0})",
                        row.median_kept(|k| k.disk_bytes_per_event),
                        row.median_kept(|k| k.disk_bytes_per_event_trained)
                    ),
                ),
                None => (format!("{:.0}", row.median(|r| r.memory_peak_mib)), "–".to_owned()),
            };
            let _ = writeln!(
                text,
                "| {} | {:.0} | {:.2} | {:.1} / {:.1} / {:.1} | {stored} | {:.2} | {memory} | {disk} |",
                row.name,
                row.median(|r| r.accepted_per_second),
                self.ratio(row),
                row.median(|r| r.p50_ms),
                row.median(|r| r.p99_ms),
                row.median(|r| r.p999_ms),
                row.median(|r| r.cpu_ms_per_event),
            );
        }
        let _ = writeln!(text, "\n{}\n", self.about);
        for row in &self.rows {
            for finding in findings(row) {
                let _ = writeln!(text, "- {}: {finding}", row.name);
            }
        }
        text
    }

    fn ratio(&self, row: &Row) -> f64 {
        let ceiling = self.rows.first().map_or(0.0, |row| row.median(|r| r.accepted_per_second));
        row.median(|r| r.accepted_per_second) / ceiling
    }

    fn json(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(|row| self.row_json(row)).collect();
        json!({ "about": self.about, "rows": rows })
    }

    fn row_json(&self, row: &Row) -> Value {
        let runs: Vec<Value> = row.runs.iter().map(run_json).collect();
        json!({
            "name": row.name,
            "accepted_per_second": row.median(|r| r.accepted_per_second),
            "of_the_parse_ceiling": self.ratio(row),
            "stored_all": row.stored_all(),
            "read_back": row.read_back().events,
            "runs": runs,
            "half": row.half.as_ref().map(|half| json!({
                "rate": half.rate, "p50_ms": half.p50_ms, "p99_ms": half.p99_ms,
                "failed": half.failed,
            })),
            "twice": row.twice.as_ref().map(|twice| json!({
                "minutes": twice.minutes, "rate": twice.rate, "statuses": twice.statuses,
                "retry_after": twice.retry_after, "without_answer": twice.cut,
                "accepted_per_second": twice.accepted_per_second,
                "stored_all": twice.stored_all, "memory_peak_mib": twice.memory_peak_mib,
                "memory_after_mib": twice.memory_after_mib,
            })),
            "grouping": row.grouping.map(|g| json!({ "numbers": g.numbers, "words": g.words })),
            "million": row.million.as_ref().map(|m| json!({
                "events": m.events, "at_10k": m.at_few, "at_the_end": m.at_many, "p99_ms": m.pages,
                "memory_mib": m.memory_mib, "disk_bytes_per_event": m.disk_bytes_per_event,
            })),
        })
    }

    /// Writes both forms into a folder.
    pub fn write(&self, folder: &Path) -> Result<()> {
        std::fs::write(folder.join("ingest.md"), self.markdown())?;
        std::fs::write(folder.join("ingest.json"), format!("{:#}\n", self.json()))?;
        Ok(())
    }
}

fn run_json(run: &Run) -> Value {
    json!({
        "accepted_per_second": run.accepted_per_second,
        "p50_ms": run.p50_ms, "p99_ms": run.p99_ms, "p999_ms": run.p999_ms,
        "cpu_ms_per_event": run.cpu_ms_per_event,
        "memory_peak_mib": run.memory_peak_mib,
        "others_share": run.others_share,
        "kept": run.kept.as_ref().map(|k| json!({
            "accepted": k.accepted, "counted": k.counted, "listed": k.listed,
            "memory_before_mib": k.memory_before_mib, "memory_after_mib": k.memory_after_mib,
            "disk_bytes_per_event": k.disk_bytes_per_event,
            "disk_bytes_per_event_after_warm_up": k.disk_bytes_per_event_trained,
            "read_back": k.read_back.events, "scrub_marks": k.read_back.marks,
        })),
    })
}

fn findings(row: &Row) -> Vec<String> {
    let mut found = Vec::new();
    let back = row.read_back();
    if back.events > 0 {
        found.push(format!(
            "{} random acknowledged events read back whole, {} places in them scrubbed and marked",
            back.events, back.marks
        ));
    }
    if let Some(half) = &row.half {
        found.push(format!(
            "at half the load ({:.0}/s): p50 {:.1} ms, p99 {:.1} ms, {} not accepted",
            half.rate, half.p50_ms, half.p99_ms, half.failed
        ));
    }
    if let Some(twice) = &row.twice {
        found.push(format!(
            "{} min of twice the load ({:.0}/s due): {:.0}/s accepted, {}, answers {:?}, {} without an answer, {}; memory at most {:.0} MiB, {:.0} MiB afterwards",
            twice.minutes,
            twice.rate,
            twice.accepted_per_second,
            if twice.only_2xx_and_429() { "only 2xx and 429" } else { "NOT ONLY 2xx and 429" },
            twice.statuses,
            twice.cut,
            if twice.stored_all { "all accepted stored" } else { "NOT ALL ACCEPTED STORED" },
            twice.memory_peak_mib,
            twice.memory_after_mib,
        ));
    }
    if let Some(grouping) = &row.grouping {
        found.push(format!(
            "grouping of 50 true issues: {} where numbers differ, {} where words differ as well",
            grouping.numbers, grouping.words
        ));
    }
    if let Some(million) = &row.million {
        let pages: Vec<String> =
            million.pages.iter().map(|(path, ms)| format!("`{path}` {ms:.1} ms")).collect();
        found.push(format!(
            "at {} events: {:.0}/s accepted ({:.0}/s at 10,000); p99 of {}; {:.0} MiB; {:.0} bytes on disk an event",
            million.events,
            million.at_many,
            million.at_few,
            pages.join(", "),
            million.memory_mib,
            million.disk_bytes_per_event
        ));
    }
    found
}
