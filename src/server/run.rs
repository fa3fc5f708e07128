//! Starting and stopping: opens the store, recovers what was interrupted, joins the rooms, listens.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::get;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::app::App;
use super::connection::Patience;
use super::health::HealthAgent;
use super::problem::Problem;
use super::{api, gui, housekeeping, ingest, packing, retention, secrets, serve, worker};
use crate::analysis::agents::analysers;
use crate::analysis::answers::readers;
use crate::checks::{Checker, CheckerSettings, Programs};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::quota::Reason;
use crate::domain::scrub::ScrubError;
use crate::ingest::Writer;
use crate::orchestrator::model::Models;
use crate::orchestrator::{FileError, Orchestrator, Parts, redact};
use crate::store::{Store, StoreError};

/// How long requests under way may take to end when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// How long the jobs at hand may take to end when the server stops; a job that is cut off is taken up
/// again at the next start.
const WORKER_TIMEOUT: Duration = Duration::from_secs(20);

/// The file whose lock says that a server uses the folder.
const SERVER_LOCK_FILE: &str = "server.lock";

/// The name of the token that the first start prints.
const FIRST_TOKEN_NAME: &str = "admin";

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data folder or database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An agent's file is wrong.
    #[error(transparent)]
    Agents(#[from] FileError),
    /// A route to a model cannot be used.
    #[error("{0}")]
    Models(String),
    /// Another server has this data folder.
    #[error(
        "another andon server uses the data folder {0}; stop it, or give this one a folder of its own with --data"
    )]
    AlreadyRunning(std::path::PathBuf),
    /// A rule of `[scrub]` is wrong.
    #[error(transparent)]
    Scrub(#[from] ScrubError),
    /// The address cannot be listened on.
    #[error(
        "{address} cannot be listened on: {source}; is another server running? `--listen` takes another address"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// A server at work.
pub struct Running {
    /// What the handlers share.
    pub app: Arc<App>,
    /// The address that it really listens on.
    pub address: SocketAddr,
    /// The administrator's token, if this was the first start: the only time that it is seen.
    pub first_token: Option<SecretString>,
    stop: watch::Sender<bool>,
    /// Held as long as this process serves this folder; a crash lets go of it.
    _only_server: std::fs::File,
    server: tokio::task::JoinHandle<()>,
    workers: JoinSet<()>,
    writer: tokio::task::JoinHandle<()>,
}

/// Starts a server.
pub async fn start(mut config: Config, clock: Clock) -> Result<Running, ServeError> {
    let store = Store::connect(&config.data, &config.database()).await?;
    let only_server = lock_folder(store.folder())?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|source| ServeError::Listen { address: config.listen, source })?;
    let address = listener
        .local_addr()
        .map_err(|source| ServeError::Listen { address: config.listen, source })?;
    // Port 0 means "any": DSNs must carry the real one.
    config.listen = address;

    let wake = Arc::new(Notify::new());
    let told = Arc::clone(&wake);
    let (writer, writer_task) = Writer::start(
        store.clone(),
        clock.clone(),
        config.ingest.queue_events,
        config.spikes.into(),
        move || told.notify_one(),
    );
    let health = Arc::new(HealthAgent::default());
    let orchestrator = orchestrator(&config, &store, &clock, Arc::clone(&health))?;
    let checker = Checker::new(CheckerSettings {
        timeout_seconds: config.checks.timeout_seconds,
        ..CheckerSettings::new(store.folder())
    });
    let app = Arc::new(App::new(store, clock, config, writer, wake, orchestrator, checker)?);
    health.of(&app);
    recover(&app).await?;
    app.store.resume_purges(app.clock.now()).await?;
    app.store.set_base_url(&app.config.base_url(), app.clock.now()).await?;
    // Last of what may fail: who is told the token must be told it by a server that stands.
    let first_token = first_token(&app.store, &app.clock).await?;

    let (stop, stopped) = watch::channel(false);
    let mut workers = JoinSet::new();
    for _ in 0..app.config.worker.concurrency {
        workers.spawn(worker::run(Arc::clone(&app), stopped.clone()));
    }
    workers.spawn(housekeeping::run(Arc::clone(&app), stopped.clone()));
    workers.spawn(retention::run(Arc::clone(&app), stopped.clone()));
    workers.spawn(packing::run(Arc::clone(&app), stopped.clone()));
    let most = app.config.ingest.max_connections;
    let server = tokio::spawn(serve::serve(listener, router(&app), most, Patience::USUAL, stopped));
    Ok(Running {
        app,
        address,
        first_token,
        stop,
        _only_server: only_server,
        server,
        workers,
        writer: writer_task,
    })
}

