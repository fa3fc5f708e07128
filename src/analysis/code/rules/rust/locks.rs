//! Locks that are held too long.

use syn::visit::{self, Visit};
use syn::{Expr, Pat, Stmt};

use super::super::{Found, Rule};
use super::read::{bare, bound_name, name_of, place_of};
use super::walk::Around;
use super::{Cx, Look, RustRule};
use crate::domain::fix::{IssueType, Severity};
use crate::source::rust::file::{bytes, range_of};

pub(super) const RULES: &[RustRule] = &[
    RustRule {
        rule: Rule {
            id: "rust/lock-across-await",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "While the future waits, the lock stays held; another task on the same thread that asks for it blocks the thread, and nothing ever wakes the first one. Give it up before (a block of its own), or use an asynchronous lock.",
            same_as: &["clippy::await_holding_lock"],
        },
        look: Look::Block(lock_across_await),
    },
    RustRule {
        rule: Rule {
            id: "rust/locked-twice",
            issue_type: IssueType::Bug,
            severity: Severity::Critical,
            why: "The thread waits for a lock that it holds itself: it never goes on, or panics.",
            same_as: &[],
        },
        look: Look::Block(locked_twice),
    },
    RustRule {
        rule: Rule {
            id: "rust/locked-twice-in-match",
            issue_type: IssueType::Bug,
            severity: Severity::Critical,
            why: "What is locked in the head of a `match`, `if let`, `while let` or `for` stays locked to the end of its body; the second lock waits for the first. Put the value into a `let` before.",
            same_as: &["clippy::significant_drop_in_scrutinee"],
        },
        look: Look::Expr(locked_in_head),
    },
];

/// A lock that was taken: of what, and how.
struct Taken {
    place: Option<String>,
    how: String,
    at: usize,
}

/// `x.lock().unwrap()`: the locks of the standard library, which give a `Result`.
fn taken(expr: &Expr) -> Option<Taken> {
    let mut at = bare(expr);
    let mut unwrapped = false;
    loop {
        at = bare(match at {
            Expr::MethodCall(call)
                if ["unwrap", "expect", "unwrap_or_else"]
                    .iter()
                    .any(|name| call.method == name) =>
            {
                &call.receiver
            }
            Expr::Try(inner) => &inner.expr,
            _ => break,
        });
        unwrapped = true;
    }
    let Expr::MethodCall(call) = at else { return None };
    let locks =
        ["lock", "read", "write"].iter().any(|name| call.method == name) && call.args.is_empty();
    // `stdin().lock()` is another matter, and gives no `Result`.
    (locks && unwrapped).then(|| Taken {
        place: place_of(&call.receiver),
        how: call.method.to_string(),
        at: bytes(call.method.span()).start,
    })
}

/// The guards that a block's `let`s hold, each with what follows it.
fn guards(block: &syn::Block) -> impl Iterator<Item = (String, Taken, &[Stmt])> {
    block.stmts.iter().enumerate().filter_map(|(index, statement)| {
        let Stmt::Local(local) = statement else { return None };
        let (name, init) = (bound_name(&local.pat)?, local.init.as_ref()?);
        let is_guard = !matches!(&local.pat, Pat::Type(_)) && init.diverge.is_none();
        let taken = is_guard.then(|| taken(&init.expr)).flatten()?;
        Some((name, taken, &block.stmts[index + 1..]))
    })
}

fn lock_across_await(cx: &Cx<'_>, block: &syn::Block, found: &mut Found) {
    if !cx.around.is_async() || cx.around.is_test() {
        return;
    }
    for (name, taken, rest) in guards(block) {
        let mut look = Search {
            around: cx.around,
            guard: &name,
            until: Until::Await,
            ended: false,
            seen: None,
        };
        look.statements(rest);
        if let Some(line) = look.seen.map(|at| cx.file.line_at(at)) {
            found
                .add(taken.at, format!("`{name}` is still locked at the `.await` in line {line}."));
        }
    }
}

