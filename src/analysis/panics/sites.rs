//! The application's own frames, mapped to files of the repository.

use std::sync::Arc;

use crate::domain::event::Frame;
use crate::domain::in_app;
use crate::source::Sources;
use crate::source::paths::{Located, locate};
use crate::source::rust::file::line_of;

/// Application frames looked at.
const MAX_SITES: usize = 32;

/// An application frame whose file is known.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// Path below the repository root.
    pub(super) path: String,
    /// From 1; the frame's own claim.
    pub(super) line: u32,
    /// From 1.
    pub(super) column: Option<u32>,
    /// The function as the frame names it.
    pub(super) function: Option<String>,
    /// Whether the file has that line.
    pub(super) line_exists: bool,
}

/// The sites of a panic, innermost first, and what stood in the way of finding more.
#[derive(Default)]
pub(super) struct Sites {
    /// Innermost first.
    pub(super) list: Vec<Site>,
    /// For a reader.
    pub(super) notes: Vec<String>,
}

/// Maps `frames` (innermost first) to `sources`.
pub(super) fn sites(frames: &[Frame], sources: &dyn Sources) -> Sites {
    let mut sites = Sites::default();
    for trust_sender in [true, false] {
        let own = frames.iter().filter(|frame| {
            if trust_sender {
                return in_app::is_in_app(frame);
            }
            // The sender marked nothing of the repository as its own: look for it all the same.
            in_app::is_in_app(&Frame { in_app: None, ..(*frame).clone() })
        });
        for frame in own.take(MAX_SITES) {
            add(&mut sites, frame, sources);
        }
        if !sites.list.is_empty() {
            break;
        }
    }
    sites.notes.dedup();
    sites.notes.truncate(4);
    sites
}

fn add(sites: &mut Sites, frame: &Frame, sources: &dyn Sources) {
    let (Some(path), Some(line)) = (frame.path(), frame.lineno) else { return };
    let krate = frame.function.as_deref().and_then(in_app::crate_of);
    match locate(sources.paths(), path, krate) {
        Located::One(found) => {
            let line_exists =
                text(sources, found).is_some_and(|text| line_of(&text, line).is_some());
            if !line_exists && sites.list.is_empty() {
                sites.notes.push(format!(
                    "{found} has no line {line} in the revision that was read; the program was built from another one."
                ));
            }
            sites.list.push(Site {
                path: found.to_owned(),
                line,
                column: frame.colno,
                function: frame.function.clone(),
                line_exists,
            });
        }
        Located::Several(paths) if sites.list.is_empty() => sites.notes.push(format!(
            "The frame's path {} can mean {}; it was left out.",
            shown(path),
            paths.join(", ")
        )),
        Located::Nowhere if sites.list.is_empty() => sites
            .notes
            .push(format!("{} is not in the repository; the frame was passed over.", shown(path))),
        _ => {}
    }
}

fn text(sources: &dyn Sources, path: &str) -> Option<Arc<str>> {
    sources.read(path)
}

/// A path from outside, short enough for a sentence.
fn shown(path: &str) -> &str {
    &path[..path.floor_char_boundary(200)]
}
