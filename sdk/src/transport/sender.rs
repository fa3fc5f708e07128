//! Sends what waits, one after the other, and no faster than the server wants.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use ureq::Agent;

use super::in_the_way::{InTheWay, Verdict};
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

/// The pause after something did not know the key or the project, or what is sent: somebody has to mend that.
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
    /// Not now; the server said for how long.
    Full { pause: Duration, status: u16 },
    /// Not now.
    Later { pause: Option<Duration>, what: &'static str, why: String },
    /// Nobody could be asked.
    Unreachable { why: String },
}

/// Sends until the spool is stopped.
pub(crate) fn run(pipeline: &Pipeline, dsn: &Dsn) {
    let options = &pipeline.options;
    let agent = agent(options.connect_timeout, options.send_timeout);
    let sender = Sender { pipeline, dsn, agent };
    let mut when = When::From(Instant::now());
    let mut adopted_at = None::<Instant>;
    let mut failures = 0_u32;
    let mut in_the_way = InTheWay::default();
    let after = |pause: Option<Duration>| Instant::now() + pause.unwrap_or_default();
    while !pipeline.spool.is_stopped() {
        if adopted_at.is_none_or(|at| at.elapsed() >= ADOPT_EVERY) {
            pipeline.spool.adopt();
            adopted_at = Some(Instant::now());
        }
        let Some(waiting) = pipeline.spool.next(when, ADOPT_EVERY) else { continue };
        let sent = sender.send(&waiting);
        failures = if sent.is_failure() { failures.saturating_add(1) } else { 0 };
        when = match sent {
            Sent::Taken { pause } => {
                pipeline.spool.done(&waiting);
                in_the_way.taken(&waiting.bytes);
                problems::over(SERVER);
                problems::over(UNKNOWN);
                pause.map_or_else(|| When::From(after(None)), |is| When::NotBefore(after(Some(is))))
            }
            Sent::Refused { status } => {
                sender.give_up(&waiting, &format!("status {status}"));
                When::From(after(None))
            }
            Sent::Full { pause, status } => {
                problems::report(SERVER, &format!("it is full ({status})"));
                pipeline.spool.failed();
                When::NotBefore(after(Some(pause)))
            }
            Sent::Later { pause, what, why } => {
                match in_the_way.failed(&waiting.bytes) {
                    Verdict::Again => {}
                    Verdict::OthersFirst => pipeline.spool.put_back(&waiting),
                    Verdict::GiveUp => sender.give_up(&waiting, &why),
                }
                problems::report(what, &why);
                pipeline.spool.failed();
                // What fails by itself among others need not hold those up for as long as a wrong DSN does.
                let pause = pause.filter(|_| failures > 1);
                When::From(after(pause.or_else(|| Some(backoff(failures)))))
            }
            Sent::Unreachable { why } => {
                problems::report(SERVER, &why);
                pipeline.spool.failed();
                When::From(after(Some(backoff(failures))))
            }
        };
    }
}

impl Sent {
    fn is_failure(&self) -> bool {
        !matches!(self, Self::Taken { .. } | Self::Refused { .. })
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
    /// It is not sent again; the server is told with the next one.
    fn give_up(&self, waiting: &Waiting, why: &str) {
        self.pipeline.spool.count("send_error", 1);
        self.pipeline.spool.done(waiting);
        problems::report(REFUSED, why);
    }

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
            Err(error) if is_of_this_body(&error) => {
                return Sent::Later { pause: None, what: SERVER, why: error.to_string() };
            }
            Err(error) => return Sent::Unreachable { why: error.to_string() },
        };
        let status = answer.status().as_u16();
        let header = |name: &str| {
            answer.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned)
        };
        let (limits, retry_after) = (header("x-sentry-rate-limits"), header("retry-after"));
        let is_ours = header("x-sentry-error").is_some()
            || header("content-type").is_some_and(|kind| kind.contains("json"));
        // Only so that the connection can be used again.
        let _ = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let says_how_long = limits.is_some() || retry_after.is_some();
        match status {
            200..=299 => Sent::Taken { pause: limits.as_deref().and_then(limits::of_limits) },
            429 | 503 if status == 429 || says_how_long => {
                let pause = limits::of_refusal(limits.as_deref(), retry_after.as_deref());
                Sent::Full { pause, status }
            }
            // A server of errors says so. What else answers like this is no such server.
            400 | 415 | 422 if is_ours => Sent::Refused { status },
            // Too large is too large, whoever says so.
            413 => Sent::Refused { status },
            // Somebody between here and the server answers, or the server is not well.
            300..=399 | 408 | 500.. => {
                Sent::Later { pause: None, what: SERVER, why: format!("status {status}") }
            }
            _ => Sent::Later {
                pause: Some(UNKNOWN_PAUSE),
                what: UNKNOWN,
                why: self.look_at_the_dsn(status),
            },
        }
    }

    fn look_at_the_dsn(&self, status: u16) -> String {
        let place = self.pipeline.spool.folder().map_or_else(
            || "memory".to_owned(),
            |folder| format!("{}, for this key and project only", folder.display()),
        );
        format!("status {status}; look at the DSN's address, key and project; they wait in {place}")
    }
}

/// Whether it may be this body that does not get through, and not any.
fn is_of_this_body(error: &ureq::Error) -> bool {
    use ureq::Timeout;
    matches!(error, ureq::Error::Timeout(of) if !matches!(of, Timeout::Resolve | Timeout::Connect))
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
