//! Statements: what never runs, what is declared twice, what is thrown.

use super::super::super::tree::Node;
use super::super::{Code, Edit, Found, Rule, TreeRule};
use super::{callee, literal};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "javascript/unreachable",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "It looks as if it ran and never does; often a condition before it was lost, or a line break after `return`.",
            same_as: &["no-unreachable"],
        },
        find: unreachable,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/leave-in-finally",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "An error that is on its way is dropped, and a value that was to be returned is replaced.",
            same_as: &["no-unsafe-finally"],
        },
        find: leave_in_finally,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/throw-text",
            issue_type: IssueType::Style,
            severity: Severity::Low,
            why: "What is thrown has no stack and no `message`, so that whoever catches it cannot say where it came from.",
            same_as: &["no-throw-literal", "only-throw-error"],
        },
        find: throw_text,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/duplicate-case",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "Only the first of equal cases is ever taken.",
            same_as: &["no-duplicate-case"],
        },
        find: duplicate_case,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/var",
            issue_type: IssueType::Style,
            severity: Severity::Low,
            why: "`var` is seen in the whole function and before its line, also by closures of a loop; the rest of the file uses `let` and `const`.",
            same_as: &["no-var"],
        },
        find: var,
    },
];

fn unreachable(code: &Code<'_>, found: &mut Found) {
    for kind in ["return_statement", "throw_statement", "continue_statement", "break_statement"] {
        for leave in code.tree.all(kind) {
            let Some(block) = leave.parent() else { continue };
            // `break` after `return` in a case is a habit.
            if !block.is("statement_block") {
                continue;
            }
            let next = block.children().find(|one| one.start() > leave.start() && runs(*one));
            if let Some(next) = next {
                let word =
                    leave.text().split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
                found.add(
                    next.start(),
                    format!("This is never reached: `{word}` stands before it."),
                );
            }
        }
    }
}

/// Whether a statement does something where it stands: functions and bare `var`s are lifted out.
fn runs(statement: Node<'_>) -> bool {
    match statement.kind() {
        "function_declaration"
        | "generator_function_declaration"
        | "empty_statement"
        | "class_declaration"
        | "interface_declaration"
        | "type_alias_declaration"
        | "break_statement"
        | "comment"
        | "ERROR" => false,
        "variable_declaration" => statement.children().any(|one| one.field("value").is_some()),
        _ => true,
    }
}

fn leave_in_finally(code: &Code<'_>, found: &mut Found) {
    for clause in code.tree.all("finally_clause") {
        for node in clause.own_descendants() {
            let leaves = match node.kind() {
                "return_statement" | "throw_statement" => node.is("return_statement"),
                "break_statement" | "continue_statement" => {
                    let inner_switch = node.is("break_statement")
                        && node
                            .ancestors()
                            .take_while(|outer| !outer.same_as(clause))
                            .any(|outer| outer.is("switch_statement"));
                    !inner_switch && node.repeated().is_none_or(|inner| !clause.holds(inner))
                }
                _ => false,
            };
            if leaves {
                let word =
                    node.text().split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
                found.add(
                    node.start(),
                    format!("`{word}` in `finally` drops an error that is on its way."),
                );
            }
        }
    }
}

fn throw_text(code: &Code<'_>, found: &mut Found) {
    for throw in code.tree.all("throw_statement") {
        let Some(thrown) = throw.child(0) else { continue };
        let is_text = thrown.is_any(&["string", "template_string"])
            || (thrown.is("binary_expression")
                && thrown.has_word("+")
                && ["left", "right"]
                    .into_iter()
                    .filter_map(|side| thrown.field(side))
                    .any(|side| side.is("string")));
        if is_text {
            let edit = Edit::logic(
                "Throw an Error",
                thrown.range(),
                format!("new Error({})", thrown.text()),
            );
            found.add_with(throw.start(), "A text is thrown instead of an Error.", Some(edit));
        }
    }
}

fn duplicate_case(code: &Code<'_>, found: &mut Found) {
    for body in code.tree.all("switch_body") {
        let mut seen = std::collections::HashSet::new();
        for case in body.children().filter(|one| one.is("switch_case")) {
            let Some(value) = case.field("value") else { continue };
            let plain = value.is_any(&["number", "member_expression", "identifier"])
                || literal(value).is_some();
            if plain && !seen.insert(value.text()) {
                found.add(
                    value.start(),
                    format!("`case {}` stands twice in one switch.", super::short(value)),
                );
            }
        }
    }
}

fn var(code: &Code<'_>, found: &mut Found) {
    // Where all is `var`, the code is from before 2015 or made for it.
    let declares = code.tree.all("lexical_declaration").next().is_some();
    let is_built = code.tree.all("call_expression").any(|call| callee(call).starts_with("__"));
    if !declares || is_built {
        return;
    }
    for declaration in code.tree.all("variable_declaration") {
        if declaration.parent().is_some_and(|outer| outer.is("ambient_declaration")) {
            continue;
        }
        let name = declaration.child(0).map_or("", |one| one.field_text("name"));
        let name: String = name.chars().take(40).collect();
        found.add(declaration.start(), format!("`{name}` is declared by `var`."));
    }
}
