//! From an event's frames to files of the repository.

use crate::domain::event::{Event, Frame};
use crate::domain::in_app;
use crate::source::Sources;
use crate::source::paths;

/// Files of in-app frames that agents look at; the innermost are the ones that matter.
const MAX_FILES: usize = 8;

/// The repository's path of a frame's file, if there is exactly one that fits.
pub fn path_in(frame: &Frame, sources: &dyn Sources) -> Option<String> {
    let package = frame.package.as_deref();
    let krate = package.or_else(|| in_app::crate_of(frame.function.as_deref()?));
    paths::locate(sources.paths(), frame.path()?, krate).one().map(str::to_owned)
}

/// The files that the in-app frames of the raised exception point at, innermost first, each once.
pub fn in_app_files(event: &Event, sources: &dyn Sources) -> Vec<String> {
    let mut files = Vec::new();
    let frames = event.exceptions.iter().rev().filter_map(|e| e.stacktrace.as_ref());
    for frame in frames.flat_map(|s| s.frames.iter().rev()).filter(|f| f.in_app == Some(true)) {
        if let Some(path) = path_in(frame, sources)
            && !files.contains(&path)
        {
            files.push(path);
        }
        if files.len() == MAX_FILES {
            break;
        }
    }
    files
}
