//! What goes from a text, and the text without it.

use crate::domain::json::{Doc, Kind, Node};

/// A value and what takes its place.
struct Edit {
    at: usize,
    start: usize,
    end: usize,
    text: String,
}

/// Bytes that a text may take more than it has: its quotes, and a few signs that are escaped.
const MARGIN: usize = 16;

/// All that goes from one event.
#[derive(Default)]
pub(super) struct Edits(Vec<Edit>);

impl Edits {
    /// `text` takes the place of the value `node`, which is the one at `at`.
    pub(super) fn put(&mut self, at: usize, node: Node, text: String) {
        // A text's quotes go with it.
        let quote = usize::from(node.kind == Kind::Text);
        let (start, end) = (node.start as usize - quote, node.end as usize + quote);
        self.0.push(Edit { at, start, end, text });
    }

    /// The text as it is afterwards, and the same in what was read of it. `None` if nothing goes.
    pub(super) fn apply(mut self, doc: &mut Doc<'_>) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        self.0.sort_unstable_by_key(|edit| edit.start);
        let sent = doc.text();
        let put: usize = self.0.iter().map(|edit| edit.text.len() + MARGIN).sum();
        let mut out = String::with_capacity(sent.len() + put);
        let mut copied = 0;
        for edit in &self.0 {
            out.push_str(sent.get(copied..edit.start).unwrap_or_default());
            push_text(&mut out, &edit.text);
            copied = edit.end;
        }
        out.push_str(sent.get(copied..).unwrap_or_default());
        for edit in self.0 {
            doc.replace(edit.at, edit.text);
        }
        Some(out)
    }
}

/// Writes a text as JSON.
fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
