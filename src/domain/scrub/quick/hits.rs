//! Where something was found by one search over the whole text of an event.

use std::ops::Range;

use crate::domain::json::Node;

/// Places of a text of JSON where something stands.
pub(super) struct Hits {
    all: Vec<usize>,
    /// A stretch without any: texts are mostly asked about in order.
    none: Range<usize>,
}

impl Hits {
    pub(super) fn new(all: Vec<usize>) -> Self {
        Self { all, none: 0..0 }
    }

    /// Whether one begins in a text.
    pub(super) fn within(&mut self, node: Node) -> bool {
        let (start, end) = (node.start as usize, node.end as usize);
        if self.none.start <= start && end <= self.none.end {
            return false;
        }
        let next = self.all.partition_point(|hit| *hit < start);
        let until = self.all.get(next).copied().unwrap_or(usize::MAX);
        self.none = start..until;
        until < end
    }
}
