//! Promises that nobody waits for, and waiting that is not needed.

use std::collections::{HashMap, HashSet};

use super::super::super::tree::Node;
use super::super::{Code, Edit, Found, Rule, TreeRule};
use super::{arguments, callee, is_async, method, receiver};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "javascript/floating-promise",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "The code goes on before it has ended, and a failure becomes an unhandled rejection, which ends a Node process. Await it, or add `.catch(…)`.",
            same_as: &["no-floating-promises"],
        },
        find: floating_promise,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/return-without-await-in-try",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "The block is left before the promise fails, so that its `catch` never sees the failure.",
            same_as: &["return-await"],
        },
        find: return_in_try,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/promise-as-condition",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "A promise is always true, whatever it will become.",
            same_as: &["no-misused-promises"],
        },
        find: promise_as_condition,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/async-for-each",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "`forEach` does not wait: what follows runs first, and failures are unhandled. Use `for … of` with `await`, or `Promise.all(….map(…))`.",
            same_as: &[],
        },
        find: async_for_each,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/async-executor",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "What is thrown inside neither rejects the new promise nor reaches anybody, so that it may stay pending for ever.",
            same_as: &["no-async-promise-executor"],
        },
        find: async_executor,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/await-in-loop",
            issue_type: IssueType::Performance,
            severity: Severity::Low,
            why: "Each one waits for the one before it. Where they do not depend on each other, `Promise.all(….map(…))` runs them at once.",
            same_as: &["no-await-in-loop"],
        },
        find: await_in_loop,
    },
];

/// Functions of the outermost level, by name, that are always `async`.
struct Known<'t> {
    by_name: HashMap<&'t str, Option<Node<'t>>>,
}

impl<'t> Known<'t> {
    fn of(code: &'t Code<'_>) -> Self {
        let mut by_name: HashMap<&str, Option<Node<'_>>> = HashMap::new();
        let mut note = |name: &'t str, function: Option<Node<'t>>| {
            by_name.entry(name).and_modify(|known| *known = None).or_insert(function);
        };
        for kind in ["function_declaration", "generator_function_declaration"] {
            for function in code.tree.all(kind) {
                note(
                    function.field_text("name"),
                    Some(function).filter(|f| is_async(*f) && f.is("function_declaration")),
                );
            }
        }
        for declarator in code.tree.all("variable_declarator") {
            let value = declarator
                .field("value")
                .filter(|value| value.is_any(&["arrow_function", "function_expression"]));
            let is_const = declarator.parent().is_some_and(|list| list.has_word("const"));
            note(declarator.field_text("name"), value.filter(|value| is_const && is_async(*value)));
        }
        // A parameter of the same name may be anything.
        let mut parameters = HashSet::new();
        for kind in
            ["function_declaration", "function_expression", "arrow_function", "method_definition"]
        {
            parameters.extend(code.tree.all(kind).flat_map(super::parameters));
        }
        by_name.retain(|name, _| !parameters.contains(name));
        Self { by_name }
    }

