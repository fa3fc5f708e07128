//! Keys that come twice in an object. The last one counts, as nearly everywhere; the ones before it are
//! cut from the text, because who reads the bytes would see them.

use std::borrow::Cow;
use std::collections::HashSet;

use super::doc::{Doc, Kind};

impl Doc<'_> {
    /// The same without the values that a later one of the same key hides. `None` where keys are written
    /// with escapes: whether two are the same cannot be told by their bytes then.
    pub fn without_repeats(&self) -> Option<Doc<'static>> {
        if self.escaped_keys {
            return None;
        }
        let mut cuts: Vec<(usize, usize)> = Vec::new();
        for object in &self.repeating {
            self.hidden_in(*object as usize, &mut cuts);
        }
        cuts.sort_unstable();
        let sent = self.text();
        let mut kept = String::with_capacity(sent.len());
        let mut from = 0;
        for (start, end) in cuts {
            // One may lie within another.
            if start >= from {
                kept.push_str(sent.get(from..start)?);
            }
            from = from.max(end);
        }
        kept.push_str(sent.get(from..)?);
        let mut doc = Doc::parse(Cow::Owned(kept))?;
        // What is left has equal hashes only.
        doc.repeating.clear();
        Some(doc)
    }

    /// From the quote of each hidden key to the quote of the next key.
    fn hidden_in(&self, object: usize, cuts: &mut Vec<(usize, usize)>) {
        let end = self.nodes[object].next as usize;
        let mut keys = Vec::new();
        let mut at = object + 1;
        while at < end {
            debug_assert_eq!(self.nodes[at].kind, Kind::Key);
            keys.push(at);
            at = self.nodes[at + 1].next as usize;
        }
        let mut later = HashSet::with_capacity(keys.len());
        let mut next_start = 0;
        for key in keys.into_iter().rev() {
            let node = self.nodes[key];
            let start = (node.start as usize).saturating_sub(1);
            if !later.insert(self.bytes(node)) {
                cuts.push((start, next_start));
            }
            next_start = start;
        }
    }
}
