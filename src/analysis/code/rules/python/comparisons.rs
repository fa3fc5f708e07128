//! Comparisons that do not compare what they seem to.

use super::super::super::tree::Node;
use super::super::{Code, Edit, Found, Rule, TreeRule};
use super::method;
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "python/none-comparison",
            issue_type: IssueType::Style,
            severity: Severity::Low,
            why: "`==` asks the other side's `__eq__`, which may answer anything; there is only one None, and `is` asks for it.",
            same_as: &["E711"],
        },
        find: none_comparison,
    },
    TreeRule {
        rule: Rule {
            id: "python/is-literal",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "`is` asks whether two values are one object; equal texts and numbers often are not, depending on how they were made and on the interpreter.",
            same_as: &["F632"],
        },
        find: is_literal,
    },
    TreeRule {
        rule: Rule {
            id: "python/assert-tuple",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "A tuple with something in it is true, so that the assertion never fails. Leave the parentheses out.",
            same_as: &["F631"],
        },
        find: assert_tuple,
    },
    TreeRule {
        rule: Rule {
            id: "python/assert-permission",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "`python -O` leaves assertions out, and the check with them. Raise an exception instead.",
            same_as: &[],
        },
        find: assert_permission,
    },
];

/// Calls in which `column == None` is a query's text, not a comparison.
const QUERIES: &[&str] = &[
    "filter",
    "filter_by",
    "where",
    "having",
    "and_",
    "or_",
    "not_",
    "select",
    "join",
    "outerjoin",
    "case",
    "when",
    "on",
    "query",
    "order_by",
    "update",
    "exists",
    "any",
    "has",
    "mask",
];

/// The two sides and the operator of a comparison that has only those.
fn sides(comparison: Node<'_>) -> Option<(Node<'_>, Node<'_>, Node<'_>)> {
    let mut operators =
        comparison.all_children().filter(|one| one.field_name() == Some("operators"));
    let operator = operators.next()?;
    if operators.next().is_some() {
        return None;
    }
    let mut operands = comparison.children().filter(|one| one.field_name() != Some("operators"));
    Some((operands.next()?, operator, operands.next()?))
}

fn none_comparison(code: &Code<'_>, found: &mut Found) {
    for comparison in code.tree.all("comparison_operator") {
        let Some((left, operator, right)) = sides(comparison) else { continue };
        let to = match operator.text() {
            "==" => "is",
            "!=" => "is not",
            _ => continue,
        };
        if !right.is("none") || left.is("none") {
            continue;
        }
        // Columns and data frames take `==` apart themselves; those stand in calls or in brackets.
        let in_query = comparison
            .ancestors()
            .take_while(|outer| !outer.kind().ends_with("_statement") && !outer.is("block"))
            .take(40)
            .any(|outer| {
                outer.is("subscript") || (outer.is("call") && QUERIES.contains(&method(outer)))
            });
        if in_query {
            continue;
        }
        let edit = Edit::logic(format!("Compare by `{to}`"), operator.range(), to);
        found.add_with(
            comparison.start(),
            format!("`{}` is compared with None by `{}`.", short(left), operator.text()),
            Some(edit),
        );
    }
}

/// A text for a message: cut where it is long, on one line.
fn short(node: Node<'_>) -> String {
    let text: String =
        node.text().chars().take(40).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    text
}

fn is_literal(code: &Code<'_>, found: &mut Found) {
    for comparison in code.tree.all("comparison_operator") {
        let Some((left, operator, right)) = sides(comparison) else { continue };
        let to = match operator.text() {
            "is" => "==",
            "is not" => "!=",
            _ => continue,
        };
        let is_value = |node: Node<'_>| {
            node.is_any(&[
                "string",
                "integer",
                "float",
                "concatenated_string",
                "list",
                "dictionary",
            ]) || (node.is("unary_operator")
                && node.child(0).is_some_and(|one| one.is_any(&["integer", "float"])))
        };
        if is_value(right) || is_value(left) {
            let literal = if is_value(right) { right } else { left };
            let edit = Edit::logic(format!("Compare by `{to}`"), operator.range(), to);
            found.add_with(
                comparison.start(),
                format!("`{}` is compared by identity with `{}`.", operator.text(), short(literal)),
                Some(edit),
            );
        }
    }
}

fn assert_tuple(code: &Code<'_>, found: &mut Found) {
    for assert in code.tree.all("assert_statement") {
        let Some(tuple) = assert.child(0).filter(|one| one.is("tuple")) else { continue };
        if tuple.child(0).is_some() && assert.child(1).is_none() {
            found.add(assert.start(), "The assertion is about a tuple, which is always true.");
        }
    }
}

fn assert_permission(code: &Code<'_>, found: &mut Found) {
    const WORDS: &[&str] = &[
        "is_admin",
        "is_authenticated",
        "is_superuser",
        "is_staff",
        "has_permission",
        "has_perm",
        "is_authorized",
        "check_permission",
        "verify_signature",
        "check_password",
        "verify_password",
    ];
    if code.is_test {
        return;
    }
    for assert in code.tree.all("assert_statement") {
        let Some(condition) = assert.child(0) else { continue };
        let named = condition
            .descendants()
            .chain([condition])
            .find(|node| node.is("identifier") && WORDS.contains(&node.text()));
        if let Some(named) = named {
            found.add(
                assert.start(),
                format!(
                    "Whether somebody may do this (`{}`) is checked by an assertion.",
                    named.text()
                ),
            );
        }
    }
}
