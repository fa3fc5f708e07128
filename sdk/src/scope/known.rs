//! What is known of a piece of work.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::Kept;
use crate::protocol::{Breadcrumb, Level, Request, User};

/// Breadcrumbs that are kept unless said otherwise; the oldest go.
pub const MAX_BREADCRUMBS: usize = 100;

/// What every event is given that is captured in it. Cloning is cheap: the parts are shared until they are
/// changed.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub(crate) level: Option<Level>,
    pub(crate) tags: Arc<BTreeMap<String, String>>,
    pub(crate) contexts: Arc<BTreeMap<String, Value>>,
    pub(crate) user: Option<Arc<User>>,
    pub(crate) request: Option<Arc<Request>>,
    pub(crate) transaction: Option<Arc<str>>,
    pub(crate) fingerprint: Arc<Vec<String>>,
    pub(crate) breadcrumbs: Arc<VecDeque<Arc<Kept>>>,
    /// Whether something was captured in it, or in a copy of it.
    captured: Arc<AtomicBool>,
}

impl Scope {
    /// A word to search by.
    pub fn set_tag(&mut self, key: impl Into<String>, value: impl Into<String>) {
        Arc::make_mut(&mut self.tags).insert(key.into(), value.into());
    }

    /// Takes a tag away.
    pub fn remove_tag(&mut self, key: &str) {
        Arc::make_mut(&mut self.tags).remove(key);
    }

    /// Something known, under a name. An object is shown as a table.
    pub fn set_context(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        Arc::make_mut(&mut self.contexts).insert(key.into(), value.into());
    }

    /// Takes a context away.
    pub fn remove_context(&mut self, key: &str) {
        Arc::make_mut(&mut self.contexts).remove(key);
    }

    /// Whom it happens to.
    pub fn set_user(&mut self, user: Option<User>) {
        self.user = user.map(Arc::new);
    }

    /// The request that is being answered.
    pub fn set_request(&mut self, request: Option<Request>) {
        self.request = request.map(Arc::new);
    }

    /// What the application is doing: a route, a job.
    pub fn set_transaction(&mut self, transaction: Option<&str>) {
        self.transaction = transaction.map(Arc::from);
    }

    /// The level of all events, whatever they say themselves.
    pub fn set_level(&mut self, level: Option<Level>) {
        self.level = level;
    }

    /// What makes events the same, where the application knows better than the server.
    pub fn set_fingerprint(&mut self, fingerprint: Vec<String>) {
        self.fingerprint = Arc::new(fingerprint);
    }

    /// Something that happened, of which at most `most` are kept.
    pub(crate) fn add_breadcrumb(&mut self, breadcrumb: Breadcrumb, most: usize) {
        if most == 0 {
            return;
        }
        let breadcrumbs = Arc::make_mut(&mut self.breadcrumbs);
        while breadcrumbs.len() >= most {
            breadcrumbs.pop_front();
        }
        breadcrumbs.push_back(Arc::new(Kept::new(breadcrumb)));
    }

    /// From here on it is looked whether something is captured.
    #[cfg(feature = "tower")]
    pub(crate) fn begin(&mut self) {
        self.captured = Arc::default();
    }

    #[cfg(feature = "tower")]
    pub(crate) fn has_captured(&self) -> bool {
        self.captured.load(Ordering::Relaxed)
    }

    /// Something is captured in it.
    pub(crate) fn note_capture(&self) {
        self.captured.store(true, Ordering::Relaxed);
    }

    /// Forgets what happened before.
    pub fn clear_breadcrumbs(&mut self) {
        self.breadcrumbs = Arc::default();
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_breadcrumbs_are_kept() {
        let mut scope = Scope::default();
        for n in 0..10 {
            scope.add_breadcrumb(Breadcrumb::new(n.to_string()), 3);
        }
        let kept: Vec<_> =
            scope.breadcrumbs.iter().filter_map(|kept| kept.breadcrumb.message.clone()).collect();
        assert_eq!(kept, ["7", "8", "9"]);
        scope.add_breadcrumb(Breadcrumb::new("none"), 0);
        assert_eq!(scope.breadcrumbs.len(), 3, "none is wanted");
    }
}
