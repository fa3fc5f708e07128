//! What the handlers share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::checks::Checker;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::project::Project;
use crate::domain::scrub::{ScrubError, Scrubber};
use crate::healing::healer::Healer;
use crate::ingest::Writer;
use crate::orchestrator::Orchestrator;
use crate::store::{Store, StoreError};

/// How long a project's row is believed. A new project takes effect within this time.
const PROJECT_CACHE_LIFETIME: Duration = Duration::from_millis(500);

/// What the documentation promises of it.
const _: () = assert!(PROJECT_CACHE_LIFETIME.as_millis() < 1000);

/// Projects kept in memory.
const PROJECT_CACHE_SIZE: u64 = 10_000;

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
    /// Told whenever there may be work.
    pub wake: Arc<Notify>,
    /// Runs agents.
    pub orchestrator: Orchestrator,
    /// Makes private copies and runs compilers over them.
    pub checker: Checker,
    /// Applies and takes back.
    pub healer: Healer,
    projects: moka::future::Cache<i64, Option<Arc<Project>>>,
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
        Ok(Self {
            store,
            clock,
            config,
            scrubber,
            writer,
            wake,
            orchestrator,
            checker,
            healer,
            projects,
        })
    }

    /// A project, at most half a second old.
    pub async fn project(&self, id: i64) -> Result<Option<Arc<Project>>, Arc<StoreError>> {
        self.projects
            .try_get_with(id, async { Ok(self.store.project(id).await?.map(Arc::new)) })
            .await
    }
}
