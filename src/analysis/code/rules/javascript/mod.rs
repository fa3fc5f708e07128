//! The rules of JavaScript and TypeScript, and how they read calls and texts.

mod comparisons;
mod execution;
mod flow;
mod objects;
mod pages;
mod promises;
mod secret;
mod types;
mod values;

use super::super::tree::Node;
use super::{TreeRule, names, patterns};

/// For JavaScript.
pub(super) const RULES: &[&[TreeRule]] = &[
    comparisons::RULES,
    flow::RULES,
    promises::RULES,
    execution::RULES,
    pages::RULES,
    objects::RULES,
    values::RULES,
    secret::RULES,
];

/// For TypeScript.
pub(super) const RULES_WITH_TYPES: &[&[TreeRule]] = &[
    comparisons::RULES,
    flow::RULES,
    promises::RULES,
    execution::RULES,
    pages::RULES,
    objects::RULES,
    values::RULES,
    secret::RULES,
    types::RULES,
];

/// What is called, as it is written: `child_process.exec`.
fn callee<'t>(call: Node<'t>) -> &'t str {
    call.field_text("function")
}

/// The last part of what is called.
fn method<'t>(call: Node<'t>) -> &'t str {
    let Some(function) = call.field("function") else { return "" };
    if function.is("member_expression") { function.field_text("property") } else { function.text() }
}

/// What a method is called on.
fn receiver(call: Node<'_>) -> Option<Node<'_>> {
    call.field("function").filter(|function| function.is("member_expression"))?.field("object")
}

/// The arguments of a call or of `new`.
fn arguments<'t>(call: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    let list = call.field("arguments").filter(|list| list.is("arguments"));
    list.into_iter().flat_map(Node::children)
}

/// A node without parentheses and type assertions around it.
fn bare(mut node: Node<'_>) -> Node<'_> {
    while node.is_any(&[
        "parenthesized_expression",
        "as_expression",
        "non_null_expression",
        "satisfies_expression",
    ]) {
        match node.child(0) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// The text of a string, or of a template without holes.
fn literal<'t>(node: Node<'t>) -> Option<&'t str> {
    let text = node.text();
    match node.kind() {
        "string" => text.get(1..text.len().checked_sub(1)?),
        "template_string" if !node.children().any(|part| part.is("template_substitution")) => {
            text.get(1..text.len().checked_sub(1)?)
        }
        _ => None,
    }
}

/// A text that is made when the code runs.
struct Made<'t> {
    written: String,
    holes: Vec<Node<'t>>,
}

impl Made<'_> {
    /// Whether it is an SQL statement with a value put into it.
    fn is_open_sql(&self) -> bool {
        let mut values = patterns::value_holes(&self.written).zip(&self.holes);
        patterns::is_sql(&self.written)
            && values.any(|(is_value, hole)| is_value && !is_harmless(*hole))
    }
}

/// Constants, numbers, texts that stand in the code, lists of placeholders made for a driver, what was
/// quoted for where it goes.
fn is_harmless(hole: Node<'_>) -> bool {
    if hole.range().len() > MAX_HOLE_BYTES {
        return false;
    }
    let text = hole.text();
    let small = text.to_ascii_lowercase();
    let first = text.split('.').next().unwrap_or_default();
    names::is_constant(first)
        || ["placeholder", "marks", "escape", "quote", "sanitize", "json.stringify("]
            .iter()
            .any(|word| small.contains(word))
        || ["Number(", "parseInt(", "process.pid", "process.execPath"]
            .iter()
            .any(|start| text.starts_with(start))
        || matches!(
            small.rsplit('.').next().unwrap_or_default(),
            "length" | "pid" | "ppid" | "port" | "sig" | "signal"
        )
        || hole.only_value().is_some_and(|value| value.is("number") || is_written(value, 0))
}

/// Whether a text stands in the code, whole or chosen from several.
fn is_written(node: Node<'_>, depth: usize) -> bool {
    if depth > MAX_PARTS_DEPTH {
        return false;
    }
    let side = |name: &str| node.field(name).is_some_and(|one| is_written(one, depth + 1));
    match node.kind() {
        "parenthesized_expression" => node.child(0).is_some_and(|one| is_written(one, depth + 1)),
        "binary_expression" => node.has_word("+") && side("left") && side("right"),
        "ternary_expression" => side("consequence") && side("alternative"),
        _ => literal(node).is_some(),
    }
}

/// What is longer is no constant and no mark, in bytes.
const MAX_HOLE_BYTES: usize = 400;

/// How deeply texts that are put together of texts are followed.
const MAX_PARTS_DEPTH: usize = 24;

/// A text that is put together, directly or by way of one name: a template with holes, or `+`.
fn made(node: Node<'_>) -> Option<Made<'_>> {
    let mut made = Made { written: String::new(), holes: Vec::new() };
    let mut has_text = false;
    take_apart(bare(node).only_value()?, &mut made, &mut has_text, 0);
    (has_text && !made.holes.is_empty()).then_some(made)
}

fn take_apart<'t>(node: Node<'t>, made: &mut Made<'t>, has_text: &mut bool, depth: usize) {
    if depth > MAX_PARTS_DEPTH {
        return;
    }
    match node.kind() {
        "string" | "template_string" => {
            *has_text = true;
            for part in node.children() {
                if part.is("template_substitution") {
                    made.written.push(patterns::HOLE);
                    made.holes.extend(part.child(0));
                } else {
                    made.written.push_str(part.text());
                }
            }
        }
        "parenthesized_expression" => {
            if let Some(inner) = node.child(0) {
                take_apart(inner, made, has_text, depth + 1);
            }
        }
        "binary_expression" if node.has_word("+") => {
            for side in ["left", "right"].into_iter().filter_map(|side| node.field(side)) {
                take_apart(side, made, has_text, depth + 1);
            }
        }
        _ => {
            made.written.push(patterns::HOLE);
            made.holes.push(node);
        }
    }
}

/// Whether a file requires or imports a module.
fn uses_module(code: &super::Code<'_>, module: &str) -> bool {
    let is_it = |text: &str| text.strip_prefix("node:").unwrap_or(text) == module;
    code.tree
        .all("import_statement")
        .any(|one| one.field("source").and_then(literal).is_some_and(is_it))
        || code.tree.all("call_expression").any(|call| {
            callee(call) == "require" && arguments(call).next().and_then(literal).is_some_and(is_it)
        })
}

/// Whether a function has a word before it (`async`).
fn is_async(function: Node<'_>) -> bool {
    function.has_word("async")
}

/// The names of a function's plain parameters.
fn parameters<'t>(function: Node<'t>) -> Vec<&'t str> {
    if let Some(one) = function.field("parameter") {
        return vec![one.text()];
    }
    let Some(list) = function.field("parameters") else { return Vec::new() };
    list.children()
        .filter_map(|one| match one.kind() {
            "identifier" => Some(one.text()),
            "assignment_pattern" => Some(one.field_text("left")),
            "required_parameter" | "optional_parameter" => Some(one.field_text("pattern")),
            _ => None,
        })
        .collect()
}

/// A text for a message: cut where it is long, on one line.
fn short(node: Node<'_>) -> String {
    node.text().chars().take(40).map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}
