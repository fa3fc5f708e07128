//! Functions that make what a message shows: `Error { kind: KeyNotString }` is made where `KeyNotString` is
//! named, and words of the program's own are said where they are written.

use syn::visit::{self, Visit};

use crate::analysis::board::{Board, Place};
use crate::domain::panic::PanicClass;
use crate::source::rust::callees::Library;
use crate::source::rust::file::{RustFile, range_of};
use crate::source::rust::functions::{Function, enclosing, functions};

/// Names of a message that are looked for.
const MAX_NAMES: usize = 4;

/// Files looked through for each.
const MAX_FILES: usize = 12;

/// Functions given.
const MAX_MAKERS: usize = 5;

/// Bytes of a message that are looked at.
const MAX_MESSAGE: usize = 400;

/// Words in a row that are looked for, the most first: fewer are said in many places.
const PHRASES: &[usize] = &[8, 6, 4, 3];

/// A phrase shorter than this says nothing.
const MIN_PHRASE_BYTES: usize = 12;

/// Names that say nothing about where an error was made.
const COMMON: &[&str] =
    &["Some", "None", "Ok", "Err", "Error", "Result", "Option", "Box", "Vec", "String"];

/// What of a message can be the program's own words, or show a value of its own.
const SHOWN: &[&str] = &["error", "said", "message", "detail", "value", "left", "right"];

/// A place where an error is made.
pub(super) struct Maker {
    pub(super) path: String,
    /// From 1.
    pub(super) line: u32,
    /// What it has of the weight.
    pub(super) weight: f64,
}

/// Adds the makers of the error that the message shows, with `weight` in all, and gives them.
pub(super) fn add(
    board: &mut Board,
    class: &PanicClass,
    library: &Library<'_>,
    weight: f64,
) -> Vec<Maker> {
    let Some(shown) = class.value("error").or_else(|| class.value("detail")) else {
        return Vec::new();
    };
    let names = variants(shown).into_iter();
    let mut made = names.map(|name| add_makers_of(board, &name, library, weight));
    made.find(|makers| !makers.is_empty()).unwrap_or_default()
}

/// Adds the functions that say what the message says, with `weight` in all: for a panic without a frame of
/// its own.
pub(super) fn add_sayers(
    board: &mut Board,
    class: &PanicClass,
    library: &Library<'_>,
    weight: f64,
) {
    for text in SHOWN.iter().filter_map(|name| class.value(name)) {
        let text = &text[..text.floor_char_boundary(MAX_MESSAGE)];
        let words: Vec<&str> =
            text.split([' ', '\n', '"', '`', '(', ')']).filter(|word| !word.is_empty()).collect();
        for count in PHRASES.iter().filter(|count| **count <= words.len()) {
            for phrase in words.windows(*count).map(|words| words.join(" ")) {
                if phrase.len() >= MIN_PHRASE_BYTES
                    && add_sayers_of(board, &phrase, library, weight)
                {
                    return;
                }
            }
        }
        for name in variants(text) {
            if !add_makers_of(board, &name, library, weight).is_empty() {
                return;
            }
        }
    }
}

fn add_sayers_of(board: &mut Board, phrase: &str, library: &Library<'_>, weight: f64) -> bool {
    let mut found = Vec::new();
    for path in library.files_with(phrase, "").into_iter().take(MAX_FILES) {
        let Some(Ok(file)) = library.file(path) else { continue };
        for (at, _) in file.text().match_indices(phrase).take(MAX_MAKERS) {
            let line = file.line_at(at);
            let is_comment =
                file.line(line).is_some_and(|text| text.trim_start().starts_with("//"));
            let Some(function) = enclosing(&file, at).filter(|_| !is_comment) else { continue };
            if is_writing_out(&function) {
                // The words are those of a variant: who makes that is asked instead.
                let names = variant_before(&file, at);
                if names
                    .is_some_and(|name| !add_makers_of(board, &name, library, weight).is_empty())
                {
                    return true;
                }
            }
            found.push((path.to_owned(), line, function.name.clone()));
        }
    }
    let share = weight / found.len().max(1) as f64;
    for (path, line, name) in found.iter().take(MAX_MAKERS) {
        let place = Place { file: path, line: *line, function: Some(name) };
        board.add(place, share, "Says what the message says.".to_owned());
    }
    !found.is_empty()
}

/// The variant of the match arm that a text stands in: the last path before its `=>`.
fn variant_before(file: &RustFile, at: usize) -> Option<String> {
    let start = at.saturating_sub(400);
    let start = file.text().floor_char_boundary(start);
    let before = file.slice(start..at);
    let head = &before[..before.rfind("=>")?];
    let line = head.rsplit(['\n', ',']).find(|part| !part.trim().is_empty())?;
    variants(line).into_iter().next()
}

fn is_writing_out(function: &Function<'_>) -> bool {
    function.name.contains("Display") || function.name.contains("Debug") || {
        matches!(function.short_name().as_str(), "description" | "as_str" | "message" | "to_str")
    }
}

fn add_makers_of(board: &mut Board, name: &str, library: &Library<'_>, weight: f64) -> Vec<Maker> {
    let mut found = Vec::new();
    for path in library.files_with(name, "").into_iter().take(MAX_FILES) {
        let Some(Ok(file)) = library.file(path) else { continue };
        for function in functions(&file) {
            if let Some(line) = makes(&file, &function, name) {
                found.push((path.to_owned(), line, function.name.clone()));
            }
        }
    }
    let share = weight / found.len().max(1) as f64;
    let mut makers = Vec::new();
    for (path, line, function) in found.into_iter().take(MAX_MAKERS) {
        let place = Place { file: &path, line, function: Some(&function) };
        board.add(place, share, format!("Makes the `{name}` that the message shows."));
        makers.push(Maker { path, line, weight: share });
    }
    makers
}

/// The names of types and variants in what the message shows of the error, the innermost first.
fn variants(shown: &str) -> Vec<String> {
    let words = shown.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut names: Vec<String> = words
        .filter(|word| word.starts_with(char::is_uppercase) && word.chars().any(char::is_lowercase))
        .filter(|word| !COMMON.contains(word))
        .map(str::to_owned)
        .collect();
    names.reverse();
    names.truncate(MAX_NAMES);
    names
}

/// The line in which a function makes a value of this name. Patterns, and how it is written out, make none.
pub(super) fn makes(file: &RustFile, function: &Function<'_>, name: &str) -> Option<u32> {
    struct Makes<'a> {
        name: &'a str,
        at: Option<usize>,
    }
    impl Makes<'_> {
        fn look(&mut self, path: &syn::Path) {
            if path.segments.last().is_some_and(|last| last.ident == self.name) {
                self.at.get_or_insert(range_of(path).start);
            }
        }
    }
    impl<'ast> Visit<'ast> for Makes<'_> {
        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            self.look(&path.path);
        }
        fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
            self.look(&made.path);
            visit::visit_expr_struct(self, made);
        }
        fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    }
    if function.name.contains("Display") || function.name.contains("Debug") {
        return None;
    }
    let mut makes = Makes { name, at: None };
    makes.visit_block(function.block);
    makes.at.map(|at| file.line_at(at))
}
