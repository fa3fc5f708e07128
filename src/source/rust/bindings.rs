//! What gives the names of a function their values, and which conditions there are: one walk over its tree.

use std::ops::Range;

use syn::visit::{self, Visit};
use syn::{Expr, Pat};

use super::extent::{range_of_expr, range_of_if};
use super::facts::{names_in, range_of_block};
use super::failing::{is_assignment, macro_arguments};
use super::file::{bytes, range_of};
use super::functions::Function;

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
    /// The variant or struct that a pattern took it out of; the standard library's are left out.
    pub variant: Option<String>,
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
        let mut idents = Idents::default();
        idents.visit_pat(pat);
        let single = idents.found.len() == 1 && matches!(pat, Pat::Ident(_) | Pat::Type(_));
        for (name, at, variant) in idents.found {
            self.facts.bindings.push(Binding {
                name,
                kind,
                at,
                variant,
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
            variant: None,
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

/// Variants that everybody makes.
const EVERYDAY: &[&str] = &["Some", "Ok", "Err", "None", "Ready", "Break", "Continue"];

/// The names that a pattern binds, where they stand, and what they are taken out of.
#[derive(Default)]
struct Idents {
    around: Vec<String>,
    found: Vec<(String, usize, Option<String>)>,
}

impl Idents {
    fn within(&mut self, path: &syn::Path, walk: impl FnOnce(&mut Self)) {
        let name = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        self.around.push(name);
        walk(self);
        self.around.pop();
    }
}

impl<'ast> Visit<'ast> for Idents {
    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        let variant = self.around.iter().rev().find(|name| !EVERYDAY.contains(&name.as_str()));
        let at = bytes(pat.ident.span()).start;
        self.found.push((pat.ident.to_string(), at, variant.cloned()));
        visit::visit_pat_ident(self, pat);
    }

    fn visit_pat_tuple_struct(&mut self, pat: &'ast syn::PatTupleStruct) {
        self.within(&pat.path, |idents| visit::visit_pat_tuple_struct(idents, pat));
    }

    fn visit_pat_struct(&mut self, pat: &'ast syn::PatStruct) {
        self.within(&pat.path, |idents| visit::visit_pat_struct(idents, pat));
    }

    fn visit_expr(&mut self, _: &'ast Expr) {}
}
