//! Where a function writes a field.

use syn::visit::{self, Visit};
use syn::{Expr, Member};

use crate::source::rust::calls::root_of;
use crate::source::rust::facts::is_self;
use crate::source::rust::file::{RustFile, range_of};
use crate::source::rust::functions::Function;

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
pub(super) struct Read {
    pub(super) of: String,
    pub(super) field: String,
}

/// The line in which a function writes the field: of `self`, of a new value, or of a value beside it.
pub(super) fn writes(file: &RustFile, function: &Function<'_>, read: &Read) -> Option<u32> {
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
