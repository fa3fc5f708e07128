//! What is known of what the application is doing: for the whole process, and for a piece of work in it.

mod kept;
mod known;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

pub(crate) use kept::Kept;
pub use known::{MAX_BREADCRUMBS, Scope};

/// A scope that several may hold: a request's, on whatever thread its work happens to run.
#[derive(Clone, Debug, Default)]
pub struct SharedScope(Arc<Mutex<Scope>>);

impl SharedScope {
    /// A copy of what is known here and now, with a life of its own.
    #[must_use]
    pub fn of_here() -> Self {
        Self(Arc::new(Mutex::new(snapshot())))
    }

    /// Changes it.
    pub fn configure<R>(&self, change: impl FnOnce(&mut Scope) -> R) -> R {
        alone(change, |change| change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Has what is captured inside belong to it.
    pub fn run<R>(&self, inside: impl FnOnce() -> R) -> R {
        let _entered = Entered::new(self.clone());
        inside()
    }
}

/// What is known of the whole process.
static PROCESS: Mutex<Option<Scope>> = Mutex::new(None);

thread_local! {
    static CURRENT: RefCell<Option<SharedScope>> = const { RefCell::new(None) };
    static CHANGING: Cell<bool> = const { Cell::new(false) };
}

/// Makes a scope the current one of this thread until it is dropped.
struct Entered(Option<SharedScope>);

impl Entered {
    fn new(scope: SharedScope) -> Self {
        Self(swap(Some(scope)))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        swap(self.0.take());
    }
}

/// While a thread ends it has no current scope any more.
fn swap(scope: Option<SharedScope>) -> Option<SharedScope> {
    CURRENT.try_with(|current| current.replace(scope)).unwrap_or(None)
}

fn current() -> Option<SharedScope> {
    CURRENT.try_with(|current| current.borrow().clone()).unwrap_or(None)
}

/// Changes what is known here: of the piece of work this is in (see [`with_scope`], [`in_scope`]), or else
/// of the whole process.
pub fn configure_scope<R>(change: impl FnOnce(&mut Scope) -> R) -> R {
    match current() {
        Some(scope) => scope.configure(change),
        None => alone(change, |change| {
            let mut scope = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
            change(scope.get_or_insert_with(Scope::default))
        }),
    }
}

/// Runs a change, unless this thread is in the middle of one: then the scope is locked by itself (what
/// panics in a change is captured before the change ends), and the change is to a scope of nobody.
fn alone<C: FnOnce(&mut Scope) -> R, R>(change: C, locked: impl FnOnce(C) -> R) -> R {
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            CHANGING.set(false);
        }
    }
    if CHANGING.replace(true) {
        return change(&mut Scope::default());
    }
    let _done = Done;
    locked(change)
}

/// A copy of what is known here.
pub(crate) fn snapshot() -> Scope {
    configure_scope(|scope| scope.clone())
}

/// Runs `inside` with a scope of its own, which knows what is known here and what `configure` adds. Nothing
/// of it is left afterwards. For code that is not `async`; for a future there is [`in_scope`].
pub fn with_scope<R>(configure: impl FnOnce(&mut Scope), inside: impl FnOnce() -> R) -> R {
    let scope = SharedScope::of_here();
    scope.configure(configure);
    scope.run(inside)
}

/// A future whose work belongs to a scope, on whatever threads it runs.
#[derive(Debug)]
pub struct InScope<F> {
    scope: SharedScope,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for InScope<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let scope = self.scope.clone();
        scope.run(|| self.future.as_mut().poll(cx))
    }
}

/// Has a future's work belong to a scope: [`SharedScope::of_here`], or one that was made before.
pub fn in_scope<F: Future>(scope: SharedScope, future: F) -> InScope<F> {
    InScope { scope, future: Box::pin(future) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str) -> Option<String> {
        snapshot().tags.get(key).cloned()
    }

    #[test]
    fn a_scope_ends_where_it_ends_and_other_threads_do_not_see_it() {
        with_scope(
            |scope| scope.set_tag("one", "1"),
            || {
                assert_eq!(tag("one").as_deref(), Some("1"));
                with_scope(
                    |scope| scope.set_tag("two", "2"),
                    || {
                        configure_scope(|scope| scope.set_tag("three", "3"));
                        assert_eq!(snapshot().tags.len(), 3);
                    },
                );
                assert_eq!((tag("two"), tag("three")), (None, None));
                assert_eq!(std::thread::spawn(|| tag("one")).join().unwrap(), None);
            },
        );
        assert_eq!(tag("one"), None);
    }

    #[test]
    fn a_scope_ends_when_its_work_panics() {
        let panicked = std::panic::catch_unwind(|| {
            with_scope(|scope| scope.set_tag("gone", "1"), || panic!("on purpose"))
        });
        assert!(panicked.is_err());
        assert_eq!(tag("gone"), None);
        // Nor does a panic inside of a change make the scope useless.
        let shared = SharedScope::default();
        let change = || shared.configure(|_| panic!("on purpose"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(change)).is_err());
        shared.configure(|scope| scope.set_tag("still", "works"));
        assert_eq!(shared.configure(|scope| scope.tags.len()), 1);
    }

    #[test]
    fn what_is_captured_within_a_change_does_not_wait_for_it() {
        configure_scope(|_| assert!(snapshot().tags.is_empty()));
        SharedScope::default().configure(|_| configure_scope(|scope| scope.set_tag("lost", "1")));
        assert_eq!(tag("lost"), None);
    }

    #[test]
    fn a_future_takes_its_scope_with_it() {
        let scope = SharedScope::of_here();
        scope.configure(|scope| scope.set_tag("request", "7"));
        let mut future = Box::pin(in_scope(scope, async {
            std::future::ready(()).await;
            tag("request")
        }));
        let polled = std::thread::spawn(move || {
            let mut cx = Context::from_waker(std::task::Waker::noop());
            (future.as_mut().poll(&mut cx), tag("request"))
        });
        assert_eq!(polled.join().unwrap(), (Poll::Ready(Some("7".to_owned())), None));
    }
}
