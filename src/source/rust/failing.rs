//! The expression that fails at a line and column.
//!
//! Where rustc points was measured with 1.95: at the method's name for `x.unwrap()` and other calls that
//! track their caller; at the `[` for an index that goes through the `Index` trait (vectors, maps, texts,
//! ranges) and at the start of the expression for built-in arrays and slices (older compilers: always);
//! at the start of the left operand for arithmetic; at the start of a macro.

use std::ops::Range;

use syn::visit::{self, Visit};
use syn::{Expr, UnOp};

pub use super::equal::find_equal;
use super::extent::{range_of_expr, range_of_statement};
use super::file::{RustFile, bytes, range_of};
use super::functions::Function;
pub use super::macros::macro_arguments;

/// What to look for.
#[derive(Clone, Copy, Debug)]
pub enum Shape<'a> {
    /// `a[b]`
    Index,
    /// `a.name(…)` with one of these names; any if empty.
    Method(&'a [&'a str]),
    /// `a + b` or `a += b` with one of these operators, without `=`; any if empty.
    Binary(&'a [&'a str]),
    /// `-a`
    Negation,
    /// `name!(…)` with one of these names; any if empty.
    Macro(&'a [&'a str]),
    /// `name(…)`
    Call,
}

/// What an expression around the failing one is, as far as an edit must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// `*…`
    Deref,
    /// `&…`; whether `&mut`.
    Reference(bool),
    /// `….name`
    Field(String),
    /// A method call: its name, and where its dot is.
    Method(String, usize),
    /// `… = …`, and where the `=` is.
    Assign(usize),
    /// `… += …` and the like, and where the operator is.
    AssignOperation(usize),
    /// `… as T`
    Cast,
    /// `(…)`
    Paren,
    /// `|…| …`
    Closure,
    /// `async { … }`
    Async,
    /// `…?`
    Try,
    /// A block.
    Block,
    /// A whole statement, `let` included.
    Statement,
    /// The arguments of a macro.
    MacroCall(String),
    /// `for`, `while`, `loop`
    Loop,
    /// Anything else.
    Other,
}

/// An expression or statement around the failing one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestor {
    /// What it is.
    pub node: Node,
    /// Its bytes.
    pub range: Range<usize>,
}

/// A found expression.
#[derive(Clone, Debug)]
pub struct Failing {
    /// The expression.
    pub expr: Expr,
    /// Its bytes.
    pub range: Range<usize>,
    /// Whether the column points at it; otherwise it only has the right shape on the right line.
    pub exact: bool,
    /// What stands around it inside the function, innermost first.
    pub ancestors: Vec<Ancestor>,
}

impl Failing {
    /// Whether `?` and `return` here would leave a closure or an async block, not the function.
    pub fn in_closure(&self) -> bool {
        self.ancestors.iter().any(|a| matches!(a.node, Node::Closure | Node::Async))
    }

    /// What stands directly around it, parentheses left out.
    pub fn parent(&self) -> Option<&Ancestor> {
        self.ancestors.iter().find(|a| a.node != Node::Paren)
    }

    /// The innermost statement around it.
    pub fn statement(&self) -> Option<&Ancestor> {
        self.ancestors.iter().find(|a| a.node == Node::Statement)
    }
}

/// The expressions of `shapes` at `line` (and `column`, if the report has one) inside `function`. Those
/// that the column points at are the only ones if there are any. Empty: nothing of that shape there.
pub fn find(
    file: &RustFile,
    function: &Function<'_>,
    line: u32,
    column: Option<u32>,
    shapes: &[Shape<'_>],
) -> Vec<Failing> {
    let Some(start) = file.line_start(line) else { return Vec::new() };
    let end = start + file.line(line).map_or(0, str::len) + 1;
    let mut search = Search {
        shapes,
        line: start..end,
        exact: column.map(|column| file.positions(line, column)).unwrap_or_default(),
        ancestors: Vec::new(),
        found: Vec::new(),
    };
    search.visit_block(function.block);
    let mut found = search.found;
    if found.iter().any(|one| one.exact) {
        found.retain(|one| one.exact);
    }
    found
}

struct Search<'s> {
    shapes: &'s [Shape<'s>],
    line: Range<usize>,
    exact: Vec<usize>,
    /// Outermost first while walking.
    ancestors: Vec<Ancestor>,
    found: Vec<Failing>,
}

