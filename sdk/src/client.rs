//! The one client of the process: its queue, its threads, its beginning and its end.

use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use crate::dsn::Dsn;
use crate::guarded::{guarded, is_inside};
use crate::pipeline::{Draft, Pipeline};
use crate::queue::{Pushed, Queue};
use crate::settings::{Options, Spool as Where};
use crate::spool::{self, Spool};
use crate::{exit, panics, problems, transport};

/// The pause of the sending thread after it panicked.
const AFTER_A_PANIC: Duration = Duration::from_secs(60);

/// How long a capture waits for a place in a full queue, where a hook of the application's would have to run
/// on its own thread otherwise. The first look-up of names in a large program takes a second.
const FULL_PATIENCE: Duration = Duration::from_secs(2);

const WRONG_DSN: &str = "nothing is sent, because the DSN is wrong";

/// The client of the process.
#[derive(Debug)]
pub(crate) struct Client {
    queue: Arc<Queue<Box<Draft>>>,
    pub(crate) pipeline: Arc<Pipeline>,
    /// The process that has its threads. A forked one has not, and must leave its files alone.
    process: u32,
}

static CLIENT: RwLock<Option<Arc<Client>>> = RwLock::new(None);

/// The client, if the SDK was started in this process.
pub(crate) fn client() -> Option<Arc<Client>> {
    let client = CLIENT.read().unwrap_or_else(PoisonError::into_inner).clone();
    client.filter(|client| client.is_of_this_process())
}

/// Has an error on its way; with this client, or the one that came after it. Whether it is.
pub(crate) fn send(client: &Client, draft: Draft) -> bool {
    let Err(draft) = client.send(Box::new(draft)) else { return true };
    crate::client::client().is_some_and(|client| client.send(draft).is_ok())
}

/// Ends the SDK: what is still to be sent is sent, for a while.
pub(crate) fn end() {
    if let Some(client) = client() {
        client.end();
    }
}

/// The SDK is at work while this lives. Dropped, it sends what is still to be sent, for a while.
#[derive(Debug)]
#[must_use = "the SDK stops when this is dropped; keep it until the program ends: `let _guard = …`"]
pub struct Guard(Option<Arc<Client>>);

impl Guard {
    /// Whether something is sent: there is a DSN, and it is one.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.0.is_some()
    }

    /// Sends what is to be sent, for so long at most; `true` if all is sent. What is not is kept in the spool
    /// and sent at the program's next start.
    pub fn flush(&self, timeout: Duration) -> bool {
        self.0.as_ref().is_none_or(|client| client.flush(timeout))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some(client) = self.0.take() else { return };
        client.end();
        let mut current = CLIENT.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have started it anew meanwhile.
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, &client)) {
            *current = None;
        }
    }
}

/// Starts the SDK. Never fails: what is wrong is said once, and the application goes on without it.
pub(crate) fn init(options: Options) -> Guard {
    problems::tell(options.on_problem.clone());
    if options.dsn.trim().is_empty() {
        return Guard(None);
    }
    let dsn: Dsn = match options.dsn.parse() {
        Ok(dsn) => dsn,
        Err(error) => {
            problems::report(WRONG_DSN, &error.to_string());
            return Guard(None);
        }
    };
    let client = match Client::start(options, dsn) {
        Ok(client) => Arc::new(client),
        Err(error) => {
            problems::report(
                "nothing is sent, because no thread could be started",
                &error.to_string(),
            );
            return Guard(None);
        }
    };
    if client.pipeline.options.panics {
        panics::install();
    }
    let before =
        CLIENT.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::clone(&client));
    if let Some(before) = before {
        before.stop();
    }
    exit::watch(&thread::current());
    Guard(Some(client))
}

/// Sends what is to be sent, for so long at most; `true` if all is sent. See [`Guard::flush`].
pub fn flush(timeout: Duration) -> bool {
    client().is_none_or(|client| client.flush(timeout))
}

