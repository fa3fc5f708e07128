//! Senders that go on whatever happens to the server, as SDKs do: a request whose answer never came is
//! sent again with the same id. They keep the id of every event that was answered 2xx.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::support::eventually;
use crate::support::server::{ProjectFacts, Server};

/// How long a sender waits for an answer before it sends again: short, so that a stopped server gets
/// many events twice.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(1500);

/// How long a sender rests after a refusal or a cut connection, so that it does not spin.
const REST: Duration = Duration::from_millis(5);

/// True messages, each of which is an issue.
const ISSUES: usize = 7;

/// Senders at work.
pub(super) struct Load {
    shared: Arc<Shared>,
    senders: Vec<tokio::task::JoinHandle<()>>,
}

struct Shared {
    /// Moves when the server is started again.
    url: RwLock<String>,
    project: ProjectFacts,
    noise_bytes: usize,
    stop: AtomicBool,
    acknowledged: Mutex<Vec<String>>,
    /// Answers 429 and 503.
    refused: AtomicUsize,
    /// Requests without an answer.
    cut: AtomicUsize,
    /// Answers that no sender should ever get, with how often.
    wrong: Mutex<BTreeMap<u16, usize>>,
}

/// What the senders saw.
pub(super) struct Sent {
    /// Ids that were answered 2xx.
    pub(super) acknowledged: Vec<String>,
    /// Requests without an answer; each was sent again.
    pub(super) cut: usize,
    /// Requests answered 429 or 503.
    pub(super) refused: usize,
}

impl Load {
    /// Starts `senders`, each sending one event after the other with an attachment of `noise_bytes`.
    pub(super) fn start(
        server: &Server,
        project: &ProjectFacts,
        senders: usize,
        noise_bytes: usize,
    ) -> Self {
        let shared = Arc::new(Shared {
            url: RwLock::new(server.url.clone()),
            project: project.clone(),
            noise_bytes,
            stop: AtomicBool::new(false),
            acknowledged: Mutex::default(),
            refused: AtomicUsize::new(0),
            cut: AtomicUsize::new(0),
            wrong: Mutex::default(),
        });
        let senders = (0..senders).map(|_| tokio::spawn(send(Arc::clone(&shared)))).collect();
        Self { shared, senders }
    }

    /// Sends to where the server is now.
    pub(super) fn follow(&self, server: &Server) {
        self.shared.url.write().unwrap().clone_from(&server.url);
    }

    /// How many senders there are.
    pub(super) fn senders(&self) -> usize {
        self.senders.len()
    }

    /// The ids that were answered 2xx so far.
    pub(super) fn acknowledged(&self) -> Vec<String> {
        self.shared.acknowledged.lock().unwrap().clone()
    }

    /// Waits until so many further events were answered 2xx.
    pub(super) async fn until_acknowledged(&self, server: &mut Server, more: usize) {
        let count = |shared: &Shared| shared.acknowledged.lock().unwrap().len();
        self.until(server, "events to be acknowledged", more, count).await;
    }

    /// Waits until so many further events were answered 429 or 503.
    pub(super) async fn until_refused(&self, server: &mut Server, more: usize) {
        self.until(server, "events to be refused", more, |s| s.refused.load(Relaxed)).await;
    }

    /// Waits until so many further requests had no answer.
    pub(super) async fn until_cut(&self, server: &mut Server, more: usize) {
        self.until(server, "requests to get no answer", more, |s| s.cut.load(Relaxed)).await;
    }

    async fn until(
        &self,
        server: &mut Server,
        what: &str,
        more: usize,
        count: impl Fn(&Shared) -> usize,
    ) {
        let goal = count(&self.shared) + more;
        eventually(what, async || {
            assert_eq!(server.ended(), None, "the server ended by itself");
            (count(&self.shared) >= goal).then_some(())
        })
        .await;
    }

    /// Ends the senders, each once its last event was answered; the server must be there.
    pub(super) async fn stop(self) -> Sent {
        self.shared.stop.store(true, Relaxed);
        for sender in self.senders {
            sender.await.unwrap();
        }
        let wrong = self.shared.wrong.lock().unwrap().clone();
        assert!(wrong.is_empty(), "answers other than 2xx, 429 and 503, by status: {wrong:?}");
        Sent {
            acknowledged: self.shared.acknowledged.lock().unwrap().clone(),
            cut: self.shared.cut.load(Relaxed),
            refused: self.shared.refused.load(Relaxed),
        }
    }
}

async fn send(shared: Arc<Shared>) {
    let client = Client::builder().no_proxy().timeout(ANSWER_TIMEOUT).build().unwrap();
    let noise: Vec<u8> = std::iter::repeat_with(rand::random).take(shared.noise_bytes).collect();
    let auth = format!("Sentry sentry_key={}, sentry_version=7", shared.project.key);
    while !shared.stop.load(Relaxed) {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let body = envelope(&id, &noise);
        loop {
            let url = shared.url.read().unwrap().clone();
            let request = client
                .post(format!("{url}/api/{}/envelope/", shared.project.id))
                .header("x-sentry-auth", &auth)
                .body(body.clone());
            match request.send().await.map(|answer| answer.status()) {
                Ok(status) if status.is_success() => {
                    shared.acknowledged.lock().unwrap().push(id);
                    break;
                }
                Ok(StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) => {
                    shared.refused.fetch_add(1, Relaxed);
                    tokio::time::sleep(REST).await;
                    break;
                }
                Ok(status) => {
                    *shared.wrong.lock().unwrap().entry(status.as_u16()).or_default() += 1;
                    break;
                }
                // It may have been stored or not: the sender cannot know, and sends it again.
                Err(_) => {
                    shared.cut.fetch_add(1, Relaxed);
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }
}

/// An event with an attachment of noise, which is stored as it is.
fn envelope(id: &str, noise: &[u8]) -> Vec<u8> {
    let issue = rand::random_range(0..ISSUES);
    let event = json!({
        "event_id": id,
        "platform": "python",
        "exception": { "values": [{
            "type": "OrderError",
            "value": "the order cannot be saved",
            "stacktrace": { "frames": [
                { "function": format!("save_{issue}"), "filename": "app/order.py", "in_app": true },
            ]},
        }]},
    });
    let mut body = format!(
        "{{\"event_id\":\"{id}\"}}\n{{\"type\":\"event\"}}\n{event}\n{{\"type\":\"attachment\",\"length\":{}}}\n",
        noise.len()
    )
    .into_bytes();
    body.extend_from_slice(noise);
    body
}
