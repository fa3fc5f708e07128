//! The expression on a line that failed.

use std::ops::{ControlFlow, Range};

use tree_sitter::Node;

use super::file::ScriptFile;

/// Expressions of a line that are looked at.
const MAX_FOUND: usize = 64;

/// What to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `x.name`
    Attribute(Option<String>),
    /// `name(…)`, `x.name(…)`
    Call(Option<String>),
    /// `x[…]`; with a literal in it if that is known.
    Subscript(Option<String>),
    /// A variable.
    Name(Option<String>),
    /// What is run over or taken apart.
    Iterate,
    /// An operator.
    Operator(Vec<String>),
    /// A call of one of these, by their last names.
    CallOf(&'static [&'static str]),
    /// `assert`
    Assert,
    /// `import`
    Import,
    /// Anything that can fail.
    Anything,
}

/// An expression that may have failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// All of it.
    pub range: Range<usize>,
    /// The part that held the wrong value: the object of an attribute, what is called, the operands.
    pub subject: Range<usize>,
    /// Whether it raises by itself (`raise`, `throw`) instead of failing.
    pub raises: bool,
    /// Whether the column decided.
    pub exact: bool,
}

/// The expressions on a line that can have failed in the wanted way, the likeliest first. `column` is
/// from 1 and counts characters.
pub fn find(file: &ScriptFile, line: u32, column: Option<u32>, wanted: &Wanted) -> Vec<Failing> {
    let Some(range) = file.line_range(line) else { return Vec::new() };
    let at = column.map(|column| byte_of_column(file.slice(range.clone()), column) + range.start);
    let mut found: Vec<(u8, Failing)> = Vec::new();
    let mut raise: Option<Failing> = None;
    let line_range = range.start..range.end.max(range.start + 1);
    file.walk_within(&line_range, |node, _| {
        let begins_here = node.start_byte() >= range.start && node.start_byte() <= range.end;
        let ends_here = node.end_byte() > range.start && node.end_byte() <= range.end;
        if matches!(node.kind(), "raise_statement" | "throw_statement") && begins_here {
            let subject = node.named_child(0).unwrap_or(node).byte_range();
            raise = Some(Failing { range: node.byte_range(), subject, raises: true, exact: true });
        }
        if (begins_here || ends_here)
            && found.len() < MAX_FOUND
            && let Some(subject) = subject(file, node, wanted)
        {
            found.push((
                rank(node, at, begins_here),
                Failing {
                    range: node.byte_range(),
                    subject: subject.byte_range(),
                    raises: false,
                    exact: at.is_some_and(|at| node.byte_range().contains(&at)),
                },
            ));
        }
        ControlFlow::Continue(())
    });
    if let Some(raise) = raise {
        return vec![raise];
    }
    // Of equals the outer one stands first; sorting keeps that.
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, failing)| failing).collect()
}

/// How far a node is from where the column points; the less the better.
fn rank(node: Node<'_>, at: Option<usize>, begins_here: bool) -> u8 {
    let Some(at) = at else { return u8::from(!begins_here) };
    // V8 points at the name of an attribute or at the bracket of a call's arguments, Python at the
    // beginning of the expression.
    let part = ["property", "attribute", "function", "constructor", "arguments", "index"]
        .iter()
        .filter_map(|field| node.child_by_field_name(field))
        .any(|part| part.start_byte() == at);
    let of_call = node
        .child_by_field_name("function")
        .and_then(|called| called.child_by_field_name("property"))
        .is_some_and(|property| property.start_byte() == at);
    match () {
        () if part || of_call => 0,
        () if node.start_byte() == at => 1,
        () if node.byte_range().contains(&at) => 2,
        () => 3,
    }
}

