//! The bytes that an expression covers, found by walking its edges only. Turning a whole expression into
//! tokens to learn where it starts and ends would cost its whole size at every level of nesting.

use std::ops::Range;

use syn::Expr;

use super::file::{bytes, range_of};

/// The bytes of an expression.
pub fn range_of_expr(expr: &Expr) -> Range<usize> {
    match (start(expr), end(expr)) {
        (Some(start), Some(end)) => start..end,
        _ => range_of(expr),
    }
}

/// The bytes of an `if` with all its branches.
pub fn range_of_if(item: &syn::ExprIf) -> Range<usize> {
    bytes(item.if_token.span).start..end_of_if(item)
}

/// The bytes of a statement.
pub fn range_of_statement(statement: &syn::Stmt) -> Range<usize> {
    match statement {
        syn::Stmt::Expr(expr, semicolon) => {
            let range = range_of_expr(expr);
            let end = semicolon.map_or(range.end, |token| bytes(token.span).end);
            range.start..end
        }
        syn::Stmt::Local(local) if local.attrs.is_empty() => {
            bytes(local.let_token.span).start..bytes(local.semi_token.span).end
        }
        other => range_of(other),
    }
}

fn start(expr: &Expr) -> Option<usize> {
    let mut expr = expr;
    // Down the left edge, iteratively: chains can be long.
    loop {
        expr = match expr {
            Expr::Binary(one) if one.attrs.is_empty() => &one.left,
            Expr::Assign(one) if one.attrs.is_empty() => &one.left,
            Expr::MethodCall(one) if one.attrs.is_empty() => &one.receiver,
            Expr::Field(one) if one.attrs.is_empty() => &one.base,
            Expr::Index(one) if one.attrs.is_empty() => &one.expr,
            Expr::Call(one) if one.attrs.is_empty() => &one.func,
            Expr::Cast(one) if one.attrs.is_empty() => &one.expr,
            Expr::Try(one) if one.attrs.is_empty() => &one.expr,
            Expr::Await(one) if one.attrs.is_empty() => &one.base,
            Expr::Range(one) if one.attrs.is_empty() && one.start.is_some() => {
                one.start.as_deref()?
            }
            Expr::Paren(one) if one.attrs.is_empty() => {
                return Some(bytes(one.paren_token.span.open()).start);
            }
            Expr::Reference(one) if one.attrs.is_empty() => {
                return Some(bytes(one.and_token.span).start);
            }
            Expr::Unary(one) if one.attrs.is_empty() => return Some(range_of(&one.op).start),
            Expr::If(one) if one.attrs.is_empty() => return Some(bytes(one.if_token.span).start),
            Expr::Match(one) if one.attrs.is_empty() => {
                return Some(bytes(one.match_token.span).start);
            }
            Expr::While(one) if one.attrs.is_empty() && one.label.is_none() => {
                return Some(bytes(one.while_token.span).start);
            }
            Expr::ForLoop(one) if one.attrs.is_empty() && one.label.is_none() => {
                return Some(bytes(one.for_token.span).start);
            }
            Expr::Loop(one) if one.attrs.is_empty() && one.label.is_none() => {
                return Some(bytes(one.loop_token.span).start);
            }
            Expr::Let(one) if one.attrs.is_empty() => return Some(bytes(one.let_token.span).start),
            Expr::Return(one) if one.attrs.is_empty() => {
                return Some(bytes(one.return_token.span).start);
            }
            Expr::Closure(one)
                if one.attrs.is_empty()
                    && one.lifetimes.is_none()
                    && one.constness.is_none()
                    && one.asyncness.is_none() =>
            {
                let first = one.capture.map_or(one.inputs_begin.span, |token| token.span);
                return Some(bytes(first).start);
            }
            Expr::Macro(one) if one.attrs.is_empty() => return Some(range_of(&one.mac.path).start),
            Expr::Array(one) if one.attrs.is_empty() => {
                return Some(bytes(one.bracket_token.span.open()).start);
            }
            Expr::Tuple(one) if one.attrs.is_empty() => {
                return Some(bytes(one.paren_token.span.open()).start);
            }
            Expr::Block(one) if one.attrs.is_empty() && one.label.is_none() => {
                return Some(bytes(one.block.brace_token.span.open()).start);
            }
            Expr::Lit(_) | Expr::Path(_) => return Some(range_of(expr).start),
            _ => return None,
        };
    }
}

