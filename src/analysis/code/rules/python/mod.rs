//! Python's rules, and how they read calls and texts.

mod asynchronous;
mod collections;
mod comparisons;
mod exceptions;
mod execution;
mod functions;
mod resources;
mod secret;
mod web;

use super::super::tree::Node;
use super::{TreeRule, names, patterns};

/// All of them.
pub(super) const RULES: &[&[TreeRule]] = &[
    functions::RULES,
    exceptions::RULES,
    comparisons::RULES,
    collections::RULES,
    execution::RULES,
    web::RULES,
    resources::RULES,
    asynchronous::RULES,
    secret::RULES,
];

/// What is called, as it is written: `subprocess.run`.
fn callee<'t>(call: Node<'t>) -> &'t str {
    call.field_text("function")
}

/// The last part of what is called.
fn method<'t>(call: Node<'t>) -> &'t str {
    let Some(function) = call.field("function") else { return "" };
    if function.is("attribute") { function.field_text("attribute") } else { function.text() }
}

/// What a method is called on.
fn receiver(call: Node<'_>) -> Option<Node<'_>> {
    call.field("function").filter(|function| function.is("attribute"))?.field("object")
}

/// The arguments by place, up to the first that is a keyword's or unpacked.
fn positional<'t>(call: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    let arguments = call.field("arguments").filter(|list| list.is("argument_list"));
    arguments.into_iter().flat_map(Node::children).take_while(|argument| {
        !argument.is_any(&["keyword_argument", "list_splat", "dictionary_splat"])
    })
}

/// An argument by its keyword.
fn keyword<'t>(call: Node<'t>, name: &str) -> Option<Node<'t>> {
    call.field("arguments")?
        .children()
        .filter(|argument| argument.is("keyword_argument"))
        .find(|argument| argument.field_text("name") == name)?
        .field("value")
}

/// Whether arguments are unpacked from elsewhere (`*a`, `**b`), so that not all are seen.
fn unpacks(call: Node<'_>) -> bool {
    call.field("arguments").is_some_and(|list| {
        !list.is("argument_list")
            || list.children().any(|one| one.is_any(&["list_splat", "dictionary_splat"]))
    })
}

/// A text that is made when the code runs: what of it stands in the code, and what is put in.
struct Made<'t> {
    written: String,
    holes: Vec<Node<'t>>,
}

impl Made<'_> {
    fn is_harmless(&self) -> bool {
        self.holes.iter().all(|hole| is_harmless(*hole))
    }

    /// Whether it is an SQL statement with a value put into it.
    fn is_open_sql(&self) -> bool {
        let mut values = patterns::value_holes(&self.written).zip(&self.holes);
        patterns::is_sql(&self.written)
            && values.any(|(is_value, hole)| is_value && !is_harmless(*hole))
    }
}

/// Constants, numbers, lists of placeholders made for a driver, what was quoted for where it goes.
fn is_harmless(hole: Node<'_>) -> bool {
    if hole.range().len() > MAX_HOLE_BYTES {
        return false;
    }
    let text = hole.text();
    let small = text.to_ascii_lowercase();
    let first = text.split('.').next().unwrap_or_default();
    // `', '.join(['%s'] * n)`, directly or by name: the values stand beside the text.
    let value = hole.only_value().filter(|value| value.range().len() <= MAX_HOLE_BYTES);
    let value = value.map_or("", Node::text);
    let marks = ["'%s'", "\"%s\"", "'?'", "\"?\""];
    names::is_constant(first)
        || marks.iter().any(|mark| text.contains(mark) || value.contains(mark))
        || ["placeholder", "marks", "param", "quote", "escape", "sanitize"]
            .iter()
            .any(|word| small.contains(word))
        || hole.is_any(&["integer", "string"])
        || ["int(", "len(", "float(", "os.getpid("].iter().any(|start| text.starts_with(start))
        || matches!(small.rsplit('.').next().unwrap_or_default(), "pid" | "port")
}

/// What is longer is no constant and no mark, in bytes.
const MAX_HOLE_BYTES: usize = 400;

/// How deeply texts that are put together of texts are followed.
const MAX_PARTS_DEPTH: usize = 24;

