//! A tree-sitter tree laid out flat, so that rules can ask cheaply for what stands around a node, and
//! with a budget, so that no text makes them take long: whoever looks at a node pays one step, and when
//! the steps are spent, nothing more is seen.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

/// Larger trees are not laid out, in nodes.
const MAX_NODES: usize = 2_000_000;

/// How many nodes all rules together may look at.
const MAX_STEPS: u64 = 30_000_000;

/// How much text is searched for the price of a node.
const BYTES_A_STEP: u64 = 64;

/// Nodes that are functions: what is inside runs at another time.
const FUNCTIONS: &[&str] = &[
    "function_definition",
    "lambda",
    "function_declaration",
    "function_expression",
    "generator_function",
    "generator_function_declaration",
    "arrow_function",
    "method_definition",
];

/// Nodes that repeat what is inside.
const LOOPS: &[&str] = &["for_statement", "while_statement", "do_statement", "for_in_statement"];

/// A node's number, in the order in which they begin, outer ones first.
type Id = u32;

struct Entry<'a> {
    kind: &'a str,
    field: Option<&'a str>,
    named: bool,
    wrong: bool,
    parent: Id,
    /// The first node that is not inside.
    end: Id,
    start_byte: u32,
    end_byte: u32,
    /// The innermost function around it; 0 for none.
    function: Id,
    /// The innermost loop around it within that function; 0 for none.
    repeated: Id,
}

/// A whole tree.
pub(super) struct Tree<'a> {
    text: &'a str,
    entries: Vec<Entry<'a>>,
    by_kind: HashMap<&'a str, Vec<Id>>,
    /// What is assigned to a name, by function and name.
    assigned: HashMap<(Id, &'a str), Vec<Id>>,
    steps: Cell<u64>,
}

/// A node of a tree.
#[derive(Clone, Copy)]
pub(super) struct Node<'t> {
    tree: &'t Tree<'t>,
    id: Id,
}

/// The text has more than two million nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has too many parts to be looked at one by one")]
pub(super) struct TooMany;

impl<'a> Tree<'a> {
    /// Lays the tree of a text out.
    pub(super) fn of(parsed: &'a tree_sitter::Tree, text: &'a str) -> Result<Self, TooMany> {
        let mut entries: Vec<Entry<'a>> = Vec::new();
        let mut by_kind: HashMap<&'a str, Vec<Id>> = HashMap::new();
        let mut cursor = parsed.root_node().walk();
        let mut open: Vec<Id> = Vec::new();
        loop {
            let node = cursor.node();
            if entries.len() >= MAX_NODES {
                return Err(TooMany);
            }
            let id = entries.len() as Id;
            let parent = open.last().copied().unwrap_or(0);
            let (function, repeated) = match entries.get(parent as usize) {
                None => (0, 0),
                Some(outer) if FUNCTIONS.contains(&outer.kind) && outer.named => (parent, 0),
                Some(outer) if LOOPS.contains(&outer.kind) => (outer.function, parent),
                Some(outer) => (outer.function, outer.repeated),
            };
            by_kind.entry(node.kind()).or_default().push(id);
            entries.push(Entry {
                kind: node.kind(),
                field: cursor.field_name(),
                named: node.is_named(),
                wrong: node.is_error() || node.is_missing(),
                parent,
                end: 0,
                start_byte: node.start_byte() as u32,
                end_byte: node.end_byte() as u32,
                function,
                repeated,
            });
            if cursor.goto_first_child() {
                open.push(id);
                continue;
            }
            let next = entries.len() as Id;
            entries[id as usize].end = next;
            let mut done = false;
            while !cursor.goto_next_sibling() {
                let (Some(closed), true) = (open.pop(), cursor.goto_parent()) else {
                    done = true;
                    break;
                };
                entries[closed as usize].end = next;
            }
            if done {
                break;
            }
        }
        let mut tree =
            Self { text, entries, by_kind, assigned: HashMap::new(), steps: Cell::new(MAX_STEPS) };
        tree.note_assignments();
        Ok(tree)
    }

    /// Notes what is assigned to which name, for `Node::only_value`.
    fn note_assignments(&mut self) {
        let text = self.text;
        let mut assigned: HashMap<(Id, &'a str), Vec<Id>> = HashMap::new();
        let kinds = [
            ("assignment", "left", "right"),
            ("augmented_assignment", "left", "right"),
            ("assignment_expression", "left", "right"),
            ("augmented_assignment_expression", "left", "right"),
            ("variable_declarator", "name", "value"),
            ("for_in_statement", "left", "right"),
            ("for_statement", "left", "right"),
        ];
        for (kind, name, value) in kinds {
            for &id in self.by_kind.get(kind).into_iter().flatten() {
                let node = Node { tree: &*self, id };
                let Some(left) = node.field(name).filter(|left| left.is("identifier")) else {
                    continue;
                };
                let value = node.field(value).map_or(id, |value| value.id);
                // What is changed in place or by a loop has more than this one value.
                let single =
                    matches!(kind, "assignment" | "assignment_expression" | "variable_declarator");
                let values =
                    assigned.entry((node.entry().function, &text[left.range()])).or_default();
                values.push(value);
                if !single {
                    values.push(value);
                }
            }
        }
        self.assigned = assigned;
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn root(&self) -> Node<'_> {
        Node { tree: self, id: 0 }
    }

    /// All nodes of a kind, in the order of the text.
    pub(super) fn all(&self, kind: &str) -> impl Iterator<Item = Node<'_>> {
        let ids = self.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        ids.iter()
            .filter(|_| self.pay())
            .map(|&id| Node { tree: self, id })
            .filter(|node| node.entry().named)
    }

