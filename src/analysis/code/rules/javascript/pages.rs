//! Pages: markup made of values, state that is changed behind React's back.

use std::collections::HashSet;

use super::super::super::tree::Node;
use super::super::{Code, Found, Rule, TreeRule};
use super::{arguments, bare, callee, literal, made, method, receiver, short};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "javascript/markup-from-value",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "A value with markup in it brings scripts into the page. Use `textContent`, or clean it first.",
            same_as: &["no-unsanitized/property", "react/no-danger"],
        },
        find: markup,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/state-changed-in-place",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "React compares the old state with the new one; the same object, changed, is not drawn anew. Give the setter a new one.",
            same_as: &["react/no-direct-mutation-state"],
        },
        find: state_changed,
    },
];

/// Words in the name of what was called that say that it makes values harmless.
const CLEANING: &[&str] =
    &["sanitize", "escape", "purify", "encode", "clean", "trusted", "createhtml", "safe"];

fn is_cleaned(node: Node<'_>) -> bool {
    let text = node.text().chars().take(200).collect::<String>().to_ascii_lowercase();
    CLEANING.iter().any(|word| text.contains(word))
}

fn markup(code: &Code<'_>, found: &mut Found) {
    for kind in ["assignment_expression", "augmented_assignment_expression"] {
        for assignment in code.tree.all(kind) {
            let (Some(left), Some(right)) = (assignment.field("left"), assignment.field("right"))
            else {
                continue;
            };
            let property =
                if left.is("member_expression") { left.field_text("property") } else { "" };
            if matches!(property, "innerHTML" | "outerHTML") {
                report(found, right, assignment.start(), property);
            }
        }
    }
    for call in code.tree.all("call_expression") {
        let argument = match (method(call), callee(call)) {
            ("insertAdjacentHTML", _) => arguments(call).nth(1),
            (_, "document.write" | "document.writeln") => arguments(call).next(),
            _ => None,
        };
        if let Some(argument) = argument {
            report(found, argument, call.start(), method(call));
        }
    }
    for pair in code.tree.all("pair").filter(|pair| pair.field_text("key") == "__html") {
        if let Some(value) = pair.field("value") {
            let value = bare(value);
            // What a component is given; a constant or a call may be anything.
            if is_from_outside(value) && !is_cleaned(value) {
                found.add(
                    pair.start(),
                    format!("`{}` is put into the page as markup.", short(value)),
                );
            }
        }
    }
}

/// Only texts that are put together here, and what plainly comes from somebody else: any other value may
/// be the page's own markup.
fn report(found: &mut Found, value: Node<'_>, at: usize, into: &str) {
    let value = bare(value);
    if literal(value).is_some() || is_cleaned(value) {
        return;
    }
    let open_hole = made(value).and_then(|text| {
        if !text.written.contains('<') {
            return None;
        }
        text.holes.into_iter().find(|hole| !is_harmless(*hole))
    });
    let source = if is_from_outside(value) { Some(value) } else { open_hole };
    if let Some(source) = source {
        found.add(at, format!("`{}` goes into `{into}` as markup.", short(source)));
    }
}

/// Numbers, constants, what was cleaned, and texts that are chosen of several written ones.
fn is_harmless(hole: Node<'_>) -> bool {
    let hole = bare(hole);
    if super::is_harmless(hole) || super::is_written(hole, 0) || is_cleaned(hole) {
        return true;
    }
    let of_caller = hole.is("identifier")
        && hole
            .function()
            .is_some_and(|function| super::parameters(function).contains(&hole.text()));
    // A field of something that was given; one of its own may be a template.
    let of_other = hole.is("member_expression") && !hole.text().starts_with("this.");
    !of_caller && !of_other
}

/// What the address or another window or a stored text says.
fn is_from_outside(value: Node<'_>) -> bool {
    let text: String = value.text().chars().take(200).collect();
    ["location.hash", "location.search", "document.referrer", "window.name", "document.cookie"]
        .iter()
        .any(|source| text.contains(source))
        || [
            "req.query",
            "req.body",
            "req.params",
            "request.query",
            "request.body",
            "props.",
            "event.data",
            "localStorage.getItem",
            "searchParams.get",
        ]
        .iter()
        .any(|source| text.starts_with(source) || text.starts_with(&format!("this.{source}")))
}

fn state_changed(code: &Code<'_>, found: &mut Found) {
    // `const [items, setItems] = useState(…)`, by the function that has it.
    let mut states = HashSet::new();
    for declarator in code.tree.all("variable_declarator") {
        let (Some(name), Some(value)) = (declarator.field("name"), declarator.field("value"))
        else {
            continue;
        };
        let is_state = name.is("array_pattern")
            && value.is("call_expression")
            && matches!(callee(value), "useState" | "React.useState");
        if let Some(first) = name.child(0).filter(|one| is_state && one.is("identifier")) {
            states.insert((declarator.scope().start(), first.text()));
        }
    }
    if states.is_empty() {
        return;
    }
    let is_state = |node: Node<'_>| {
        node.is("identifier")
            && std::iter::successors(Some(node.scope()), |scope| scope.function())
                .take(8)
                .any(|scope| states.contains(&(scope.start(), node.text())))
    };
    for call in code.tree.all("call_expression") {
        let changes = matches!(
            method(call),
            "push" | "pop" | "shift" | "unshift" | "splice" | "sort" | "reverse"
        );
        if let Some(on) = receiver(call).filter(|on| changes && is_state(*on)) {
            found.add(
                call.start(),
                format!("`{}` changes the state `{}` in place.", method(call), on.text()),
            );
        }
    }
    for assignment in code.tree.all("assignment_expression") {
        let Some(left) = assignment
            .field("left")
            .filter(|left| left.is_any(&["member_expression", "subscript_expression"]))
        else {
            continue;
        };
        if let Some(of) = left.field("object").filter(|of| is_state(*of)) {
            // `ref.current` is there to be changed.
            if left.field_text("property") != "current" {
                found.add(
                    assignment.start(),
                    format!("The state `{}` is changed in place.", of.text()),
                );
            }
        }
    }
}
