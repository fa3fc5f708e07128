//! Keys come again and again in one event: each is thought about once.

use super::super::places::{Meaning, meaning};
use crate::domain::json::{Doc, Node};

/// Keys that are remembered; a power of two.
const REMEMBERED: usize = 256;

/// What there is to know of a key.
pub(super) struct Known {
    node: Node,
    /// What it may mean.
    pub(super) meaning: Meaning,
    /// The rule by which its values are secrets, once that was asked.
    pub(super) rule: Option<Option<&'static str>>,
    /// Whether it holds a secret itself.
    pub(super) unclean: bool,
}

/// The keys seen so far, or those of them that came last.
pub(super) struct KnownKeys(Vec<Option<Known>>);

impl Default for KnownKeys {
    fn default() -> Self {
        Self(std::iter::repeat_with(|| None).take(REMEMBERED).collect())
    }
}

impl KnownKeys {
    pub(super) fn know(
        &mut self,
        doc: &Doc<'_>,
        node: Node,
        is_unclean: impl FnOnce(&str) -> bool,
    ) -> &mut Known {
        // Of a key, that is its hash.
        let hash = node.next;
        let place = &mut self.0[hash as usize % REMEMBERED];
        let same =
            |known: &Known| known.node.next == hash && doc.bytes(known.node) == doc.bytes(node);
        if !place.as_ref().is_some_and(same) {
            *place = None;
        }
        place.get_or_insert_with(|| Known {
            node,
            meaning: meaning(doc.slice(node)),
            rule: None,
            unclean: is_unclean(doc.slice(node)),
        })
    }
}
