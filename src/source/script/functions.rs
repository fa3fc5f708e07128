//! The functions of a file that have a name: their own, or the one of what they are assigned to. A
//! function without a name is part of the one around it.

use std::collections::HashMap;
use std::ops::{ControlFlow, Range};

use tree_sitter::{Node, Tree};

use crate::source::tree::{Grammar, walk};

/// Functions kept of one file.
const MAX_FUNCTIONS: usize = 20_000;

/// Bytes of a name that is believed.
const MAX_NAME_BYTES: usize = 200;

/// A function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// With the class or the function around it: `Cart.total`.
    pub name: String,
    /// The last part of the name.
    pub short: String,
    /// The class that it belongs to.
    pub class: Option<String>,
    /// All of it.
    pub range: Range<usize>,
    /// Its body.
    pub body: Range<usize>,
    /// Its parameters, brackets included.
    pub parameters: Range<usize>,
    /// From 1.
    pub line: u32,
}

impl Function {
    /// Whether it makes the values of its class.
    pub fn is_constructor(&self) -> bool {
        self.class.is_some()
            && (matches!(self.short.as_str(), "__init__" | "__new__" | "constructor")
                || self.class.as_deref() == Some(self.short.as_str()))
    }
}

/// A class or function around what is looked at.
struct Around {
    end: usize,
    name: String,
    /// The class whose object `self` or `this` is.
    class: Option<String>,
}

pub(super) fn functions(grammar: Grammar, tree: &Tree, text: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut around: Vec<Around> = Vec::new();
    // Names that values get from what they are assigned to, by the value's node.
    let mut given: HashMap<usize, String> = HashMap::new();
    let python = grammar == Grammar::Python;
    walk(tree.root_node(), |node| {
        while around.last().is_some_and(|last| last.end <= node.start_byte()) {
            around.pop();
        }
        if !node.is_named() {
            return ControlFlow::Continue(());
        }
        if !python {
            note_name(node, text, &mut given);
        }
        let Some(is_class) = kind(node, python) else { return ControlFlow::Continue(()) };
        let own = node.child_by_field_name("name").map(|name| text_of(name, text).to_owned());
        let name = own.or_else(|| given.remove(&node.id())).unwrap_or_default();
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return ControlFlow::Continue(());
        }
        if !is_class {
            found.push(function(node, &name, around.last()));
        }
        let class = match is_class {
            true => Some(short_of(&name).to_owned()),
            false => found.last().and_then(|function: &Function| function.class.clone()),
        };
        around.push(Around { end: node.end_byte(), name, class });
        match found.len() < MAX_FUNCTIONS {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    found
}

/// Whether a node is a class (true) or a function (false).
fn kind(node: Node<'_>, python: bool) -> Option<bool> {
    match node.kind() {
        "class_definition" if python => Some(true),
        "function_definition" if python => Some(false),
        "class_declaration" | "class" | "abstract_class_declaration" if !python => Some(true),
        "function_declaration"
        | "generator_function_declaration"
        | "function_expression"
        | "generator_function"
        | "arrow_function"
        | "method_definition"
            if !python =>
        {
            Some(false)
        }
        _ => None,
    }
}

/// Remembers the name that a node gives its value.
fn note_name(node: Node<'_>, text: &str, given: &mut HashMap<usize, String>) {
    let (left, value) = match node.kind() {
        "variable_declarator" => ("name", "value"),
        "assignment_expression" => ("left", "right"),
        "pair" => ("key", "value"),
        "field_definition" => ("property", "value"),
        "public_field_definition" => ("name", "value"),
        _ => return,
    };
    let (Some(left), Some(mut value)) =
        (node.child_by_field_name(left), node.child_by_field_name(value))
    else {
        return;
    };
    while value.kind() == "parenthesized_expression" {
        let Some(inner) = value.named_child(0) else { return };
        value = inner;
    }
    // `exports.total = Cart.total = function …`: the innermost name is the likeliest.
    let takes_a_name = kind(value, false).is_some();
    let name = text_of(left, text);
    if takes_a_name && name.len() <= MAX_NAME_BYTES && !name.contains(['\n', '{', '(']) {
        given.insert(value.id(), name.trim_matches(['\'', '"']).to_owned());
    }
}

fn function(node: Node<'_>, name: &str, around: Option<&Around>) -> Function {
    let mut class = around.and_then(|around| around.class.clone());
    let mut qualified = match around {
        Some(around) => format!("{}.{name}", short_of(&around.name)),
        None => name.to_owned(),
    };
    // `Cart.prototype.total = function`, `exports.total = function`, `this.total = function`
    if let Some((object, short)) = name.rsplit_once('.') {
        match object {
            "exports" | "module.exports" | "module" | "this" | "self" => {
                if object == "this" {
                    class = around.map(|around| around.name.clone());
                }
                qualified = match around {
                    Some(around) => format!("{}.{short}", short_of(&around.name)),
                    None => short.to_owned(),
                };
            }
            _ => {
                let object = object.strip_suffix(".prototype").unwrap_or(object);
                class = Some(object.to_owned());
                qualified = format!("{object}.{short}");
            }
        }
    }
    let short = short_of(name).to_owned();
    let range_of = |field: &str| node.child_by_field_name(field).map(|part| part.byte_range());
    let empty = node.start_byte()..node.start_byte();
    Function {
        class: class.or_else(|| begins_upper(&short).then(|| short.clone())),
        name: qualified,
        short,
        range: node.byte_range(),
        body: range_of("body").unwrap_or_else(|| node.byte_range()),
        parameters: range_of("parameters").or_else(|| range_of("parameter")).unwrap_or(empty),
        line: u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX),
    }
}

/// `function Cart() {…}` makes carts.
fn begins_upper(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase)
}

fn short_of(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn text_of<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}
