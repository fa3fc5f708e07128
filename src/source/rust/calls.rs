//! Calls with what they are made on: for finding out what a call reads and what it may change.

use std::ops::Range;

use syn::visit::{self, Visit};
use syn::{Block, Expr};

use super::callees::Call;
use super::facts::{is_self, names_in, range_of_block};
use super::failing::macro_arguments;
use super::file::{bytes, range_of};

/// Calls noted in one function.
const MAX_CALLS: usize = 400;

/// A call somewhere in a function.
#[derive(Clone, Debug)]
pub struct CallSite {
    /// What is called, as it is written.
    pub call: Call,
    /// `x` of `x.name(…)`.
    pub receiver: Option<Expr>,
    /// Where the name stands.
    pub at: usize,
    /// Variables and fields that it can change: what it is called on, and what it gets as `&mut`.
    pub may_change: Vec<String>,
    /// Variables and fields in its arguments.
    pub given: Vec<String>,
    /// Whether what it is called on is `self`, or a field of it.
    pub on_self: bool,
}

/// The calls in an expression, in the order of the source; macros that take expressions included.
pub fn call_sites(expr: &Expr) -> Vec<CallSite> {
    let mut sites = Sites::default();
    sites.visit_expr(expr);
    sites.0
}

/// The calls in a block that begin before `until`, in the order of the source.
pub fn calls_before(block: &Block, until: usize) -> Vec<CallSite> {
    let mut sites = Sites::default();
    sites.visit_block(block);
    sites.0.retain(|site| site.at < until);
    sites.0
}

/// The bytes of the innermost loop of a block around a position.
pub fn loop_around(block: &Block, position: usize) -> Option<Range<usize>> {
    struct Loops {
        position: usize,
        best: Option<Range<usize>>,
    }
    impl Loops {
        fn look(&mut self, range: Range<usize>) {
            if range.contains(&self.position) {
                self.best = Some(range);
            }
        }
    }
    impl<'ast> Visit<'ast> for Loops {
        fn visit_expr_for_loop(&mut self, one: &'ast syn::ExprForLoop) {
            self.look(bytes(one.for_token.span).start..range_of_block(&one.body).end);
            visit::visit_expr_for_loop(self, one);
        }
        fn visit_expr_while(&mut self, one: &'ast syn::ExprWhile) {
            self.look(bytes(one.while_token.span).start..range_of_block(&one.body).end);
            visit::visit_expr_while(self, one);
        }
        fn visit_expr_loop(&mut self, one: &'ast syn::ExprLoop) {
            self.look(bytes(one.loop_token.span).start..range_of_block(&one.body).end);
            visit::visit_expr_loop(self, one);
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut loops = Loops { position, best: None };
    loops.visit_block(block);
    loops.best
}

/// `x` of `x.a[i].b`, `self.a` of `self.a.b[i]`: what a place is part of.
pub fn root_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Field(field) if is_self(&field.base) => names_in(expr).pop(),
        Expr::Field(field) => root_of(&field.base),
        Expr::Index(index) => root_of(&index.expr),
        Expr::Paren(inner) => root_of(&inner.expr),
        Expr::Reference(inner) => root_of(&inner.expr),
        Expr::Unary(inner) => root_of(&inner.expr),
        Expr::Try(inner) => root_of(&inner.expr),
        Expr::MethodCall(call) => root_of(&call.receiver),
        Expr::Path(_) if is_self(expr) => Some("self".to_owned()),
        Expr::Path(_) => names_in(expr).pop(),
        _ => None,
    }
}

#[derive(Default)]
struct Sites(Vec<CallSite>);

fn changed<'a>(arguments: impl Iterator<Item = &'a Expr>) -> Vec<String> {
    arguments
        .filter_map(|argument| match argument {
            Expr::Reference(reference) if reference.mutability.is_some() => {
                root_of(&reference.expr)
            }
            _ => None,
        })
        .collect()
}

impl<'ast> Visit<'ast> for Sites {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        visit::visit_expr_call(self, call);
        if self.0.len() >= MAX_CALLS {
            return;
        }
        let Expr::Path(path) = &*call.func else { return };
        let names: Vec<String> =
            path.path.segments.iter().map(|part| part.ident.to_string()).collect();
        let Some((name, before)) = names.split_last() else { return };
        self.0.push(CallSite {
            call: Call { name: name.clone(), owner: before.last().cloned(), is_method: false },
            receiver: None,
            at: range_of(path).start,
            may_change: changed(call.args.iter()),
            given: call.args.iter().flat_map(names_in).collect(),
            on_self: call.args.first().is_some_and(is_self),
        });
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        visit::visit_expr_method_call(self, call);
        if self.0.len() >= MAX_CALLS {
            return;
        }
        let root = root_of(&call.receiver);
        let on_self = root.as_deref().is_some_and(|root| root.starts_with("self"));
        let mut may_change = changed(call.args.iter());
        may_change.extend(root);
        self.0.push(CallSite {
            call: Call {
                name: call.method.to_string(),
                owner: is_self(&call.receiver).then(|| "Self".to_owned()),
                is_method: true,
            },
            receiver: Some((*call.receiver).clone()),
            at: bytes(call.method.span()).start,
            may_change,
            given: call.args.iter().flat_map(names_in).collect(),
            on_self,
        });
    }

    fn visit_macro(&mut self, makro: &'ast syn::Macro) {
        for argument in macro_arguments(makro) {
            self.visit_expr(&argument);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        syn::parse_str(text).unwrap()
    }

    #[test]
    fn a_call_knows_what_it_may_change() {
        let block = block("{ self.at.advance(1); fill(&mut line, 3); let n = lines[0].len(); }");
        let calls = calls_before(&block, usize::MAX);
        let said: Vec<(String, Vec<String>, bool)> =
            calls.into_iter().map(|c| (c.call.name, c.may_change, c.on_self)).collect();
        assert_eq!(
            said,
            [
                ("advance".to_owned(), vec!["self.at".to_owned()], true),
                ("fill".to_owned(), vec!["line".to_owned()], false),
                ("len".to_owned(), vec!["lines".to_owned()], false),
            ]
        );
    }

    #[test]
    fn inner_calls_come_first() {
        let expr: Expr = syn::parse_str("outer(inner(x)).last()").unwrap();
        let names: Vec<String> = call_sites(&expr).into_iter().map(|c| c.call.name).collect();
        assert_eq!(names, ["inner", "outer", "last"]);
    }
}