impl Search<'_> {
    fn off_the_line(&self, range: &Range<usize>) -> bool {
        range.end <= self.line.start || range.start >= self.line.end
    }

    fn check(&mut self, expr: &Expr, range: &Range<usize>) {
        for shape in self.shapes {
            let anchors = anchors(expr, *shape, range);
            let exact = anchors.iter().any(|anchor| self.exact.contains(anchor));
            if exact || anchors.iter().any(|anchor| self.line.contains(anchor)) {
                self.found.push(Failing {
                    expr: expr.clone(),
                    range: range.clone(),
                    exact,
                    ancestors: self.ancestors.iter().rev().cloned().collect(),
                });
                return;
            }
        }
    }

    fn within(&mut self, node: Node, range: Range<usize>, walk: impl FnOnce(&mut Self)) {
        self.ancestors.push(Ancestor { node, range });
        walk(self);
        self.ancestors.pop();
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_block(&mut self, block: &'ast syn::Block) {
        let start = bytes(block.brace_token.span.open()).start;
        let end = bytes(block.brace_token.span.close()).end;
        if !self.off_the_line(&(start..end)) {
            self.within(Node::Block, start..end, |s| visit::visit_block(s, block));
        }
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        let range = range_of_statement(statement);
        if self.off_the_line(&range) {
            return;
        }
        self.within(Node::Statement, range, |s| {
            // A macro that is a whole statement is no expression to syn.
            if let syn::Stmt::Macro(one) = statement {
                let expr = Expr::Macro(syn::ExprMacro { attrs: Vec::new(), mac: one.mac.clone() });
                s.check(&expr, &range_of(&one.mac));
            }
            visit::visit_stmt(s, statement);
        });
    }

    /// Functions inside the function are functions of their own.
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let range = range_of_expr(expr);
        if self.off_the_line(&range) {
            return;
        }
        self.check(expr, &range);
        self.within(node_of(expr), range, |s| visit::visit_expr(s, expr));
    }

    fn visit_macro(&mut self, makro: &'ast syn::Macro) {
        for argument in macro_arguments(makro) {
            self.visit_expr(&argument);
        }
    }
}

pub(super) fn node_of(expr: &Expr) -> Node {
    match expr {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => Node::Deref,
        Expr::Reference(reference) => Node::Reference(reference.mutability.is_some()),
        Expr::Field(field) => Node::Field(match &field.member {
            syn::Member::Named(name) => name.to_string(),
            syn::Member::Unnamed(index) => index.index.to_string(),
        }),
        Expr::MethodCall(call) => {
            Node::Method(call.method.to_string(), bytes(call.dot_token.span).start)
        }
        Expr::Assign(assign) => Node::Assign(bytes(assign.eq_token.span).start),
        Expr::Binary(binary) if operator(binary).ends_with('=') && is_assignment(&binary.op) => {
            Node::AssignOperation(range_of(&binary.op).start)
        }
        Expr::Cast(_) => Node::Cast,
        Expr::Paren(_) | Expr::Group(_) => Node::Paren,
        Expr::Closure(_) => Node::Closure,
        Expr::Async(_) => Node::Async,
        Expr::Try(_) => Node::Try,
        Expr::Macro(one) => Node::MacroCall(macro_name(&one.mac)),
        Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => Node::Loop,
        _ => Node::Other,
    }
}

fn macro_name(makro: &syn::Macro) -> String {
    makro.path.segments.last().map(|part| part.ident.to_string()).unwrap_or_default()
}

/// The operator's text.
pub fn operator(binary: &syn::ExprBinary) -> String {
    use quote::ToTokens;
    binary.op.to_token_stream().to_string()
}

/// Whether an operator also assigns (`+=`).
pub fn is_assignment(op: &syn::BinOp) -> bool {
    use syn::BinOp as B;
    matches!(
        op,
        B::AddAssign(_)
            | B::SubAssign(_)
            | B::MulAssign(_)
            | B::DivAssign(_)
            | B::RemAssign(_)
            | B::BitXorAssign(_)
            | B::BitAndAssign(_)
            | B::BitOrAssign(_)
            | B::ShlAssign(_)
            | B::ShrAssign(_)
    )
}

/// The positions at which compilers point for this expression, if it has the shape.
fn anchors(expr: &Expr, shape: Shape<'_>, range: &Range<usize>) -> Vec<usize> {
    let named = |names: &[&str], name: &str| names.is_empty() || names.contains(&name);
    match (shape, expr) {
        (Shape::Index, Expr::Index(index)) => {
            vec![bytes(index.bracket_token.span.open()).start, range.start]
        }
        (Shape::Method(names), Expr::MethodCall(call))
            if named(names, &call.method.to_string()) =>
        {
            vec![bytes(call.method.span()).start]
        }
        (Shape::Binary(operators), Expr::Binary(binary)) => {
            let text = operator(binary);
            let plain = if is_assignment(&binary.op) { text.trim_end_matches('=') } else { &text };
            if named(operators, plain) { vec![range.start] } else { Vec::new() }
        }
        (Shape::Negation, Expr::Unary(unary)) if matches!(unary.op, UnOp::Neg(_)) => {
            vec![range.start]
        }
        (Shape::Macro(names), Expr::Macro(one)) if named(names, &macro_name(&one.mac)) => {
            vec![range.start]
        }
        (Shape::Call, Expr::Call(_)) => vec![range.start],
        _ => Vec::new(),
    }
}
