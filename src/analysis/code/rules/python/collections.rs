//! Lists, dictionaries and texts: changed under a loop, built slowly, lost.

use super::super::super::tree::Node;
use super::super::{Code, Found, Rule, TreeRule};
use super::{callee, literal, method, parameters, positional, receiver};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "python/changed-while-iterating",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "A dictionary or set then raises RuntimeError at the next step, and a list leaves elements out. Loop over a copy: `list(…)`.",
            same_as: &["B909", "PLE4703"],
        },
        find: changed_while_iterating,
    },
    TreeRule {
        rule: Rule {
            id: "python/sort-result",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "`list.sort()` sorts in place and returns None; `sorted(…)` returns a new list.",
            same_as: &[],
        },
        find: sort_result,
    },
    TreeRule {
        rule: Rule {
            id: "python/duplicate-key",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "Only the last value of a key is kept.",
            same_as: &["F601"],
        },
        find: duplicate_key,
    },
    TreeRule {
        rule: Rule {
            id: "python/concat-in-loop",
            issue_type: IssueType::Performance,
            severity: Severity::Low,
            why: "Each step may copy all that was built so far. Collect the parts in a list and `''.join(…)` them.",
            same_as: &[],
        },
        find: concat_in_loop,
    },
    TreeRule {
        rule: Rule {
            id: "python/mean-of-nothing",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "An empty argument raises ZeroDivisionError.",
            same_as: &[],
        },
        find: mean_of_nothing,
    },
];

fn changed_while_iterating(code: &Code<'_>, found: &mut Found) {
    for outer in code.tree.all("for_statement") {
        let (Some(over), Some(body)) = (outer.field("right"), outer.field("body")) else {
            continue;
        };
        let Some(collection) = looped_over(over) else { continue };
        let name = collection.text();
        let Some(element) = outer.field("left").filter(|left| left.is("identifier")) else {
            continue;
        };
        let known = collection.only_value().is_some_and(|value| {
            collection.is("identifier")
                && (value.is_any(&[
                    "list",
                    "dictionary",
                    "set",
                    "list_comprehension",
                    "dictionary_comprehension",
                    "set_comprehension",
                ]) || (value.is("call") && matches!(callee(value), "list" | "dict" | "set")))
        });
        for node in body.own_descendants() {
            let changed = match node.kind() {
                "call" => {
                    let on_it = receiver(node).is_some_and(|on| on.text() == name);
                    let of_element =
                        positional(node).next().is_some_and(|one| one.text() == element.text());
                    // What other classes make of these is theirs.
                    on_it
                        && match method(node) {
                            "remove" => of_element || known,
                            "pop" | "popitem" | "clear" | "discard" | "insert" => known,
                            _ => false,
                        }
                }
                "delete_statement" => {
                    known
                        && node.child(0).is_some_and(|one| {
                            one.is("subscript") && one.field_text("value") == name
                        })
                }
                _ => false,
            };
            if changed && !leaves_after(node, outer) && !is_replaced(body, name) {
                found
                    .add(node.start(), format!("`{name}` is changed while the loop runs over it."));
                break;
            }
        }
    }
}

/// `x`, `x.y`, `x.items()`, `x.keys()`, `x.values()`, `enumerate(x)`: what the loop walks itself, not a copy.
fn looped_over(over: Node<'_>) -> Option<Node<'_>> {
    match over.kind() {
        "identifier" | "attribute" => Some(over),
        "call" if matches!(method(over), "items" | "keys" | "values") => receiver(over),
        "call" if callee(over) == "enumerate" => positional(over).next(),
        _ => None,
    }
    .filter(|one| one.is_any(&["identifier", "attribute"]))
}

/// Whether after a change the loop is left before its next step.
fn leaves_after(change: Node<'_>, outer: Node<'_>) -> bool {
    let mut at = change;
    for around in change.ancestors() {
        if around.same_as(outer) {
            return false;
        }
        if around.is("return_statement") {
            return true;
        }
        if around.is("block") {
            let mut after = around.children().filter(|one| one.start() > at.start());
            let leaves = |one: Node<'_>| {
                one.is_any(&["break_statement", "return_statement", "raise_statement"])
            };
            if after.any(leaves) {
                return true;
            }
        }
        at = around;
    }
    false
}

/// Whether the loop gives the name another value, so that what is changed is not what is walked.
fn is_replaced(body: Node<'_>, name: &str) -> bool {
    body.own_descendants().any(|one| one.is("assignment") && one.field_text("left") == name)
}

