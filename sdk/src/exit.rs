//! The end of the process by `process::exit`, which drops no guard. Where the system runs the destructors of
//! the ending thread's own variables then (Linux with glibc), one of those does what the guard does.

struct AtExit;

thread_local! {
    static AT_EXIT: AtExit = const { AtExit };
}

impl Drop for AtExit {
    fn drop(&mut self) {
        // What panics here would end the process in another way than was asked for.
        let _ = std::panic::catch_unwind(crate::client::end);
    }
}

/// Has what was captured be sent when this thread ends the process, if it is the main one: the end of any
/// other is not the end of the process, and is not to be held up.
pub(crate) fn watch(thread: &std::thread::Thread) {
    if thread.name() == Some("main") {
        let _ = AT_EXIT.try_with(|_| ());
    }
}
