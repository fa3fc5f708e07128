//! Functions that write the fields which a failing expression reads.

use std::collections::BTreeSet;

use syn::Member;
use syn::visit::{self, Visit};

use super::made::makes;
use super::writes::{Read, writes};
use crate::analysis::board::{Board, Place};
use crate::analysis::panics::findings::Code;
use crate::source::rust::callees::{Library, is_everyday_name};
use crate::source::rust::facts::is_self;
use crate::source::rust::file::range_of;
use crate::source::rust::functions::{Function, functions, type_name};
use crate::source::rust::types::{TypeContext, plain};

/// Files looked through.
const MAX_FILES: usize = 8;

/// Functions given.
const MAX_WRITERS: usize = 8;

/// Fields looked for at one place.
const MAX_FIELDS: usize = 6;

/// Variants looked for at one place.
const MAX_VARIANTS: usize = 2;

/// One writer alone does not get all of the weight.
const MIN_WRITERS: f64 = 1.5;

/// How much less a writer counts that nothing on the stack calls.
const NOT_CALLED: f64 = 0.5;
/// … and one that only gives the value that it begins with.
const BEGINS: f64 = 0.7;
/// … and how much more one that is on the stack itself.
const ON_STACK: f64 = 5.0;

/// Adds them, with `weight` in all. `stack` is who is known to have run.
pub(super) fn add(
    board: &mut Board,
    code: &Code,
    path: &str,
    library: &Library<'_>,
    weight: f64,
    stack: &Stack,
) {
    let read = fields_read(code, path, library);
    let mut found: Vec<Writer> = Vec::new();
    for one in read.iter().take(MAX_FIELDS) {
        // A place in a tuple is no word that could be looked for.
        let is_place = one.field.starts_with(|c: char| c.is_ascii_digit());
        let word = if is_place { &one.of } else { &one.field };
        for path in library.files_with(word, path).into_iter().take(MAX_FILES) {
            let Some(Ok(file)) = library.file(path) else { continue };
            for function in functions(&file) {
                if function.name == code.function_name && file.text() == code.file.text() {
                    continue;
                }
                let Some(line) = writes(&file, &function, one) else { continue };
                let begins = function.signature.receiver().is_none();
                let part = part_of(&function, stack) * if begins { BEGINS } else { 1.0 };
                match found
                    .iter_mut()
                    .find(|known| known.path == path && known.name == function.name)
                {
                    Some(known) => known.part += part,
                    None => found.push(Writer {
                        part,
                        path: path.to_owned(),
                        line,
                        name: function.name.clone(),
                        field: one.field.clone(),
                    }),
                }
            }
        }
    }
    found.sort_by(|a, b| b.part.total_cmp(&a.part));
    found.truncate(MAX_WRITERS);
    let all: f64 = found.iter().map(|one| one.part).sum();
    for one in found {
        let place = Place { file: &one.path, line: one.line, function: Some(&one.name) };
        let why = format!("Writes `{}`, which the failing expression reads.", one.field);
        board.add(place, weight * one.part / all.max(MIN_WRITERS), why);
    }
}

/// Adds those that make the variants which the failing values were taken out of, with `weight` in all.
pub(super) fn add_makers(
    board: &mut Board,
    code: &Code,
    path: &str,
    library: &Library<'_>,
    weight: f64,
    stack: &Stack,
) {
    let mut variants: Vec<&str> = Vec::new();
    for origin in code.origins.iter().filter(|origin| origin.distance < 2) {
        if let Some(variant) =
            origin.binding.variant.as_deref().filter(|one| !variants.contains(one))
        {
            variants.push(variant);
        }
    }
    for variant in variants.into_iter().take(MAX_VARIANTS) {
        let mut found: Vec<Writer> = Vec::new();
        for path in library.files_with(variant, path).into_iter().take(MAX_FILES) {
            let Some(Ok(file)) = library.file(path) else { continue };
            for function in functions(&file) {
                let Some(line) = makes(&file, &function, variant) else { continue };
                let part = part_of(&function, stack);
                let (path, name) = (path.to_owned(), function.name.clone());
                found.push(Writer { part, path, line, name, field: String::new() });
            }
        }
        found.sort_by(|a, b| b.part.total_cmp(&a.part));
        found.truncate(MAX_WRITERS);
        let all: f64 = found.iter().map(|one| one.part).sum();
        for one in found {
            let place = Place { file: &one.path, line: one.line, function: Some(&one.name) };
            let why = format!("Makes the `{variant}` that the failing value was taken out of.");
            board.add(place, weight * one.part / all.max(MIN_WRITERS), why);
        }
    }
}

/// A function that writes, and how much it counts.
struct Writer {
    part: f64,
    path: String,
    line: u32,
    name: String,
    field: String,
}

/// Who is known to have run.
#[derive(Default)]
pub(super) struct Stack {
    /// The functions on the stack, by name.
    pub(super) functions: BTreeSet<String>,
    /// The names of all that these call, alone and with the type that they are called on where that is
    /// written.
    pub(super) called: BTreeSet<String>,
}

/// How much a writer counts, as far as names tell whether it ran before.
fn part_of(function: &Function<'_>, stack: &Stack) -> f64 {
    if stack.functions.contains(&function.name) {
        return ON_STACK;
    }
    let name = function.short_name();
    let is_called = match (is_everyday_name(&name), &function.self_type) {
        (false, _) => stack.called.contains(&name),
        (true, Some(ty)) => stack.called.contains(&format!("{ty}::{name}")),
        (true, None) => false,
    };
    if is_called { 1.0 } else { NOT_CALLED }
}

/// The fields in the failing expression and in what its values come from, the nearest first.
fn fields_read(code: &Code, path: &str, library: &Library<'_>) -> Vec<Read> {
    struct Fields<'a>(Vec<&'a syn::ExprField>);
    impl<'ast> Visit<'ast> for Fields<'ast> {
        fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
            self.0.push(field);
            visit::visit_expr_field(self, field);
        }
    }
    let mut fields = Fields(Vec::new());
    if let Some(failing) = &code.failing {
        fields.visit_expr(&failing.expr);
    }
    for origin in code.origins.iter().filter(|origin| origin.distance < 2) {
        if let Some(value) = &origin.binding.value {
            fields.visit_expr(value);
        }
    }
    let mut read: Vec<Read> = Vec::new();
    code.with_function(|function| {
        let types = TypeContext { facts: &code.facts, function, library, path };
        for field in &fields.0 {
            let of = match &*field.base {
                base if is_self(base) => function.self_type.clone(),
                base => {
                    let at = range_of(&field.member).start;
                    types.type_of(base, at).as_ref().and_then(|ty| type_name(plain(ty)))
                }
            };
            let Some(of) = of else { continue };
            let field = match &field.member {
                Member::Named(name) => name.to_string(),
                Member::Unnamed(place) => place.index.to_string(),
            };
            let one = Read { of, field };
            if !read.contains(&one) {
                read.push(one);
            }
        }
    });
    read
}
