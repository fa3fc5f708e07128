//! Where a function's values come from, and which conditions guard them: a plain walk backwards, by
//! name and scope.

use std::ops::Range;

use syn::visit::{self, Visit};
use syn::{Expr, Pat};

use super::extent::{range_of_expr, range_of_if};
use super::failing::{is_assignment, macro_arguments};
use super::file::{RustFile, bytes, range_of};
use super::functions::Function;

/// Bindings followed from one value to the next.
const MAX_ORIGIN_DEPTH: usize = 4;
/// Origins given in all.
const MAX_ORIGINS: usize = 12;

/// How a name came to have its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingKind {
    /// A parameter of the function.
    Parameter,
    /// `let`
    Let,
    /// The pattern of a `for`.
    For,
    /// The pattern of a `match`, `if let`, `while let` or `let … else`.
    Pattern,
    /// A parameter of a closure.
    ClosureParameter,
    /// `name = …` or `name += …`
    Assigned,
}

/// One binding.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The name.
    pub name: String,
    /// How.
    pub kind: BindingKind,
    /// Where the name stands.
    pub at: usize,
    /// The expression that the value comes from.
    pub value: Option<Expr>,
    /// The type, where the source states it.
    pub ty: Option<syn::Type>,
    /// Where the name means this.
    pub scope: Range<usize>,
}

/// A condition on the way.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Its bytes.
    pub range: Range<usize>,
    /// The names in it.
    pub names: Vec<String>,
    /// Whether the place of interest lies in the code that it decides about.
    pub encloses: bool,
}

/// All that one walk over a function gives.
#[derive(Debug, Default)]
pub struct Facts {
    /// In the order of the source.
    pub bindings: Vec<Binding>,
    /// In the order of the source.
    pub guards: Vec<Guard>,
}

/// A value's way back: the binding and from which name it was reached.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The binding.
    pub binding: Binding,
    /// How many bindings away from the failing expression, from 0.
    pub distance: usize,
}

