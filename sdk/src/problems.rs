//! What goes wrong in the SDK itself is said once, on standard error or to a function of the application,
//! and never more often than that: a server that is away for a night must not fill a log.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Different problems that are remembered; beyond that none is said any more.
const MAX_PROBLEMS: usize = 100;

type Tell = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Default)]
struct Said {
    once: HashSet<(&'static str, String)>,
    tell: Option<Tell>,
}

static SAID: Mutex<Option<Said>> = Mutex::new(None);

/// Who is told of problems; standard error unless said otherwise.
pub(crate) fn tell(tell: Option<Tell>) {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    said.get_or_insert_default().tell = tell;
}

/// Says what went wrong with `what`, unless just this was said before.
pub(crate) fn report(what: &'static str, why: &str) {
    let tell = {
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        let said = said.get_or_insert_default();
        if said.once.len() >= MAX_PROBLEMS || !said.once.insert((what, why.to_owned())) {
            return;
        }
        said.tell.clone()
    };
    let text = format!("andon-sdk: {what}: {why}");
    let _ = crate::guarded::guarded(|| match tell {
        Some(tell) => tell(&text),
        // Not `eprintln!`, which panics where standard error is closed.
        None => drop(std::io::Write::write_all(&mut std::io::stderr(), (text + "\n").as_bytes())),
    });
}

/// What was a problem is none any more: if it comes again, it is said again.
pub(crate) fn over(what: &'static str) {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(said) = said.as_mut() {
        said.once.retain(|(known, _)| *known != what);
    }
}
