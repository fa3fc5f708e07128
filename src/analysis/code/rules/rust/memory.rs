//! `unsafe`: what must be explained, and what is wrong however it is explained.

use syn::{Expr, Stmt};

use super::super::{Found, Rule};
use super::read::{bound_name, call, name_of};
use super::{Cx, Look, RustRule};
use crate::domain::fix::{IssueType, Severity};
use crate::source::rust::file::{bytes, range_of};

/// How many lines above a block are searched for its explanation.
const MAX_LINES_ABOVE: u32 = 12;

pub(super) const RULES: &[RustRule] = &[
    RustRule {
        rule: Rule {
            id: "rust/undocumented-unsafe",
            issue_type: IssueType::Style,
            severity: Severity::Low,
            why: "Nobody can check that the block keeps its promises without knowing which they are. A comment `// SAFETY: …` above it says why it is sound.",
            same_as: &["clippy::undocumented_unsafe_blocks"],
        },
        look: Look::Expr(undocumented),
    },
    RustRule {
        rule: Rule {
            id: "rust/uninitialized",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "A value that was never written is undefined behaviour for nearly every type, from the moment that it is made. Use `MaybeUninit` until it is written.",
            same_as: &["clippy::uninit_assumed_init", "deprecated"],
        },
        look: Look::Expr(uninitialized),
    },
    RustRule {
        rule: Rule {
            id: "rust/length-of-unwritten",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "Its elements are read, or dropped, before anybody wrote them, which is undefined behaviour. `resize` writes them; `spare_capacity_mut` gives the room without reading it.",
            same_as: &["clippy::uninit_vec"],
        },
        look: Look::Block(length_of_unwritten),
    },
];

fn undocumented(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::Unsafe(block) = expr else { return };
    if cx.around.is_test() || cx.around.functions.last().is_some_and(|function| function.is_unsafe)
    {
        return;
    }
    let at = bytes(block.unsafe_token.span).start;
    let line = cx.file.line_at(at);
    let speaks = |text: &str| text.to_ascii_lowercase().contains("safe");
    let comment_of =
        |line: u32| cx.file.line(line).and_then(|text| text.find("//").map(|from| &text[from..]));
    // On its line, or at the beginning inside.
    if (line..=line + 2).filter_map(comment_of).any(speaks) {
        return;
    }
    for above in (line.saturating_sub(MAX_LINES_ABOVE)..line).rev() {
        let Some(text) = cx.file.line(above) else { break };
        if comment_of(above).is_some_and(speaks)
            || (text.trim_start().starts_with(['*', '/']) && speaks(text))
        {
            return;
        }
        // What belongs to the same statement, its attributes and its comment; nothing before them.
        let text = text.trim();
        let is_comment = text.starts_with("//");
        if !is_comment && (text.is_empty() || text.ends_with([';', '}'])) {
            break;
        }
    }
    found.add(at, "This `unsafe` block does not say why it is sound.");
}

fn uninitialized(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    if let Some((path, _)) = call(expr)
        && cx.around.resolve(&path) == "std::mem::uninitialized"
    {
        found.add(
            range_of(expr).start,
            "`mem::uninitialized` makes a value that was never written.",
        );
    }
}

/// `let mut v = Vec::with_capacity(n); unsafe { v.set_len(n) }`
fn length_of_unwritten(_: &Cx<'_>, block: &syn::Block, found: &mut Found) {
    for pair in block.stmts.windows(2) {
        let [Stmt::Local(local), next] = pair else { continue };
        let (Some(name), Some(init)) = (bound_name(&local.pat), &local.init) else { continue };
        let reserves = call(&init.expr).is_some_and(|(path, _)| path == "Vec::with_capacity");
        let set = match next {
            Stmt::Expr(Expr::Unsafe(inner), _) => match inner.block.stmts.first() {
                Some(Stmt::Expr(expr, _)) => Some(expr),
                _ => None,
            },
            _ => None,
        };
        if let (true, Some(Expr::MethodCall(set))) = (reserves, set)
            && set.method == "set_len"
            && name_of(&set.receiver).as_deref() == Some(name.as_str())
        {
            found.add(
                bytes(set.method.span()).start,
                format!("`{name}` gets a length before anything was written into it."),
            );
        }
    }
}
