//! Where nothing comes from: `None`, `undefined` and `null`, written or returned.

use std::ops::{ControlFlow, Range};

use tree_sitter::Node;

use super::file::ScriptFile;
use super::functions::Function;

/// Whether an expression is nothing, or may be by its own words (`a or None`, `x ? y : null`).
pub fn may_be_nothing(file: &ScriptFile, value: &Range<usize>) -> bool {
    let mut found = false;
    file.walk_within(value, |node, field| {
        let inside = node.start_byte() >= value.start && node.end_byte() <= value.end;
        // What is asked or handed over is no result.
        let is_asked = inside
            && (matches!(field, Some("condition" | "arguments" | "subscript" | "index"))
                || compares(file, node));
        if is_asked || found {
            return ControlFlow::Break(());
        }
        found |= inside
            && (matches!(node.kind(), "none" | "null" | "undefined")
                || node.kind() == "identifier" && file.text_of(node) == "undefined");
        ControlFlow::Continue(())
    });
    found
}

/// `x is None`, `x === undefined`
fn compares(file: &ScriptFile, node: Node<'_>) -> bool {
    let operator = node.child_by_field_name("operator").map(|operator| file.text_of(operator));
    node.kind() == "comparison_operator"
        || node.kind() == "binary_expression"
            && matches!(operator, Some("===" | "!==" | "==" | "!="))
}

/// Whether a function can end without giving anything, though it gives something elsewhere; or whether it
/// says that it gives nothing.
pub fn gives_nothing(file: &ScriptFile, function: &Function) -> bool {
    let body = function.body.clone();
    let (mut values, mut nothing) = (0, false);
    file.walk_within(&body, |node, _| {
        let inside = node.start_byte() >= body.start && node.end_byte() <= body.end;
        if inside && node.kind() == "return_statement" {
            match node.named_child(0) {
                Some(value) => {
                    values += 1;
                    nothing |= may_be_nothing(file, &value.byte_range());
                }
                None => nothing = true,
            }
            return ControlFlow::Break(());
        }
        let other = matches!(
            node.kind(),
            "function_definition"
                | "function_declaration"
                | "function_expression"
                | "arrow_function"
                | "method_definition"
                | "class_definition"
        );
        match other && inside && node.byte_range() != body && node.start_byte() > body.start {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    nothing || values > 0 && !ends_for_sure(file, &body)
}

/// Whether the last statement of a body leaves it.
fn ends_for_sure(file: &ScriptFile, body: &Range<usize>) -> bool {
    let Some(mut node) = file.root().descendant_for_byte_range(body.start, body.end.max(1) - 1)
    else {
        return true;
    };
    // Down the last statements; an `if` needs its `else`.
    for _ in 0..64 {
        let last = node.named_child(node.named_child_count().saturating_sub(1) as u32);
        match node.kind() {
            "return_statement" | "raise_statement" | "throw_statement" => return true,
            "block" | "statement_block" | "else_clause" | "with_statement" => {
                let Some(last) = last else { return false };
                node = last;
            }
            "if_statement" => {
                let Some(other) = node.child_by_field_name("alternative") else { return false };
                node = other;
            }
            "for_statement" | "expression_statement" | "for_in_statement" => return false,
            // What is left is not worth being wrong about.
            _ => return true,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const PYTHON: &str = "\
def always(x):
    return x + 1

def sometimes(x):
    if x:
        return x.y

def says_so(x):
    return None

def never(x):
    print(x)

def raises(x):
    for one in x:
        return one
    raise ValueError(None)

def maybe(x):
    return x.get(None) if x is None else (x or None)
";

    #[test]
    fn functions_that_can_give_nothing_are_known() {
        let file = ScriptFile::parse("a.py", &Arc::from(PYTHON)).unwrap().unwrap();
        let named: Vec<_> = file
            .functions()
            .iter()
            .filter(|function| gives_nothing(&file, function))
            .map(|function| function.name.as_str())
            .collect();
        assert_eq!(named, ["sometimes", "says_so", "maybe"]);
        let text = "function a(x) { if (x) { return 1; } }\nconst b = (x) => { return x ? null : 1; };\nfunction c(x) { return x === undefined; }\n";
        let file = ScriptFile::parse("a.js", &Arc::from(text)).unwrap().unwrap();
        let named: Vec<_> = file
            .functions()
            .iter()
            .filter(|function| gives_nothing(&file, function))
            .map(|function| function.name.as_str())
            .collect();
        assert_eq!(named, ["a", "b"]);
    }
}
