//! The way to a value, kept on the stack until a note asks for it.

use super::super::path::Segment;
use crate::domain::json::{Doc, Node};

/// One step of the way to a value, and the steps before.
pub(super) struct Way<'w> {
    pub(super) parent: Option<&'w Way<'w>>,
    pub(super) step: Step<'w>,
}

/// What a [`Segment`] is made of, if anybody asks.
#[derive(Clone, Copy)]
pub(super) enum Step<'w> {
    /// The text of this node.
    Key(Node),
    /// A pair's name.
    Name(&'w str),
    /// A place in a list.
    Index(usize),
}

impl<'w> Way<'w> {
    /// From the event itself on.
    pub(super) fn segments(way: Option<&Way<'w>>, doc: &'w Doc<'_>) -> Vec<Segment<'w>> {
        let mut segments = Vec::new();
        let mut last = way;
        while let Some(way) = last {
            segments.push(match way.step {
                Step::Key(node) => Segment::Key(doc.slice(node)),
                Step::Name(name) => Segment::Key(name),
                Step::Index(index) => Segment::Index(index),
            });
            last = way.parent;
        }
        segments.reverse();
        segments
    }
}