fn sort_result(code: &Code<'_>, found: &mut Found) {
    for assignment in code.tree.all("assignment") {
        let Some(call) = assignment.field("right").filter(|right| right.is("call")) else {
            continue;
        };
        let plain = call.field("arguments").is_some_and(|list| {
            list.children().all(|one| {
                one.is("keyword_argument") && matches!(one.field_text("name"), "key" | "reverse")
            })
        });
        // Of a method on a plain name; `np.sort(x)` has arguments.
        let on = receiver(call).filter(|on| on.is_any(&["identifier", "attribute", "list"]));
        if let (true, "sort", Some(on)) = (plain, method(call), on) {
            let is_list = on.only_value().is_some_and(|value| {
                value.is_any(&["list", "list_comprehension"])
                    || (value.is("call") && matches!(callee(value), "list" | "sorted"))
                    || (value.is("call")
                        && matches!(method(value), "split" | "splitlines" | "readlines"))
            });
            if is_list {
                found.add(
                    call.start(),
                    format!("`{}` becomes None.", assignment.field_text("left")),
                );
            }
        }
    }
}

fn duplicate_key(code: &Code<'_>, found: &mut Found) {
    for dictionary in code.tree.all("dictionary") {
        let mut seen = std::collections::HashMap::new();
        for pair in dictionary.children().filter(|one| one.is("pair")) {
            let Some(key) = pair.field("key") else { continue };
            let text = match key.kind() {
                "string" => match literal(key) {
                    // `b"a"` and `"a"` are different keys.
                    Some(text) => (key.text().starts_with(['b', 'B']), text),
                    None => continue,
                },
                "integer" => (false, key.text()),
                _ => continue,
            };
            let is_number = key.is("integer");
            if seen.insert((is_number, text.0, text.1), ()).is_some() {
                found.add(
                    key.start(),
                    format!(
                        "The key {} stands twice in one dictionary.",
                        key.text().chars().take(60).collect::<String>()
                    ),
                );
            }
        }
    }
}

fn concat_in_loop(code: &Code<'_>, found: &mut Found) {
    for change in code.tree.all("augmented_assignment") {
        let (Some(left), Some(right)) = (change.field("left"), change.field("right")) else {
            continue;
        };
        let (true, Some(outer)) =
            (left.is("identifier") && change.has_word("+="), change.repeated())
        else {
            continue;
        };
        // A short text now and then is no matter.
        let is_text = (right.is("string") && right.children().any(|part| part.is("interpolation")))
            || (right.is("binary_operator")
                && right.own_descendants().any(|one| {
                    one.is("string") && one.parent().is_some_and(|p| p.is("binary_operator"))
                }));
        if is_text && starts_as_text(outer, left.text()) {
            found.add(change.start(), format!("`{}` is built by `+=` in a loop.", left.text()));
        }
    }
}

/// Whether a name gets a text before a loop, in the block in which the loop stands.
fn starts_as_text(outer: Node<'_>, name: &str) -> bool {
    let Some(block) = outer.parent() else { return false };
    block
        .children()
        .take_while(|one| one.start() < outer.start())
        .filter(|one| one.is("expression_statement"))
        .filter_map(|one| one.child(0))
        .filter(|one| one.is("assignment") && one.field_text("left") == name)
        .any(|one| one.field("right").is_some_and(|right| right.is("string")))
}

fn mean_of_nothing(code: &Code<'_>, found: &mut Found) {
    for division in code.tree.all("binary_operator") {
        if !division.has_word("/") {
            continue;
        }
        let (Some(left), Some(right)) = (division.field("left"), division.field("right")) else {
            continue;
        };
        let length_of = |call: Node<'_>, of: &str| -> Option<String> {
            let is_it = call.is("call") && callee(call) == of;
            let first = is_it.then(|| positional(call).next()).flatten()?;
            first.is("identifier").then(|| first.text().to_owned())
        };
        let (Some(summed), Some(counted)) = (length_of(left, "sum"), length_of(right, "len"))
        else {
            continue;
        };
        let Some(function) = division.function().filter(|f| f.is("function_definition")) else {
            continue;
        };
        if summed == counted
            && parameters(function).contains(&counted.as_str())
            && !is_looked_at(function, &counted)
        {
            found.add(
                division.start(),
                format!("The mean of `{counted}` fails when `{counted}` is empty."),
            );
        }
    }
}

/// Whether a function asks anything about a name before it goes on, or gives it another value.
fn is_looked_at(function: Node<'_>, name: &str) -> bool {
    function.own_descendants().any(|node| match node.kind() {
        "if_statement" | "while_statement" | "elif_clause" => {
            node.field("condition").is_some_and(|condition| condition.mentions(name))
        }
        "assert_statement" | "conditional_expression" | "boolean_operator" | "try_statement" => {
            node.mentions(name)
        }
        "assignment" => node.field("left").is_some_and(|left| left.mentions(name)),
        _ => false,
    })
}
