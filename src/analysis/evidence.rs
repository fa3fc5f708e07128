//! The lines of code that an answer rests on.

use crate::domain::analysis::Evidence;
use crate::source::Sources;
use crate::source::rust::file::line_of;

/// Lines given at most.
const MAX_EVIDENCE: usize = 10;

/// Evidence so far: only lines that exist, each once, quoted byte for byte.
pub(super) struct EvidenceList<'s> {
    sources: &'s dyn Sources,
    list: Vec<Evidence>,
}

impl<'s> EvidenceList<'s> {
    /// Over these sources.
    pub(super) fn new(sources: &'s dyn Sources) -> Self {
        Self { sources, list: Vec::new() }
    }

    /// Adds a line. One that is not there, empty or known already is left out.
    pub(super) fn add(&mut self, file: &str, line: u32, why: String) {
        if self.list.len() >= MAX_EVIDENCE
            || self.list.iter().any(|known| known.file == file && known.line == line)
        {
            return;
        }
        let Some(text) = self.sources.read(file) else { return };
        if let Some(quote) = line_of(&text, line).filter(|quote| !quote.trim().is_empty()) {
            self.list.push(Evidence { file: file.to_owned(), line, quote: quote.to_owned(), why });
        }
    }

    /// All of it, in the order in which it came.
    pub(super) fn into_list(self) -> Vec<Evidence> {
        self.list
    }
}

/// A sentence's beginning. What begins with a backtick stays as it is.
pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
