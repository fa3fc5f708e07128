//! What waits in memory, because no file can be written.

use std::collections::VecDeque;

/// A queue of bounded size; the oldest go first.
#[derive(Debug)]
pub(super) struct Memory {
    waiting: VecDeque<(u64, Vec<u8>)>,
    next: u64,
    bytes: usize,
    max_bytes: usize,
}

impl Memory {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { waiting: VecDeque::new(), next: 0, bytes: 0, max_bytes }
    }

    /// Appends; says how many had to go for it.
    pub(super) fn push(&mut self, bytes: Vec<u8>) -> u64 {
        let mut lost = 0;
        if bytes.len() > self.max_bytes {
            return 1;
        }
        while self.bytes + bytes.len() > self.max_bytes {
            let Some((_, oldest)) = self.waiting.pop_front() else { break };
            self.bytes -= oldest.len();
            lost += 1;
        }
        self.bytes += bytes.len();
        self.waiting.push_back((self.next, bytes));
        self.next += 1;
        lost
    }

    pub(super) fn first(&self) -> Option<(&[u8], u64)> {
        self.waiting.front().map(|(number, bytes)| (&**bytes, *number))
    }

    /// Takes it away, unless it had to go meanwhile.
    pub(super) fn done(&mut self, number: u64) {
        if self.waiting.front().is_some_and(|(first, _)| *first == number)
            && let Some((_, bytes)) = self.waiting.pop_front()
        {
            self.bytes -= bytes.len();
        }
    }

    pub(super) fn waiting(&self) -> u64 {
        self.waiting.len() as u64
    }
}
