//! Where values come from within a function: the assignments, loops and parameters that gave a name its
//! value before a place, and what those were made from.

use std::ops::{ControlFlow, Range};

use tree_sitter::Node;

use super::file::ScriptFile;
use super::functions::Function;
use super::uses::{Uses, uses};

/// Bindings read of one function.
const MAX_BINDINGS: usize = 2_000;

/// Origins given.
const MAX_ORIGINS: usize = 12;

/// Steps back from the failing expression.
const MAX_DISTANCE: usize = 3;

/// Assignments to one name that count, the last ones before the place.
const MAX_PER_NAME: usize = 3;

/// How a name got a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingKind {
    /// Given by the caller.
    Parameter,
    /// `x = …`, `const x = …`
    Assigned,
    /// `x += …`
    Changed,
    /// `for x in …`
    Loop,
    /// `with … as x`, `except … as x`, `catch (x)`
    Context,
}

/// A name and what it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The name.
    pub name: String,
    /// How.
    pub kind: BindingKind,
    /// The value's place; of a parameter its default's.
    pub value: Option<Range<usize>>,
    /// Where it stands.
    pub at: usize,
}

/// A binding that a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The binding.
    pub binding: Binding,
    /// Steps back from the failing expression: 0 is a name in it.
    pub distance: usize,
}

