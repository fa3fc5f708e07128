//! What reading and scrubbing one event costs, beside what plain JSON parsing of the same bytes costs
//! in the same run: the ratio is what counts. `cargo bench --bench parse [-- FILE]` measures the event
//! in FILE, or one of about 40 KB that is made here: 30 frames with source and variables, 40
//! breadcrumbs, 60 modules.

use std::hint::black_box;
use std::time::{Duration, Instant};

use andon::domain::fingerprint::fingerprint;
use andon::domain::scrub::{ScrubRules, Scrubber};
use andon::ingest::{IngestError, event};
use jiff::Timestamp;
use serde_json::{Value, json};

/// When the event arrives, in seconds since 1970.
const NOW: i64 = 1_795_309_700;

/// How long each of the things measured runs in one round.
const ROUND: Duration = Duration::from_millis(200);

/// Rounds over all of them.
const ROUNDS: usize = 7;

/// Calls that are timed at once; the fastest such time counts, because others' work on the machine only
/// ever adds.
const CALLS: u32 = 8;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo adds `--bench`.
    let file = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let payload = match file {
        Some(path) => std::fs::read(path)?,
        None => sample().to_string().into_bytes(),
    };
    let scrubber = Scrubber::new(&ScrubRules::default())?;
    let now = Timestamp::from_second(NOW)?;
    let mut measured = [
        ("serde_json::Value", f64::MAX),
        ("read and scrubbed", f64::MAX),
        ("and grouped", f64::MAX),
    ];
    for _ in 0..ROUNDS {
        let took = [
            per_call(|| {
                black_box(serde_json::from_slice::<Value>(black_box(&payload)))?;
                Ok::<_, Box<dyn std::error::Error>>(())
            })?,
            per_call(|| {
                black_box(event::parse(black_box(&payload), &scrubber, None, now, Vec::new()))?;
                Ok::<_, IngestError>(())
            })?,
            per_call(|| {
                let parsed = event::parse(black_box(&payload), &scrubber, None, now, Vec::new())?;
                black_box(fingerprint(&parsed.event));
                Ok::<_, IngestError>(())
            })?,
        ];
        for ((_, best), took) in measured.iter_mut().zip(took) {
            *best = best.min(took);
        }
    }
    println!("{} bytes", payload.len());
    let plain = measured[0].1;
    for (what, micros) in measured {
        println!("{what:<20} {micros:>8.1} µs {:>6.2} × Value", micros / plain);
    }
    Ok(())
}

/// Microseconds of one call.
fn per_call<E>(mut call: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let begun = Instant::now();
    let mut best = Duration::MAX;
    while begun.elapsed() < ROUND {
        let part = Instant::now();
        for _ in 0..CALLS {
            call()?;
        }
        best = best.min(part.elapsed());
    }
    Ok(best.as_secs_f64() * 1e6 / f64::from(CALLS))
}

/// An event like those of a web application.
fn sample() -> Value {
    let frame = |i: usize| {
        let line = |n: usize| {
            format!("        for invoice in upload.render_upload(limit=3{i}{n}, mode=\"a\"):")
        };
        json!({
            "filename": format!("lib/framework/worker/tenant_{i}.py"),
            "abs_path": format!("/srv/shop/lib/framework/worker/tenant_{i}.py"),
            "module": "lib.framework.worker.tenant", "function": format!("render_tenant_{i}"),
            "lineno": 800 + i, "in_app": i.is_multiple_of(2),
            "pre_context": (0..5).map(line).collect::<Vec<_>>(),
            "context_line": line(5),
            "post_context": (6..11).map(line).collect::<Vec<_>>(),
            "vars": {"self": "<lib.framework.worker.tenant object at 0x7fc36c5f3a9f>",
                "refund": 3980 + i, "token": if i.is_multiple_of(10) { json!("0c6ddaed661a61df") } else { json!(null) },
                "kwargs": {"cart": "'ca2f87cb'"}},
        })
    };
    let crumb = |i: usize| {
        json!({
            "timestamp": 1_795_309_691.25 + i as f64, "type": "http", "category": "app",
            "level": "info", "message": format!("resolve ledger 21{i} in 356 ms"),
            "data": {"id": "40d6824e2ef3", "rows": i},
        })
    };
    let modules: serde_json::Map<String, Value> =
        (0..60).map(|i| (format!("order-load-{i}"), json!(format!("1.{i}.2")))).collect();
    json!({
        "event_id": "25ff83da0ff63b402e631ae8b96b7141", "timestamp": NOW,
        "platform": "python", "level": "error", "logger": "app.upload", "server_name": "web-05",
        "release": "shop@4.1.0", "environment": "staging", "transaction": "/api/v2/upload",
        "user": {"id": "88761", "email": "u20048@example.com", "ip_address": "10.195.108.240"},
        "tags": {"region": "eu-2", "plan": "free", "build": "9afcd44d"},
        "request": {"method": "POST", "url": "https://shop.example.com/api/v2/upload/commit",
            "query_string": "page=82&q=index",
            "headers": {"Host": "shop.example.com", "Accept": "application/json",
                "X-Request-Id": "a534a6a6b7fd0b63d0bad0da572baaf1"},
            "data": {"profile": 29529, "note": "10e2c46865e9874614d7973c5c2a449c7ef1fd0e"}},
        "contexts": {"runtime": {"name": "CPython", "version": "3.12.5"},
            "trace": {"trace_id": "0c43407dc177b6f783f91ca7864a7135", "span_id": "b6b9aeef0d2df7ab"}},
        "modules": modules,
        "breadcrumbs": {"values": (0..40).map(crumb).collect::<Vec<_>>()},
        "exception": {"values": [{"type": "PaymentError", "value": "charge 77 was refused",
            "stacktrace": {"frames": (0..30).map(frame).collect::<Vec<_>>()}}]},
    })
}
