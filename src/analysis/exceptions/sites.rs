//! The application's own frames, mapped to files of the repository.

use super::subject::Subject;
use crate::domain::event::Frame;
use crate::domain::frames::{Origin, Reading};
use crate::source::Sources;
use crate::source::paths::{Located, locate};
use crate::source::script::library::is_foreign;

/// Application frames looked at, of each exception of a chain.
const MAX_SITES: usize = 32;

/// A column beyond this in one of a file's first lines: nobody writes such lines.
const MINIFIED_COLUMN: u32 = 400;
const MINIFIED_LINE: u32 = 40;

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
    /// The frame itself.
    pub(super) frame: Frame,
}

/// The sites of an exception, innermost first, and what stood in the way of finding more.
#[derive(Default)]
pub(super) struct Sites {
    /// Of the exception that is taken as the cause.
    pub(super) list: Vec<Site>,
    /// Of the others of its chain, and whether they stand beside the cause.
    pub(super) chained: Vec<(Vec<Site>, bool)>,
    /// For a reader.
    pub(super) notes: Vec<String>,
}

/// Maps the frames of `subject` to `sources`.
pub(super) fn sites(subject: &Subject, sources: &dyn Sources) -> Sites {
    let mut sites = Sites::default();
    let mut notes = Vec::new();
    sites.list = map(&subject.platform, &subject.frames, sources, &mut notes);
    sites.notes = notes;
    for one in &subject.chained {
        let list = map(&subject.platform, &one.frames, sources, &mut Vec::new());
        sites.chained.push((list, one.is_beside));
    }
    if let Some(frame) = subject.frames.iter().find(|frame| is_minified(frame)) {
        sites.notes.push(format!(
            "{} was minified, and no source map turned its lines back: functions and lines of these frames say little. Upload source maps, or send events after mapping them.",
            shown(frame.path().unwrap_or("A file"))
        ));
    }
    sites.notes.dedup();
    sites.notes.truncate(5);
    sites
}

fn is_minified(frame: &Frame) -> bool {
    let path = frame.path().unwrap_or_default().split('?').next().unwrap_or_default();
    path.ends_with(".min.js")
        || path.contains(".js")
            && frame.colno.is_some_and(|column| column > MINIFIED_COLUMN)
            && frame.lineno.is_some_and(|line| line <= MINIFIED_LINE)
}

fn map(
    platform: &str,
    frames: &[Frame],
    sources: &dyn Sources,
    notes: &mut Vec<String>,
) -> Vec<Site> {
    let reading = Reading::of(platform, frames);
    let mut list = Vec::new();
    for by_place in [false, true] {
        for frame in frames {
            let own = match reading.origin(frame) {
                Origin::App => true,
                // Comprehensions and helpers are the interpreter's by name, and stand in our files.
                Origin::Machinery => true,
                // The sender marked nothing of the repository as its own: look for it all the same.
                Origin::Library => {
                    by_place
                        && reading.origin(&Frame { in_app: None, ..frame.clone() })
                            != Origin::Library
                }
            };
            if own {
                add(&mut list, frame, sources, notes);
            }
            if list.len() == MAX_SITES {
                break;
            }
        }
        if !list.is_empty() {
            break;
        }
    }
    list
}

fn add(list: &mut Vec<Site>, frame: &Frame, sources: &dyn Sources, notes: &mut Vec<String>) {
    let (Some(path), Some(line)) = (frame.path(), frame.lineno) else { return };
    let of_package = in_package(frame, path);
    let path = of_package.as_deref().unwrap_or_else(|| clean(path));
    match locate(sources.paths(), path, None) {
        Located::One(found) if !is_foreign(found) => {
            let exists = sources.read(found).map(|text| line_of(&text, line).map(str::to_owned));
            let found_line = exists.flatten();
            if found_line.is_none() && list.is_empty() {
                notes.push(format!(
                    "{found} has no line {line} in the revision that was read; the program was another one."
                ));
            }
            let column = match (&found_line, &frame.context_line) {
                // A printed line has lost its indentation, and the column with it.
                (Some(real), Some(printed)) if printed != real && printed == real.trim() => {
                    let lost = real.len() - real.trim_start().len();
                    frame
                        .colno
                        .map(|column| column.saturating_add(u32::try_from(lost).unwrap_or(0)))
                }
                _ => frame.colno,
            };
            list.push(Site {
                path: found.to_owned(),
                line,
                column,
                function: frame.function.clone(),
                line_exists: found_line.is_some(),
                frame: frame.clone(),
            });
        }
        Located::Several(paths) if list.is_empty() => notes.push(format!(
            "The frame's path {} can mean {}; it was left out.",
            shown(path),
            paths.join(", ")
        )),
        Located::Nowhere if list.is_empty() && path.contains('/') => notes
            .push(format!("{} is not in the repository; the frame was passed over.", shown(path))),
        _ => {}
    }
}

/// Endings of languages whose files lie in the folders of their package.
const IN_PACKAGES: &[&str] = &[".java", ".kt", ".scala", ".groovy"];

/// The path of a file that the frame gives by its name alone, by way of the class's package:
/// `com.shop.Cart$Line` in `Cart.java` is `com/shop/Cart.java`.
fn in_package(frame: &Frame, path: &str) -> Option<String> {
    let is_bare = !path.contains(['/', '\\']);
    if !is_bare || !IN_PACKAGES.iter().any(|ending| path.ends_with(ending)) {
        return None;
    }
    // The class, with its package; senders put it into either.
    let class = frame
        .module
        .as_deref()
        .or_else(|| frame.function.as_deref()?.rsplit_once('.').map(|(class, _)| class))?;
    let package = class.rsplit_once('.').map_or("", |(package, _)| package);
    (!package.is_empty()).then(|| format!("{}/{path}", package.replace('.', "/")))
}

/// Without what bundlers and browsers put around a path.
fn clean(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.strip_prefix("file://").unwrap_or(path)
}

/// A line of a text, without its end.
pub(super) fn line_of(text: &str, line: u32) -> Option<&str> {
    text.lines().nth((line as usize).checked_sub(1)?)
}

/// A path from outside, short enough for a sentence.
fn shown(path: &str) -> &str {
    &path[..path.floor_char_boundary(200)]
}
