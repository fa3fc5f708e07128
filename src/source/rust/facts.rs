//! Where a function's values come from, and which conditions guard them: backwards from one binding to the
//! next, by name and scope.

use std::ops::Range;

use syn::Expr;
use syn::visit::{self, Visit};

pub use super::bindings::{Binding, BindingKind, Facts, Guard, facts};
use super::failing::macro_arguments;
use super::file::{RustFile, bytes};

/// Bindings followed from one value to the next.
const MAX_ORIGIN_DEPTH: usize = 4;
/// Origins given in all.
const MAX_ORIGINS: usize = 12;

/// A value's way back: the binding and from which name it was reached.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The binding.
    pub binding: Binding,
    /// How many bindings away from the failing expression, from 0.
    pub distance: usize,
}

impl Facts {
    /// What `name` means at `place`.
    pub fn binding(&self, name: &str, place: usize) -> Option<&Binding> {
        self.bindings
            .iter()
            .filter(|b| b.name == name && b.kind != BindingKind::Assigned)
            .filter(|b| b.at < place && b.scope.contains(&place))
            .max_by_key(|b| b.at)
    }

    /// Where the values of `names` at `place` come from, nearest first.
    pub fn origins(&self, names: &[String], place: usize) -> Vec<Origin> {
        let mut found: Vec<Origin> = Vec::new();
        let mut next: Vec<(String, usize, usize)> =
            names.iter().map(|name| (name.clone(), place, 0)).collect();
        let mut at = 0;
        while at < next.len() && found.len() < MAX_ORIGINS {
            let (name, place, distance) = next[at].clone();
            at += 1;
            let assigned = self
                .bindings
                .iter()
                .filter(|b| b.name == name && b.kind == BindingKind::Assigned && b.at < place);
            for binding in self.binding(&name, place).into_iter().chain(assigned) {
                if found.iter().any(|origin| origin.binding.at == binding.at) {
                    continue;
                }
                if distance < MAX_ORIGIN_DEPTH
                    && let Some(value) = &binding.value
                {
                    for inner in names_in(value) {
                        next.push((inner, binding.at, distance + 1));
                    }
                }
                found.push(Origin { binding: binding.clone(), distance });
            }
        }
        found.truncate(MAX_ORIGINS);
        found
    }

    /// The conditions before or around `place` that mention one of `names`.
    pub fn guards_of(&self, names: &[String], place: usize) -> Vec<&Guard> {
        self.guards
            .iter()
            .filter(|guard| guard.range.end <= place)
            .filter(|guard| guard.names.iter().any(|name| names.contains(name)))
            .collect()
    }
}

/// The variables in an expression: `x`, and `self.field` (or `self.0`) as one name.
pub fn names_in(expr: &Expr) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            if let Some(ident) = path.path.get_ident() {
                let name = ident.to_string();
                let is_variable = name.starts_with(|c: char| c.is_lowercase() || c == '_');
                if is_variable && name != "self" && !self.0.contains(&name) {
                    self.0.push(name);
                }
            }
        }
        fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
            if is_self(&field.base) {
                let name = match &field.member {
                    syn::Member::Named(member) => format!("self.{member}"),
                    syn::Member::Unnamed(place) => format!("self.{}", place.index),
                };
                if !self.0.contains(&name) {
                    self.0.push(name);
                }
                return;
            }
            visit::visit_expr_field(self, field);
        }
        fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
            // The called function is no variable.
            if !matches!(&*call.func, Expr::Path(_)) {
                self.visit_expr(&call.func);
            }
            for argument in &call.args {
                self.visit_expr(argument);
            }
        }
        fn visit_macro(&mut self, makro: &'ast syn::Macro) {
            for argument in macro_arguments(makro) {
                self.visit_expr(&argument);
            }
        }
    }
    let mut names = Names(Vec::new());
    names.visit_expr(expr);
    names.0
}

/// Whether an expression is `self`.
pub fn is_self(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident("self"))
}

/// The bytes of a block.
pub fn range_of_block(block: &syn::Block) -> Range<usize> {
    bytes(block.brace_token.span.open()).start..bytes(block.brace_token.span.close()).end
}

/// The source line of a position, for quoting.
pub fn quote_line(file: &RustFile, position: usize) -> (u32, String) {
    let line = file.line_at(position);
    (line, file.line(line).unwrap_or_default().to_owned())
}
