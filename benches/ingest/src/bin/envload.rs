//! A load generator for servers that take Sentry envelopes, on this machine only. Prints one line of
//! JSON.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use andon_bench_ingest::event::{Noise, Shape};
use andon_bench_ingest::load::{self, Load};
use andon_bench_ingest::template::{Target, Templates};
use clap::{Parser, ValueEnum};
use serde_json::json;

#[derive(Parser)]
struct Options {
    /// The server, on this machine.
    #[arg(long, default_value = "http://127.0.0.1:5001")]
    base_url: String,
    /// The project key.
    #[arg(long)]
    key: String,
    /// The project's number.
    #[arg(long, default_value = "1")]
    project: String,
    /// The path; `{project}` stands for the project's number.
    #[arg(long, default_value = "/api/{project}/envelope/")]
    path: String,
    /// Connections at once.
    #[arg(long, default_value_t = 32)]
    concurrency: usize,
    /// For how many seconds at most.
    #[arg(long, default_value_t = 15.0)]
    duration: f64,
    /// How many requests at most; 0 for no end.
    #[arg(long, default_value_t = 0)]
    requests: u64,
    /// Open loop: requests a second, latency from when each was due; 0 for as fast as answers come.
    #[arg(long, default_value_t = 0.0)]
    rate: f64,
    /// How bodies are sent.
    #[arg(long, value_enum, default_value_t = Encoding::Gzip)]
    encoding: Encoding,
    /// True issues.
    #[arg(long, default_value_t = 50)]
    issues: u64,
    /// Different events of each issue.
    #[arg(long, default_value_t = 200)]
    variants: u64,
    /// Frames of an event; with 30 and 40 breadcrumbs it is 40 KB of JSON.
    #[arg(long, default_value_t = 30)]
    frames: u64,
    /// Breadcrumbs of an event.
    #[arg(long, default_value_t = 40)]
    crumbs: u64,
    /// A number in the message differs between events of one issue.
    #[arg(long)]
    noise: bool,
    /// A word differs as well.
    #[arg(long)]
    noise_words: bool,
    /// The same seed gives the same events.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes the id of every event that was answered 2xx to this file.
    #[arg(long)]
    ids: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Encoding {
    Gzip,
    Identity,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let address = options.base_url.trim_start_matches("http://").trim_end_matches('/');
    if !address.starts_with("127.0.0.1:") && !address.starts_with("localhost:") {
        anyhow::bail!("{address} is not on this machine; load goes nowhere else");
    }
    let noise = match (options.noise_words, options.noise) {
        (true, _) => Noise::Words,
        (_, true) => Noise::Numbers,
        _ => Noise::None,
    };
    let shape = Shape {
        issues: options.issues,
        variants: options.variants,
        frames: options.frames,
        breadcrumbs: options.crumbs,
        noise,
        seed: options.seed,
        happened: SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64(),
    };
    let templates = Templates::new(shape, options.encoding == Encoding::Gzip);
    let mut target = Target::envelopes(address, &options.key, &options.project);
    target.path = options.path;
    let load = Load {
        connections: options.concurrency,
        duration: Duration::from_secs_f64(options.duration),
        requests: options.requests,
        rate: options.rate,
    };
    let outcome = load::send(&templates, &target, &load);
    if let Some(file) = options.ids {
        let ids: Vec<&str> = outcome.acknowledged.iter().map(|a| a.id.as_str()).collect();
        std::fs::write(file, ids.join("\n"))?;
    }
    let (plain, sent) = templates.average_bytes();
    println!(
        "{}",
        json!({
            "seconds": outcome.seconds,
            "accepted": outcome.accepted(),
            "accepted_per_second": outcome.accepted_per_second(),
            "p50_ms": outcome.latency_ms(0.5),
            "p99_ms": outcome.latency_ms(0.99),
            "p999_ms": outcome.latency_ms(0.999),
            "max_ms": outcome.latency_ms(1.0),
            "statuses": outcome.statuses,
            "retry_after": outcome.retry_after,
            "without_answer": outcome.cut,
            "plain_bytes": plain,
            "sent_bytes": sent,
        })
    );
    Ok(())
}
