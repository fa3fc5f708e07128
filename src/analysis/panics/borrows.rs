//! The other borrow: which guard of the same RefCell was still alive when the failing borrow was asked
//! for, in the failing function or in one of its callers.

use std::ops::Range;
use std::rc::Rc;

use syn::Expr;
use syn::visit::{self, Visit};

use super::sites::Sites;
use crate::source::rust::callees::Library;
use crate::source::rust::extent::{range_of_expr, range_of_if, range_of_statement};
use crate::source::rust::facts::range_of_block;
use crate::source::rust::file::{RustFile, bytes, range_of};
use crate::source::rust::functions::{Function, enclosing_line};

/// Frames looked through, from the failing one outwards.
const MAX_FRAMES: usize = 8;

/// How the guard is kept alive.
#[derive(Clone, Debug)]
pub(super) enum Held {
    /// `let name = cell.borrow();` in a scope that goes on.
    Let {
        /// The guard's name.
        name: String,
    },
    /// A temporary in the head of a `match`, `if let`, `while let` or `for`: it lives through the body.
    Head {
        /// The expression in the head.
        head: Box<Expr>,
        /// Its bytes.
        head_range: Range<usize>,
        /// Which construct.
        of: HeadOf,
        /// The whole construct.
        whole: Range<usize>,
    },
    /// A temporary in the same statement as the call.
    SameStatement,
}

/// What a head belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadOf {
    Match,
    IfLet,
    WhileLet,
    For,
}

/// A borrow that was alive.
pub(super) struct HeldBorrow {
    /// Path below the repository root.
    pub(super) path: String,
    pub(super) file: Rc<RustFile>,
    /// The function that holds it.
    pub(super) function: String,
    /// The `….borrow()` itself.
    pub(super) borrow: Range<usize>,
    pub(super) held: Held,
    /// Where the failing borrow, or the call that leads to it, stands in that function.
    pub(super) place: Range<usize>,
}

/// The name of the RefCell that a `….borrow_mut()` is called on: its last field or variable.
pub(super) fn cell_name(expr: &Expr) -> Option<String> {
    let Expr::MethodCall(call) = expr else { return None };
    last_name(&call.receiver)
}

fn last_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Field(field) => match &field.member {
            syn::Member::Named(name) => Some(name.to_string()),
            syn::Member::Unnamed(index) => Some(index.index.to_string()),
        },
        Expr::Path(path) => path.path.segments.last().map(|part| part.ident.to_string()),
        Expr::Paren(inner) => last_name(&inner.expr),
        Expr::Unary(inner) => last_name(&inner.expr),
        Expr::Reference(inner) => last_name(&inner.expr),
        Expr::MethodCall(call) if call.method == "as_ref" || call.method == "clone" => {
            last_name(&call.receiver)
        }
        _ => None,
    }
}

/// Finds the borrow of `cell` that was alive at the failing place.
pub(super) fn held_borrow(
    cell: &str,
    failing: &Range<usize>,
    sites: &Sites,
    library: &Library<'_>,
) -> Option<HeldBorrow> {
    for (depth, site) in sites.list.iter().take(MAX_FRAMES).enumerate() {
        let Some(Ok(file)) = library.file(&site.path) else { continue };
        let Some(function) = enclosing_line(&file, site.line) else { continue };
        let place = if depth == 0 {
            failing.clone()
        } else {
            let Some(start) = file.line_start(site.line) else { continue };
            let text = file.line(site.line).unwrap_or_default();
            start + (text.len() - text.trim_start().len())..start + text.len()
        };
        let mut search = Search { cell, place: place.clone(), scopes: Vec::new(), found: None };
        search.visit_block(function.block);
        if let Some((borrow, held)) = search.found {
            return Some(HeldBorrow {
                path: site.path.clone(),
                function: function.name.clone(),
                file: Rc::clone(&file),
                borrow,
                held,
                place,
            });
        }
    }
    None
}

/// Whether `name` stands anywhere in the function at or after `from`, other than in `drop(name)`.
pub(super) fn is_used_after(function: &Function<'_>, name: &str, from: usize) -> bool {
    struct Uses<'n> {
        name: &'n str,
        from: usize,
        used: bool,
    }
    impl<'ast> Visit<'ast> for Uses<'_> {
        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            if path.path.is_ident(self.name) && range_of(path).start >= self.from {
                self.used = true;
            }
        }
        fn visit_macro(&mut self, makro: &'ast syn::Macro) {
            // Format strings can name a variable inside the text: any mention counts.
            let range = range_of(makro);
            if range.end > self.from && makro.tokens.to_string().contains(self.name) {
                self.used = true;
            }
        }
    }
    let mut uses = Uses { name, from, used: false };
    uses.visit_block(function.block);
    uses.used
}

struct Search<'c> {
    cell: &'c str,
    place: Range<usize>,
    scopes: Vec<Range<usize>>,
    found: Option<(Range<usize>, Held)>,
}

