//! Functions that write the attributes in a failing expression, or were to put in what is missing.

use super::board::Board;
use crate::analysis::exceptions::class::Class;
use crate::analysis::exceptions::findings::Code;
use crate::source::script::library::Library;
use crate::source::script::writers::writes;

/// Files looked through for one name.
const MAX_FILES: usize = 10;

/// Functions given for one name.
const MAX_WRITERS: usize = 4;

/// How much more a constructor counts than another writer.
const CONSTRUCTOR: f64 = 1.5;

/// The weight of those that write what is missing.
const MISSING: f64 = 0.3;

/// The weight of the constructor of the class that lacks an attribute.
const OF_CLASS: f64 = 0.35;

/// How much less an attribute of another object says than one of the object itself.
const OF_OTHERS: f64 = 0.6;

/// Adds those that write the attributes that take part, with `weight` in all.
pub(super) fn of_attributes(board: &mut Board, code: &Code, library: &Library<'_>, weight: f64) {
    let class = code.function().and_then(|function| function.class.clone());
    let own = code.own_attributes();
    let others = &code.uses.attributes;
    let names = own.iter().map(|name| (name, true)).chain(others.iter().map(|name| (name, false)));
    let count = (own.len() + others.len()).max(1) as f64;
    for (name, is_own) in names.take(6) {
        let weight = weight / count.sqrt() * if is_own { 1.0 } else { OF_OTHERS };
        let what = format!("Writes `{name}`, which the failing expression reads.");
        add(
            board,
            name,
            is_own,
            class.as_deref().filter(|_| is_own),
            &code.path,
            library,
            weight,
            &what,
        );
    }
}

/// Adds those that were to write the attribute or key that is missing.
pub(super) fn of_missing(board: &mut Board, class: &Class, near: &str, library: &Library<'_>) {
    if let Some(name) = &class.missing {
        let what = format!("Writes `{name}`, which is missing.");
        add(board, name, false, None, near, library, MISSING, &what);
    }
    let Some(of) = &class.of_class else { return };
    for path in library.files_with(of, near).into_iter().take(MAX_FILES) {
        let Some(Ok(file)) = library.file(&path) else { continue };
        for function in file.functions() {
            if function.is_constructor() && function.class.as_deref() == Some(of) {
                let why = format!("Makes a `{of}`, which lacks the attribute.");
                board.add(&path, function.line, Some(&function.name), OF_CLASS, why);
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one call for two kinds of names")]
fn add(
    board: &mut Board,
    name: &str,
    own: bool,
    class: Option<&str>,
    near: &str,
    library: &Library<'_>,
    weight: f64,
    why: &str,
) {
    if name.len() < 2 {
        return;
    }
    let mut found = Vec::new();
    for path in library.files_with(name, near).into_iter().take(MAX_FILES) {
        let Some(Ok(file)) = library.file(&path) else { continue };
        for function in file.functions() {
            let same_class = class.is_none() || function.class.as_deref() == class;
            if let Some(at) = writes(&file, function, name, own) {
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
                    (false, _) => 0.3,
                };
                found.push((part, path.clone(), file.line_at(at), function.name.clone()));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let share = weight / (found.len().max(2) as f64).sqrt();
    for (part, path, line, function) in found.into_iter().take(MAX_WRITERS) {
        board.add(&path, line, Some(&function), share * part * 0.7, why.to_owned());
    }
}