fn locked_twice(cx: &Cx<'_>, block: &syn::Block, found: &mut Found) {
    if cx.around.is_test() {
        return;
    }
    for (name, taken, rest) in guards(block) {
        let Some(place) = &taken.place else { continue };
        let until = Until::Lock { place, how: &taken.how };
        let mut look = Search { around: cx.around, guard: &name, until, ended: false, seen: None };
        look.statements(rest);
        if let Some(at) = look.seen {
            let line = cx.file.line_at(taken.at);
            found.add(
                at,
                format!("`{place}` is locked again while `{name}`, of line {line}, holds it."),
            );
        }
    }
}

fn locked_in_head(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    if cx.around.is_test() {
        return;
    }
    let head = match expr {
        Expr::Match(one) => &*one.expr,
        Expr::ForLoop(one) => &*one.expr,
        Expr::If(syn::ExprIf { cond, .. }) | Expr::While(syn::ExprWhile { cond, .. }) => {
            match &**cond {
                Expr::Let(one) => &*one.expr,
                _ => return,
            }
        }
        _ => return,
    };
    let Some(taken) = lock_in(head) else { return };
    let Some(place) = &taken.place else { return };
    let until = Until::Lock { place, how: &taken.how };
    let mut look = Search { around: cx.around, guard: "", until, ended: false, seen: None };
    match expr {
        Expr::Match(one) => one.arms.iter().for_each(|arm| look.visit_expr(&arm.body)),
        Expr::ForLoop(one) => look.statements(&one.body.stmts),
        // From the edition of 2024 on, `else` comes after the lock was given up.
        Expr::If(one) => look.statements(&one.then_branch.stmts),
        Expr::While(one) => look.statements(&one.body.stmts),
        _ => {}
    }
    if let Some(at) = look.seen {
        let line = cx.file.line_at(taken.at);
        found.add(at, format!("`{place}` is locked again while the head in line {line} holds it."));
    }
}

/// A lock that is taken on the way to a value and lives as long as the whole expression.
fn lock_in(head: &Expr) -> Option<Taken> {
    super::read::chain(head).find_map(|one| match one {
        Expr::MethodCall(call) if call.method == "unwrap" || call.method == "expect" => taken(one),
        _ => None,
    })
}

/// What ends the search.
enum Until<'a> {
    Await,
    Lock { place: &'a str, how: &'a str },
}

/// Looks through statements for what must not be done while a guard is held. Closures and futures run at
/// another time; a guard that is dropped or given away is held no more.
struct Search<'a> {
    around: &'a Around,
    guard: &'a str,
    until: Until<'a>,
    ended: bool,
    seen: Option<usize>,
}

impl Search<'_> {
    fn statements(&mut self, statements: &[Stmt]) {
        for statement in statements {
            self.visit_stmt(statement);
            if self.ended {
                return;
            }
        }
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr(&mut self, expr: &'ast Expr) {
        if self.ended || !self.around.pay(1) {
            self.ended = true;
            return;
        }
        let given_away = |argument: &Expr| {
            !self.guard.is_empty()
                && matches!(argument, Expr::Path(_))
                && name_of(argument).as_deref() == Some(self.guard)
        };
        match expr {
            Expr::Call(call) if call.args.iter().any(given_away) => {
                self.ended = true;
                return;
            }
            Expr::MethodCall(call) if call.args.iter().any(given_away) => {
                self.ended = true;
                return;
            }
            // What ends the function or the turn ends the holding.
            Expr::Assign(one) if name_of(&one.left).as_deref() == Some(self.guard) => {
                self.ended = true;
                return;
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
        if self.ended {
            return;
        }
        let at = match (&self.until, expr) {
            (Until::Await, Expr::Await(one)) => Some(bytes(one.await_token.span).start),
            (Until::Lock { place, how }, one) => taken(one)
                .filter(|second| second.place.as_deref() == Some(place))
                .filter(|second| *how != "read" || second.how != "read")
                .map(|_| range_of(one).start),
            _ => None,
        };
        if at.is_some() {
            self.seen = at;
            self.ended = true;
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
    }
}