/// The part of `node` that held the wrong value, if the node is what is wanted.
fn subject<'tree>(file: &ScriptFile, node: Node<'tree>, wanted: &Wanted) -> Option<Node<'tree>> {
    let field = |name: &str| node.child_by_field_name(name);
    let is = |node: Option<Node<'_>>, name: &Option<String>| match (node, name) {
        (Some(node), Some(name)) => {
            let text = file.text_of(node).trim_start_matches('#');
            text == name || text.trim_matches(['"', '\'', '`']) == name
        }
        (node, None) => node.is_some(),
        (None, _) => false,
    };
    let kind = node.kind();
    match wanted {
        Wanted::Attribute(name) => match kind {
            "attribute" if is(field("attribute"), name) => field("object"),
            "member_expression" if is(field("property"), name) => field("object"),
            "subscript_expression"
                if is(field("index"), name) || name.is_some() && !is_literal(field("index")) =>
            {
                field("object")
            }
            // `const { name } = value`
            "variable_declarator" | "assignment_expression" | "assignment_pattern" => {
                let left = field("name").or_else(|| field("left"))?;
                let takes = left.kind() == "object_pattern"
                    && name.as_ref().is_none_or(|name| file.text_of(left).contains(name.as_str()));
                takes.then(|| field("value").or_else(|| field("right"))).flatten()
            }
            _ => None,
        },
        Wanted::Call(name) => {
            let called = field("function").or_else(|| field("constructor"))?;
            let last = called
                .child_by_field_name("attribute")
                .or_else(|| called.child_by_field_name("property"))
                .unwrap_or(called);
            let fits = is(Some(last), name)
                || name.as_deref().is_some_and(|name| file.text_of(called) == name);
            (is_call(kind) && fits).then_some(called)
        }
        Wanted::CallOf(names) => {
            let called = field("function")?;
            let last = called
                .child_by_field_name("attribute")
                .or_else(|| called.child_by_field_name("property"))
                .unwrap_or(called);
            (is_call(kind) && names.contains(&file.text_of(last)))
                .then(|| field("arguments"))
                .flatten()
        }
        Wanted::Subscript(key) => match kind {
            "subscript" => {
                let index = field("subscript");
                let fits = key.is_none() || is(index, key) || !is_literal(index);
                fits.then_some(node)
            }
            "subscript_expression" => Some(node),
            "call"
                if matches!(
                    called_name(file, node),
                    Some("pop" | "popitem" | "remove" | "popleft")
                ) =>
            {
                Some(node)
            }
            _ => None,
        },
        Wanted::Name(name) => (kind == "identifier" && is(Some(node), name)).then_some(node),
        Wanted::Iterate => match kind {
            "for_statement" | "for_in_clause" | "for_in_statement" | "assignment" => {
                let left = field("left").filter(|left| kind != "assignment" || is_pattern(*left));
                left.and_then(|_| field("right"))
            }
            "variable_declarator" => {
                field("name").filter(|name| is_pattern(*name)).and_then(|_| field("value"))
            }
            "spread_element" | "list_splat" | "dictionary_splat" => node.named_child(0),
            "comparison_operator" => {
                node.named_child(node.named_child_count().saturating_sub(1) as u32)
            }
            "call" | "new_expression" | "call_expression" => field("arguments"),
            _ => None,
        },
        Wanted::Operator(operators) => {
            let fits = |node: Node<'_>| operators.iter().any(|op| op == node.kind());
            let operator = match kind {
                "binary_operator"
                | "binary_expression"
                | "augmented_assignment"
                | "augmented_assignment_expression"
                | "unary_operator" => field("operator"),
                "comparison_operator" => field("operators"),
                _ => None,
            }?;
            let text = file.text_of(operator).trim_end_matches('=');
            let whole = file.text_of(operator);
            (operators.is_empty()
                || fits(operator)
                || operators.iter().any(|op| op == text || op == whole))
            .then_some(node)
        }
        Wanted::Assert => (kind == "assert_statement").then_some(node),
        Wanted::Import => {
            matches!(kind, "import_statement" | "import_from_statement").then_some(node)
        }
        Wanted::Anything => {
            let fails = is_call(kind)
                || matches!(
                    kind,
                    "subscript"
                        | "subscript_expression"
                        | "attribute"
                        | "member_expression"
                        | "binary_operator"
                        | "binary_expression"
                        | "assert_statement"
                );
            fails.then_some(node)
        }
    }
}

fn is_call(kind: &str) -> bool {
    matches!(kind, "call" | "call_expression" | "new_expression")
}

fn is_literal(node: Option<Node<'_>>) -> bool {
    node.is_some_and(|node| matches!(node.kind(), "string" | "integer" | "number" | "float"))
}

fn is_pattern(node: Node<'_>) -> bool {
    node.kind().ends_with("_pattern") || matches!(node.kind(), "pattern_list" | "tuple" | "list")
}

fn called_name<'f>(file: &'f ScriptFile, node: Node<'_>) -> Option<&'f str> {
    let called = node.child_by_field_name("function")?;
    let last = called.child_by_field_name("attribute").unwrap_or(called);
    Some(file.text_of(last))
}

/// The byte of a column that counts characters from 1.
fn byte_of_column(line: &str, column: u32) -> usize {
    let skip = (column as usize).saturating_sub(1);
    line.char_indices().nth(skip).map_or(line.len(), |(at, _)| at)
}
