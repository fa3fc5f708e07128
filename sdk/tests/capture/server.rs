//! A server that takes envelopes as the protocol has them and nothing else, and can be told to misbehave.

use std::collections::HashMap;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;

/// How long a test waits for something that should happen soon.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should.
    Well,
    /// With this status, and for how many seconds it wants to be left alone.
    Answering(u16, Option<u64>),
    /// With this status, as the server itself does.
    Refusing(u16),
    /// With this status where this text is in it, as a filter before the server does.
    Filtering(&'static str, u16),
    /// Never.
    Silent,
}

struct Inside {
    mood: Mood,
    requests: u64,
    events: Vec<Value>,
    reports: Vec<Value>,
    times: HashMap<String, u32>,
    keeps: bool,
}

/// A server on a port of its own.
pub(crate) struct Server {
    inside: Arc<Mutex<Inside>>,
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap())
    }

    /// At a port that was found to be free, or was a server's before.
    pub(crate) fn start_at(address: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let inside = Arc::new(Mutex::new(Inside {
            mood: Mood::Well,
            requests: 0,
            events: Vec::new(),
            reports: Vec::new(),
            times: HashMap::new(),
            keeps: true,
        }));
        let router = Router::new()
            .route("/api/{project}/envelope/", post(take))
            .with_state(Arc::clone(&inside));
        let listener = runtime.block_on(tokio::net::TcpListener::bind(address)).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inside, address, _runtime: runtime }
    }

    pub(crate) fn dsn(&self) -> String {
        dsn(self.address)
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.inside.lock().unwrap().mood = mood;
    }

    pub(crate) fn requests(&self) -> u64 {
        self.inside.lock().unwrap().requests
    }

    pub(crate) fn events(&self) -> Vec<Value> {
        self.inside.lock().unwrap().events.clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.inside.lock().unwrap().events.len()
    }

    /// From now on only the events' numbers are kept.
    pub(crate) fn forget_contents(&self) {
        self.inside.lock().unwrap().keeps = false;
    }

    /// Different events that came.
    pub(crate) fn different(&self) -> usize {
        self.inside.lock().unwrap().times.len()
    }

    /// What senders said they left out, by reason.
    pub(crate) fn left_out(&self) -> HashMap<String, u64> {
        let mut sums = HashMap::new();
        for report in &self.inside.lock().unwrap().reports {
            for entry in report["discarded_events"].as_array().unwrap() {
                assert_eq!(entry["category"], "error");
                *sums.entry(entry["reason"].as_str().unwrap().to_owned()).or_default() +=
                    entry["quantity"].as_u64().unwrap();
            }
        }
        sums
    }

    /// How often at most an event came.
    pub(crate) fn most_often(&self) -> u32 {
        self.inside.lock().unwrap().times.values().copied().max().unwrap_or(0)
    }

    /// The only event, once it is there.
    pub(crate) fn one(&self) -> Value {
        self.wait_for(1);
        let events = self.events();
        assert_eq!(events.len(), 1, "{events:#?}");
        events[0].clone()
    }

    /// Waits until so many different events have come.
    pub(crate) fn wait_for(&self, count: usize) {
        eventually(&format!("{count} events"), || self.count() >= count);
    }
}

pub(crate) fn dsn(address: SocketAddr) -> String {
    format!("http://{KEY}@{address}/7")
}

/// An address at which nobody listens.
pub(crate) fn nobody() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Bytes in a folder and below.
pub(crate) fn bytes_in(folder: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let of = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(is) if is.is_dir() => bytes_in(&entry.path()),
        Ok(is) => is.len(),
        Err(_) => 0,
    };
    entries.flatten().map(of).sum()
}

pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

async fn take(
    State(inside): State<Arc<Mutex<Inside>>>,
    Path(project): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mood = {
        let mut inside = inside.lock().unwrap();
        inside.requests += 1;
        inside.mood
    };
    match mood {
        Mood::Well | Mood::Filtering(..) => {}
        Mood::Refusing(status) => {
            let status = StatusCode::from_u16(status).unwrap();
            return (status, [("content-type", "application/problem+json")], "{}").into_response();
        }
        Mood::Answering(status, wait) => {
            let mut answer = StatusCode::from_u16(status).unwrap().into_response();
            if let Some(seconds) = wait {
                let seconds = seconds.to_string().parse().unwrap();
                answer.headers_mut().insert("retry-after", seconds);
            }
            return answer;
        }
        Mood::Silent => std::future::pending().await,
    }
    match read(&project, &headers, &body) {
        Ok((event, _)) if matches!(mood, Mood::Filtering(text, _) if event.to_string().contains(text)) =>
        {
            let Mood::Filtering(_, status) = mood else { unreachable!() };
            StatusCode::from_u16(status).unwrap().into_response()
        }
        Ok((event, report)) => {
            let mut inside = inside.lock().unwrap();
            let id = event["event_id"].as_str().unwrap().to_owned();
            let times = inside.times.entry(id).or_default();
            *times += 1;
            if *times == 1 && inside.keeps {
                inside.events.push(event);
            }
            inside.reports.extend(report);
            "{}".into_response()
        }
        Err(why) => (StatusCode::BAD_REQUEST, why).into_response(),
    }
}

/// The event of an envelope, and its client report. Strict: what a lenient server would bear is refused.
fn read(
    project: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Value, Option<Value>), &'static str> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let auth = header("x-sentry-auth");
    if project != "7"
        || !auth.starts_with("Sentry sentry_version=7")
        || !auth.contains(&format!("sentry_key={KEY}"))
        || header("content-type") != "application/x-sentry-envelope"
    {
        return Err("headers");
    }
    let mut plain = Vec::new();
    match header("content-encoding") {
        "gzip" => {
            flate2::read::GzDecoder::new(body).read_to_end(&mut plain).map_err(|_| "gzip")?;
        }
        "" => plain.extend_from_slice(body),
        _ => return Err("encoding"),
    }
    let (head, mut rest) = line(&plain).ok_or("no head")?;
    let head: Value = serde_json::from_slice(head).map_err(|_| "head")?;
    if head["sdk"]["name"] != "andon-sdk" {
        return Err("sdk");
    }
    let (mut event, mut report) = (None, None);
    while let Some((item, after)) = line(rest) {
        let item: Value = serde_json::from_slice(item).map_err(|_| "item head")?;
        let payload;
        (payload, rest) = match item["length"].as_u64() {
            Some(length) => {
                let (payload, after) = after.split_at_checked(length as usize).ok_or("length")?;
                (payload, after.strip_prefix(b"\n").ok_or("no line end behind an item")?)
            }
            None => line(after).ok_or("no payload")?,
        };
        let payload: Value = serde_json::from_slice(payload).map_err(|_| "payload")?;
        match item["type"].as_str() {
            Some("event") if event.is_none() => event = Some(payload),
            Some("client_report") => report = Some(payload),
            _ => return Err("item type"),
        }
    }
    let event = event.ok_or("no event")?;
    if head["event_id"] != event["event_id"] {
        return Err("another event_id in the head");
    }
    Ok((event, report))
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}
