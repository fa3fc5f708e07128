//! The deterministic analyst of exceptions in Python, JavaScript and TypeScript, and, as far as frames
//! and messages go, in Java, Go, Ruby, PHP and C#: from an event and the code to a root cause. It
//! proposes no patches. No model, no I/O of its own.

mod callees;
mod class;
mod findings;
mod ranking;
mod report;
mod sites;
mod subject;
#[cfg(test)]
mod tests;
mod values;

use crate::domain::analysis::RootCause;
use crate::domain::event::Event;
use crate::source::Sources;
use crate::source::script::library::Library;

use super::panics::EventSources;

/// What the analyst says about an event.
#[derive(Clone, Debug, PartialEq)]
pub struct ExceptionReport {
    /// Why it failed, as far as it can be shown.
    pub root_cause: RootCause,
}

/// Analyses an exception over the release's sources. With no sources at all (no paths), the event's own
/// source context is read. `None`: the event is no exception of a language known here.
pub fn analyse(event: &Event, release: &dyn Sources) -> Option<ExceptionReport> {
    let subject = subject::subject(event)?;
    let from_event;
    let (sources, is_whole): (&dyn Sources, bool) = if release.paths().is_empty() {
        let frames: Vec<_> = subject.all_frames().cloned().collect();
        from_event = EventSources::new(&frames);
        (&from_event, false)
    } else {
        (release, true)
    };
    let library = Library::new(sources);
    let sites = sites::sites(&subject, sources);
    let findings = findings::findings(&subject, &sites, &library);
    let mut root_cause = report::root_cause(&subject, &sites, &findings, &library);
    if !is_whole {
        root_cause.notes.push(
            "There is no repository to read; the evidence is the source context that came with the event."
                .to_owned(),
        );
    }
    Some(ExceptionReport { root_cause })
}
