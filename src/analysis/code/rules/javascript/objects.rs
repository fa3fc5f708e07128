//! Objects and arrays: keys of others, keys twice, the wrong kind of loop.

use super::super::super::tree::Node;
use super::super::{Code, Found, Rule, TreeRule};
use super::{callee, literal, method, parameters};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "javascript/prototype-pollution",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "A key `__proto__` leads into the prototype that all objects share, so that data from outside changes them all. Leave `__proto__`, `constructor` and `prototype` out.",
            same_as: &[],
        },
        find: prototype_pollution,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/for-in-array",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "`for … in` gives the indices, as texts, and whatever else was put on the array or its prototype. Use `for … of`.",
            same_as: &["guard-for-in", "no-for-in-array"],
        },
        find: for_in_array,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/duplicate-key",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "Only the last value of a key is kept.",
            same_as: &["no-dupe-keys"],
        },
        find: duplicate_key,
    },
];

fn prototype_pollution(code: &Code<'_>, found: &mut Found) {
    for outer in code.tree.all("for_in_statement") {
        let Some(function) = outer.function() else { continue };
        let name = match function.field("name") {
            Some(name) => name.text(),
            None => match function.parent().filter(|p| p.is("variable_declarator")) {
                Some(declarator) => declarator.field_text("name"),
                None => continue,
            },
        };
        let (Some(key), Some(body)) = (loop_name(outer), outer.field("body")) else { continue };
        let own = parameters(function);
        // Only a merge that goes into what it finds gets as far as the shared prototype.
        let goes_deep = body.own_descendants().any(|call| {
            call.is("call_expression")
                && (callee(call) == name || method(call) == name)
                && call.own_descendants().any(|one| is_entry(one, &own, key))
        });
        let Some(set) = body.own_descendants().find(|one| {
            one.is("assignment_expression")
                && one.field("left").is_some_and(|left| is_entry(left, &own, key))
        }) else {
            continue;
        };
        if !goes_deep {
            continue;
        }
        let looks = function.says(&[
            "__proto__",
            "hasOwn",
            "constructor",
            "Object.create(null)",
            "isSafeKey",
            "isPrototype",
        ]);
        if !looks {
            found.add(set.start(), format!("`{name}` copies every key, `__proto__` among them."));
        }
    }
}

/// `target[key]` of a parameter.
fn is_entry(node: Node<'_>, parameters: &[&str], key: &str) -> bool {
    node.is("subscript_expression")
        && node.field_text("index") == key
        && parameters.contains(&node.field_text("object"))
}

fn loop_name<'t>(of: Node<'t>) -> Option<&'t str> {
    let left = of.field("left")?;
    left.is("identifier").then(|| left.text())
}

fn for_in_array(code: &Code<'_>, found: &mut Found) {
    for outer in code.tree.all("for_in_statement") {
        if !outer.has_word("in") {
            continue;
        }
        let Some(over) = outer.field("right") else { continue };
        let is_array = over.only_value().is_some_and(|value| {
            value.is("array")
                || (value.is("call_expression")
                    && (matches!(
                        callee(value),
                        "Object.keys"
                            | "Object.values"
                            | "Object.entries"
                            | "Array.from"
                            | "Array.of"
                    ) || (matches!(method(value), "split")
                        && value.field("arguments").is_none_or(|a| a.child(0).is_some()))))
                || (value.is("new_expression") && value.field_text("constructor") == "Array")
        });
        if is_array {
            found.add(
                outer.start(),
                format!("`for … in` runs over the indices of the array `{}`.", super::short(over)),
            );
        }
    }
}

fn duplicate_key(code: &Code<'_>, found: &mut Found) {
    for object in code.tree.all("object") {
        let mut seen = std::collections::HashSet::new();
        for pair in
            object.children().filter(|one| one.is_any(&["pair", "shorthand_property_identifier"]))
        {
            let key = if pair.is("pair") { pair.field("key") } else { Some(pair) };
            let Some(key) = key else { continue };
            let name = match key.kind() {
                "property_identifier" | "shorthand_property_identifier" | "number" => key.text(),
                "string" => match literal(key) {
                    Some(text) if !text.contains('\\') => text,
                    _ => continue,
                },
                _ => continue,
            };
            // `__proto__: x` is no key.
            if name != "__proto__" && !seen.insert(name) {
                let name: String = name.chars().take(60).collect();
                found.add(key.start(), format!("The key `{name}` stands twice in one object."));
            }
        }
    }
}
