//! The SDK of a test.

use std::sync::{Arc, Mutex};

/// One SDK at a time: there is one in a process.
static ONE: Mutex<()> = Mutex::new(());

/// The SDK of a test, with a spool of its own, and what it says of its own problems.
pub(crate) struct Sdk {
    guard: Option<andon_sdk::Guard>,
    problems: Arc<Mutex<Vec<String>>>,
    folder: Arc<tempfile::TempDir>,
    _one: std::sync::MutexGuard<'static, ()>,
}

impl Sdk {
    pub(crate) fn start(dsn: &str) -> Self {
        Self::start_with(dsn, |options| options)
    }

    pub(crate) fn start_with(
        dsn: &str,
        set: impl FnOnce(andon_sdk::Options) -> andon_sdk::Options,
    ) -> Self {
        let one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let problems = Arc::new(Mutex::new(Vec::new()));
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let said = Arc::clone(&problems);
        let options = andon_sdk::Options::new(dsn)
            .spool(andon_sdk::Spool::At(folder.path().to_owned()))
            .on_problem(move |text| said.lock().unwrap().push(text.to_owned()));
        Self { guard: Some(set(options).init()), problems, folder, _one: one }
    }

    pub(crate) fn guard(&self) -> &andon_sdk::Guard {
        self.guard.as_ref().unwrap()
    }

    /// Ends it, as the end of a program does.
    pub(crate) fn end(&mut self) {
        self.guard = None;
    }

    /// Starts it again, over the same spool.
    pub(crate) fn start_again(&mut self, dsn: &str) {
        self.guard = None;
        let spool = andon_sdk::Spool::At(self.folder.path().to_owned());
        self.guard = Some(andon_sdk::Options::new(dsn).spool(spool).init());
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        self.problems.lock().unwrap().clone()
    }
}

impl Drop for Sdk {
    fn drop(&mut self) {
        self.guard = None;
        andon_sdk::configure_scope(andon_sdk::Scope::clear);
    }
}
