//! One request at the door: what it takes of its quotas, what is refused of it, and how it is answered.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use serde_json::Value;

use super::events::Ready;
use crate::domain::category::Category;
use crate::domain::event::Dropped;
use crate::domain::quota::Reason;
use crate::ingest::quotas::{Limits, Sender, Taken};
use crate::ingest::writer::Room;
use crate::ingest::{Accepted, IngestError};
use crate::server::app::{App, KnownSettings};
use crate::server::problem::{Problem, RATE_LIMITS};
use crate::store::events::NewEvent;

/// An answer of the door.
pub(super) type Answer = (HeaderMap, Json<Value>);

/// What holds for one request.
pub(super) struct Desk<'a> {
    pub(super) app: &'a App,
    pub(super) sender: Sender,
    /// When it arrived.
    pub(super) now: Timestamp,
    /// What is set for the sender's project.
    pub(super) settings: Arc<KnownSettings>,
    limits: Limits,
    last: Option<Reason>,
}

impl<'a> Desk<'a> {
    /// With what the project has used so far.
    pub(super) async fn open(app: &'a App, sender: Sender) -> Result<Self, Problem> {
        let now = app.clock.now();
        let settings = app.settings(sender.project_id).await?;
        app.quotas.load(&settings.quotas, sender.project_id, now).await?;
        let limits = Limits::default();
        Ok(Self { app, sender, now, settings, limits, last: None })
    }

    /// Takes from the quotas of a category; `None` if that is refused, which is counted and answered.
    pub(super) fn check(&mut self, category: Category, quantity: u64) -> Option<Taken> {
        let quotas = &self.app.quotas;
        match quotas.check(&self.settings.quotas, self.sender, category, quantity, self.now) {
            Ok(taken) => Some(taken),
            Err(limited) => {
                self.last = Some(limited.reason);
                self.limits.add(limited);
                self.count(category, limited.reason, quantity);
                None
            }
        }
    }

    /// The same for a request that is nothing else.
    pub(super) fn require(&mut self, category: Category) -> Result<Taken, Problem> {
        self.check(category, 1).ok_or_else(|| self.refusal())
    }

    /// Counts what goes because the event that it belongs to was refused.
    pub(super) fn refuse_along(&self, category: Category, quantity: u64) {
        if let Some(reason) = self.last {
            self.count(category, reason, quantity);
        }
    }

    /// Whether a quota refused anything.
    pub(super) fn refused_some(&self) -> bool {
        !self.limits.is_empty()
    }

    /// The answer if nothing was taken.
    pub(super) fn refusal(&self) -> Problem {
        Problem::limited(&self.limits)
    }

    /// Stores an event. When this returns `Ok` it is committed.
    pub(super) async fn write(
        &self,
        ready: Ready,
    ) -> Result<(String, Accepted, Vec<Dropped>), Problem> {
        let Ready { id, dropped, event, room, taken, category } = ready;
        let written = self.app.writer.write(event, taken, room).await;
        Ok((id, self.counted(written, category)?, dropped))
    }

    /// Room for an event that is ready.
    pub(super) fn room(&self, event: &NewEvent, category: Category) -> Result<Room, Problem> {
        self.counted(self.app.writer.room(event), category)
    }

    fn counted<T>(&self, done: Result<T, IngestError>, category: Category) -> Result<T, Problem> {
        if matches!(done, Err(IngestError::Full { .. })) {
            self.count(category, Reason::QueueFull, 1);
        }
        Ok(done?)
    }

    /// The answer, with what was refused beside what was taken.
    pub(super) fn answer(&self, body: Value) -> Answer {
        let mut headers = HeaderMap::new();
        if self.refused_some()
            && let Ok(limits) = HeaderValue::from_str(&self.limits.header())
        {
            headers.insert(RATE_LIMITS, limits);
        }
        (headers, Json(body))
    }

    fn count(&self, category: Category, reason: Reason, quantity: u64) {
        self.app.refusals.add(self.sender.project_id, category, reason, quantity, self.now);
    }
}