impl Client {
    fn start(options: Options, dsn: Dsn) -> std::io::Result<Self> {
        let folder = match &options.spool {
            Where::Usual => spool::usual(),
            Where::At(folder) => Some(folder.clone()),
            Where::MemoryOnly => None,
        };
        let folder = folder.map(|folder| folder.join(dsn.folder()));
        let spool = Spool::open(folder, options.spool_bytes, options.memory_bytes);
        let queue = Arc::new(Queue::new(options.queue_events));
        let pipeline = Arc::new(Pipeline::new(options, spool));
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        let (of_work, of_sending) = (Arc::clone(&pipeline), Arc::clone(&pipeline));
        let work = Arc::clone(&queue);
        named("andon-sdk").spawn(move || guarded(|| do_work(&of_work, &work)))?;
        named("andon-sdk-send").spawn(move || {
            // What panics here is a fault of ours, or of a library's: it must not be the end of all sending.
            while guarded(|| transport::run(&of_sending, &dsn)).is_none() {
                problems::report("sending went wrong", "the SDK's thread panicked; it goes on");
                thread::sleep(AFTER_A_PANIC);
            }
        })?;
        Ok(Self { queue, pipeline, process: std::process::id() })
    }

    fn is_of_this_process(&self) -> bool {
        self.process == std::process::id()
    }

    /// Has an error on its way, unless this is at its end. Costs the caller a place in the queue; with a full
    /// queue, the making of one event, or where there is a hook, which may need what the caller holds, a wait.
    fn send(&self, draft: Box<Draft>) -> Result<(), Box<Draft>> {
        let has_hook = self.pipeline.options.before_send.is_some();
        let patience = has_hook.then_some(FULL_PATIENCE);
        match self.queue.push(draft, patience) {
            Pushed::Waits => {}
            Pushed::Full(mut oldest) => {
                if let Some(draft) = oldest.item() {
                    self.pipeline.take(*draft);
                }
            }
            Pushed::Lost(_) => {
                problems::report("an error was not sent", "before_send takes too long");
                self.pipeline.spool.count("queue_overflow", 1);
            }
            Pushed::Stopped(draft) => return Err(draft),
        }
        Ok(())
    }

    /// Waits until everything captured so far waits in the spool, for so long at most.
    pub(crate) fn settle(&self, patience: Duration) -> bool {
        self.queue.settle(patience)
    }

    fn flush(&self, timeout: Duration) -> bool {
        // A hook would wait for itself; a forked process has nobody to wait for.
        if is_inside() || !self.is_of_this_process() {
            return false;
        }
        let begun = Instant::now();
        self.settle(timeout) && self.pipeline.spool.flush(timeout.saturating_sub(begun.elapsed()))
    }

    fn end(&self) {
        self.flush(self.pipeline.options.shutdown_timeout);
        self.stop();
    }

    fn stop(&self) {
        if !self.is_of_this_process() {
            return;
        }
        self.queue.stop();
        // Else the SDK's thread, which still writes what was captured, does it when it is done.
        if self.queue.settle(Duration::ZERO) {
            self.pipeline.spool.stop();
        }
    }
}

fn do_work(pipeline: &Pipeline, queue: &Queue<Box<Draft>>) {
    while let Some(mut taken) = queue.take() {
        if let Some(draft) = taken.item() {
            pipeline.take(*draft);
        }
    }
    pipeline.spool.stop();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forked_process_leaves_its_parents_files_alone() {
        let folder = tempfile::tempdir().unwrap();
        let options =
            || Options::new("").spool(Where::At(folder.path().to_owned())).on_problem(|_| {});
        let dsn: Dsn = "http://key@127.0.0.1:9/1".parse().unwrap();
        let parent = Client::start(options(), dsn).unwrap();
        parent.pipeline.spool.push(b"waits".to_vec());
        let files = || {
            let of_dsn = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap();
            let of_process = std::fs::read_dir(of_dsn.path()).unwrap().next().unwrap().unwrap();
            std::fs::read_dir(of_process.path()).unwrap().count()
        };
        assert_eq!(files(), 2);
        let child = Client { process: 0, ..parent };
        assert!(!child.flush(Duration::MAX));
        let child = Arc::new(child);
        drop(Guard(Some(Arc::clone(&child))));
        assert_eq!(files(), 2);
        assert!(!child.pipeline.spool.is_stopped());
        child.pipeline.spool.stop();
    }
}
