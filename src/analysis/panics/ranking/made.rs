//! Functions that make the error that a message shows: `Error { kind: KeyNotString }` is made where
//! `KeyNotString` is named.

use syn::visit::{self, Visit};

use super::board::{Board, Place};
use crate::domain::panic::PanicClass;
use crate::source::rust::callees::Library;
use crate::source::rust::file::{RustFile, range_of};
use crate::source::rust::functions::{Function, functions};

/// Names of a message that are looked for.
const MAX_NAMES: usize = 4;

/// Files looked through for each.
const MAX_FILES: usize = 12;

/// Functions given.
const MAX_MAKERS: usize = 4;

/// Names that say nothing about where an error was made.
const COMMON: &[&str] =
    &["Some", "None", "Ok", "Err", "Error", "Result", "Option", "Box", "Vec", "String"];

/// Adds them, with `weight` in all.
pub(super) fn add(board: &mut Board, class: &PanicClass, library: &Library<'_>, weight: f64) {
    let Some(shown) = class.value("error") else { return };
    for name in variants(shown) {
        let mut found = Vec::new();
        for path in library.files_with(&name, "").into_iter().take(MAX_FILES) {
            let Some(Ok(file)) = library.file(path) else { continue };
            for function in functions(&file) {
                if let Some(line) = makes(&file, &function, &name) {
                    found.push((path.to_owned(), line, function.name.clone()));
                }
            }
        }
        if found.is_empty() {
            continue;
        }
        let share = weight / found.len() as f64;
        for (path, line, function) in found.into_iter().take(MAX_MAKERS) {
            let place = Place { file: &path, line, function: Some(&function) };
            board.add(place, share, format!("Makes the `{name}` that the message shows."));
        }
        return;
    }
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
fn makes(file: &RustFile, function: &Function<'_>, name: &str) -> Option<u32> {
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
