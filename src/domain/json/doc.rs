//! A JSON text and the list of what stands where in it.

use std::borrow::Cow;

use super::parse;
use super::scan::unescaped;

/// What stands somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `false`
    False,
    /// `true`
    True,
    /// A number.
    Number,
    /// A text that is a value.
    Text,
    /// A text that names the value behind it.
    Key,
    /// `[…]`
    List,
    /// `{…}`
    Object,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::domain) enum Form {
    /// As it reads.
    Plain,
    /// With escapes of one letter.
    Escaped,
    /// With `\u0041`.
    Unicode,
    /// Another one was put in its place.
    Replaced,
}

/// Something of the text.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain) struct Node {
    /// Where it begins; a text behind its quote. Of a replaced one: which replacement.
    pub(in crate::domain) start: u32,
    /// Where it ends; a text before its quote.
    pub(in crate::domain) end: u32,
    /// The number of the node behind it and all within it. Of a key: its hash.
    pub(in crate::domain) next: u32,
    pub(in crate::domain) kind: Kind,
    pub(in crate::domain) form: Form,
}

/// A JSON text that was read. Texts in it can be replaced; its bytes stay.
#[derive(Debug)]
pub struct Doc<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) nodes: Vec<Node>,
    pub(super) replaced: Vec<String>,
    /// The objects that may have a key twice.
    pub(super) repeating: Vec<u32>,
    pub(super) escaped_keys: bool,
}

impl<'a> Doc<'a> {
    /// Reads a JSON text; `None` if it is none, or too unusual for this reader.
    pub fn parse(text: Cow<'a, str>) -> Option<Self> {
        parse::parse(text)
    }

    /// Whether some object may have a key twice.
    pub fn may_repeat(&self) -> bool {
        // A key that is written with escapes may read as another one does.
        !self.repeating.is_empty() || self.escaped_keys
    }

    /// Whether some key is written with escapes.
    pub(in crate::domain) fn has_escaped_keys(&self) -> bool {
        self.escaped_keys
    }

    /// The text, as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same with a text of its own.
    pub fn into_owned(self) -> Doc<'static> {
        let Self { text, nodes, replaced, repeating, escaped_keys } = self;
        Doc { text: Cow::Owned(text.into_owned()), nodes, replaced, repeating, escaped_keys }
    }

    /// All of it.
    pub fn root(&self) -> Val<'_> {
        Val { doc: self, at: 0 }
    }

    pub(in crate::domain) fn node(&self, at: usize) -> Node {
        self.nodes[at]
    }

    /// What stands between two places of the text.
    pub(in crate::domain) fn slice(&self, node: Node) -> &str {
        self.text.get(node.start as usize..node.end as usize).unwrap_or_default()
    }

    pub(in crate::domain) fn bytes(&self, node: Node) -> &[u8] {
        self.text.as_bytes().get(node.start as usize..node.end as usize).unwrap_or_default()
    }

    /// Puts a text in the place of a value.
    pub(in crate::domain) fn replace(&mut self, at: usize, text: String) {
        let node = &mut self.nodes[at];
        // What was within a container is passed over by its `next`.
        (node.kind, node.form) = (Kind::Text, Form::Replaced);
        node.start = self.replaced.len() as u32;
        self.replaced.push(text);
    }
}

/// A value of a [`Doc`].
#[derive(Clone, Copy, Debug)]
pub struct Val<'d> {
    doc: &'d Doc<'d>,
    at: usize,
}

impl<'d> Val<'d> {
    pub(in crate::domain) fn of(doc: &'d Doc<'d>, at: usize) -> Self {
        Self { doc, at }
    }

    fn node(self) -> Node {
        self.doc.nodes[self.at]
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The truth, if it is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_str(self) -> Option<Cow<'d, str>> {
        let node = self.node();
        if !matches!(node.kind, Kind::Text | Kind::Key) {
            return None;
        }
        Some(match node.form {
            Form::Plain => Cow::Borrowed(self.doc.slice(node)),
            Form::Replaced => {
                Cow::Borrowed(self.doc.replaced.get(node.start as usize).map_or("", String::as_str))
            }
            Form::Escaped | Form::Unicode => Cow::Owned(unescaped(self.doc.slice(node))),
        })
    }

    /// The number as it is written, if it is one.
    pub fn as_number(self) -> Option<&'d str> {
        let node = self.node();
        (node.kind == Kind::Number).then(|| self.doc.slice(node))
    }

    /// The whole number from 0, if it is one.
    pub fn as_u64(self) -> Option<u64> {
        self.as_number().filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
    }

    /// An object's keys and values, in order; nothing of anything else.
    pub fn entries(self) -> impl Iterator<Item = (Cow<'d, str>, Val<'d>)> {
        let (mut at, end) = self.within(Kind::Object);
        std::iter::from_fn(move || {
            let key = Val { doc: self.doc, at: (at < end).then_some(at)? };
            let value = Val { doc: self.doc, at: at + 1 };
            at = value.node().next as usize;
            Some((key.as_str()?, value))
        })
    }

    /// A list's values, in order; nothing of anything else.
    pub fn items(self) -> impl Iterator<Item = Val<'d>> {
        let (mut at, end) = self.within(Kind::List);
        std::iter::from_fn(move || {
            let value = Val { doc: self.doc, at: (at < end).then_some(at)? };
            at = value.node().next as usize;
            Some(value)
        })
    }

    /// An object's value by its key.
    pub fn get(self, key: &str) -> Option<Val<'d>> {
        self.entries().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    fn within(self, kind: Kind) -> (usize, usize) {
        let node = self.node();
        if node.kind == kind { (self.at + 1, node.next as usize) } else { (0, 0) }
    }
}
