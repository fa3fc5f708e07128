//! Code of the application that the SDK calls (a `Display`, a hook) and the SDK's own work: what goes wrong
//! there is neither captured (that would never end) nor let through to the application.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// Whether this thread is doing the SDK's work. What is captured meanwhile is left out.
pub(crate) fn is_inside() -> bool {
    // A thread whose variables are gone already is at its end.
    INSIDE.try_with(Cell::get).map_or(true, |depth| depth > 0)
}

/// Does the SDK's work; the value of `work`, or `None` if it panicked.
pub(crate) fn guarded<R>(work: impl FnOnce() -> R) -> Option<R> {
    struct Left;
    impl Drop for Left {
        fn drop(&mut self) {
            let _ = INSIDE.try_with(|inside| inside.set(inside.get().saturating_sub(1)));
        }
    }
    let _ = INSIDE.try_with(|inside| inside.set(inside.get().saturating_add(1)));
    let _left = Left;
    // What the closure leaves half done is the application's own, as after any panic of it.
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// The same, telling once what went wrong.
pub(crate) fn guarded_or<R>(work: impl FnOnce() -> R, what: &'static str, otherwise: R) -> R {
    guarded(work).unwrap_or_else(|| {
        crate::problems::report(what, "it panicked; the event goes on without it");
        otherwise
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inside_ends_also_after_a_panic() {
        assert!(!is_inside());
        assert_eq!(guarded(is_inside), Some(true));
        assert_eq!(guarded(|| guarded(is_inside)), Some(Some(true)));
        assert_eq!(guarded(|| -> u8 { panic!("on purpose") }), None);
        assert!(!is_inside());
    }
}