impl Running {
    /// The address for a browser.
    pub fn gui_url(&self) -> String {
        format!("{}/gui", self.app.config.base_url())
    }

    /// Stops: no new requests, those under way are answered, what was accepted is written, the jobs at
    /// hand are finished.
    pub async fn stop(mut self) {
        // Nobody listens any more only if all has ended already.
        let _ = self.stop.send(true);
        if tokio::time::timeout(DRAIN_TIMEOUT, &mut self.server).await.is_err() {
            tracing::warn!("requests under way were cut off");
            self.server.abort();
        }
        let workers = async { while self.workers.join_next().await.is_some() {} };
        if tokio::time::timeout(WORKER_TIMEOUT, workers).await.is_err() {
            tracing::warn!("a job was cut off; it is taken up again at the next start");
            self.workers.shutdown().await;
        }
        let store = self.app.store.clone();
        // The writer ends when the last handle to it is gone, after writing what it has.
        drop(self.app);
        if tokio::time::timeout(DRAIN_TIMEOUT, self.writer).await.is_err() {
            tracing::warn!("the writer did not end in time");
        }
        store.close().await;
    }
}

async fn first_token(store: &Store, clock: &Clock) -> Result<Option<SecretString>, StoreError> {
    let token = secrets::new_token();
    let hash = secrets::hash(token.expose_secret());
    let stored = store.create_first_token(FIRST_TOKEN_NAME, &hash, clock.now()).await?;
    Ok(stored.then_some(token))
}

fn orchestrator(
    config: &Config,
    store: &Store,
    clock: &Clock,
    health: Arc<HealthAgent>,
) -> Result<Orchestrator, ServeError> {
    let mut analysers = analysers(Programs::of_environment(store.folder()));
    analysers.insert("health", health);
    let why_none = config.models_note.clone();
    let models = Models::new(&config.models, why_none, store.clone(), clock.clone());
    let folder = Some(config.agents.folder.clone()).filter(|folder| !folder.as_os_str().is_empty());
    let parts = Parts {
        analysers,
        readers: readers(),
        models: Arc::new(models.map_err(ServeError::Models)?),
        scrubber: Arc::new(redact::rules(&config.scrub, &config.models)?),
        folder,
    };
    Ok(Orchestrator::new(parts, store.clone(), clock.clone())?)
}

/// One server a folder: two would tell different addresses to the command line.
fn lock_folder(folder: &std::path::Path) -> Result<std::fs::File, ServeError> {
    let path = folder.join(SERVER_LOCK_FILE);
    let unusable = |source| StoreError::Folder { path: path.clone(), source };
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(unusable)?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(ServeError::AlreadyRunning(folder.to_owned())),
        Err(error) => Err(unusable(error.into()).into()),
    }
}

/// Finishes or undoes what a crash interrupted, before anything else may change a file.
async fn recover(app: &App) -> Result<(), StoreError> {
    let report = app.healer.recover().await?;
    for recovered in &report.recovered {
        tracing::warn!(?recovered, "an interrupted healing was brought to an end");
    }
    for (repository, reason) in &report.postponed {
        tracing::warn!(%repository, %reason, "an interrupted healing waits");
    }
    Ok(())
}

fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/health", get(health))
        .merge(ingest::routes())
        .merge(api::routes(app))
        .merge(gui::routes(app))
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .with_state(Arc::clone(app))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(panicked))
}

async fn health(
    axum::extract::State(app): axum::extract::State<Arc<App>>,
) -> Result<axum::Json<serde_json::Value>, Problem> {
    app.store.ping().await.map_err(|error| {
        tracing::error!(%error, "the database does not answer");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
    })?;
    // Still an answer of 200: starting anew would not make room.
    Ok(axum::Json(if app.disk.is_low(Instant::now()) {
        serde_json::json!({ "status": "degraded", "reason": Reason::DiskFull })
    } else {
        serde_json::json!({ "status": "healthy" })
    }))
}

async fn nowhere(request: Request) -> Problem {
    let path: String = request.uri().path().chars().take(100).collect();
    Problem::not_found(format!("such address: {path}"))
}

pub(super) async fn wrong_method(request: Request) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{} does not work at this address", request.method()),
    )
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    use axum::response::IntoResponse;
    Problem::internal(&"a handler panicked").into_response()
}
