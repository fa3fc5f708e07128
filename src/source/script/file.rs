//! A parsed file.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use tree_sitter::{Node, Tree};

use super::functions::{Function, functions};
use crate::source::tree::{Grammar, TreeProblem, parse};

/// A file with its tree and its functions.
pub struct ScriptFile {
    text: Arc<str>,
    tree: Tree,
    grammar: Grammar,
    functions: Vec<Function>,
    line_starts: Vec<usize>,
}

impl ScriptFile {
    /// Parses a text in the language of its path. `None`: the path's ending is of no known language.
    pub fn parse(path: &str, text: &Arc<str>) -> Option<Result<Self, TreeProblem>> {
        let grammar = Grammar::of_path(path)?;
        Some(parse(grammar, text).map(|tree| {
            let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect();
            let functions = functions(grammar, &tree, text);
            Self { text: Arc::clone(text), tree, grammar, functions, line_starts }
        }))
    }

    /// The root of the tree.
    pub fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is Python; else it is JavaScript or TypeScript.
    pub fn is_python(&self) -> bool {
        self.grammar == Grammar::Python
    }

    /// The named functions, outer ones first.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// A part of the text; empty if the range is none of it.
    pub fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// A node's text.
    pub fn text_of(&self, node: Node<'_>) -> &str {
        self.slice(node.byte_range())
    }

    /// The line of a byte, from 1.
    pub fn line_at(&self, byte: usize) -> u32 {
        u32::try_from(self.line_starts.partition_point(|start| *start <= byte)).unwrap_or(u32::MAX)
    }

    /// The bytes of a line, without its end. `None` if there is no such line.
    pub fn line_range(&self, line: u32) -> Option<Range<usize>> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.line_starts.get(index)?;
        let end = self.line_starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let end = if self.text[start..end].ends_with('\r') { end - 1 } else { end };
        (start < self.text.len() || index == 0).then_some(start..end)
    }

    /// A line, without its end.
    pub fn line(&self, line: u32) -> Option<&str> {
        self.line_range(line).map(|range| self.slice(range))
    }

    /// The innermost named function around a line: the one that begins in it, else the one that its
    /// first character stands in.
    pub fn enclosing_line(&self, line: u32) -> Option<usize> {
        let range = self.line_range(line)?;
        let text = self.slice(range.clone());
        let first = range.start + (text.len() - text.trim_start().len());
        let begins = |function: &Function| {
            function.range.start >= range.start && function.range.start < range.end.max(first + 1)
        };
        self.functions.iter().position(begins).or_else(|| self.enclosing(first))
    }

    /// The innermost named function around a byte.
    pub fn enclosing(&self, byte: usize) -> Option<usize> {
        let around = |(_, function): &(usize, &Function)| function.range.contains(&byte);
        let around = self.functions.iter().enumerate().filter(around);
        around.min_by_key(|(_, function)| function.range.len()).map(|(index, _)| index)
    }

    /// Calls `each` for every node that touches `range`, outer ones first, with the name of its field in
    /// the node around it. What `each` breaks on is not entered.
    pub fn walk_within<'tree>(
        &'tree self,
        range: &Range<usize>,
        mut each: impl FnMut(Node<'tree>, Option<&'tree str>) -> ControlFlow<()>,
    ) {
        let mut cursor = self.root().walk();
        loop {
            let node = cursor.node();
            let touches = node.start_byte() < range.end && node.end_byte() > range.start
                || node.byte_range() == *range;
            if touches && each(node, cursor.field_name()).is_continue() && cursor.goto_first_child()
            {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }
}
