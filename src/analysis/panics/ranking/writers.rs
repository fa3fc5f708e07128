//! Functions that write the fields which a failing expression reads.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};
use syn::{Expr, Member};

use super::board::{Board, Place};
use crate::analysis::panics::findings::Code;
use crate::source::rust::callees::{Library, is_everyday_name};
use crate::source::rust::calls::root_of;
use crate::source::rust::facts::is_self;
use crate::source::rust::file::{RustFile, range_of};
use crate::source::rust::functions::{Function, functions, type_name};
use crate::source::rust::types::{TypeContext, plain};

/// Files looked through.
const MAX_FILES: usize = 8;

/// Functions given.
const MAX_WRITERS: usize = 8;

/// Fields looked for at one place.
const MAX_FIELDS: usize = 6;

/// One writer alone does not get all of the weight.
const MIN_WRITERS: f64 = 1.5;

/// How much less a writer counts that nothing on the stack calls.
const NOT_CALLED: f64 = 0.5;
/// … and one that only gives the value that it begins with.
const BEGINS: f64 = 0.7;
/// … and how much more one that is on the stack itself.
const ON_STACK: f64 = 5.0;

/// Methods that change a collection or a counter in place.
const CHANGING: &[&str] = &[
    "push",
    "push_str",
    "push_back",
    "push_front",
    "pop",
    "pop_back",
    "pop_front",
    "insert",
    "remove",
    "clear",
    "truncate",
    "extend",
    "append",
    "drain",
    "resize",
    "swap",
    "swap_remove",
    "take",
    "replace",
    "set",
    "retain",
    "reserve",
    "next",
    "set_len",
    "extend_from_slice",
    "fill",
    "get_or_insert_with",
];

/// A field that is read, with its type's name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Read {
    of: String,
    field: String,
}

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

/// The line in which a function writes the field: of `self`, of a new value, or of a value beside it.
fn writes(file: &RustFile, function: &Function<'_>, read: &Read) -> Option<u32> {
    let is_of_type = function.self_type.as_deref() == Some(read.of.as_str());
    let mut writes = Writes { read, is_of_type, at: None };
    writes.visit_block(function.block);
    writes.at.map(|at| file.line_at(at))
}

struct Writes<'a> {
    read: &'a Read,
    /// Whether `self` has the type.
    is_of_type: bool,
    at: Option<usize>,
}

impl Writes<'_> {
    fn is_field(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Field(field) => {
                let named = match &field.member {
                    Member::Named(name) => name == self.read.field.as_str(),
                    Member::Unnamed(place) => place.index.to_string() == self.read.field,
                };
                named && (self.is_of_type || !is_self(&field.base))
            }
            Expr::Index(index) => self.is_field(&index.expr),
            Expr::Unary(inner) => self.is_field(&inner.expr),
            Expr::Paren(inner) => self.is_field(&inner.expr),
            _ => false,
        }
    }

    fn is_type(&self, path: &syn::Path) -> bool {
        path.segments.last().is_some_and(|last| {
            last.ident == self.read.of.as_str() || self.is_of_type && last.ident == "Self"
        })
    }

    fn note(&mut self, at: usize) {
        self.at.get_or_insert(at);
    }
}

impl<'ast> Visit<'ast> for Writes<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        if self.is_field(&assign.left) {
            self.note(range_of(&assign.eq_token).start);
        }
        visit::visit_expr_assign(self, assign);
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if crate::source::rust::failing::is_assignment(&binary.op) && self.is_field(&binary.left) {
            self.note(range_of(&binary.op).start);
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        if self.is_type(&made.path) {
            let named = made.fields.iter().find(
                |value| matches!(&value.member, Member::Named(name) if name == self.read.field.as_str()),
            );
            if let Some(value) = named {
                self.note(range_of(&value.member).start);
            }
        }
        visit::visit_expr_struct(self, made);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let is_place = self.read.field.starts_with(|c: char| c.is_ascii_digit());
        if let Expr::Path(path) = &*call.func
            && is_place
            && self.is_type(&path.path)
        {
            self.note(range_of(path).start);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if self.is_field(&call.receiver) && CHANGING.contains(&call.method.to_string().as_str()) {
            self.note(range_of(&call.method).start);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        let is_part = self.is_field(&reference.expr)
            || self.is_of_type
                && root_of(&reference.expr) == Some(format!("self.{}", self.read.field));
        if reference.mutability.is_some() && is_part {
            self.note(range_of(&reference.and_token).start);
        }
        visit::visit_expr_reference(self, reference);
    }
}
