//! Functions that write the attributes in a failing expression, or were to put in what is missing.

use crate::analysis::board::{Board, Place};
use crate::analysis::exceptions::class::Class;
use crate::analysis::exceptions::findings::Code;
use crate::source::script::library::Library;
use crate::source::script::nothing::may_be_nothing;
use crate::source::script::uses::{Uses, uses};
use crate::source::script::writers::{writes, written};

/// Files looked through for one name.
const MAX_FILES: usize = 10;

/// Functions given for one name.
const MAX_WRITERS: usize = 4;

/// Written values that are followed.
const MAX_WRITTEN: usize = 8;

/// Names looked for at one place.
const MAX_NAMES: usize = 6;

/// How much more a constructor counts than another writer.
const CONSTRUCTOR: f64 = 1.5;

/// How much more one counts that writes nothing, where there was nothing.
const WRITES_NOTHING: f64 = 5.0;

/// … but no more than this of the weight of all, so that one writer alone does not outweigh the frame.
const AT_MOST: f64 = 1.3;

/// What brings the sum over the writers to about the weight of all.
const SCALE: f64 = 0.7;

/// How much less one of another class counts.
const OF_OTHER_CLASS: f64 = 0.3;

/// The weight of those that write what is missing.
const MISSING: f64 = 0.45;

/// The weight of the constructor of the class that lacks an attribute.
const OF_CLASS: f64 = 0.5;

/// How much less an attribute of another object says than one of the object itself.
const OF_OTHERS: f64 = 0.6;

/// What is left for those that made what a writer wrote.
const WRITTEN: f64 = 0.32;

/// A name that is looked for.
struct Read<'a> {
    name: &'a str,
    /// Whether only the object itself can have it.
    own: bool,
    /// The class of the object, where that is known.
    class: Option<&'a str>,
    weight: f64,
}

/// Adds those that write the attributes that take part, with `weight` in all, and those that made what they
/// write. `nothing`: whether nothing was there.
pub(super) fn of_attributes(
    board: &mut Board,
    code: &Code,
    library: &Library<'_>,
    weight: f64,
    nothing: bool,
) {
    let class = code.function().and_then(|function| function.class.as_deref());
    let own = code.own_attributes();
    let values =
        attributes(board, (&own, &code.uses.attributes), class, code, library, weight, nothing);
    let mut own = Vec::new();
    let mut others = Vec::new();
    for (path, value) in values.into_iter().take(MAX_WRITTEN) {
        own.extend(value.own.into_iter().filter(|name| !code.uses.own.contains(name)));
        others.extend(value.attributes);
        for call in value.calls.iter().take(2) {
            for found in library.callees(call, class, &path).iter().take(2) {
                let function = found.function();
                let place = Place {
                    file: &found.path,
                    line: function.line,
                    function: Some(&function.name),
                };
                let why = format!(
                    "What {} gives is kept, and read by the failing expression.",
                    function.name
                );
                board.add(place, weight * WRITTEN * 0.5, why);
            }
        }
    }
    attributes(board, (&own, &others), class, code, library, weight * WRITTEN, nothing);
}

/// Gives what was written, with the paths of the files in which it was.
fn attributes(
    board: &mut Board,
    (own, others): (&[String], &[String]),
    class: Option<&str>,
    code: &Code,
    library: &Library<'_>,
    weight: f64,
    nothing: bool,
) -> Vec<(String, Uses)> {
    let names = own.iter().map(|name| (name, true)).chain(others.iter().map(|name| (name, false)));
    let count = (own.len() + others.len()).max(1) as f64;
    let mut values = Vec::new();
    for (name, own) in names.take(MAX_NAMES) {
        let weight = weight / count.sqrt() * if own { 1.0 } else { OF_OTHERS };
        let read = Read { name, own, class: class.filter(|_| own), weight };
        let what = format!("Writes `{name}`, which the failing expression reads.");
        values.extend(add(board, &read, &code.path, library, nothing, &what));
    }
    values
}

/// Adds those that were to write the attribute or key that is missing.
pub(super) fn of_missing(board: &mut Board, class: &Class, near: &str, library: &Library<'_>) {
    if let Some(name) = &class.missing {
        let what = format!("Writes `{name}`, which the message names.");
        let read = Read { name, own: false, class: None, weight: MISSING };
        add(board, &read, near, library, false, &what);
    }
    let Some(of) = &class.of_class else { return };
    for path in library.files_with(of, near).into_iter().take(MAX_FILES) {
        let Some(Ok(file)) = library.file(&path) else { continue };
        for function in file.functions() {
            if function.is_constructor() && function.class.as_deref() == Some(of) {
                let why = format!("Makes a `{of}`, which lacks the attribute.");
                let place =
                    Place { file: &path, line: function.line, function: Some(&function.name) };
                board.add(place, OF_CLASS, why);
            }
        }
    }
}

fn add(
    board: &mut Board,
    read: &Read<'_>,
    near: &str,
    library: &Library<'_>,
    nothing: bool,
    why: &str,
) -> Vec<(String, Uses)> {
    if read.name.len() < 2 {
        return Vec::new();
    }
    let family = read.class.map(|class| library.family(class, near));
    let mut found = Vec::new();
    let mut values = Vec::new();
    for path in library.files_with(read.name, near).into_iter().take(MAX_FILES) {
        let Some(Ok(file)) = library.file(&path) else { continue };
        for function in file.functions() {
            let same_class = family.as_ref().is_none_or(|family| {
                function.class.as_ref().is_some_and(|class| family.contains(class))
            });
            if let Some(at) = writes(&file, function, read.name, read.own) {
                // Functions around it write it as well: the innermost does.
                let innermost =
                    file.enclosing(at).map(|index| file.functions()[index].range.clone());
                if innermost.as_ref() != Some(&function.range) {
                    continue;
                }
                let part = match (same_class, function.is_constructor()) {
                    (true, true) => CONSTRUCTOR,
                    (true, false) => 1.0,
                    // Other classes may be what this one is made from.
                    (false, _) => OF_OTHER_CLASS,
                };
                let value = written(&file, at);
                let is_nothing =
                    nothing && value.as_ref().is_some_and(|value| may_be_nothing(&file, value));
                let part = part * if is_nothing { WRITES_NOTHING } else { 1.0 };
                if same_class && let Some(value) = value {
                    values.push((path.clone(), uses(&file, &value)));
                }
                found.push((part, path.clone(), file.line_at(at), function.name.clone()));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let share = read.weight / (found.len().max(2) as f64).sqrt();
    for (part, path, line, function) in found.into_iter().take(MAX_WRITERS) {
        let place = Place { file: &path, line, function: Some(&function) };
        let weight = f64::min(share * part * SCALE, read.weight * AT_MOST);
        board.add(place, weight, why.to_owned());
    }
    values
}