fn end(expr: &Expr) -> Option<usize> {
    let mut expr = expr;
    loop {
        expr = match expr {
            Expr::Binary(one) => &one.right,
            Expr::Assign(one) => &one.right,
            Expr::Unary(one) => &one.expr,
            Expr::Reference(one) => &one.expr,
            Expr::Closure(one) => &one.body,
            Expr::Let(one) => &one.expr,
            Expr::Range(one) => match &one.end {
                Some(end) => end,
                None => return Some(range_of(&one.limits).end),
            },
            Expr::Return(one) => match &one.expr {
                Some(value) => value,
                None => return Some(bytes(one.return_token.span).end),
            },
            Expr::MethodCall(one) => return Some(bytes(one.paren_token.span.close()).end),
            Expr::Call(one) => return Some(bytes(one.paren_token.span.close()).end),
            Expr::Index(one) => return Some(bytes(one.bracket_token.span.close()).end),
            Expr::Field(one) => return Some(range_of(&one.member).end),
            Expr::Cast(one) => return Some(range_of(&one.ty).end),
            Expr::Try(one) => return Some(bytes(one.question_token.span).end),
            Expr::Await(one) => return Some(bytes(one.await_token.span).end),
            Expr::Paren(one) => return Some(bytes(one.paren_token.span.close()).end),
            Expr::If(one) => return Some(end_of_if(one)),
            Expr::Match(one) => return Some(bytes(one.brace_token.span.close()).end),
            Expr::While(one) => return Some(bytes(one.body.brace_token.span.close()).end),
            Expr::ForLoop(one) => return Some(bytes(one.body.brace_token.span.close()).end),
            Expr::Loop(one) => return Some(bytes(one.body.brace_token.span.close()).end),
            Expr::Block(one) => return Some(bytes(one.block.brace_token.span.close()).end),
            Expr::Macro(one) => return Some(bytes(one.mac.delimiter.span().close()).end),
            Expr::Array(one) => return Some(bytes(one.bracket_token.span.close()).end),
            Expr::Tuple(one) => return Some(bytes(one.paren_token.span.close()).end),
            Expr::Lit(_) | Expr::Path(_) => return Some(range_of(expr).end),
            _ => return None,
        };
    }
}

fn end_of_if(item: &syn::ExprIf) -> usize {
    let mut item = item;
    loop {
        match &item.else_branch {
            None => return bytes(item.then_branch.brace_token.span.close()).end,
            Some((_, branch)) => match &**branch {
                Expr::If(next) => item = next,
                Expr::Block(block) => return bytes(block.block.brace_token.span.close()).end,
                other => return range_of(other).end,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use syn::visit::{self, Visit};

    use super::*;
    use crate::source::rust::RustFile;

    /// The edges and the tokens agree on every expression and statement of real files.
    #[test]
    fn edges_are_where_the_tokens_are() {
        struct Compare(usize);
        impl<'ast> Visit<'ast> for Compare {
            fn visit_expr(&mut self, expr: &'ast Expr) {
                assert_eq!(range_of_expr(expr), range_of(expr));
                self.0 += 1;
                visit::visit_expr(self, expr);
            }
            fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
                assert_eq!(range_of_statement(statement), range_of(statement));
                visit::visit_stmt(self, statement);
            }
        }
        for text in [
            include_str!("../../../tests/fixtures/panics/desk.rs"),
            include_str!("bindings.rs"),
            include_str!("failing.rs"),
            include_str!("../../domain/backtrace.rs"),
            include_str!("extent.rs"),
        ] {
            let file = RustFile::parse(&Arc::from(text)).unwrap();
            let mut compare = Compare(0);
            compare.visit_file(file.tree());
            assert!(compare.0 > 200);
        }
    }
}
