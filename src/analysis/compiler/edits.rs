//! Changes to texts by the places that one run of the compiler named: each is moved along with the
//! changes before it.

use std::collections::BTreeMap;

use super::candidates::Candidate;
use crate::checks::{CheckError, PrivateCopy};
use crate::domain::diagnostic::Replacement;

/// Files under change. Places are those of the text that the compiler saw.
#[derive(Default)]
pub(super) struct Edits {
    files: BTreeMap<String, Edited>,
}

#[derive(Default)]
struct Edited {
    text: String,
    /// What was replaced: first and last byte in the old text, and the number of bytes put there.
    done: Vec<(usize, usize, usize)>,
}

impl Edits {
    /// The text of a file with the changes so far.
    pub(super) fn text(&self, copy: &PrivateCopy, file: &str) -> Result<String, CheckError> {
        match self.files.get(file) {
            Some(edited) => Ok(edited.text.clone()),
            None => copy.read(file),
        }
    }

    /// Writes an import into each module that needs it. `None` if it does not fit.
    pub(super) fn insert(
        &mut self,
        file: &str,
        held: &str,
        imports: &[Candidate],
    ) -> Option<String> {
        let mut parts: Vec<Replacement> = imports.iter().map(|c| c.replacement.clone()).collect();
        if uses_crlf(held) {
            for part in &mut parts {
                part.text = part.text.replace('\n', "\r\n");
            }
        }
        self.replace(file, held, &parts)
    }

    /// Removes some places at once. `None` if one does not fit, or has been changed already.
    pub(super) fn remove(
        &mut self,
        file: &str,
        held: &str,
        parts: &[Replacement],
    ) -> Option<String> {
        self.replace(file, held, parts)
    }

    fn replace(&mut self, file: &str, held: &str, parts: &[Replacement]) -> Option<String> {
        let known = self.files.get(file);
        let done = known.map(|edited| edited.done.clone()).unwrap_or_default();
        let mut parts: Vec<&Replacement> = parts.iter().collect();
        parts.sort_by_key(|part| part.span.byte_start);
        let overlap = parts.windows(2).any(|two| two[1].span.byte_start < two[0].span.byte_end);
        if overlap || parts.is_empty() {
            return None;
        }
        let mut text = held.to_owned();
        let mut all = done.clone();
        // From the last to the first, so that the earlier places of this change stay where they are.
        for part in parts.into_iter().rev() {
            let (start, end) = (part.span.byte_start, part.span.byte_end);
            let (from, to) = (moved(&done, start, end)?, part.span.byte_end - start);
            let range = from..from.checked_add(to)?;
            text.get(range.clone())?;
            text.replace_range(range, &part.text);
            all.push((start, end, part.text.len()));
        }
        let edited = self.files.entry(file.to_owned()).or_default();
        edited.text.clone_from(&text);
        edited.done = all;
        Some(text)
    }

    /// Writes all texts to the copy. `false`: there was none.
    pub(super) fn write(self, copy: &mut PrivateCopy) -> Result<bool, CheckError> {
        let any = !self.files.is_empty();
        for (file, edited) in self.files {
            copy.write(&file, &edited.text)?;
        }
        Ok(any)
    }
}

/// Where a place of the old text stands now. `None` if what stood there was changed.
fn moved(done: &[(usize, usize, usize)], start: usize, end: usize) -> Option<usize> {
    let (mut removed, mut added) = (0, 0);
    for &(from, to, put) in done {
        if to <= start {
            removed += to - from;
            added += put;
        } else if from < end {
            return None;
        }
    }
    Some(start + added - removed)
}

fn uses_crlf(text: &str) -> bool {
    let lines = text.matches('\n').count();
    lines > 0 && text.matches("\r\n").count() * 2 > lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnostic::Span;

    fn part(start: usize, end: usize, text: &str) -> Replacement {
        let span = Span {
            file: "a.rs".into(),
            byte_start: start,
            byte_end: end,
            line_start: 1,
            column_start: 1,
            line_end: 1,
            column_end: 1,
            is_primary: true,
            label: None,
        };
        Replacement { span, text: text.into() }
    }

    #[test]
    fn places_of_one_run_stay_right_over_several_changes() {
        let mut edits = Edits::default();
        let first = edits.remove("a.rs", "0123456789", &[part(7, 8, ""), part(1, 3, "")]).unwrap();
        assert_eq!(first, "0345689");
        let second = edits.replace("a.rs", &first, &[part(4, 4, "ab"), part(9, 10, "")]).unwrap();
        assert_eq!(second, "03ab4568");
        // What was removed cannot be changed again.
        assert_eq!(edits.replace("a.rs", &second, &[part(2, 4, "")]), None);
    }

    #[test]
    fn a_place_that_is_not_in_the_text_changes_nothing() {
        let mut edits = Edits::default();
        assert_eq!(edits.remove("a.rs", "äb", &[part(1, 2, "")]), None);
        assert_eq!(edits.remove("a.rs", "ab", &[part(1, 9, "")]), None);
        assert_eq!(edits.remove("a.rs", "abc", &[part(0, 2, ""), part(1, 3, "")]), None);
    }
}
