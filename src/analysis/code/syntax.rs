//! Mistakes of syntax: where, and what, as far as a parser can say.

use std::ops::Range;

use super::tree::{Node, Tree};
use crate::source::rust::file::{ParseProblem, readable};

/// The most mistakes that are told of: most of the later ones follow from the first.
const MAX_MISTAKES: usize = 3;

/// How much of what was not understood is quoted, in characters.
const MAX_NEAR_CHARS: usize = 30;

/// A mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// From 1.
    pub(super) line: u32,
    /// In characters, from 1.
    pub(super) column: u32,
    /// A sentence.
    pub(super) message: String,
}

/// What syn or its lexer did not understand; `None` if it was not asked.
pub(super) fn of_rust(text: &str, problem: &ParseProblem) -> Option<Mistake> {
    let ParseProblem::Syntax(words) = problem else { return None };
    // The place is not part of the problem: asked once more.
    let (line, column, words) = match readable(text).parse::<proc_macro2::TokenStream>() {
        Err(error) => (
            error.span().start().line,
            error.span().start().column,
            "a bracket, a quotation mark or a character does not fit".to_owned(),
        ),
        Ok(tokens) => match syn::parse2::<syn::File>(tokens) {
            Err(error) => {
                (error.span().start().line, error.span().start().column, error.to_string())
            }
            Ok(_) => (1, 0, words.clone()),
        },
    };
    let message = format!("This does not parse as Rust: {words}.");
    Some(Mistake {
        line: u32::try_from(line.max(1)).unwrap_or(u32::MAX),
        column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        message,
    })
}

/// The innermost places that were not understood, one a line.
pub(super) fn of_tree(tree: &Tree<'_>) -> Vec<Mistake> {
    let mut mistakes: Vec<Mistake> = Vec::new();
    for node in wrong(tree) {
        let inner = node.descendants().any(|one| one.is_wrong());
        let (line, column) = place(tree.text(), node.start());
        if inner || mistakes.iter().any(|known| known.line == line) {
            continue;
        }
        mistakes.push(Mistake { line, column, message: message(node) });
        if mistakes.len() >= MAX_MISTAKES {
            break;
        }
    }
    mistakes
}

fn message(node: Node<'_>) -> String {
    let near: String =
        node.text().trim().chars().take_while(|c| *c != '\n').take(MAX_NEAR_CHARS).collect();
    match (node.is("ERROR"), near.is_empty()) {
        (false, _) => format!("`{}` is missing here.", node.kind()),
        (true, true) => "The code is not understood here.".to_owned(),
        (true, false) => format!("The code is not understood at `{near}`."),
    }
}

fn wrong<'t>(tree: &'t Tree<'_>) -> impl Iterator<Item = Node<'t>> {
    let root = tree.root();
    // Words before a type parameter (`in`, `out`, `const`) are newer than the grammar.
    let is_newer = |node: &Node<'_>| {
        node.ancestors().take(3).any(|outer| outer.is_any(&["type_parameters", "type_parameter"]))
    };
    std::iter::once(root)
        .chain(root.descendants())
        .filter(move |node| node.is_wrong() && !is_newer(node))
}

/// The lines in which something was not understood, as bytes.
pub(super) fn broken_lines(tree: &Tree<'_>) -> Vec<Range<usize>> {
    let text = tree.text();
    let whole_lines = |range: Range<usize>| {
        let from = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let to = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at);
        from..to
    };
    wrong(tree).take(1_000).map(|node| whole_lines(node.range())).collect()
}

/// Line and column of a byte, by counting.
fn place(text: &str, at: usize) -> (u32, u32) {
    let before = &text[..at];
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = before[start..].chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}
