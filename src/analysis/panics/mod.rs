//! The deterministic analyst of Rust panics: from an event and the code to a root cause and, where one
//! is certain enough to be worth a reviewer's time, a patch. No model, no I/O of its own.

mod borrows;
mod edits;
mod event_sources;
mod explain;
mod findings;
mod ranking;
mod report;
mod resolve;
mod shapes;
mod sites;
mod subject;

#[cfg(test)]
mod tests;

pub use event_sources::EventSources;

use crate::domain::analysis::RootCause;
use crate::domain::event::Event;
use crate::domain::suggestion::Proposal;
use crate::source::Sources;
use crate::source::rust::callees::Library;

/// The agent's name in proposals.
pub const AGENT: &str = "panics";

/// What the analyst says about an event.
#[derive(Clone, Debug, PartialEq)]
pub struct PanicReport {
    /// Why it failed, as far as it can be shown.
    pub root_cause: RootCause,
    /// Patches for the current text; empty if none is certain enough (the notes say why).
    pub proposals: Vec<Proposal>,
}

/// Analyses a Rust panic over the release's sources. `current` is the state that a patch must fit; the
/// release's own if `None`. With no sources at all (no paths), the event's own source context is read
/// and nothing is proposed. `None`: the event is no Rust panic.
pub fn analyse(
    event: &Event,
    release: &dyn Sources,
    current: Option<&dyn Sources>,
) -> Option<PanicReport> {
    let subject = subject::subject(event)?;
    let from_event;
    let (sources, is_whole): (&dyn Sources, bool) = if release.paths().is_empty() {
        from_event = EventSources::new(&subject.frames);
        (&from_event, false)
    } else {
        (release, true)
    };
    let current = current.unwrap_or(sources);
    let work = || {
        let library = Library::new(sources);
        let mut sites = sites::sites(&subject.frames, sources);
        resolve::resolve(&mut sites, &library);
        let findings = findings::findings(&subject, &sites, &library);
        let mut root_cause = report::root_cause(&subject, &sites, &findings, &library);
        let mut proposals = Vec::new();
        if is_whole {
            match edits::propose(&findings, &sites, &library, current) {
                Ok(proposal) => proposals.push(proposal),
                Err(reason) => root_cause.notes.push(format!("No patch: {reason}")),
            }
        } else {
            root_cause.notes.push(
                "There is no repository to read; the evidence is the source context that came with the event. No patch."
                    .to_owned(),
            );
        }
        PanicReport { root_cause, proposals }
    };
    let report = crate::source::rust::on_parser_stack(work).unwrap_or_else(|reason| PanicReport {
        root_cause: report::without_source(&subject, &reason),
        proposals: Vec::new(),
    });
    Some(report)
}