    /// Whether there is a node of a kind.
    pub(super) fn has(&self, kind: &str) -> bool {
        self.by_kind.contains_key(kind)
    }

    /// Whether not all could be looked at.
    pub(super) fn is_spent(&self) -> bool {
        self.steps.get() == 0
    }

    fn pay(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }
}

impl<'t> Node<'t> {
    fn entry(self) -> &'t Entry<'t> {
        &self.tree.entries[self.id as usize]
    }

    fn at(self, id: Id) -> Self {
        Self { tree: self.tree, id }
    }

    pub(super) fn kind(self) -> &'t str {
        self.entry().kind
    }

    pub(super) fn is(self, kind: &str) -> bool {
        self.entry().kind == kind
    }

    pub(super) fn is_any(self, kinds: &[&str]) -> bool {
        kinds.contains(&self.entry().kind)
    }

    pub(super) fn same_as(self, other: Self) -> bool {
        self.id == other.id
    }

    /// Whether the parser did not understand it or made it up.
    pub(super) fn is_wrong(self) -> bool {
        self.entry().wrong
    }

    /// Its bytes in the text.
    pub(super) fn range(self) -> Range<usize> {
        self.entry().start_byte as usize..self.entry().end_byte as usize
    }

    pub(super) fn start(self) -> usize {
        self.entry().start_byte as usize
    }

    pub(super) fn text(self) -> &'t str {
        self.tree.text.get(self.range()).unwrap_or_default()
    }

    /// The whole text that the node is of.
    pub(super) fn file_text(self) -> &'t str {
        self.tree.text
    }

    /// The name of its field in its parent.
    pub(super) fn field_name(self) -> Option<&'t str> {
        self.entry().field
    }

    pub(super) fn parent(self) -> Option<Self> {
        (self.id != 0 && self.tree.pay()).then(|| self.at(self.entry().parent))
    }

    /// Inner ones first, itself left out.
    pub(super) fn ancestors(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.parent(), |node| node.parent())
    }

    /// All children, punctuation among them.
    pub(super) fn all_children(self) -> impl Iterator<Item = Self> {
        let end = self.entry().end;
        let mut next = self.id + 1;
        std::iter::from_fn(move || {
            if next >= end || !self.tree.pay() {
                return None;
            }
            let child = self.at(next);
            next = child.entry().end.max(next + 1);
            Some(child)
        })
    }

    /// The children that mean something: no punctuation, no comments.
    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        self.all_children().filter(|child| child.entry().named && !child.is("comment"))
    }

    pub(super) fn child(self, number: usize) -> Option<Self> {
        self.children().nth(number)
    }

    pub(super) fn field(self, name: &str) -> Option<Self> {
        self.all_children().find(|child| child.entry().field == Some(name))
    }

    /// The text of a field; empty if there is none.
    pub(super) fn field_text(self, name: &str) -> &'t str {
        self.field(name).map_or("", |node| node.text())
    }

    /// All nodes inside, in the order of the text, punctuation among them.
    pub(super) fn descendants(self) -> impl Iterator<Item = Self> {
        let end = self.entry().end;
        (self.id + 1..end).take_while(move |_| self.tree.pay()).map(move |id| self.at(id))
    }

    /// As `descendants`, without what stands in functions inside.
    pub(super) fn own_descendants(self) -> impl Iterator<Item = Self> {
        let own = if self.is_function() { self.id } else { self.entry().function };
        self.descendants().filter(move |node| node.entry().function == own)
    }

    pub(super) fn is_function(self) -> bool {
        FUNCTIONS.contains(&self.kind()) && self.entry().named
    }

    /// The innermost function around it.
    pub(super) fn function(self) -> Option<Self> {
        let id = self.entry().function;
        (id != 0).then(|| self.at(id))
    }

    /// The innermost function around it, or the whole file.
    pub(super) fn scope(self) -> Self {
        self.at(self.entry().function)
    }

    /// The innermost loop around it in the same function.
    pub(super) fn repeated(self) -> Option<Self> {
        let id = self.entry().repeated;
        (id != 0).then(|| self.at(id))
    }

    /// Whether another node lies in this one.
    pub(super) fn holds(self, other: Self) -> bool {
        self.id < other.id && other.id < self.entry().end
    }

    /// Whether a keyword such as `async` stands directly in it.
    pub(super) fn has_word(self, word: &str) -> bool {
        self.all_children().any(|child| child.is(word))
    }

    /// What a name stands for, if it gets one value only in its function (or the file, if not there);
    /// anything else stands for itself.
    pub(super) fn only_value(self) -> Option<Self> {
        if !self.is("identifier") {
            return Some(self);
        }
        let key = |function| (function, self.text());
        let values = self
            .tree
            .assigned
            .get(&key(self.entry().function))
            .or_else(|| self.tree.assigned.get(&key(0)))?;
        match values.as_slice() {
            [one] => Some(self.at(*one)),
            _ => None,
        }
    }

    /// Whether its text has one of some words in it, wherever; also if the budget is spent.
    pub(super) fn says(self, words: &[&str]) -> bool {
        let text = self.text();
        let cost = (text.len() * words.len()) as u64 / BYTES_A_STEP;
        let left = self.tree.steps.get();
        self.tree.steps.set(left.saturating_sub(cost));
        left <= cost || words.iter().any(|word| text.contains(word))
    }

    /// Whether any name inside is this one.
    pub(super) fn mentions(self, name: &str) -> bool {
        self.descendants().any(|node| {
            node.is_any(&["identifier", "shorthand_property_identifier"]) && node.text() == name
        }) || (self.is("identifier") && self.text() == name)
    }
}
