//! Comparisons that do not compare what they seem to.

use super::super::super::tree::Node;
use super::super::{Code, Edit, Found, Rule, TreeRule};
use super::{bare, literal, method, short};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "javascript/loose-equality",
            issue_type: IssueType::Style,
            severity: Severity::Low,
            why: "The sides are converted before they are compared: `0 == ''` and `'1' == 1` are true. `===` compares what is there.",
            same_as: &["eqeqeq"],
        },
        find: loose_equality,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/nan-comparison",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "NaN is equal to nothing, not even to itself.",
            same_as: &["use-isnan"],
        },
        find: nan_comparison,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/unknown-typeof",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "`typeof` never gives this word, so that the comparison always ends the same way.",
            same_as: &["valid-typeof"],
        },
        find: unknown_typeof,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/assignment-in-condition",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "One `=` sets the variable, and the condition is what it was set to.",
            same_as: &["no-cond-assign"],
        },
        find: assignment_in_condition,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/index-as-condition",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "`indexOf` gives -1, which is true, where there is nothing, and 0, which is false, at the first place. Compare with -1 or use `includes`.",
            same_as: &[],
        },
        find: index_as_condition,
    },
];

fn operator<'t>(binary: Node<'t>) -> Option<Node<'t>> {
    binary.field("operator")
}

fn is_typeof(node: Node<'_>) -> bool {
    node.is("unary_expression") && node.has_word("typeof")
}

fn loose_equality(code: &Code<'_>, found: &mut Found) {
    for binary in code.tree.all("binary_expression") {
        let Some(operator) = operator(binary).filter(|op| matches!(op.text(), "==" | "!=")) else {
            continue;
        };
        let (Some(left), Some(right)) = (binary.field("left"), binary.field("right")) else {
            continue;
        };
        let (left, right) = (bare(left), bare(right));
        // `x == null` is the usual way to ask for both null and undefined.
        let asks_for_nothing = |node: Node<'_>| node.is_any(&["null", "undefined"]);
        if asks_for_nothing(left) || asks_for_nothing(right) {
            continue;
        }
        // `typeof x == 'string'` compares two texts, strictly or not.
        if is_typeof(left) || is_typeof(right) {
            continue;
        }
        found.add(operator.start(), format!("`{}` converts before it compares.", operator.text()));
    }
}

fn nan_comparison(code: &Code<'_>, found: &mut Found) {
    for binary in code.tree.all("binary_expression") {
        let Some(operator) = operator(binary).map(Node::text) else { continue };
        if !matches!(operator, "==" | "===" | "!=" | "!==" | "<" | ">" | "<=" | ">=") {
            continue;
        }
        let (Some(left), Some(right)) = (binary.field("left"), binary.field("right")) else {
            continue;
        };
        let is_nan = |node: Node<'_>| matches!(node.text(), "NaN" | "Number.NaN");
        let other = match (is_nan(left), is_nan(right)) {
            (false, true) => left,
            (true, false) => right,
            _ => continue,
        };
        let edit = match operator {
            "==" | "===" => Some(""),
            "!=" | "!==" => Some("!"),
            _ => None,
        }
        .map(|not| {
            Edit::logic(
                "Ask Number.isNaN",
                binary.range(),
                format!("{not}Number.isNaN({})", other.text()),
            )
        });
        found.add_with(binary.start(), format!("`{}` is compared with NaN.", short(other)), edit);
    }
}

fn unknown_typeof(code: &Code<'_>, found: &mut Found) {
    const KNOWN: &[&str] = &[
        "undefined",
        "object",
        "boolean",
        "number",
        "string",
        "function",
        "symbol",
        "bigint",
        "unknown",
        "date",
    ];
    for binary in code.tree.all("binary_expression") {
        let Some(operator) = operator(binary).map(Node::text) else { continue };
        let (Some(left), Some(right)) = (binary.field("left"), binary.field("right")) else {
            continue;
        };
        let word = match (is_typeof(left), is_typeof(right)) {
            (true, false) => right,
            (false, true) => left,
            _ => continue,
        };
        // `unknown` and `date` are what old hosts gave.
        let compares = matches!(operator, "==" | "===" | "!=" | "!==");
        if let Some(text) = literal(word).filter(|text| compares && !KNOWN.contains(text)) {
            let text: String = text.chars().take(40).collect();
            found.add(word.start(), format!("`typeof` never gives `{text}`."));
        }
    }
}

fn assignment_in_condition(code: &Code<'_>, found: &mut Found) {
    for statement in code.tree.all("if_statement") {
        let Some(condition) = statement.field("condition").and_then(|condition| condition.child(0))
        else {
            continue;
        };
        if !condition.is("assignment_expression") {
            continue;
        }
        // `if (match = text.match(…))` is meant; a plain value on the right is not.
        let plain = condition.field("right").is_some_and(|right| {
            right.is_any(&[
                "number",
                "string",
                "true",
                "false",
                "null",
                "undefined",
                "identifier",
                "member_expression",
            ])
        });
        if plain {
            found.add(
                condition.start(),
                format!("`{}` sets a value in a condition.", short(condition)),
            );
        }
    }
}

fn index_as_condition(code: &Code<'_>, found: &mut Found) {
    for call in code.tree.all("call_expression") {
        if !matches!(method(call), "indexOf" | "lastIndexOf" | "findIndex")
            || super::receiver(call).is_none()
        {
            continue;
        }
        let mut at = call;
        while let Some(parent) = at.parent().filter(|p| {
            p.is("binary_expression")
                && operator(*p).is_some_and(|op| matches!(op.text(), "&&" | "||"))
                && p.field("left").is_some_and(|left| left.same_as(at))
                || p.is("parenthesized_expression") && p.field_name() != Some("condition")
        }) {
            at = parent;
        }
        let Some(parent) = at.parent() else { continue };
        let is_condition = (parent.is("parenthesized_expression")
            && parent.field_name() == Some("condition")
            && parent
                .parent()
                .is_some_and(|outer| outer.is_any(&["if_statement", "while_statement"])))
            || (parent.is("ternary_expression") && at.field_name() == Some("condition"));
        if is_condition {
            found.add(
                call.start(),
                format!("`{}` is used as if it were true or false.", short(call)),
            );
        }
    }
}
