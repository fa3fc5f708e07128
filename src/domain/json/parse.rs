//! A JSON text → [`Doc`]. Stricter than `serde_json` wherever it differs: what this takes is JSON.

use std::borrow::Cow;

use super::doc::{Doc, Form, Kind, Node};
use super::{MAX_DEPTH, scan};

/// Bytes of text to a node, as a first guess of how many there will be.
const BYTES_A_NODE: usize = 16;

/// Keys of an object up to which each is compared with each.
const FEW_KEYS: usize = 16;

pub(super) fn parse(text: Cow<'_, str>) -> Option<Doc<'_>> {
    // Places are counted in 32 bits.
    u32::try_from(text.len()).ok()?;
    let mut parser = Parser {
        bytes: text.as_bytes(),
        at: 0,
        nodes: Vec::with_capacity(text.len() / BYTES_A_NODE + 1),
        hashes: Vec::new(),
        repeating: Vec::new(),
        escaped_keys: false,
    };
    parser.value(MAX_DEPTH)?;
    parser.skip_spaces();
    let Parser { at, nodes, repeating, escaped_keys, .. } = parser;
    let replaced = Vec::new();
    (at == text.len()).then_some(Doc { text, nodes, replaced, repeating, escaped_keys })
}

struct Parser<'t> {
    bytes: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    /// Of the keys of the objects that are open.
    hashes: Vec<u32>,
    repeating: Vec<u32>,
    escaped_keys: bool,
}

impl Parser<'_> {
    fn skip_spaces(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    /// The next byte that is no space, which stays the next.
    fn peek(&mut self) -> Option<u8> {
        match self.bytes.get(self.at) {
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => {
                self.skip_spaces();
                self.bytes.get(self.at).copied()
            }
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// `levels`: containers that may still open.
    fn value(&mut self, levels: usize) -> Option<()> {
        let start = self.peek().map(|_| self.at)?;
        match self.bytes[start] {
            b'"' => self.text(Kind::Text).map(|_| ()),
            b'{' => self.object(levels.checked_sub(1)?),
            b'[' => self.list(levels.checked_sub(1)?),
            b't' => self.word(b"true", Kind::True),
            b'f' => self.word(b"false", Kind::False),
            b'n' => self.word(b"null", Kind::Null),
            b'-' | b'0'..=b'9' => {
                self.at = scan::number(self.bytes, start)?;
                self.leaf(start, self.at, Kind::Number, Form::Plain);
                Some(())
            }
            _ => None,
        }
    }

    /// A value without others in it.
    fn leaf(&mut self, start: usize, end: usize, kind: Kind, form: Form) {
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { start: start as u32, end: end as u32, next, kind, form });
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Option<()> {
        let start = self.at;
        self.bytes[start..].starts_with(word).then_some(())?;
        self.at += word.len();
        self.leaf(start, self.at, kind, Form::Plain);
        Some(())
    }

    /// At its opening quote.
    fn text(&mut self, kind: Kind) -> Option<Form> {
        let start = self.at + 1;
        let (end, form) = scan::string(self.bytes, start)?;
        self.at = end + 1;
        self.leaf(start, end, kind, form);
        Some(form)
    }

    fn list(&mut self, levels: usize) -> Option<()> {
        let node = self.open(Kind::List);
        if self.peek()? != b']' {
            loop {
                self.value(levels)?;
                match self.peek()? {
                    b',' => self.at += 1,
                    b']' => break,
                    _ => return None,
                }
            }
        }
        self.close(node);
        Some(())
    }

    fn object(&mut self, levels: usize) -> Option<()> {
        let node = self.open(Kind::Object);
        let first = self.hashes.len();
        if self.peek()? != b'}' {
            loop {
                self.key()?;
                self.take(b':')?;
                self.value(levels)?;
                match self.peek()? {
                    b',' => self.at += 1,
                    b'}' => break,
                    _ => return None,
                }
            }
        }
        if has_repeats(&mut self.hashes[first..]) {
            self.repeating.push(node as u32);
        }
        self.hashes.truncate(first);
        self.close(node);
        Some(())
    }

    fn key(&mut self) -> Option<()> {
        (self.peek()? == b'"').then_some(())?;
        let form = self.text(Kind::Key)?;
        let node = self.nodes.last_mut()?;
        let hash = scan::hash(&self.bytes[node.start as usize..node.end as usize]);
        node.next = hash;
        self.hashes.push(hash);
        if form != Form::Plain {
            // It may read as another one does.
            self.escaped_keys = true;
        }
        Some(())
    }

    fn open(&mut self, kind: Kind) -> usize {
        let node = self.nodes.len();
        self.leaf(self.at, self.at, kind, Form::Plain);
        self.at += 1;
        node
    }

    /// At its closing bracket.
    fn close(&mut self, node: usize) {
        self.at += 1;
        let next = self.nodes.len() as u32;
        self.nodes[node].end = self.at as u32;
        self.nodes[node].next = next;
    }
}

/// Whether two may be the same.
fn has_repeats(hashes: &mut [u32]) -> bool {
    if hashes.len() > FEW_KEYS {
        hashes.sort_unstable();
        return hashes.windows(2).any(|pair| pair[0] == pair[1]);
    }
    let mut found = false;
    for (i, hash) in hashes.iter().enumerate() {
        for other in &hashes[..i] {
            found |= other == hash;
        }
    }
    found
}