    fn called(&self, call: Node<'t>) -> Option<Node<'t>> {
        if !call.is("call_expression") {
            return None;
        }
        *self.by_name.get(callee(call))?
    }
}

/// Whether a function catches all that happens in it, so that its promise never fails.
fn catches_all(function: Node<'_>) -> bool {
    let Some(body) = function.field("body").filter(|body| body.is("statement_block")) else {
        return false;
    };
    let mut statements =
        body.children().filter(|one| !one.is_any(&["lexical_declaration", "variable_declaration"]));
    statements
        .next()
        .is_some_and(|first| first.is("try_statement") && first.field("handler").is_some())
}

fn floating_promise(code: &Code<'_>, found: &mut Found) {
    let known = Known::of(code);
    for statement in code.tree.all("expression_statement") {
        let Some(call) = statement.child(0) else { continue };
        let Some(function) = known.called(call) else { continue };
        let waits = call.function().filter(|f| is_async(*f));
        if catches_all(function) || waits.is_none() {
            continue;
        }
        let edit =
            Edit::logic(format!("Await `{}`", callee(call)), call.start()..call.start(), "await ");
        found.add_with(
            call.start(),
            format!("Nobody waits for the promise of `{}`.", callee(call)),
            Some(edit),
        );
    }
}

fn return_in_try(code: &Code<'_>, found: &mut Found) {
    let known = Known::of(code);
    for statement in code.tree.all("return_statement") {
        let Some(call) = statement.child(0) else { continue };
        let asynchronous =
            known.called(call).is_some() || (call.is("call_expression") && callee(call) == "fetch");
        if !asynchronous || !statement.function().is_some_and(is_async) {
            continue;
        }
        let function = statement.scope();
        let mut at = statement;
        for outer in statement.ancestors() {
            if outer.same_as(function) {
                break;
            }
            let handled = outer.is("try_statement")
                && outer.field("handler").is_some()
                && outer.field("body").is_some_and(|body| body.same_as(at));
            if handled {
                let edit =
                    Edit::logic("Await before returning", call.start()..call.start(), "await ");
                found.add_with(statement.start(), format!("The promise of `{}` is returned out of a `try` whose `catch` will not see it fail.", callee(call)), Some(edit));
                break;
            }
            at = outer;
        }
    }
}

fn promise_as_condition(code: &Code<'_>, found: &mut Found) {
    let known = Known::of(code);
    for kind in ["if_statement", "while_statement"] {
        for statement in code.tree.all(kind) {
            let Some(mut condition) = statement.field("condition").and_then(|one| one.child(0))
            else {
                continue;
            };
            if condition.is("unary_expression") && condition.has_word("!") {
                let Some(inner) = condition.field("argument") else { continue };
                condition = inner;
            }
            if known.called(condition).is_some() {
                let waits = condition.function().is_some_and(is_async);
                let edit = Edit::logic(
                    format!("Await `{}`", callee(condition)),
                    condition.start()..condition.start(),
                    "await ",
                );
                found.add_with(
                    condition.start(),
                    format!(
                        "The condition is the promise of `{}`, not its result.",
                        callee(condition)
                    ),
                    Some(edit).filter(|_| waits),
                );
            }
        }
    }
}

fn async_for_each(code: &Code<'_>, found: &mut Found) {
    for call in code.tree.all("call_expression") {
        if method(call) != "forEach" || receiver(call).is_none() {
            continue;
        }
        let callback = arguments(call)
            .next()
            .filter(|one| one.is_any(&["arrow_function", "function_expression"]));
        let Some(callback) = callback.filter(|one| is_async(*one)) else { continue };
        let waits = callback.own_descendants().any(|one| one.is("await_expression"));
        if waits && !catches_all(callback) {
            found.add(callback.start(), "`forEach` does not wait for this function.");
        }
    }
}

fn async_executor(code: &Code<'_>, found: &mut Found) {
    for new in code.tree.all("new_expression") {
        if new.field_text("constructor") != "Promise" {
            continue;
        }
        let executor = arguments(new)
            .next()
            .filter(|one| one.is_any(&["arrow_function", "function_expression"]));
        if let Some(executor) = executor.filter(|one| is_async(*one) && !catches_all(*one)) {
            found.add(
                executor.start(),
                "The function that is to settle the promise is itself `async`.",
            );
        }
    }
}

fn await_in_loop(code: &Code<'_>, found: &mut Found) {
    for waiting in code.tree.all("await_expression") {
        let Some(outer) =
            waiting.repeated().filter(|one| one.is("for_in_statement") && one.has_word("of"))
        else {
            continue;
        };
        // `results.push(await one(x))` and nothing else: what one gives, the next does not need.
        let Some(call) = waiting.parent().filter(|p| p.is("arguments")).and_then(Node::parent)
        else {
            continue;
        };
        let alone = call
            .parent()
            .filter(|one| one.is("expression_statement"))
            .and_then(Node::parent)
            .is_some_and(|block| {
                block.same_as(outer)
                    || (block.is("statement_block")
                        && block.children().count() == 1
                        && block.parent().is_some_and(|p| p.same_as(outer)))
            });
        let into = receiver(call).map_or("", Node::text);
        let reads_results = waiting.mentions(into);
        if method(call) == "push" && alone && !reads_results && !outer.has_word("await") {
            found.add(waiting.start(), "Each step of the loop waits for the one before it.");
        }
    }
}
