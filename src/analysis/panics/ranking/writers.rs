//! Functions that write the fields in a failing expression.

use super::board::{Board, Place};
use crate::analysis::panics::findings::Code;
use crate::source::rust::callees::Library;
use crate::source::rust::file::{RustFile, range_of};
use crate::source::rust::functions::{Function, functions};

use syn::visit::{self, Visit};
use syn::{Expr, Member};

/// Files looked through.
const MAX_FILES: usize = 8;

/// Functions given.
const MAX_WRITERS: usize = 4;

/// Adds them, with `weight` in all.
pub(super) fn add(board: &mut Board, code: &Code, path: &str, library: &Library<'_>, weight: f64) {
    let fields: Vec<String> = code
        .names
        .iter()
        .filter_map(|name| name.strip_prefix("self."))
        .map(str::to_owned)
        .collect();
    let Some(of) = code.with_function(|function| function.self_type.clone()).flatten() else {
        return;
    };
    if fields.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for path in library.files_with(&fields[0], path).into_iter().take(MAX_FILES) {
        let Some(Ok(file)) = library.file(path) else { continue };
        for function in functions(&file) {
            if function.self_type.as_deref() != Some(&of) || function.name == code.function_name {
                continue;
            }
            if let Some(line) = writes(&file, &function, &fields) {
                found.push((path.to_owned(), line, function.name.clone()));
            }
        }
    }
    let share = weight / found.len().max(2) as f64;
    for (path, line, name) in found.into_iter().take(MAX_WRITERS) {
        let place = Place { file: &path, line, function: Some(&name) };
        board.add(
            place,
            share,
            format!("Writes `{}`, which the failing expression reads.", fields[0]),
        );
    }
}

/// The line in which one of `fields` of `self`, or of a new value, is written.
fn writes(file: &RustFile, function: &Function<'_>, fields: &[String]) -> Option<u32> {
    struct Writes<'a> {
        fields: &'a [String],
        at: Option<usize>,
    }
    impl Writes<'_> {
        fn is_field(&self, expr: &Expr) -> bool {
            match expr {
                Expr::Field(field) => match &field.member {
                    Member::Named(name) => self.fields.iter().any(|field| name == field),
                    Member::Unnamed(_) => false,
                },
                Expr::Index(index) => self.is_field(&index.expr),
                _ => false,
            }
        }
        fn note(&mut self, at: usize) {
            self.at.get_or_insert(at);
        }
    }
    impl<'ast> Visit<'ast> for Writes<'_> {
        fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
            if self.is_field(&assign.left) {
                self.note(range_of(assign).start);
            }
            visit::visit_expr_assign(self, assign);
        }
        fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
            if crate::source::rust::failing::is_assignment(&binary.op)
                && self.is_field(&binary.left)
            {
                self.note(range_of(binary).start);
            }
            visit::visit_expr_binary(self, binary);
        }
        fn visit_field_value(&mut self, value: &'ast syn::FieldValue) {
            if let Member::Named(name) = &value.member
                && self.fields.iter().any(|field| name == field)
            {
                self.note(range_of(value).start);
            }
            visit::visit_field_value(self, value);
        }
    }
    let mut writes = Writes { fields, at: None };
    writes.visit_block(function.block);
    writes.at.map(|at| file.line_at(at))
}
