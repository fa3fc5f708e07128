//! The parts of Andon itself and how they are, as `/api/execute` tells it.

use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::{Value, json};

use super::app::App;
use crate::domain::health::Health;
use crate::orchestrator::{Agent, Answer, Run, Task};

/// A database that takes longer for the smallest question is a warning; ten times as long is critical.
const SLOW_DATABASE: Duration = Duration::from_millis(250);

/// A job that has waited longer is a warning; ten times as long is critical.
const OLD_QUEUE_SECONDS: f64 = 60.0;

/// One part and how it is.
#[derive(Clone, Debug, Serialize)]
struct HealthCheck {
    component: &'static str,
    status: Health,
    message: String,
    metrics: Value,
}

/// The agent behind `health-checker`. It looks at the server that it is a part of, and so is told of it
/// once that stands.
#[derive(Default)]
pub(super) struct HealthAgent(OnceLock<Weak<App>>);

impl HealthAgent {
    /// Tells it of the server.
    pub(super) fn of(&self, app: &Arc<App>) {
        // Told twice, it keeps the first, which is the same.
        let _ = self.0.set(Arc::downgrade(app));
    }
}

impl Agent for HealthAgent {
    fn run<'a>(&'a self, _: &'a Task, _: &'a Run) -> BoxFuture<'a, anyhow::Result<Answer>> {
        Box::pin(async move {
            let app = self.0.get().and_then(Weak::upgrade).context("the server is stopping")?;
            let results = json!({ "health_checks": checks(&app).await });
            Ok(Answer { results, ..Answer::default() })
        })
    }
}

/// Looks at every part.
async fn checks(app: &App) -> Vec<HealthCheck> {
    vec![database(app).await, queue(app).await, disk(app), workers(app), models(app)]
}

/// Healthy up to `limit`, critical from ten times that on.
fn graded(value: f64, limit: f64) -> Health {
    if value <= limit {
        Health::Healthy
    } else if value <= limit * 10.0 {
        Health::Warning
    } else {
        Health::Critical
    }
}

async fn database(app: &App) -> HealthCheck {
    let begun = Instant::now();
    let answered = app.store.ping().await;
    let took = begun.elapsed();
    let (status, message) = match answered {
        Ok(()) => (
            graded(took.as_secs_f64(), SLOW_DATABASE.as_secs_f64()),
            format!("answers in {:.1} ms", took.as_secs_f64() * 1000.0),
        ),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (Health::Critical, "does not answer; the log says why".to_owned())
        }
    };
    let metrics = json!({ "round_trip_ms": took.as_secs_f64() * 1000.0 });
    HealthCheck { component: "database", status, message, metrics }
}

async fn queue(app: &App) -> HealthCheck {
    let component = "queue";
    match app.store.queue_state(app.clock.now()).await {
        Ok(state) => HealthCheck {
            component,
            status: graded(state.oldest_seconds, OLD_QUEUE_SECONDS),
            message: match state.waiting {
                0 => "nothing waits".to_owned(),
                n => format!("{n} jobs wait, the oldest for {:.0} s", state.oldest_seconds),
            },
            metrics: json!({ "waiting": state.waiting, "oldest_seconds": state.oldest_seconds }),
        },
        Err(error) => {
            tracing::error!(%error, "the job queue cannot be read");
            let message = "cannot be read; the log says why".to_owned();
            HealthCheck { component, status: Health::Critical, message, metrics: json!({}) }
        }
    }
}

fn disk(app: &App) -> HealthCheck {
    let low = app.disk.is_low(Instant::now());
    let free = app.disk.free_bytes();
    let (status, message) = match (low, free) {
        (true, _) => (Health::Critical, "nearly full: events are answered 429".to_owned()),
        (false, Some(free)) => (Health::Healthy, format!("{} MiB are free", free / (1024 * 1024))),
        (false, None) => (Health::Warning, "how much is free cannot be told".to_owned()),
    };
    let metrics =
        json!({ "free_bytes": free, "least_bytes": app.config.ingest.min_free_disk_bytes });
    HealthCheck { component: "disk", status, message, metrics }
}

fn workers(app: &App) -> HealthCheck {
    let busy = app.busy_workers.load(std::sync::atomic::Ordering::Relaxed);
    let all = app.config.worker.concurrency;
    HealthCheck {
        component: "workers",
        status: Health::Healthy,
        message: format!("{busy} of {all} are at work"),
        metrics: json!({ "busy": busy, "all": all }),
    }
}

fn models(app: &App) -> HealthCheck {
    let models = app.orchestrator.models();
    let routes = models.state();
    let open = routes.iter().filter(|(.., open)| *open).count();
    let (status, message) = match (models.why_none(), open) {
        (Some(why), _) => (Health::Healthy, format!("none is asked: {why}")),
        (None, 0) => {
            (Health::Warning, "all routes rest after failures; the first is tried".to_owned())
        }
        (None, n) if n < routes.len() => {
            (Health::Warning, format!("{n} of {} routes answer", routes.len()))
        }
        (None, n) => (Health::Healthy, format!("{n} routes")),
    };
    let shape: Vec<Value> = routes
        .iter()
        .map(|(route, model, open)| json!({ "route": route, "model": model, "available": open }))
        .collect();
    HealthCheck { component: "models", status, message, metrics: json!({ "routes": shape }) }
}