/// A text that is put together, directly or by way of one name: an f-string with something in it, `%`,
/// `+`, `.format(…)`.
fn made(node: Node<'_>) -> Option<Made<'_>> {
    let mut made = Made { written: String::new(), holes: Vec::new() };
    let mut has_text = false;
    take_apart(node.only_value()?, &mut made, &mut has_text, 0);
    (has_text && !made.holes.is_empty()).then_some(made)
}

fn take_apart<'t>(node: Node<'t>, made: &mut Made<'t>, has_text: &mut bool, depth: usize) {
    if depth > MAX_PARTS_DEPTH {
        return;
    }
    match node.kind() {
        "string" => {
            *has_text = true;
            for part in node.children() {
                if part.is("string_content") {
                    made.written.push_str(part.text());
                } else if part.is("interpolation") {
                    made.written.push(patterns::HOLE);
                    made.holes.extend(part.field("expression"));
                }
            }
        }
        "concatenated_string" => {
            for part in node.children() {
                take_apart(part, made, has_text, depth + 1);
            }
        }
        "parenthesized_expression" => {
            if let Some(inner) = node.child(0) {
                take_apart(inner, made, has_text, depth + 1);
            }
        }
        "binary_operator" if node.has_word("+") => {
            for side in ["left", "right"].into_iter().filter_map(|side| node.field(side)) {
                take_apart(side, made, has_text, depth + 1);
            }
        }
        "binary_operator" if node.has_word("%") => {
            let Some(left) = node.field("left") else { return };
            if !left.is_any(&["string", "concatenated_string", "parenthesized_expression"]) {
                return;
            }
            take_apart(left, made, has_text, depth + 1);
            made.written = patterns::percent_holes(&made.written);
            match node.field("right") {
                Some(right) if right.is_any(&["tuple", "dictionary"]) => {
                    made.holes
                        .extend(right.children().map(|one| one.field("value").unwrap_or(one)));
                }
                right => made.holes.extend(right),
            }
        }
        "call" if method(node) == "format" => {
            let Some(text) =
                receiver(node).filter(|on| on.is_any(&["string", "concatenated_string"]))
            else {
                made.written.push(patterns::HOLE);
                made.holes.push(node);
                return;
            };
            take_apart(text, made, has_text, depth + 1);
            made.written = patterns::brace_holes(&made.written);
            let arguments = node.field("arguments").into_iter().flat_map(Node::children);
            made.holes.extend(arguments.map(|one| one.field("value").unwrap_or(one)));
        }
        _ => {
            made.written.push(patterns::HOLE);
            made.holes.push(node);
        }
    }
}

/// The text of a string without holes.
fn literal<'t>(node: Node<'t>) -> Option<&'t str> {
    if !node.is("string") || node.children().any(|part| part.is("interpolation")) {
        return None;
    }
    let mut parts = node.children().filter(|part| part.is("string_content"));
    let content = parts.next();
    if parts.next().is_some() {
        return None;
    }
    Some(content.map_or("", |part| part.text()))
}

/// Whether a file imports a module by its own name.
fn imports(root: Node<'_>, module: &str) -> bool {
    root.children().filter(|one| one.is("import_statement")).any(|one| {
        one.children()
            .any(|name| name.is("dotted_name") && name.text().split('.').next() == Some(module))
    })
}

/// Whether `from module import name` stands in the file's outermost lines.
fn imports_from(root: Node<'_>, module: &str, name: &str) -> bool {
    root.children()
        .filter(|one| one.is("import_from_statement") && one.field_text("module_name") == module)
        .any(|one| one.children().skip(1).any(|part| part.text() == name))
}

/// The names of a function's parameters.
fn parameters<'t>(function: Node<'t>) -> Vec<&'t str> {
    let Some(list) = function.field("parameters") else { return Vec::new() };
    list.children()
        .filter_map(|one| match one.kind() {
            "identifier" => Some(one.text()),
            "typed_parameter" => one.child(0).filter(|name| name.is("identifier")).map(Node::text),
            "default_parameter" | "typed_default_parameter" => Some(one.field_text("name")),
            _ => None,
        })
        .collect()
}