/// All bindings in a part of a file that is given by its range: a function, or what stands in none.
pub fn bindings(
    file: &ScriptFile,
    range: &Range<usize>,
    parameters: Option<&Range<usize>>,
) -> Vec<Binding> {
    let mut found = Vec::new();
    file.walk_within(range, |node, _| {
        let inside = node.start_byte() >= range.start && node.end_byte() <= range.end;
        if !inside {
            return ControlFlow::Continue(());
        }
        if let Some(parameters) = parameters
            && node.byte_range() == *parameters
        {
            read_parameters(file, node, &mut found);
            return ControlFlow::Break(());
        }
        binding(file, node, &mut found);
        match found.len() < MAX_BINDINGS {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    });
    found
}

fn binding(file: &ScriptFile, node: Node<'_>, found: &mut Vec<Binding>) {
    use BindingKind as K;
    let (left, value, kind) = match node.kind() {
        "assignment" | "assignment_expression" => ("left", "right", K::Assigned),
        "augmented_assignment" | "augmented_assignment_expression" => ("left", "right", K::Changed),
        "named_expression" | "variable_declarator" => ("name", "value", K::Assigned),
        "for_statement" | "for_in_clause" | "for_in_statement" => ("left", "right", K::Loop),
        "as_pattern" => ("alias", "", K::Context),
        "catch_clause" => ("parameter", "", K::Context),
        _ => return,
    };
    let Some(left) = node.child_by_field_name(left) else { return };
    let value = match kind {
        K::Context => node.named_child(0),
        _ => node.child_by_field_name(value),
    };
    // `cart.x = …` gives no name a value.
    if matches!(
        left.kind(),
        "attribute" | "member_expression" | "subscript" | "subscript_expression"
    ) {
        return;
    }
    for name in pattern_names(file, left) {
        found.push(Binding {
            name,
            kind,
            value: value.map(|v| v.byte_range()),
            at: node.start_byte(),
        });
    }
}

fn read_parameters(file: &ScriptFile, list: Node<'_>, found: &mut Vec<Binding>) {
    if list.kind() == "identifier" {
        return found.push(parameter(file.text_of(list), None, list.start_byte()));
    }
    let mut cursor = list.walk();
    for one in list.named_children(&mut cursor) {
        let value = one.child_by_field_name("value").or_else(|| one.child_by_field_name("right"));
        let named = one
            .child_by_field_name("name")
            .or_else(|| one.child_by_field_name("pattern"))
            .or_else(|| one.child_by_field_name("left"));
        let names = match (one.kind(), named) {
            ("typed_parameter", None) => one.named_child(0).into_iter().collect(),
            (_, Some(named)) => vec![named],
            _ => vec![one],
        };
        for name in names.into_iter().flat_map(|name| pattern_names(file, name)) {
            found.push(parameter(&name, value.map(|v| v.byte_range()), one.start_byte()));
        }
    }
}

fn parameter(name: &str, value: Option<Range<usize>>, at: usize) -> Binding {
    Binding { name: name.to_owned(), kind: BindingKind::Parameter, value, at }
}

/// The names that a pattern binds.
fn pattern_names(file: &ScriptFile, pattern: Node<'_>) -> Vec<String> {
    let range = pattern.byte_range();
    let mut names = Vec::new();
    file.walk_within(&range, |node, field| {
        let inside = node.start_byte() >= range.start && node.end_byte() <= range.end;
        if inside {
            match node.kind() {
                "attribute" | "member_expression" | "subscript" | "subscript_expression" => {
                    return ControlFlow::Break(());
                }
                "identifier" | "shorthand_property_identifier_pattern"
                    if field != Some("value") && field != Some("right") && names.len() < 16 =>
                {
                    names.push(file.text_of(node).to_owned());
                }
                "type" | "type_annotation" => return ControlFlow::Break(()),
                _ => {}
            }
        }
        ControlFlow::Continue(())
    });
    names
}

/// Where the values in `start` come from, seen from `place` in a function.
pub fn origins(
    file: &ScriptFile,
    function: Option<&Function>,
    start: &Uses,
    place: usize,
) -> Vec<Origin> {
    let all = match function {
        Some(function) => bindings(file, &function.range, Some(&function.parameters)),
        None => bindings(file, &(0..file.text().len()), None),
    };
    let mut found: Vec<Origin> = Vec::new();
    let mut wanted: Vec<(String, usize, usize)> =
        start.names.iter().map(|name| (name.clone(), place, 0)).collect();
    let mut next = 0;
    while let Some((name, before, distance)) = wanted.get(next).cloned() {
        next += 1;
        let of_name = || all.iter().filter(|binding| binding.name == name);
        let mut earlier: Vec<&Binding> = of_name().filter(|binding| binding.at < before).collect();
        // What a loop gave it in the round before.
        if earlier.is_empty() {
            earlier = of_name().collect();
        }
        for binding in earlier.into_iter().rev().take(MAX_PER_NAME) {
            if found.len() == MAX_ORIGINS {
                break;
            }
            if found.iter().any(|origin| origin.binding == *binding) {
                continue;
            }
            found.push(Origin { binding: binding.clone(), distance });
            if distance < MAX_DISTANCE
                && binding.kind != BindingKind::Parameter
                && let Some(value) = &binding.value
            {
                for name in uses(file, value).names {
                    if wanted.len() < 64 && !wanted.iter().any(|(known, ..)| *known == name) {
                        wanted.push((name, binding.at, distance + 1));
                    }
                }
            }
            // What stands before a plain assignment in the same block is overwritten.
            if binding.kind == BindingKind::Assigned
                && is_certain(file, binding.at, function, place)
            {
                break;
            }
        }
    }
    found
}

/// Whether the statement at `at` runs whenever `place` is reached: nothing but the function stands around
/// it that does not also stand around the place.
fn is_certain(file: &ScriptFile, at: usize, function: Option<&Function>, place: usize) -> bool {
    let Some(mut node) = file.root().descendant_for_byte_range(at, at + 1) else { return false };
    let body = function.map_or(0..file.text().len(), |function| function.body.clone());
    for _ in 0..32 {
        let Some(parent) = node.parent() else { return true };
        if parent.start_byte() < body.start || parent.byte_range() == body {
            return true;
        }
        let branches = matches!(
            parent.kind(),
            "if_statement"
                | "elif_clause"
                | "else_clause"
                | "for_statement"
                | "while_statement"
                | "try_statement"
                | "except_clause"
                | "catch_clause"
                | "switch_case"
                | "case_clause"
                | "for_in_statement"
                | "conditional_expression"
                | "ternary_expression"
        );
        if branches && !parent.byte_range().contains(&place) {
            return false;
        }
        node = parent;
    }
    false
}

/// The expressions that a function returns: their places.
pub fn returns(file: &ScriptFile, function: &Function) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let body = function.body.clone();
    // `(x) => x.total`
    if let Some(node) = file.root().descendant_for_byte_range(body.start, body.end.max(1) - 1)
        && node.byte_range() == body
        && !matches!(node.kind(), "block" | "statement_block")
    {
        found.push(body.clone());
    }
    file.walk_within(&body, |node, _| {
        if matches!(node.kind(), "return_statement" | "yield_statement" | "yield")
            && found.len() < 16
        {
            if let Some(value) = node.named_child(0) {
                found.push(value.byte_range());
            }
            return ControlFlow::Break(());
        }
        let inner = matches!(
            node.kind(),
            "function_definition" | "function_declaration" | "class_definition"
        );
        match inner && node.start_byte() > body.start {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    found
}

/// A condition that decides whether a place is reached, or that was passed on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The condition.
    pub range: Range<usize>,
    /// Whether the place stands in a branch of it.
    pub encloses: bool,
}

/// The conditions on the way to `place` in a function, from its beginning on.
pub fn guards(file: &ScriptFile, function: &Range<usize>, place: usize) -> Vec<Guard> {
    let mut found = Vec::new();
    let before = function.start..place.max(function.start);
    file.walk_within(&before, |node, _| {
        let inside = node.start_byte() >= function.start;
        let condition = match node.kind() {
            "if_statement" | "elif_clause" | "while_statement" | "ternary_expression" => {
                node.child_by_field_name("condition")
            }
            "conditional_expression" => node.named_child(1),
            "assert_statement" => node.named_child(0),
            _ => None,
        };
        if let Some(condition) =
            condition.filter(|c| inside && c.end_byte() <= place && found.len() < 64)
        {
            found.push(Guard {
                range: condition.byte_range(),
                encloses: node.byte_range().contains(&place),
            });
        }
        ControlFlow::Continue(())
    });
    found
}
