//! Exceptions: caught too widely, swallowed, hidden.

use super::super::super::tree::Node;
use super::super::{Code, Edit, Found, Rule, TreeRule};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "python/bare-except",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "It also catches KeyboardInterrupt and SystemExit, so that the program cannot be stopped here, and mistakes such as a misspelt name look like the expected failure.",
            same_as: &["E722"],
        },
        find: bare_except,
    },
    TreeRule {
        rule: Rule {
            id: "python/swallowed-exception",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "Every failure in the block vanishes without a trace, mistakes in the code among them. Catch what is expected, or log it.",
            same_as: &["S110", "SIM105", "BLE001"],
        },
        find: swallowed,
    },
    TreeRule {
        rule: Rule {
            id: "python/except-or",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "`A or B` is A, so that B is not caught. Write a tuple: `except (A, B):`.",
            same_as: &["B030"],
        },
        find: except_or,
    },
    TreeRule {
        rule: Rule {
            id: "python/raise-without-from",
            issue_type: IssueType::Style,
            severity: Severity::Low,
            why: "The traceback then says that the second happened while the first was being handled, as if by mistake. `from error` names the cause, `from None` hides it on purpose.",
            same_as: &["B904"],
        },
        find: raise_without_from,
    },
    TreeRule {
        rule: Rule {
            id: "python/leave-in-finally",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "An exception that is on its way is dropped, and a value that was to be returned is replaced.",
            same_as: &["B012", "PLE0116", "SIM107"],
        },
        find: leave_in_finally,
    },
    TreeRule {
        rule: Rule {
            id: "python/raise-not-implemented",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "NotImplemented is a value, not an exception; raising it fails with a TypeError instead.",
            same_as: &["F901"],
        },
        find: raise_not_implemented,
    },
];

/// The statements of a clause.
fn statements(clause: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    clause.children().filter(|one| one.is("block")).flat_map(Node::children)
}

fn bare_except(code: &Code<'_>, found: &mut Found) {
    for clause in code.tree.all("except_clause") {
        let is_bare = clause.child(0).is_some_and(|one| one.is("block"));
        // One that raises again, or ends the program itself, hides nothing.
        let goes_on = |node: Node<'_>| {
            node.is("raise_statement")
                || matches!(node.field_text("function"), "sys.exit" | "os._exit" | "exit")
        };
        if !is_bare
            || statements(clause).any(|one| goes_on(one) || one.own_descendants().any(goes_on))
        {
            continue;
        }
        let word = clause.start()..clause.start() + "except".len();
        let edit = Edit::logic("Catch Exception", word, "except Exception");
        found.add_with(
            clause.start(),
            "`except:` catches everything, the request to stop among it.",
            Some(edit),
        );
    }
}

fn swallowed(code: &Code<'_>, found: &mut Found) {
    for clause in code.tree.all("except_clause") {
        let Some(caught) = clause.child(0).filter(|one| !one.is("block")) else { continue };
        let name = if caught.is("as_pattern") {
            caught.child(0).map_or("", Node::text)
        } else {
            caught.text()
        };
        if !matches!(name, "Exception" | "BaseException") {
            continue;
        }
        if clause.parent().is_some_and(is_cleaning) {
            continue;
        }
        let mut body = statements(clause);
        let only_pass =
            body.next().is_some_and(|one| one.is("pass_statement")) && body.next().is_none();
        // A comment says that somebody has thought about it.
        let explained = code.tree.text()[clause.range()].contains('#');
        if only_pass && !explained && !followed_by_comment(clause) {
            found.add(
                clause.start(),
                format!("`except {name}: pass` drops every failure of the block."),
            );
        }
    }
}

