//! Functions: defaults that are made once, closures that see a loop's last value.

use super::super::super::tree::Node;
use super::super::{Code, Edit, Found, Rule, TreeRule};
use super::{callee, method, parameters, receiver};
use crate::domain::fix::{ClaimedClass, IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "python/mutable-default",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "A default is made once, when the function is defined; what one call puts into it, all later calls find there.",
            same_as: &["B006"],
        },
        find: mutable_default,
    },
    TreeRule {
        rule: Rule {
            id: "python/default-now",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "A default is made once, when the module is loaded; every call that leaves the argument out gets that same value.",
            same_as: &["B008"],
        },
        find: default_now,
    },
    TreeRule {
        rule: Rule {
            id: "python/late-binding",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "A function looks its names up when it is called; called after the loop, all of these see the loop's last value. Bind it with a default: `lambda x=x: …`.",
            same_as: &["B023"],
        },
        find: late_binding,
    },
];

/// Methods that change a list, a dictionary or a set.
const CHANGING: &[&str] = &[
    "append",
    "extend",
    "insert",
    "add",
    "update",
    "setdefault",
    "pop",
    "popitem",
    "remove",
    "discard",
    "clear",
    "sort",
    "reverse",
];

fn mutable_default(code: &Code<'_>, found: &mut Found) {
    for kind in ["default_parameter", "typed_default_parameter"] {
        for parameter in code.tree.all(kind) {
            let (Some(name), Some(value)) = (parameter.field("name"), parameter.field("value"))
            else {
                continue;
            };
            let Some(function) = parameter.function().filter(|f| f.is("function_definition"))
            else {
                continue;
            };
            // One that is meant to be shared says so, or starts with something in it.
            let small = name.text().to_ascii_lowercase();
            let is_meant = ["cache", "memo", "seen", "registry", "counter", "state"]
                .iter()
                .any(|word| small.contains(word));
            let is_filled =
                value.is_any(&["list", "dictionary", "set"]) && value.child(0).is_some();
            // One of a function inside another is made anew with it.
            let is_inner = function.function().is_some();
            if is_mutable(value)
                && !is_inner
                && !is_meant
                && !is_filled
                && is_changed(function, name.text())
            {
                let message = format!(
                    "The default of `{}` is one {} that all calls share, and the function changes it.",
                    name.text(),
                    shape(value)
                );
                found.add_with(value.start(), message, none_instead(function, name, value));
            }
        }
    }
}

fn is_mutable(value: Node<'_>) -> bool {
    value.is_any(&[
        "list",
        "dictionary",
        "set",
        "list_comprehension",
        "dictionary_comprehension",
        "set_comprehension",
    ]) || (value.is("call")
        && matches!(callee(value), "list" | "dict" | "set" | "defaultdict" | "deque"))
}

