//! What an expression works on: names, attributes of the object itself, attributes of others, calls,
//! texts.

use std::ops::{ControlFlow, Range};

use tree_sitter::Node;

use super::file::ScriptFile;

/// Of each kind that is kept.
const MAX_EACH: usize = 16;

/// What a call calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// Nothing: `total(…)`.
    Plain,
    /// The object itself: `self.total(…)`, `this.total(…)`.
    Itself,
    /// What the class is made from: `super().total(…)`.
    Above,
    /// Another object.
    Other,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The last part of what is called.
    pub name: String,
    /// On what.
    pub receiver: Receiver,
    /// All of it.
    pub range: Range<usize>,
}

/// What an expression works on; each thing once, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Variables.
    pub names: Vec<String>,
    /// `x` of `self.x` and `this.x`.
    pub own: Vec<String>,
    /// `x` of `order.x`.
    pub attributes: Vec<String>,
    /// Calls.
    pub calls: Vec<Call>,
    /// Texts that stand in it, without quotes.
    pub texts: Vec<String>,
}

impl Uses {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.own.is_empty() && self.calls.is_empty()
    }

    /// Takes in what another expression works on.
    pub fn merge(&mut self, other: Self) {
        for name in other.names {
            add(&mut self.names, &name);
        }
        for name in other.own {
            add(&mut self.own, &name);
        }
        for name in other.attributes {
            add(&mut self.attributes, &name);
        }
        for text in other.texts {
            add(&mut self.texts, &text);
        }
        for call in other.calls {
            if self.calls.len() < MAX_EACH && !self.calls.contains(&call) {
                self.calls.push(call);
            }
        }
    }
}

/// The words by which methods call their own object.
const ITSELF: &[&str] = &["self", "this", "cls"];

/// What the expression in `range` works on. Functions within it are passed over, but for those without a
/// name of their own.
pub fn uses(file: &ScriptFile, range: &Range<usize>) -> Uses {
    let mut found = Uses::default();
    file.walk_within(range, |node, field| {
        // Only what lies within: nodes around it touch it as well.
        let inside = node.start_byte() >= range.start && node.end_byte() <= range.end;
        if !inside {
            return ControlFlow::Continue(());
        }
        match node.kind() {
            "function_definition"
            | "function_declaration"
            | "class_definition"
            | "class_declaration" => return ControlFlow::Break(()),
            "identifier" | "shorthand_property_identifier" => {
                let names_something =
                    matches!(field, Some("attribute" | "name")) && !is_value_named(node);
                let text = file.text_of(node);
                if !names_something && !ITSELF.contains(&text) && text != "super" {
                    add(&mut found.names, text);
                }
            }
            "attribute" | "member_expression" => attribute(file, node, field, &mut found),
            "call" | "call_expression" | "new_expression" => {
                if let Some(call) = call(file, node)
                    && found.calls.len() < MAX_EACH
                    && !found.calls.contains(&call)
                {
                    found.calls.push(call);
                }
            }
            "string" => {
                let text = file.text_of(node);
                let inner = text.trim_start_matches(['b', 'r', 'u', 'f']).trim_matches(['"', '\'']);
                if !inner.is_empty() && inner.len() < 64 {
                    add(&mut found.texts, inner);
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    });
    // What is called is no value that went wrong.
    let called: Vec<&str> = found
        .calls
        .iter()
        .filter(|call| call.receiver == Receiver::Plain)
        .map(|call| call.name.as_str())
        .collect();
    found.names.retain(|name| !called.contains(&name.as_str()));
    found
}

/// A declarator's name is one that is written, not read.
fn is_value_named(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| matches!(parent.kind(), "keyword_argument"))
        && node.parent().and_then(|parent| parent.child_by_field_name("value")) == Some(node)
}

fn attribute(file: &ScriptFile, node: Node<'_>, field: Option<&str>, found: &mut Uses) {
    // `cart.total()` calls, `cart.total` reads.
    if matches!(field, Some("function" | "constructor")) {
        return;
    }
    let name =
        node.child_by_field_name("attribute").or_else(|| node.child_by_field_name("property"));
    let (Some(object), Some(name)) = (node.child_by_field_name("object"), name) else { return };
    let name = file.text_of(name);
    if ITSELF.contains(&file.text_of(object)) {
        add(&mut found.own, name);
    } else {
        add(&mut found.attributes, name);
    }
}

/// The call that a node is.
pub fn call(file: &ScriptFile, node: Node<'_>) -> Option<Call> {
    let called =
        node.child_by_field_name("function").or_else(|| node.child_by_field_name("constructor"))?;
    let (name, receiver) = match called.kind() {
        "identifier" => (file.text_of(called), Receiver::Plain),
        "super" => ("constructor", Receiver::Above),
        "attribute" | "member_expression" => {
            let name = called
                .child_by_field_name("attribute")
                .or_else(|| called.child_by_field_name("property"))?;
            let object = called.child_by_field_name("object")?;
            let object_text = file.text_of(object);
            let receiver = match object_text {
                text if ITSELF.contains(&text) => Receiver::Itself,
                text if text.starts_with("super(") || text == "super" => Receiver::Above,
                _ => Receiver::Other,
            };
            (file.text_of(name), receiver)
        }
        _ => return None,
    };
    Some(Call { name: name.trim_start_matches('#').to_owned(), receiver, range: node.byte_range() })
}

fn add(list: &mut Vec<String>, text: &str) {
    if list.len() < MAX_EACH && !text.is_empty() && !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}
