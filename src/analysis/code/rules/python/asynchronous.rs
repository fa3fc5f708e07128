//! Coroutines: what holds up all others, and what never runs.

use std::collections::HashSet;

use super::super::super::tree::Node;
use super::super::{Code, Edit, Found, Rule, TreeRule};
use super::{callee, imports};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "python/blocking-in-async",
            issue_type: IssueType::Performance,
            severity: Severity::High,
            why: "While it waits, no other coroutine of the loop runs. Await an asynchronous call, or hand it to a thread with `asyncio.to_thread`.",
            same_as: &["ASYNC210", "ASYNC220", "ASYNC221", "ASYNC222", "ASYNC251", "ASYNC212"],
        },
        find: blocking_in_async,
    },
    TreeRule {
        rule: Rule {
            id: "python/not-awaited",
            issue_type: IssueType::Bug,
            severity: Severity::High,
            why: "Calling an `async def` only makes a coroutine; without `await` nothing of it runs.",
            same_as: &["RUF006"],
        },
        find: not_awaited,
    },
];

fn blocking_in_async(code: &Code<'_>, found: &mut Found) {
    const WAITING: &[&str] = &[
        "time.sleep",
        "requests.get",
        "requests.post",
        "requests.put",
        "requests.patch",
        "requests.delete",
        "requests.head",
        "requests.request",
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "os.system",
        "urllib.request.urlopen",
    ];
    for call in code.tree.all("call") {
        let name = callee(call);
        let module = name.split('.').next().unwrap_or_default();
        let in_async =
            call.function().is_some_and(|f| f.is("function_definition") && f.has_word("async"));
        if WAITING.contains(&name) && in_async && imports(code.tree.root(), module) {
            let edit = (name == "time.sleep" && imports(code.tree.root(), "asyncio"))
                .then(|| call.field("function"))
                .flatten()
                .filter(|_| call.parent().is_some_and(|p| p.is("expression_statement")))
                .map(|function| {
                    Edit::logic("Await asyncio.sleep", function.range(), "await asyncio.sleep")
                });
            found.add_with(call.start(), format!("`{name}` blocks the event loop."), edit);
        }
    }
}

fn not_awaited(code: &Code<'_>, found: &mut Found) {
    let root = code.tree.root();
    // Functions of the file's outermost level, and methods by their class, that are always coroutines.
    let mut coroutines = HashSet::new();
    let mut others = HashSet::new();
    for function in code.tree.all("function_definition") {
        let decorated = function.parent().is_some_and(|parent| parent.is("decorated_definition"));
        let generator = function.own_descendants().any(|one| one.is("yield"));
        let place = owner(function);
        let known = if function.has_word("async") && !decorated && !generator {
            &mut coroutines
        } else {
            &mut others
        };
        known.insert((place.map(|class| class.start()), function.field_text("name")));
    }
    for statement in code.tree.all("expression_statement") {
        let Some(call) = statement.child(0).filter(|one| one.is("call")) else { continue };
        let in_async = call.function().is_some_and(|f| f.has_word("async"));
        if !in_async {
            continue;
        }
        let name = callee(call);
        let key = match name.strip_prefix("self.") {
            Some(name) => {
                let Some(class) = call.ancestors().find(|outer| outer.is("class_definition"))
                else {
                    continue;
                };
                // A class that inherits may mean another one by this name.
                (Some(class.start()), name)
            }
            None => (None, name),
        };
        let shadowed = key.0.is_none()
            && call.scope().own_descendants().any(|one| {
                one.is("assignment")
                    && !root.same_as(call.scope())
                    && one.field_text("left") == name
            });
        if coroutines.contains(&key) && !others.contains(&key) && !shadowed {
            let edit = Edit::logic(format!("Await `{name}`"), call.start()..call.start(), "await ");
            found.add_with(
                call.start(),
                format!("The coroutine of `{name}` is made and never awaited."),
                Some(edit),
            );
        }
    }
}

/// The class whose method a function is; `None` for one of the file's outermost level. Functions in
/// functions are nobody's.
fn owner(function: Node<'_>) -> Option<Node<'_>> {
    function
        .ancestors()
        .take_while(|outer| !outer.is_function())
        .find(|outer| outer.is("class_definition"))
}
