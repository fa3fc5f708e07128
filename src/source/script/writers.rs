//! Which functions write an attribute, or put a key into a mapping.

use std::ops::{ControlFlow, Range};

use super::file::ScriptFile;
use super::functions::Function;
use super::uses::Receiver;
use tree_sitter::Node;

/// Where a function writes attribute or key `name`, if it does: the byte of the statement. `own`: only
/// attributes of the object itself.
pub fn writes(file: &ScriptFile, function: &Function, name: &str, own: bool) -> Option<usize> {
    let mut at = None;
    let range = function.body.clone();
    file.walk_within(&range, |node, _| {
        let inside = node.start_byte() >= range.start && node.end_byte() <= range.end;
        if inside && at.is_none() && writes_here(file, node, name, own) {
            at = Some(node.start_byte());
        }
        match at {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    });
    at
}

/// What the statement at `at`, where [`writes`] found one, writes: an assignment's right side, a key's value.
pub fn written(file: &ScriptFile, at: usize) -> Option<Range<usize>> {
    let mut node = file.root().descendant_for_byte_range(at, at + 1)?;
    for _ in 0..8 {
        let value = match node.kind() {
            "assignment"
            | "augmented_assignment"
            | "assignment_expression"
            | "augmented_assignment_expression" => node.child_by_field_name("right"),
            "pair" | "keyword_argument" => node.child_by_field_name("value"),
            "call" | "call_expression" => node.child_by_field_name("arguments"),
            _ => None,
        };
        if value.is_some() && node.start_byte() == at {
            return value.map(|value| value.byte_range());
        }
        node = node.parent()?;
    }
    None
}

fn writes_here(file: &ScriptFile, node: Node<'_>, name: &str, own: bool) -> bool {
    let field = |field: &str| node.child_by_field_name(field);
    match node.kind() {
        "assignment"
        | "augmented_assignment"
        | "assignment_expression"
        | "augmented_assignment_expression" => {
            field("left").is_some_and(|left| is_place(file, left, name, own))
        }
        // `{ total: … }`, `{'total': …}`
        "pair" if !own => field("key").is_some_and(|key| unquoted(file.text_of(key)) == name),
        "shorthand_property_identifier" if !own => file.text_of(node) == name,
        // `dict(total=…)`, `Cart(total=…)`
        "keyword_argument" if !own => field("name").is_some_and(|key| file.text_of(key) == name),
        // `self.lines.append(…)`, `this.lines.push(…)`
        "call" | "call_expression" => super::uses::call(file, node).is_some_and(|call| {
            let setter = matches!(call.name.as_str(), "setattr" | "setdefault" | "set");
            let changes = matches!(
                call.name.as_str(),
                "append"
                    | "add"
                    | "update"
                    | "insert"
                    | "extend"
                    | "push"
                    | "unshift"
                    | "pop"
                    | "clear"
                    | "splice"
                    | "shift"
                    | "remove"
            );
            let on_attribute = call.receiver == Receiver::Other
                && field("function")
                    .and_then(|called| called.child_by_field_name("object"))
                    .is_some_and(|object| is_place(file, object, name, own));
            changes && on_attribute
                || setter
                    && field("arguments").is_some_and(|arguments| {
                        let mut cursor = arguments.walk();
                        let mut children = arguments.named_children(&mut cursor);
                        children.any(|one| {
                            one.kind() == "string" && unquoted(file.text_of(one)) == name
                        })
                    })
        }),
        _ => false,
    }
}

/// Whether a node is the attribute or the key `name`, or an element of it.
fn is_place(file: &ScriptFile, node: Node<'_>, name: &str, own: bool) -> bool {
    let mut node = node;
    for _ in 0..8 {
        let object =
            node.child_by_field_name("object").or_else(|| node.child_by_field_name("value"));
        let part = match node.kind() {
            "attribute" => node.child_by_field_name("attribute"),
            "member_expression" => node.child_by_field_name("property"),
            "subscript" if !own => node.child_by_field_name("subscript"),
            "subscript_expression" if !own => node.child_by_field_name("index"),
            "pattern_list" | "tuple_pattern" => {
                let mut cursor = node.walk();
                let mut children = node.named_children(&mut cursor);
                return children
                    .any(|one| one.kind() == "attribute" && is_place(file, one, name, own));
            }
            "subscript" | "subscript_expression" => None,
            _ => return false,
        };
        if part.is_some_and(|part| unquoted(file.text_of(part)) == name) {
            let of_itself = object.is_some_and(|object| {
                matches!(file.text_of(object), "self" | "this" | "cls")
                    || file.text_of(object) == "that"
            });
            return !own || of_itself;
        }
        // `self.lines[0]` writes into `self.lines`.
        match object {
            Some(object) => node = object,
            None => return false,
        }
    }
    false
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\'', '`']).trim_start_matches('#')
}