impl Search<'_> {
    fn holds(&self, range: &Range<usize>) -> bool {
        range.start <= self.place.start && self.place.start < range.end
    }

    /// The borrow of the cell inside an expression, apart from the failing one.
    fn borrow_in(&self, expr: &Expr) -> Option<Range<usize>> {
        struct Borrows<'c> {
            cell: &'c str,
            not: Range<usize>,
            found: Option<Range<usize>>,
        }
        impl<'ast> Visit<'ast> for Borrows<'_> {
            fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
                if is_borrow(call) && last_name(&call.receiver).as_deref() == Some(self.cell) {
                    let range = range_of(call);
                    if range != self.not {
                        self.found = Some(range);
                    }
                }
                visit::visit_expr_method_call(self, call);
            }
            fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
            fn visit_block(&mut self, _: &'ast syn::Block) {}
        }
        let mut borrows = Borrows { cell: self.cell, not: self.place.clone(), found: None };
        borrows.visit_expr(expr);
        borrows.found
    }

    fn head(&mut self, head: &Expr, of: HeadOf, body: &Range<usize>, whole: Range<usize>) {
        if !self.holds(body) {
            return;
        }
        if let Some(borrow) = self.borrow_in(head) {
            let head_range = range_of_expr(head);
            self.found =
                Some((borrow, Held::Head { head: Box::new(head.clone()), head_range, of, whole }));
        }
    }
}

fn is_borrow(call: &syn::ExprMethodCall) -> bool {
    call.args.is_empty() && (call.method == "borrow" || call.method == "borrow_mut")
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let range = range_of_block(block);
        if !self.holds(&range) {
            return;
        }
        self.scopes.push(range);
        let mut dropped: Vec<String> = Vec::new();
        for statement in &block.stmts {
            if let syn::Stmt::Expr(Expr::Call(call), _) = statement
                && matches!(&*call.func, Expr::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == "drop"))
                && let Some(Expr::Path(argument)) = call.args.first()
                && let Some(name) = argument.path.get_ident()
                && range_of_statement(statement).end <= self.place.start
                && let Some((_, Held::Let { name: held })) = &self.found
                && name == held.as_str()
            {
                dropped.push(name.to_string());
                self.found = None;
            }
            self.visit_stmt(statement);
        }
        self.scopes.pop();
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let range = range_of(local);
        if let Some(init) = &local.init
            && range.end <= self.place.start
            && let Expr::MethodCall(call) = &*init.expr
            && is_borrow(call)
            && last_name(&call.receiver).as_deref() == Some(self.cell)
        {
            let pat = match &local.pat {
                syn::Pat::Type(typed) => &*typed.pat,
                pat => pat,
            };
            if let syn::Pat::Ident(ident) = pat {
                let held = Held::Let { name: ident.ident.to_string() };
                self.found = Some((range_of(call), held));
            }
        }
        if self.holds(&range) {
            if let Some(init) = &local.init {
                self.same_statement(&init.expr);
            }
            visit::visit_local(self, local);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if let syn::Stmt::Expr(expr, _) = statement
            && self.holds(&range_of_statement(statement))
        {
            self.same_statement(expr);
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_expr_match(&mut self, item: &'ast syn::ExprMatch) {
        let whole = bytes(item.match_token.span).start..bytes(item.brace_token.span.close()).end;
        let body = range_of_expr(&item.expr).end..whole.end;
        self.head(&item.expr, HeadOf::Match, &body, whole);
        visit::visit_expr_match(self, item);
    }

    fn visit_expr_if(&mut self, item: &'ast syn::ExprIf) {
        if let Expr::Let(bound) = &*item.cond {
            let body = range_of_block(&item.then_branch);
            self.head(&bound.expr, HeadOf::IfLet, &body, range_of_if(item));
        }
        visit::visit_expr_if(self, item);
    }

    fn visit_expr_while(&mut self, item: &'ast syn::ExprWhile) {
        if let Expr::Let(bound) = &*item.cond {
            self.head(&bound.expr, HeadOf::WhileLet, &range_of_block(&item.body), range_of(item));
        }
        visit::visit_expr_while(self, item);
    }

    fn visit_expr_for_loop(&mut self, item: &'ast syn::ExprForLoop) {
        self.head(&item.expr, HeadOf::For, &range_of_block(&item.body), range_of(item));
        visit::visit_expr_for_loop(self, item);
    }
}

impl Search<'_> {
    /// `cell.borrow_mut().push(self.total())`: the guard lives while the arguments are computed.
    fn same_statement(&mut self, expr: &Expr) {
        if matches!(
            expr,
            Expr::Match(_)
                | Expr::If(_)
                | Expr::While(_)
                | Expr::ForLoop(_)
                | Expr::Loop(_)
                | Expr::Block(_)
        ) {
            return;
        }
        if let Some(borrow) = self.borrow_in(expr)
            && borrow.start <= self.place.end
        {
            self.found = Some((borrow, Held::SameStatement));
        }
    }
}
