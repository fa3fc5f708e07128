//! What the handlers share.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::guards::disk::DiskGuard;
use super::guards::inflight::Inflight;
use super::secrets;
use crate::checks::Checker;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::fingerprint::Rules;
use crate::domain::project::{Project, ProjectKey};
use crate::domain::scrub::{ScrubError, Scrubber};
use crate::domain::settings::ProjectSettings;
use crate::healing::healer::Healer;
use crate::ingest::Writer;
use crate::ingest::quotas::{self, Quotas, Refusals, Whose};
use crate::orchestrator::Orchestrator;
use crate::store::{Store, StoreError};

/// How long a project's row is believed. A new project takes effect within this time.
const PROJECT_CACHE_LIFETIME: Duration = Duration::from_millis(500);

/// What the documentation promises of it.
const _: () = assert!(PROJECT_CACHE_LIFETIME.as_millis() < 1000);

/// Bodies that may be held decoded at once, for each thread that could work on one. A decoded body may be
/// a hundred times larger than what was sent, and sometimes waits for the database to say whose it is.
const DECODED_PER_THREAD: usize = 2;

/// How old a project's settings may be: another node may have changed them.
const SETTINGS_CACHE_LIFETIME: Duration = Duration::from_secs(5);

/// Projects kept in memory.
const PROJECT_CACHE_SIZE: u64 = 10_000;

/// A project with the keys that work.
#[derive(Debug)]
pub struct KnownProject {
    /// The project.
    pub project: Project,
    keys: Vec<ProjectKey>,
}

/// What is set for a project, ready for use.
#[derive(Debug)]
pub struct KnownSettings {
    /// As it was set.
    pub settings: ProjectSettings,
    /// The fingerprint rules, compiled.
    pub rules: Arc<Rules>,
    /// The quotas that hold for it: its own, or those configured.
    pub quotas: Arc<quotas::Rules>,
}

impl KnownProject {
    /// The number of this key, if it is one that works, in a time that does not depend on which it is.
    pub fn key_id(&self, key: &str) -> Option<i64> {
        self.keys.iter().fold(None, |found, one| {
            if secrets::equal(&one.public_key, key) { Some(one.id) } else { found }
        })
    }
}

/// What the handlers and workers share.
pub struct App {
    /// The database.
    pub store: Store,
    /// Time.
    pub clock: Clock,
    /// What was configured.
    pub config: Config,
    /// Takes secrets out of events before they are stored.
    pub scrubber: Scrubber,
    /// The way of events to the disk.
    pub writer: Writer,
    /// How much projects may send.
    pub quotas: Quotas,
    /// What was refused and is not written down yet.
    pub refusals: Refusals,
    /// Says when the disk is nearly full.
    pub disk: DiskGuard,
    /// Bounds what the bodies under way hold.
    pub inflight: Inflight,
    /// Told whenever there may be work.
    pub wake: Arc<Notify>,
    /// Runs agents.
    pub orchestrator: Orchestrator,
    /// Makes private copies and runs compilers over them.
    pub checker: Checker,
    /// Applies and takes back.
    pub healer: Healer,
    /// How many workers are at work.
    pub busy_workers: AtomicUsize,
    decoding: Semaphore,
    projects: moka::future::Cache<i64, Option<Arc<KnownProject>>>,
    settings: moka::future::Cache<i64, Arc<KnownSettings>>,
}

impl App {
    /// Puts the parts together; refused if a rule of `[scrub]` is wrong.
    pub fn new(
        store: Store,
        clock: Clock,
        config: Config,
        writer: Writer,
        wake: Arc<Notify>,
        orchestrator: Orchestrator,
        checker: Checker,
    ) -> Result<Self, ScrubError> {
        let scrubber = Scrubber::new(&config.scrub)?;
        let projects = moka::future::Cache::builder()
            .max_capacity(PROJECT_CACHE_SIZE)
            .time_to_live(PROJECT_CACHE_LIFETIME)
            .build();
        let healer = Healer::new(store.clone(), clock.clone());
        let quotas = Quotas::new(&config.quotas, store.clone());
        let ingest = &config.ingest;
        let disk = DiskGuard::over(store.folder(), ingest.min_free_disk_bytes);
        let inflight = Inflight::new(ingest.max_inflight_bytes, ingest.max_body_bytes);
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            store,
            clock,
            scrubber,
            writer,
            quotas,
            refusals: Refusals::default(),
            disk,
            inflight,
            config,
            decoding: Semaphore::new(threads * DECODED_PER_THREAD),
            wake,
            orchestrator,
            checker,
            healer,
            busy_workers: AtomicUsize::new(0),
            projects,
            settings: moka::future::Cache::builder()
                .max_capacity(PROJECT_CACHE_SIZE)
                .time_to_live(SETTINGS_CACHE_LIFETIME)
                .build(),
        })
    }

    /// A project and its keys, at most half a second old.
    pub async fn project(&self, id: i64) -> Result<Option<Arc<KnownProject>>, Arc<StoreError>> {
        let read = async {
            let Some(project) = self.store.project(id).await? else { return Ok(None) };
            let keys = self.store.enabled_project_keys(id).await?;
            Ok(Some(Arc::new(KnownProject { project, keys })))
        };
        self.projects.try_get_with(id, read).await
    }

    /// Forgets what is remembered of a project, so that a change takes effect here at once.
    pub async fn forget_project(&self, id: i64) {
        self.projects.invalidate(&id).await;
    }

    /// What is set for a project, at most [`SETTINGS_CACHE_LIFETIME`] old.
    pub async fn settings(&self, id: i64) -> Result<Arc<KnownSettings>, Arc<StoreError>> {
        let read = async {
            let settings = self.store.project_settings(id).await?;
            // They were checked when they were set; a rule that a later release no longer reads must not
            // stop events.
            let rules = Rules::parse(&settings.fingerprint_rules).unwrap_or_else(|error| {
                tracing::error!(project = id, %error, "the fingerprint rules are not read; none hold");
                Rules::default()
            });
            let quotas = match &settings.quotas {
                Some(own) => Arc::new(quotas::Rules::new(own, Whose::Own)),
                None => Arc::clone(self.quotas.configured()),
            };
            Ok(Arc::new(KnownSettings { settings, rules: Arc::new(rules), quotas }))
        };
        self.settings.try_get_with(id, read).await
    }

    /// Forgets what is remembered of a project's settings, so that a change takes effect here at once.
    pub async fn forget_settings(&self, id: i64) {
        self.settings.invalidate(&id).await;
        self.quotas.forget(id).await;
    }

    /// A turn to hold a decoded body.
    pub async fn decoding(&self) -> Option<SemaphorePermit<'_>> {
        // An error would mean that the semaphore was closed, which nobody does.
        self.decoding.acquire().await.ok()
    }
}