/// Whether a `try` only gives something up, which is often tried for what it is worth.
fn is_cleaning(statement: Node<'_>) -> bool {
    const GIVING_UP: &[&str] = &[
        "close",
        "flush",
        "shutdown",
        "unlink",
        "remove",
        "kill",
        "terminate",
        "disconnect",
        "join",
        "delete",
        "cancel",
        "stop",
        "cleanup",
        "rmtree",
        "release",
        "unbind",
        "_call",
    ];
    let Some(body) = statement.field("body") else { return false };
    let mut inside = body.children();
    let only = inside.next().filter(|_| inside.next().is_none());
    let deepest =
        only.and_then(|one| one.descendants().filter(|node| node.is("call")).last().or(Some(one)));
    only.is_some_and(|one| {
        one.is("delete_statement")
            || one
                .descendants()
                .any(|node| node.is("call") && GIVING_UP.contains(&super::method(node)))
    }) || deepest.is_some_and(|one| one.is("delete_statement"))
}

/// Whether a comment stands at the end of a node's last line.
fn followed_by_comment(node: Node<'_>) -> bool {
    let rest = &node.file_text()[node.range().end..];
    rest.lines().next().is_some_and(|line| line.trim_start().starts_with('#'))
}

fn except_or(code: &Code<'_>, found: &mut Found) {
    for clause in code.tree.all("except_clause") {
        let Some(mut caught) = clause.child(0) else { continue };
        if caught.is("as_pattern") {
            let Some(inner) = caught.child(0) else { continue };
            caught = inner;
        }
        if caught.is("parenthesized_expression") {
            let Some(inner) = caught.child(0) else { continue };
            caught = inner;
        }
        if caught.is("boolean_operator") && caught.has_word("or") {
            found.add(
                caught.start(),
                format!("`except {}` catches only the first of them.", caught.text()),
            );
        }
    }
}

fn raise_without_from(code: &Code<'_>, found: &mut Found) {
    for raise in code.tree.all("raise_statement") {
        let Some(raised) = raise.child(0).filter(|one| one.is("call")) else { continue };
        if raise.field("cause").is_some() {
            continue;
        }
        let mut clause = None;
        for outer in raise.ancestors() {
            if outer.is_function() || outer.is_any(&["class_definition", "try_statement", "module"])
            {
                break;
            }
            if outer.is("except_clause") {
                clause = Some(outer);
                break;
            }
        }
        // Only where the caught one has a name: without, nothing of it was wanted.
        let named = clause.and_then(|clause| clause.child(0)).filter(|one| one.is("as_pattern"));
        let alias = named.and_then(|one| one.field("alias")).map(Node::text);
        if let Some(alias) = alias {
            let edit = Edit::logic(
                format!("Name `{alias}` as the cause"),
                raised.range().end..raised.range().end,
                format!(" from {alias}"),
            );
            let made = raised.field_text("function");
            found.add_with(raise.start(), format!("`{made}` is raised in place of `{alias}` without saying that it was caused by it."), Some(edit));
        }
    }
}

fn leave_in_finally(code: &Code<'_>, found: &mut Found) {
    for clause in code.tree.all("finally_clause") {
        for node in clause.own_descendants() {
            let leaves = match node.kind() {
                "return_statement" => node.function().is_none_or(|f| f.holds(clause)),
                "break_statement" | "continue_statement" => {
                    // Of a loop inside the clause it is harmless.
                    node.repeated().is_none_or(|inner| !clause.holds(inner))
                }
                _ => false,
            };
            if leaves {
                let word = node.text().split_whitespace().next().unwrap_or_default();
                found.add(
                    node.start(),
                    format!("`{word}` in `finally` drops an exception that is on its way."),
                );
            }
        }
    }
}

fn raise_not_implemented(code: &Code<'_>, found: &mut Found) {
    for raise in code.tree.all("raise_statement") {
        let Some(mut raised) = raise.child(0) else { continue };
        if raised.is("call") {
            let Some(function) = raised.field("function") else { continue };
            raised = function;
        }
        if raised.is("identifier") && raised.text() == "NotImplemented" {
            let edit =
                Edit::logic("Raise NotImplementedError", raised.range(), "NotImplementedError");
            found.add_with(raised.start(), "NotImplemented cannot be raised.", Some(edit));
        }
    }
}