/// Walks over `function`. `place` is the failing expression's position.
pub fn facts(function: &Function<'_>, place: usize) -> Facts {
    let body = range_of_block(function.block);
    let mut walk = Walk { place, scopes: vec![function.range.clone()], facts: Facts::default() };
    for input in &function.signature.inputs {
        if let syn::FnArg::Typed(typed) = input {
            walk.bind(&typed.pat, BindingKind::Parameter, None, Some(&*typed.ty), body.clone());
        }
    }
    walk.visit_block(function.block);
    walk.facts
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

struct Walk {
    place: usize,
    /// The blocks around the current node.
    scopes: Vec<Range<usize>>,
    facts: Facts,
}

impl Walk {
    fn scope(&self) -> Range<usize> {
        self.scopes.last().cloned().unwrap_or(0..0)
    }

    fn bind(
        &mut self,
        pat: &Pat,
        kind: BindingKind,
        value: Option<&Expr>,
        ty: Option<&syn::Type>,
        scope: Range<usize>,
    ) {
        struct Idents(Vec<(String, usize)>);
        impl<'ast> Visit<'ast> for Idents {
            fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
                self.0.push((pat.ident.to_string(), bytes(pat.ident.span()).start));
                visit::visit_pat_ident(self, pat);
            }
            fn visit_expr(&mut self, _: &'ast Expr) {}
        }
        let mut idents = Idents(Vec::new());
        idents.visit_pat(pat);
        let single = idents.0.len() == 1 && matches!(pat, Pat::Ident(_) | Pat::Type(_));
        for (name, at) in idents.0 {
            self.facts.bindings.push(Binding {
                name,
                kind,
                at,
                value: value.cloned(),
                ty: if single { ty.cloned() } else { None },
                scope: scope.clone(),
            });
        }
    }

    fn guard(&mut self, condition: &Expr, decides: &Range<usize>) {
        self.facts.guards.push(Guard {
            range: range_of_expr(condition),
            names: names_in(condition),
            encloses: decides.contains(&self.place),
        });
    }
}

impl<'ast> Visit<'ast> for Walk {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.scopes.push(range_of_block(block));
        visit::visit_block(self, block);
        self.scopes.pop();
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let (pat, ty) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pat => (pat, None),
        };
        let value = local.init.as_ref().map(|init| &*init.expr);
        let diverges = local.init.as_ref().is_some_and(|init| init.diverge.is_some());
        let kind = if diverges { BindingKind::Pattern } else { BindingKind::Let };
        // The name means this only after the statement.
        let end = bytes(local.semi_token.span).end;
        let scope = end..self.scope().end;
        self.bind(pat, kind, value, ty, scope.clone());
        if diverges && let Some(value) = value {
            self.guard(value, &scope);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_for_loop(&mut self, item: &'ast syn::ExprForLoop) {
        let body = range_of_block(&item.body);
        self.bind(&item.pat, BindingKind::For, Some(&item.expr), None, body);
        visit::visit_expr_for_loop(self, item);
    }

    fn visit_expr_match(&mut self, item: &'ast syn::ExprMatch) {
        for arm in &item.arms {
            let scope = range_of(arm);
            self.bind(&arm.pat, BindingKind::Pattern, Some(&item.expr), None, scope.clone());
            if let Pat::Guard(guarded) = &arm.pat {
                self.guard(&guarded.guard, &scope);
            }
        }
        let decides = bytes(item.match_token.span).start..bytes(item.brace_token.span.close()).end;
        self.guard(&item.expr, &decides);
        visit::visit_expr_match(self, item);
    }

    fn visit_expr_if(&mut self, item: &'ast syn::ExprIf) {
        let decides = range_of_if(item);
        bind_lets(self, &item.cond, &range_of_block(&item.then_branch));
        self.guard(&item.cond, &decides);
        visit::visit_expr_if(self, item);
    }

    fn visit_expr_while(&mut self, item: &'ast syn::ExprWhile) {
        let body = range_of_block(&item.body);
        bind_lets(self, &item.cond, &body);
        self.guard(&item.cond, &body);
        visit::visit_expr_while(self, item);
    }

    fn visit_expr_closure(&mut self, item: &'ast syn::ExprClosure) {
        self.closure(item, None);
        visit::visit_expr_closure(self, item);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.visit_expr(&call.receiver);
        for argument in &call.args {
            match argument {
                // What a closure gets comes from what the method is called on.
                Expr::Closure(closure) => {
                    self.closure(closure, Some(&call.receiver));
                    visit::visit_expr_closure(self, closure);
                }
                other => self.visit_expr(other),
            }
        }
    }

    fn visit_expr_assign(&mut self, item: &'ast syn::ExprAssign) {
        self.assigned(&item.left, &item.right);
        visit::visit_expr_assign(self, item);
    }

    fn visit_expr_binary(&mut self, item: &'ast syn::ExprBinary) {
        if is_assignment(&item.op) {
            self.assigned(&item.left, &item.right);
        }
        visit::visit_expr_binary(self, item);
    }

    fn visit_macro(&mut self, makro: &'ast syn::Macro) {
        let arguments = macro_arguments(makro);
        let name = makro.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default();
        if name.contains("assert") {
            let after = range_of(makro).end..self.scope().end;
            for argument in &arguments {
                self.guard(argument, &after);
            }
        }
        for argument in &arguments {
            self.visit_expr(argument);
        }
    }
}

impl Walk {
    fn closure(&mut self, item: &syn::ExprClosure, given: Option<&Expr>) {
        let body = range_of_expr(&item.body);
        for input in &item.inputs {
            let (pat, ty) = match input {
                Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
                pat => (pat, None),
            };
            self.bind(pat, BindingKind::ClosureParameter, given, ty, body.clone());
        }
    }

    fn assigned(&mut self, target: &Expr, value: &Expr) {
        let names = names_in(target);
        let [name] = names.as_slice() else { return };
        self.facts.bindings.push(Binding {
            name: name.clone(),
            kind: BindingKind::Assigned,
            at: range_of_expr(target).start,
            value: Some(value.clone()),
            ty: None,
            scope: self.scope(),
        });
    }
}

/// The names that `if let` and `while let` bind, also in chains with `&&`.
fn bind_lets(walk: &mut Walk, condition: &Expr, body: &Range<usize>) {
    match condition {
        Expr::Let(bound) => {
            walk.bind(&bound.pat, BindingKind::Pattern, Some(&bound.expr), None, body.clone());
        }
        Expr::Binary(binary) if matches!(binary.op, syn::BinOp::And(_)) => {
            bind_lets(walk, &binary.left, body);
            bind_lets(walk, &binary.right, body);
        }
        Expr::Paren(inner) => bind_lets(walk, &inner.expr, body),
        _ => {}
    }
}
