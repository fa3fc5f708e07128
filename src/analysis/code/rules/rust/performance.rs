//! Work that is done for nothing, or again and again.

use syn::visit::{self, Visit};
use syn::{BinOp, Expr, GenericArgument, Lit, PathArguments, Type};

use super::super::{Edit, Found, Rule};
use super::read::{bare, call, formatted, method, name_of, place_of, text_literal};
use super::{Cx, Look, RustRule};
use crate::domain::fix::{IssueType, Severity};
use crate::source::rust::file::{bytes, range_of};

pub(super) const RULES: &[RustRule] = &[
    RustRule {
        rule: Rule {
            id: "rust/collected-to-count",
            issue_type: IssueType::Performance,
            severity: Severity::Low,
            why: "All elements are stored to be counted, and dropped. `count()` counts them as they come.",
            same_as: &["clippy::needless_collect"],
        },
        look: Look::Expr(collected_to_count),
    },
    RustRule {
        rule: Rule {
            id: "rust/formatted-to-append",
            issue_type: IssueType::Performance,
            severity: Severity::Low,
            why: "A text is made, copied and freed for each piece. `write!(text, …)` writes into it (with `use std::fmt::Write`).",
            same_as: &["clippy::format_push_string"],
        },
        look: Look::Expr(formatted_to_append),
    },
    RustRule {
        rule: Rule {
            id: "rust/regex-in-loop",
            issue_type: IssueType::Performance,
            severity: Severity::Medium,
            why: "Compiling takes far longer than matching, and gives the same each time. Compile it once, in a `LazyLock` or before the loop.",
            same_as: &["clippy::regex_creation_in_loops"],
        },
        look: Look::Expr(regex_in_loop),
    },
    RustRule {
        rule: Rule {
            id: "rust/character-by-number",
            issue_type: IssueType::Performance,
            severity: Severity::Medium,
            why: "`chars().nth(…)` counts from the beginning each time, so that the loop takes the square of the text's length. Loop over `chars().enumerate()`.",
            same_as: &[],
        },
        look: Look::Expr(character_by_number),
    },
    RustRule {
        rule: Rule {
            id: "rust/emptied-from-the-front",
            issue_type: IssueType::Performance,
            severity: Severity::Medium,
            why: "`remove(0)` moves all that is left, so that the loop takes the square of the length. Use `drain(..)`, or a `VecDeque` and `pop_front`.",
            same_as: &[],
        },
        look: Look::Expr(emptied_from_the_front),
    },
    RustRule {
        rule: Rule {
            id: "rust/cloned-to-look",
            issue_type: IssueType::Performance,
            severity: Severity::Low,
            why: "The copy is made, asked and dropped; the original can be asked itself.",
            same_as: &[],
        },
        look: Look::Expr(cloned_to_look),
    },
];

fn collected_to_count(_: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Some(length) = method(expr, "len") else { return };
    let Some(collect) = method(&length.receiver, "collect") else { return };
    let Some(generics) = &collect.turbofish else { return };
    let is_vec = matches!(generics.args.first(), Some(GenericArgument::Type(Type::Path(ty)))
        if ty.path.segments.last().is_some_and(|last| last.ident == "Vec" && matches!(last.arguments, PathArguments::AngleBracketed(_))));
    if is_vec {
        let from = bytes(collect.dot_token.spans[0]).start;
        let to = bytes(length.paren_token.span.close()).end;
        let edit = Edit::logic("Count without collecting", from..to, ".count()");
        found.add_with(
            bytes(collect.method.span()).start,
            "A `Vec` is collected only to ask for its length.",
            Some(edit),
        );
    }
}

fn formatted_to_append(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    if cx.around.is_test() {
        return;
    }
    let (at, appended) = match expr {
        Expr::MethodCall(call) if call.method == "push_str" => {
            (call.method.span(), call.args.first())
        }
        Expr::Binary(binary) => match binary.op {
            BinOp::AddAssign(operator) => (operator.spans[0], Some(&*binary.right)),
            _ => return,
        },
        _ => return,
    };
    if appended.is_some_and(|one| matches!(one, Expr::Reference(_)) && formatted(one).is_some()) {
        found.add(bytes(at).start, "A text is formatted only to be appended to another.");
    }
}

fn regex_in_loop(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Some((path, call)) = call(expr) else { return };
    let is_regex = cx.around.resolve(&path).ends_with("Regex::new") || path.ends_with("Regex::new");
    let is_fixed = call.args.first().and_then(text_literal).is_some();
    if is_regex && is_fixed && !cx.around.loops.is_empty() {
        found.add(
            range_of(expr).start,
            "The same regular expression is compiled in each step of the loop.",
        );
    }
}

fn character_by_number(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Some(nth) = method(expr, "nth") else { return };
    let Some(chars) = method(&nth.receiver, "chars") else { return };
    let Some(number) = nth.args.first().and_then(name_of) else { return };
    let counts = cx.around.loops.iter().flatten().any(|name| *name == number);
    if counts && place_of(&chars.receiver).is_some() && !cx.around.is_test() {
        found.add(
            bytes(nth.method.span()).start,
            format!("Each step counts `{number}` characters from the beginning."),
        );
    }
}

fn emptied_from_the_front(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::While(outer) = expr else { return };
    let condition = cx.squeezed(
        bytes(outer.while_token.span).end..bytes(outer.body.brace_token.span.open()).start,
    );
    if !condition.contains(".is_empty()") && !condition.contains(".len()") {
        return;
    }
    let mut look = Removals { cx, condition: &condition, seen: None };
    look.visit_block(&outer.body);
    if let Some((at, place)) = look.seen {
        found.add(at, format!("`{place}` is emptied from its front."));
    }
}

/// Finds `x.remove(0)` of the `x` that the condition asks about.
struct Removals<'a> {
    cx: &'a Cx<'a>,
    condition: &'a str,
    seen: Option<(usize, String)>,
}

impl<'ast> Visit<'ast> for Removals<'_> {
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}

    fn visit_expr(&mut self, expr: &'ast Expr) {
        if self.seen.is_some() || !self.cx.around.pay(1) {
            return;
        }
        if let Some(remove) = method(expr, "remove")
            && matches!(remove.args.first(), Some(Expr::Lit(syn::ExprLit { lit: Lit::Int(number), .. })) if number.base10_digits() == "0")
            && let Some(place) = place_of(&remove.receiver)
            && [".is_empty()", ".len()"]
                .iter()
                .any(|question| self.condition.contains(&format!("{place}{question}")))
        {
            self.seen = Some((bytes(remove.method.span()).start, place));
            return;
        }
        visit::visit_expr(self, expr);
    }
}

fn cloned_to_look(_: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::MethodCall(look) = expr else { return };
    let asks = ["len", "is_empty", "contains", "starts_with", "ends_with", "contains_key"]
        .iter()
        .any(|name| look.method == name);
    let Some(clone) =
        method(bare(&look.receiver), "clone").filter(|clone| asks && clone.args.is_empty())
    else {
        return;
    };
    if place_of(&clone.receiver).is_some() {
        let range =
            bytes(clone.dot_token.spans[0]).start..bytes(clone.paren_token.span.close()).end;
        let edit = Edit::logic("Ask the original", range, "");
        found.add_with(
            bytes(clone.method.span()).start,
            format!("A copy is made only to call `{}` on it.", look.method),
            Some(edit),
        );
    }
}
