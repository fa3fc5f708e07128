//! Expressions that are the same as another one.

use syn::Expr;
use syn::visit::{self, Visit};

use super::extent::{range_of_expr, range_of_statement};
use super::facts::range_of_block;
use super::failing::{Ancestor, Failing, Node, node_of};
use super::functions::Function;
use super::macros::macro_arguments;

/// The expressions of the tree whose text, token for token, is that of `wanted`.
pub fn find_equal(function: &Function<'_>, wanted: &Expr) -> Vec<Failing> {
    struct Equal<'w> {
        wanted: &'w Expr,
        ancestors: Vec<Ancestor>,
        found: Vec<Failing>,
    }
    impl<'ast> Visit<'ast> for Equal<'_> {
        fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
            self.ancestors
                .push(Ancestor { node: Node::Statement, range: range_of_statement(statement) });
            visit::visit_stmt(self, statement);
            self.ancestors.pop();
        }
        fn visit_block(&mut self, block: &'ast syn::Block) {
            self.ancestors.push(Ancestor { node: Node::Block, range: range_of_block(block) });
            visit::visit_block(self, block);
            self.ancestors.pop();
        }
        fn visit_item(&mut self, _: &'ast syn::Item) {}
        fn visit_expr(&mut self, expr: &'ast Expr) {
            let range = range_of_expr(expr);
            if expr == self.wanted {
                self.found.push(Failing {
                    expr: expr.clone(),
                    range: range.clone(),
                    exact: true,
                    ancestors: self.ancestors.iter().rev().cloned().collect(),
                });
            }
            self.ancestors.push(Ancestor { node: node_of(expr), range });
            visit::visit_expr(self, expr);
            self.ancestors.pop();
        }
        fn visit_macro(&mut self, makro: &'ast syn::Macro) {
            for argument in macro_arguments(makro) {
                self.visit_expr(&argument);
            }
        }
    }
    let mut search = Equal { wanted, ancestors: Vec::new(), found: Vec::new() };
    search.visit_block(function.block);
    search.found
}
