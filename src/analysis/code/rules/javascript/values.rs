//! Texts that become values.

use super::super::super::tree::Node;
use super::super::{Code, Edit, Found, Rule, TreeRule};
use super::{arguments, callee, short};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "javascript/parse-int-radix",
            issue_type: IssueType::Style,
            severity: Severity::Low,
            why: "Without a radix a text that begins with `0x` is read as a hexadecimal number.",
            same_as: &["radix"],
        },
        find: parse_int,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/unguarded-json-parse",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "A text that is no JSON throws a SyntaxError; what is stored or sent can be any text.",
            same_as: &[],
        },
        find: json_parse,
    },
];

fn parse_int(code: &Code<'_>, found: &mut Found) {
    for call in code.tree.all("call_expression") {
        if !matches!(callee(call), "parseInt" | "Number.parseInt") {
            continue;
        }
        let mut all = arguments(call);
        let (Some(first), None) = (all.next(), all.next()) else { continue };
        // `parseInt(1.5)` is a way of rounding.
        if first.is_any(&["number", "spread_element", "binary_expression"]) {
            continue;
        }
        let end = first.range().end;
        let edit = Edit::logic("Give the radix", end..end, ", 10");
        found.add_with(
            call.start(),
            format!("`{}` is not told in which base `{}` is written.", callee(call), short(first)),
            Some(edit),
        );
    }
}

fn json_parse(code: &Code<'_>, found: &mut Found) {
    const OUTSIDE: &[&str] = &[
        "localStorage.getItem(",
        "sessionStorage.getItem(",
        "window.localStorage.getItem(",
        "req.body",
        "request.body",
        "event.data",
        "location.hash",
        "req.query.",
    ];
    for call in code.tree.all("call_expression") {
        if callee(call) != "JSON.parse" || code.is_test {
            continue;
        }
        let Some(argument) = arguments(call).next() else { continue };
        let text = argument.text();
        let outside = OUTSIDE.iter().find(|source| text.starts_with(**source));
        if let Some(outside) = outside.filter(|_| !is_guarded(call)) {
            found.add(
                call.start(),
                format!(
                    "`JSON.parse` reads `{}` outside any `try`.",
                    outside.trim_end_matches(['(', '.'])
                ),
            );
        }
    }
}

/// Whether a `try` with a `catch` stands around it in its function, or a `catch` is chained to that.
fn is_guarded(node: Node<'_>) -> bool {
    let mut at = node;
    for outer in node.ancestors() {
        if outer.is("try_statement")
            && outer.field("handler").is_some()
            && outer.field("body").is_some_and(|body| body.same_as(at))
        {
            return true;
        }
        at = outer;
    }
    false
}
