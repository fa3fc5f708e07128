//! Sends what waits, one after the other, and no faster than the server wants.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use ureq::Agent;

use super::limits;
use crate::agent::agent;
use crate::dsn::Dsn;
use crate::pipeline::Pipeline;
use crate::problems;
use crate::protocol::now;
use crate::spool::{Waiting, When};

/// The first pause after sending went wrong; it doubles from one to the next.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The pause after the server did not know the key or the project: somebody has to mend that.
const UNKNOWN_PAUSE: Duration = Duration::from_secs(60);

/// How often is looked for what processes that are gone left behind.
const ADOPT_EVERY: Duration = Duration::from_secs(60);

/// Bytes from which compressing is worth it.
const WORTH_COMPRESSING: usize = 1024;

/// Bytes of an answer that are read, so that the connection can be used again.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

const SERVER: &str = "the server cannot be reached; errors wait and are sent later";
const UNKNOWN: &str = "the server does not take what is sent with this DSN; errors wait";
const REFUSED: &str = "the server refused an error, which is not sent again";

/// How sending ended.
enum Sent {
    /// It is there.
    Taken { pause: Option<Duration> },
    /// It will never be taken as it is.
    Refused { status: u16 },
    /// Not now.
    Later { pause: Option<Duration>, what: &'static str, why: String },
}

/// Sends until the spool is stopped.
pub(crate) fn run(pipeline: &Pipeline, dsn: &Dsn) {
    let options = &pipeline.options;
    let agent = agent(options.connect_timeout, options.send_timeout);
    let sender = Sender { pipeline, dsn, agent };
    let mut not_before = Instant::now();
    let mut adopted_at = None::<Instant>;
    let mut failures = 0_u32;
    while !pipeline.spool.is_stopped() {
        if adopted_at.is_none_or(|at| at.elapsed() >= ADOPT_EVERY) {
            pipeline.spool.adopt();
            adopted_at = Some(Instant::now());
        }
        let Some(waiting) = pipeline.spool.next(When::From(not_before), ADOPT_EVERY) else {
            continue;
        };
        let pause = match sender.send(&waiting) {
            Sent::Taken { pause } => {
                pipeline.spool.done(&waiting);
                problems::over(SERVER);
                problems::over(UNKNOWN);
                failures = 0;
                pause
            }
            Sent::Refused { status } => {
                pipeline.spool.count("send_error", 1);
                pipeline.spool.done(&waiting);
                problems::report(REFUSED, &format!("status {status}"));
                failures = 0;
                None
            }
            Sent::Later { pause, what, why } => {
                problems::report(what, &why);
                failures = failures.saturating_add(1);
                pipeline.spool.failed();
                Some(pause.unwrap_or_else(|| backoff(failures)))
            }
        };
        not_before = Instant::now() + pause.unwrap_or_default();
    }
}

/// Longer from one failure to the next, and not the same for all processes.
fn backoff(failures: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(16));
    doubled.min(LONGEST_PAUSE).mul_f64(0.5 + fastrand::f64() / 2.0)
}

struct Sender<'a> {
    pipeline: &'a Pipeline,
    dsn: &'a Dsn,
    agent: Agent,
}

impl Sender<'_> {
    fn send(&self, waiting: &Waiting) -> Sent {
        let spool = &self.pipeline.spool;
        let dropped = spool.take_dropped();
        let mut body = waiting.bytes.clone();
        if !dropped.is_empty() {
            let list: Vec<_> = dropped
                .iter()
                .map(|(reason, n)| json!({"reason": reason, "category": "error", "quantity": n}))
                .collect();
            let report = json!({"timestamp": now(), "discarded_events": list});
            body.extend_from_slice(
                format!("{{\"type\":\"client_report\"}}\n{report}\n").as_bytes(),
            );
        }
        let sent = self.post(&body);
        if !matches!(sent, Sent::Taken { .. }) {
            spool.give_back_dropped(dropped);
        }
        sent
    }

    fn post(&self, body: &[u8]) -> Sent {
        let client = format!("{}/{}", crate::SDK_NAME, crate::SDK_VERSION);
        let auth = format!(
            "Sentry sentry_version=7, sentry_client={client}, sentry_key={}",
            self.dsn.key()
        );
        let request = self
            .agent
            .post(self.dsn.envelope_url())
            .header("user-agent", &client)
            .header("x-sentry-auth", auth)
            .header("content-type", "application/x-sentry-envelope");
        let compressed = if body.len() < WORTH_COMPRESSING { None } else { gzip(body) };
        let answer = match &compressed {
            Some(compressed) => request.header("content-encoding", "gzip").send(&compressed[..]),
            None => request.send(body),
        };
        let mut answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                return Sent::Later { pause: None, what: SERVER, why: error.to_string() };
            }
        };
        let status = answer.status().as_u16();
        let header = |name: &str| {
            answer.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned)
        };
        let (limits, retry_after) = (header("x-sentry-rate-limits"), header("retry-after"));
        // Only so that the connection can be used again.
        let _ = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        match status {
            200..=299 => Sent::Taken { pause: limits.as_deref().and_then(limits::of_limits) },
            429 => {
                let pause = limits::of_refusal(limits.as_deref(), retry_after.as_deref());
                Sent::Later { pause: Some(pause), what: SERVER, why: "it is full (429)".into() }
            }
            401 | 403 | 404 => Sent::Later {
                pause: Some(UNKNOWN_PAUSE),
                what: UNKNOWN,
                why: format!("status {status}; look at the DSN's key and project"),
            },
            // Somebody between here and the server answers, or the server is not well.
            300..=399 | 408 | 500.. => {
                Sent::Later { pause: None, what: SERVER, why: format!("status {status}") }
            }
            _ => Sent::Refused { status },
        }
    }
}

/// `None` if it cannot be compressed, which is no reason not to send it.
fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_differ() {
        for failures in 1..100 {
            let whole = Duration::from_secs(1 << (failures - 1).min(6)).min(LONGEST_PAUSE);
            let pause = backoff(failures);
            assert!((whole / 2..=whole).contains(&pause), "{failures}: {pause:?}");
        }
    }
}
