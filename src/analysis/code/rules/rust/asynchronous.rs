//! Futures that hold up the thread that they run on.

use syn::Expr;

use super::super::{Found, Rule};
use super::read::{call, chain};
use super::{Cx, Look, RustRule};
use crate::domain::fix::{IssueType, Severity};
use crate::source::rust::file::{bytes, range_of};

pub(super) const RULES: &[RustRule] = &[
    RustRule {
        rule: Rule {
            id: "rust/blocking-in-async",
            issue_type: IssueType::Performance,
            severity: Severity::High,
            why: "The thread does nothing else meanwhile; with as many such waits as threads, the whole runtime stands still. Await the asynchronous call, or hand it to `spawn_blocking`.",
            same_as: &[],
        },
        look: Look::Expr(blocking),
    },
    RustRule {
        rule: Rule {
            id: "rust/block-on-in-async",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "Inside a runtime it panics, or waits for a task that can only run on this thread. Await the future.",
            same_as: &[],
        },
        look: Look::Expr(block_on),
    },
];

fn blocking(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    if !cx.around.is_async() || cx.around.is_test() {
        return;
    }
    let Some((path, _)) = call(expr) else {
        command(cx, expr, found);
        return;
    };
    let full = cx.around.resolve(&path);
    let last = full.rsplit("::").next().unwrap_or_default();
    let is_function = last.starts_with(|c: char| c.is_lowercase());
    let blocks = full == "std::thread::sleep"
        || matches!(full.as_str(), "std::fs::File::open" | "std::fs::File::create")
        || (full.starts_with("std::fs::") && is_function && full.matches("::").count() == 2)
        || full.starts_with("reqwest::blocking::");
    if blocks {
        found.add(range_of(expr).start, format!("`{path}` blocks the thread of the runtime."));
    }
}

/// `Command::new(…)….output()` of the standard library.
fn command(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::MethodCall(run) = expr else { return };
    if !(run.method == "output" || run.method == "status") || !run.args.is_empty() {
        return;
    }
    let made = chain(&run.receiver).last().and_then(call);
    if made.is_some_and(|(path, _)| cx.around.resolve(&path) == "std::process::Command::new") {
        found.add(
            bytes(run.method.span()).start,
            format!("`{}` waits for the program on the thread of the runtime.", run.method),
        );
    }
}

fn block_on(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    if !cx.around.is_async() || cx.around.is_test() {
        return;
    }
    let at = match expr {
        Expr::MethodCall(call) if call.method == "block_on" && call.args.len() == 1 => {
            bytes(call.method.span()).start
        }
        _ => match call(expr) {
            Some((path, _)) if path.ends_with("::block_on") => range_of(expr).start,
            _ => return,
        },
    };
    found.add(at, "`block_on` stands inside a future.");
}