fn shape(value: Node<'_>) -> &'static str {
    match (value.kind(), value.is("call").then(|| callee(value))) {
        ("dictionary" | "dictionary_comprehension", _) | (_, Some("dict" | "defaultdict")) => {
            "dictionary"
        }
        ("set" | "set_comprehension", _) | (_, Some("set")) => "set",
        _ => "list",
    }
}

/// Whether a function changes what a parameter holds, before it gives the name another value.
fn is_changed(function: Node<'_>, name: &str) -> bool {
    let Some(body) = function.field("body") else { return false };
    for node in body.own_descendants() {
        let is_it =
            |node: Option<Node<'_>>| node.is_some_and(|n| n.is("identifier") && n.text() == name);
        match node.kind() {
            // `x = x or []`, `x = list(x)`: from here on it is something else.
            "assignment" if is_it(node.field("left")) => return false,
            "assignment" | "augmented_assignment" => {
                let left = node.field("left");
                let inside =
                    left.filter(|left| left.is("subscript")).and_then(|left| left.field("value"));
                if is_it(inside) || (node.is("augmented_assignment") && is_it(left)) {
                    return true;
                }
            }
            "call" if is_it(receiver(node)) && CHANGING.contains(&method(node)) => return true,
            "delete_statement" => {
                let what = node.child(0).filter(|one| one.is("subscript"));
                if is_it(what.and_then(|one| one.field("value"))) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// `None` as the default, and the value made in the body, below the docstring.
fn none_instead(function: Node<'_>, name: Node<'_>, value: Node<'_>) -> Option<Edit> {
    let body = function.field("body")?;
    let first = body.child(0)?;
    // On a line of its own: `def f(x=[]): x.append(1)` is left alone.
    let text = value_text_before(body, first)?;
    let is_doc =
        first.is("expression_statement") && first.child(0).is_some_and(|one| one.is("string"));
    let at = if is_doc { body.child(1)? } else { first };
    let indent = value_text_before(body, at)?;
    if indent != text {
        return None;
    }
    let name = name.text();
    let made = format!("if {name} is None:\n{indent}    {name} = {}\n{indent}", value.text());
    Some(Edit {
        title: format!("Make `{name}` anew in each call"),
        parts: vec![(value.range(), "None".into()), (at.start()..at.start(), made)],
        class: ClaimedClass::Logic,
    })
}

/// The white space before a statement, if nothing else stands before it on its line.
fn value_text_before<'t>(any: Node<'t>, statement: Node<'t>) -> Option<&'t str> {
    let text = any.file_text();
    let line = text[..statement.start()].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line..statement.start()];
    before.chars().all(|c| c == ' ' || c == '\t').then_some(before)
}

fn default_now(code: &Code<'_>, found: &mut Found) {
    const MADE_ONCE: &[&str] = &[
        "datetime.now",
        "datetime.utcnow",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "date.today",
        "datetime.date.today",
        "time.time",
        "uuid.uuid4",
        "uuid4",
        "random.random",
        "timezone.now",
    ];
    for kind in ["default_parameter", "typed_default_parameter"] {
        for parameter in code.tree.all(kind) {
            let Some(value) = parameter.field("value").filter(|value| value.is("call")) else {
                continue;
            };
            if MADE_ONCE.contains(&callee(value)) {
                let name = parameter.field_text("name");
                let called = callee(value);
                found.add(value.start(), format!("The default of `{name}` is what `{called}()` gave when the function was defined."));
            }
        }
    }
}

fn late_binding(code: &Code<'_>, found: &mut Found) {
    for lambda in code.tree.all("lambda") {
        let Some(body) = lambda.field("body") else { continue };
        let Some(names) = kept_in_loop(lambda) else { continue };
        let own = parameters(lambda);
        if let Some(name) = names.iter().find(|name| !own.contains(name) && body.mentions(name)) {
            found.add(lambda.start(), format!("The lambda uses the loop's `{name}`, which will have moved on when it is called."));
        }
    }
}

/// The loop's names, if a lambda is kept for later in a loop or a comprehension.
fn kept_in_loop(lambda: Node<'_>) -> Option<Vec<&str>> {
    let parent = lambda.parent()?;
    match parent.kind() {
        // `[lambda: i for i in …]`: the comprehension keeps it.
        "list_comprehension" | "set_comprehension" if parent.child(0)?.same_as(lambda) => {
            Some(targets(parent.children().find(|one| one.is("for_in_clause"))?))
        }
        "pair" if parent.parent()?.is("dictionary_comprehension") => {
            Some(targets(parent.parent()?.children().find(|one| one.is("for_in_clause"))?))
        }
        "argument_list" => {
            let call = parent.parent()?;
            let keeps = matches!(
                method(call),
                "append" | "add_callback" | "add_done_callback" | "connect" | "after"
            );
            keeps
                .then(|| lambda.repeated())
                .flatten()
                .filter(|l| l.is("for_statement"))
                .map(targets)
        }
        "assignment" => {
            let left = parent.field("left")?;
            let outer = lambda.repeated().filter(|l| l.is("for_statement"))?;
            // `handlers[name] = lambda: …` is kept; a plain name may be called in the loop.
            left.is_any(&["subscript"]).then(|| targets(outer))
        }
        _ => None,
    }
}

fn targets(of: Node<'_>) -> Vec<&str> {
    let Some(left) = of.field("left") else { return Vec::new() };
    if left.is("identifier") {
        return vec![left.text()];
    }
    left.descendants().filter(|one| one.is("identifier")).map(Node::text).collect()
}
